"""Layers: how large weights, gradients and activations of each layer are as training goes on."""
