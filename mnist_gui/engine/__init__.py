"""The multilayer perceptron in NumPy: arrays in, arrays out. It does not depend on MNIST, threads, files or windows."""
