"""A from-scratch NumPy multilayer perceptron that learns MNIST before your eyes."""

__version__ = "0.1.0"
