"""Scores: precision and recall of each class, and how far confidences can be trusted."""
