"""Runs: all networks of the session, to compare, to come back to, to run again."""
