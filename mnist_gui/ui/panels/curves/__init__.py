"""The curves of loss and accuracy as a network trains."""
