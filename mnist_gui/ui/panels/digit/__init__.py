"""Digit: what the network makes of one digit, from its inputs to its answer."""
