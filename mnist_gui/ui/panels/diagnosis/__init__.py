"""Diagnosis: why a network does not learn, and the proof that a change helps."""
