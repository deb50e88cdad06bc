"""Weights: histograms of the weights of each layer."""
