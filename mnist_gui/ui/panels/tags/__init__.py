"""Tags: what a user says of digits, as of wrong labels."""
