"""Short names for array types."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# float32 in use; float64 where a gradient is checked. Both run through the same code.
Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
