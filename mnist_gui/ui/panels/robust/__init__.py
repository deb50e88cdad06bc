"""Robust: how accuracy falls as digits are corrupted more and more."""
