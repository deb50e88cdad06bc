"""A dataset of another kind: small pictures of many classes, easily learned."""

import gzip
import struct
from pathlib import Path

import numpy as np


def write_letters(folder: Path, *, side: int = 8, classes: int = 26) -> None:
    """Four IDX files of small pictures, each class with stripes of its own."""
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 256, (classes, side, side))
    for name, count in (("train", 520), ("t10k", 52)):
        labels = np.arange(count, dtype=np.uint8) % classes
        images = patterns[labels].astype(np.uint8)
        header = struct.pack(">IIII", 0x803, count, side, side)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        labelled = struct.pack(">II", 0x801, count) + labels.tobytes()
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labelled))
