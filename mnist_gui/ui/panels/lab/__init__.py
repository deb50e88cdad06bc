"""Lab: networks with a known fault: posted ones, ones that a user describes, and faults to be guessed."""
