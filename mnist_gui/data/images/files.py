"""Image files to pixels, decoded by Pillow: checked before and while they are read, and never too large.

Which of the pixels are ink is decided in `ink`.
"""

import math
import re
import stat
import struct
import warnings
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from mnist_gui.system.printable import named
from mnist_gui.system.regular_files import open_regular, reason

# Pixels of a file, checked in its header before anything is decoded: a few hundred MB of memory at most.
MOST_PIXELS = 50_000_000

# Fewer for libraries that hold several copies of a picture while they decode it, or take seconds; still enough for a
# photograph of 4032x3024.
MOST_OF_KIND = {"AVIF": 12_500_000, "JPEG2000": 4_000_000, "WEBP": 12_500_000}

# For decoders written in Python, which take seconds for a million pixels.
MOST_OF_SLOW = 1_000_000

# A PPM header has four short parts. Comments may stand between them, which Pillow reads letter by letter. Those in
# between numbers that are written out it takes out one by one, each time with a copy of what is left.
LONGEST_PPM_HEADER = 10_000
LARGEST_WRITTEN_OUT = 16_000_000
MOST_COMMENTS = 1_000
_PPM = re.compile(rb"P[1-7fFyh](?:\s|#[^\r\n]*[\r\n])")
_PPM_HEADER = re.compile(rb"P[1-7fFyh](?:(?:\s|#[^\r\n]*[\r\n])+[-+.\w]+){2,}\s")

# Larger images are averaged down by a whole factor to about this many pixels along their longer side, but not to fewer
# than the other number along the shorter one. Centring needs no more, and averaging reduces noise. LONGEST_LEFT (longer
# side) and MOST_LEFT (all pixels) limit thin images too.
LONG_SIDE = 1024
SHORT_SIDE = 128
LONGEST_LEFT = 65_536
MOST_LEFT = 4_000_000

# Formats that are common and that Pillow decodes itself: EPS, for example, would start another program.
FORMATS = (
    *("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "MPO", "PCX", "PNG", "PPM", "QOI"),
    *("SGI", "TGA", "TIFF", "WEBP", "XBM", "XPM"),
)

# What Pillow raises for damaged or malicious files.
UNREADABLE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    AssertionError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class PictureError(Exception):
    """An image that cannot be used. Its text has the name, what was found and what was expected."""


def read_image(path: Path) -> NDArray[Any]:
    """The pixels of an image file, rotated upright by its EXIF orientation; the first of several pictures in it.

    (rows, cols): grey, uint8 or, where the file has more than 8 bits, int32 or float32; (rows, cols, 2) uint8: grey
    and opacity. PictureError for whatever is not an intact image of at most MOST_PIXELS.
    """
    _check_is_file(path)
    try:
        # For the whole process, but only while an image is read. Pillow warns of oddities in metadata, and of
        # decompression bombs, which are refused below.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(_decoded(path))
    except PictureError:
        raise
    except Image.UnidentifiedImageError as error:
        raise PictureError(f"{named(path)}: holds no image that can be read, expected PNG, JPEG or the like") from error
    except Image.DecompressionBombError as error:
        raise PictureError(
            f"{named(path)}: is far too large, expected an image of at most {MOST_PIXELS:,} pixels"
        ) from error
    except UNREADABLE as error:
        raise PictureError(f"{named(path)}: is damaged or cannot be read ({reason(error)})") from error


def _check_is_file(path: Path) -> None:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise PictureError(f"{named(path)}: cannot be read ({reason(error)}), expected an image file") from error
    if stat.S_ISDIR(found.st_mode):
        raise PictureError(f"{named(path)}: is a folder, expected an image file")
    if not stat.S_ISREG(found.st_mode):  # a device may have no end
        raise PictureError(f"{named(path)}: is not a regular file, expected an image file")
    if found.st_size == 0:
        raise PictureError(f"{named(path)}: is empty (0 bytes), expected an image file")


def _decoded(path: Path) -> Image.Image:
    Image.init()
    formats = [name for name in FORMATS if name in Image.OPEN]
    with open_regular(path) as file:
        _check_ppm(path, file)
        with Image.open(file, formats=formats) as image:
            _check_size(path, image)
            image.load()
            _check_size(path, image)  # an icon contains another file, which may be larger than stated
            _turn_upright(image)
            return _grey(_reduced(_plain(image)))


def _check_ppm(path: Path, file: BinaryIO) -> None:
    """PictureError for a PPM file that Pillow would read very slowly."""
    beginning = file.read(LONGEST_PPM_HEADER)
    if beginning[:2] in (b"P1", b"P2", b"P3"):
        content = beginning + file.read(LARGEST_WRITTEN_OUT)
        if len(content) > LARGEST_WRITTEN_OUT or content.count(b"#") > MOST_COMMENTS:
            raise PictureError(f"{named(path)}: is too long a text, or has too many comments (save it as PNG)")
    file.seek(0)
    if _PPM.match(beginning) and not _PPM_HEADER.match(beginning):
        raise PictureError(
            f"{named(path)}: its header does not end within {LONGEST_PPM_HEADER:,} bytes (take out comments)"
        )


def _check_size(path: Path, image: ImageFile.ImageFile) -> None:
    """PictureError if decoding a picture would take too long, or too much memory."""
    is_slow = any(tile.codec_name in Image.DECODERS for tile in image.tile)
    most = MOST_OF_SLOW if is_slow else MOST_OF_KIND.get(image.format or "", MOST_PIXELS)
    width, height = image.size
    if width * height > most:
        kind = f" for a {image.format} file like this" if most < MOST_PIXELS else ""
        raise PictureError(
            f"{named(path)}: holds {width:,}x{height:,} pixels, "
            f"expected at most {most:,} in all{kind} (make it smaller)"
        )


def _turn_upright(image: Image.Image) -> None:
    with suppress(*UNREADABLE):  # metadata that cannot be read do not make a picture unusable
        ImageOps.exif_transpose(image, in_place=True)


def _plain(image: Image.Image) -> Image.Image:
    """The image in a mode that can be averaged."""
    if image.mode == "LAB":
        return image.getchannel("L")
    if image.mode.startswith("I"):  # 16 bits in some order of bytes, or 32
        return image.convert("I")
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def reduction(rows: int, columns: int) -> int:
    """The whole factor by which a picture is reduced before its ink is looked for; 1 or less: not at all."""
    wanted = min(max(rows, columns) // LONG_SIDE, min(rows, columns) // SHORT_SIDE)
    least = max(math.ceil(max(rows, columns) / LONGEST_LEFT), math.ceil(math.sqrt(rows * columns / MOST_LEFT)))
    return max(wanted, least)


def _reduced(image: Image.Image) -> Image.Image:
    factor = reduction(*image.size)
    return image.reduce(factor) if factor > 1 else image


def _grey(image: Image.Image) -> Image.Image:
    """The image in mode L, or LA if it has transparent pixels; modes I and F as they are."""
    if image.mode in ("I", "F"):
        return image
    if image.has_transparency_data:
        return image.convert("RGBA").convert("LA")
    return image.convert("L")
