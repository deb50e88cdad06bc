"""From weights and digits to what a panel shows: pure functions of arrays."""
