"""The pictures of two files in one array, for splits with digits of both: one shared copy."""

from threading import Lock
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]

# (first, second, both) for as long as all three are in use.
_in_use: list[tuple["ReferenceType[Pictures]", "ReferenceType[Pictures]", "ReferenceType[Pictures]"]] = []
_joining = Lock()


def joined(first: Pictures, second: Pictures) -> Pictures:
    """The pictures of the first array (M, rows, cols) and then those of the second (N, rows, cols), read-only.

    The arrays must not change. Calls with the same arrays share one result while it is in use, to save memory.
    """
    with _joining:
        _in_use[:] = [each for each in _in_use if all(array() is not None for array in each)]
        for one, other, known in _in_use:
            both = known()
            if both is not None and one() is first and other() is second:
                return both
        both = np.concatenate((first, second))
        both.flags.writeable = False
        _in_use.append((ref(first), ref(second), ref(both)))
        return both
