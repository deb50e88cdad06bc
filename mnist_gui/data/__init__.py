"""From IDX files to minibatches: verified uint8 pictures, their splits, float32 inputs one step at a time."""
