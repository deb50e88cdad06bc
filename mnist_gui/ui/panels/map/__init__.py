"""Map: the digits as points, near each other where the network sees them alike."""
