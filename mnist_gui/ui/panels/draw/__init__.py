"""Draw: digits of the user, read at once, and a test set made of them."""
