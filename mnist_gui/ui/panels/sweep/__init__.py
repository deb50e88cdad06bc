"""Sweep: many runs over a grid of settings, their results as table, curves and maps."""
