"""What outlives the program: models on disk."""
