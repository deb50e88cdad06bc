"""The multilayer perceptron in NumPy: arrays in, arrays out. Knows nothing of MNIST, threads, files or windows."""
