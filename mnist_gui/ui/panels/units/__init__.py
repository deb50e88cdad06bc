"""Units: the weights of the hidden units as pictures."""
