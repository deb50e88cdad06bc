"""Pictures of any kind to digits as MNIST has them: even light, no dirt, centred."""
