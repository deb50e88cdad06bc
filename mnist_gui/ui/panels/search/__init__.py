"""Search: runs that find the smallest change that makes a network learn."""
