"""Mistakes: the confusion matrix and the digits behind each of its cells."""
