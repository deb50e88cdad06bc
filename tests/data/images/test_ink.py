"""Images of every kind as light ink on dark, and every kind that is refused: by one sentence, which names the file."""

import errno
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from mnist_gui.data.images.centering import centred
from mnist_gui.data.images.files import MOST_PIXELS, PictureError, read_image
from mnist_gui.data.images.ink import as_it_is, ink_of, load_picture
from mnist_gui.system.printable import named
from tests.support import dataset

Picture = NDArray[np.uint8]


def stroke() -> Picture:
    """A thick, soft "7" in the middle of 60 x 50 pixels, 0..255."""
    picture = np.zeros((60, 50), np.uint8)
    picture[10:16, 10:40] = 255
    for row in range(16, 50):
        left = 36 - (row - 16) // 2
        picture[row, left : left + 6] = 255
        picture[row, left - 1] = picture[row, left + 6] = 120
    return picture


INK = stroke()


def saved(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def image_of(mode: str) -> Image.Image:
    """The stroke in an image mode: black ink on white paper, or on nothing where there is transparency."""
    grey = Image.fromarray(255 - INK)
    if mode == "I;16":
        return Image.fromarray((255 - INK).astype(np.uint16) * 257)
    if mode in ("LA", "RGBA"):
        image = Image.new(mode, grey.size, 0)
        image.putalpha(Image.fromarray(INK))
        return image
    if mode == "P":
        return grey.convert("RGB").quantize(16, dither=Image.Dither.NONE)
    return grey.convert("RGB" if mode == "CMYK" else "L").convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        *(("1", "png"), ("L", "png"), ("LA", "png"), ("P", "png"), ("P", "gif"), ("RGB", "png"), ("RGBA", "png")),
        *(("I;16", "png"), ("I;16", "tiff"), ("F", "tiff"), ("CMYK", "tiff"), ("LAB", "tiff")),
        *(("RGBA", "webp"), ("RGB", "bmp"), ("L", "pgm"), ("RGBA", "ico"), ("RGB", "qoi"), ("RGBA", "tga")),
    ],
)
def test_every_mode_gives_the_same_ink(tmp_path: Path, mode: str, suffix: str) -> None:
    image = image_of("RGB").convert("RGB") if mode == "LAB" else image_of(mode)
    if mode == "LAB":  # Pillow converts to it through colour profiles only: lightness without colour
        image = Image.merge("LAB", [Image.fromarray(255 - INK), *[Image.new("L", image.size, 128)] * 2])
    options = {"lossless": True} if suffix == "webp" else {"sizes": [(60, 60)]} if suffix == "ico" else {}
    if suffix == "ico":
        image = ImageOps.pad(image, (60, 60))
    found = load_picture(saved(tmp_path / f"stroke.{suffix}", image, **options))
    assert found.dtype == np.uint8
    expected = INK if suffix != "ico" else np.asarray(ImageOps.pad(Image.fromarray(INK), (60, 60)))
    levels = 140 if mode == "1" else 12  # black or white only, where the stroke's sides are grey
    np.testing.assert_allclose(found.astype(int), expected, atol=levels)


def test_a_palette_with_transparency_is_read_as_ink_alone(tmp_path: Path) -> None:
    image = Image.new("P", (50, 60))
    image.putdata((INK > 200).astype(int).ravel().tolist())
    image.putpalette([200, 0, 0, 20, 20, 20])
    for transparency in (0, bytes([0, 255])):
        path = saved(tmp_path / "palette.png", image, transparency=transparency)
        np.testing.assert_array_equal(load_picture(path), (INK > 200) * 255)


@pytest.mark.parametrize("ink", [0, 255], ids=["dark", "light"])
def test_ink_on_nothing_is_told_from_the_paper_whichever_its_colour(ink: int) -> None:
    pixels = np.dstack([np.full_like(INK, ink), INK])
    np.testing.assert_array_equal(ink_of(pixels, "it"), INK)


def test_a_hole_in_an_opaque_picture_is_paper() -> None:
    pixels = np.dstack([255 - INK, np.full_like(INK, 255)])
    pixels[50:55, 5:10] = (0, 0)
    np.testing.assert_array_equal(ink_of(pixels, "it"), INK)


@pytest.mark.parametrize(("paper", "ink"), [(0, 255), (0, 90), (60, 0), (60, 255), (255, 0), (255, 90), (130, 90)])
def test_polarity_is_decided_by_the_border(paper: int, ink: int) -> None:
    pixels = np.rint(paper + (INK / 255) * (ink - paper)).astype(np.uint8)
    np.testing.assert_allclose(ink_of(pixels, "it").astype(int), INK, atol=9)


def test_colours_are_weighed_as_the_standard_for_luma_says() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [0, 0, 0]]], np.uint8).repeat(3, 0)
    expected = np.asarray(Image.fromarray(colours).convert("L"))
    np.testing.assert_allclose(as_it_is(colours, "it").astype(int), expected, atol=1)


# What to do with rows and columns of a picture of each orientation (Exif 2.32, tag 274).
UPRIGHT: dict[int, Callable[[Picture], Picture]] = {
    1: lambda picture: picture,
    2: np.fliplr,
    3: lambda picture: np.rot90(picture, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda picture: np.rot90(picture, -1),
    7: lambda picture: np.rot90(picture, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff"])
def test_a_picture_is_turned_upright_as_its_exif_says(tmp_path: Path, orientation: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / f"turned.{suffix}", Image.fromarray(255 - INK), exif=exif)
    expected = UPRIGHT[orientation](255 - INK)
    np.testing.assert_allclose(read_image(path).astype(int), expected, atol=0 if suffix != "jpg" else 60)


def test_exif_data_that_cannot_be_read_leave_the_picture_as_it_lies(tmp_path: Path) -> None:
    path = saved(tmp_path / "odd.jpg", Image.fromarray(255 - INK), exif=b"Exif\0\0MM\0*\0\0\0\xff\xff\xff")
    np.testing.assert_allclose(load_picture(path).astype(int), INK, atol=60)


def test_a_photograph_on_noisy_and_unevenly_lit_paper_is_read_as_the_digit_on_it(tmp_path: Path) -> None:
    digit = dataset().test_images[0]
    rows, columns = np.mgrid[:840, :1120]
    light = 200 - 3e-5 * ((rows - 420) ** 2 + (columns - 560) ** 2)
    light[280:560, 420:700] *= 1 - 0.7 * digit.repeat(10, 0).repeat(10, 1) / 255
    noisy = light + np.random.default_rng(0).normal(0, 5, light.shape)
    path = saved(tmp_path / "photo.jpg", Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)), quality=85)
    found = centred(load_picture(path), (28, 28))
    assert np.corrcoef(found.ravel(), digit.ravel())[0, 1] > 0.9


def test_pictures_that_lie_as_in_mnist_are_used_as_they_are(tmp_path: Path) -> None:
    digit = dataset().test_images[5]
    light = saved(tmp_path / "light.png", Image.fromarray(digit))
    dark = saved(tmp_path / "dark.png", Image.fromarray(255 - digit))
    for path in (light, dark):
        np.testing.assert_array_equal(as_it_is(read_image(path), "it"), digit)


def test_deep_pixels_reach_from_their_smallest_value_to_their_largest() -> None:
    for values in (
        INK.astype(np.float64) * 7e305,
        INK.astype(np.float32) * 1e-30,
        -INK.astype(np.int64) * 10**6,
        INK.astype(np.uint16) * 16,
        INK.astype(np.float64) - 1e3,
    ):
        np.testing.assert_allclose(ink_of(values, "it").astype(int), INK, atol=1)
    np.testing.assert_array_equal(ink_of(INK > 200, "it"), (INK > 200) * 255)


def test_a_large_image_is_averaged_to_a_handy_size_with_its_proportions_kept(tmp_path: Path) -> None:
    large = Image.fromarray(INK).resize((4000, 4800), Image.Resampling.NEAREST)
    pixels = read_image(saved(tmp_path / "large.png", large))
    assert max(pixels.shape) <= 2048
    assert pixels.shape[0] / pixels.shape[1] == pytest.approx(1.2, rel=0.01)
    np.testing.assert_allclose(centred(ink_of(pixels, "it"), (28, 28)), centred(INK, (28, 28)), atol=4)


def test_an_image_of_50_000_pixels_width_keeps_what_is_drawn_in_it(tmp_path: Path) -> None:
    wide = np.full((60, 50_000), 255, np.uint8)
    wide[:, 20_000:20_050] = 255 - INK
    found = load_picture(saved(tmp_path / "wide.png", Image.fromarray(wide)))
    np.testing.assert_array_equal(found[:, 20_000:20_050], INK)


# What is refused


def refusal(path: Path) -> str:
    """The one sentence on a file that cannot be used."""
    with pytest.raises(PictureError) as refused:  # all warnings are errors in these tests
        load_picture(path)
    text = str(refused.value)
    assert text.startswith(f"{named(path)}: ")
    assert "\n" not in text
    return text


def png(width: int, height: int) -> bytes:
    """A PNG that claims a size, with next to no pixels in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(50_000, 1001), (10_000, 10_000), (50_000, 50_000), (2**31 - 1, 1)])
def test_more_pixels_than_can_be_decoded_are_refused_by_the_header(tmp_path: Path, width: int, height: int) -> None:
    (tmp_path / "bomb.png").write_bytes(png(width, height))
    assert f"at most {MOST_PIXELS:,}" in refusal(tmp_path / "bomb.png")


def test_files_that_are_no_image_are_refused(tmp_path: Path) -> None:
    for name, content in {"empty.png": b"", "text.png": b"not an image", "nothing.jpg": b"\xff\xd8\xff"}.items():
        (tmp_path / name).write_bytes(content)
    assert "is empty" in refusal(tmp_path / "empty.png")
    assert "no image" in refusal(tmp_path / "text.png")
    refusal(tmp_path / "nothing.jpg")
    assert os.strerror(errno.ENOENT) in refusal(tmp_path / "missing.png")
    assert "folder" in refusal(tmp_path)
    assert "null" in refusal(Path("a\0b.png"))
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a regular file" in refusal(tmp_path / "pipe.png")


def test_formats_that_would_start_another_program_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n")
    assert "no image" in refusal(tmp_path / "page.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp"])
def test_a_file_that_breaks_off_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    path = saved(tmp_path / f"whole.{suffix}", Image.fromarray(noise))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refusal(path)


@pytest.mark.parametrize("level", [0, 37, 255])
def test_a_picture_with_nothing_drawn_in_it_is_refused(tmp_path: Path, level: int) -> None:
    path = saved(tmp_path / "blank.png", Image.new("L", (100, 80), level))
    assert "nothing is drawn" in refusal(path)


def test_nothing_but_the_noise_of_paper_is_nothing_drawn(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(200, 5, (400, 300))
    assert "nothing is drawn" in refusal(saved(tmp_path / "n.png", Image.fromarray(noise.astype(np.uint8))))
    clear = Image.new("RGBA", (30, 30), (10, 200, 30, 0))
    assert "nothing is drawn" in refusal(saved(tmp_path / "clear.png", clear))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    pixels = INK.astype(np.float32)
    pixels[3, 3] = value
    assert "no finite numbers" in refusal(saved(tmp_path / "odd.tiff", Image.fromarray(pixels)))


@pytest.mark.parametrize("shape", [(0, 0), (5,), (4, 4, 5), (0, 3, 3), (2, 2, 2, 2)])
def test_arrays_that_are_no_picture_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(PictureError, match="shape"):
        ink_of(np.zeros(shape, np.uint8), "it")


def written(form: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(255 - INK).convert("RGB" if form == "JPEG" else "L").save(file, form)
    return file.getvalue()


WHOLE = {form: written(form) for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "ICO", "TGA", "PCX", "SGI")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    form=st.sampled_from(sorted(WHOLE)),
    changes=st.dictionaries(st.integers(0, 4000), st.binary(min_size=1, max_size=4)),
)
def test_whatever_is_damaged_in_a_file_it_is_read_or_refused_by_a_sentence(
    tmp_path: Path, form: str, changes: dict[int, bytes]
) -> None:
    content = bytearray(WHOLE[form])
    for at, piece in changes.items():
        at %= len(content)
        content[at : at + len(piece)] = piece
    path = tmp_path / "damaged"
    path.write_bytes(content)
    try:
        assert load_picture(path).max() == 255
    except PictureError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017 - either end is right


def test_a_thin_picture_is_reduced_although_its_shorter_side_is_short(tmp_path: Path) -> None:
    paper = np.full((127, 390_000), 240, np.uint8)
    paper[40:90, 100_000:101_000] = 0
    Image.fromarray(paper).save(tmp_path / "thin.png")
    pixels = read_image(tmp_path / "thin.png")
    assert pixels.size < 4_000_000
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(390_000 / 127, rel=0.1)
    assert ink_of(pixels, "thin").any()


@pytest.mark.parametrize("header", [b"P5\n#" + b"x" * 20_000, b"P5\n" + b"#\n" * 10_000, b"P6 " + b" " * 20_000])
def test_a_header_with_an_endless_comment_is_refused_before_it_is_read(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "c.pgm").write_bytes(header + b"\n10 10\n255\n" + bytes(300))
    with pytest.raises(PictureError, match="header does not end"):
        read_image(tmp_path / "c.pgm")


@pytest.mark.parametrize("header", [b"P5 60 50 255\n", b"P5\n# by hand\n60 # wide\n50\n255\n"])
def test_a_header_with_and_without_comments_is_read(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "c.pgm").write_bytes(header + INK.T.tobytes())
    np.testing.assert_array_equal(read_image(tmp_path / "c.pgm"), INK.T)


def test_numbers_written_out_with_a_comment_after_each_are_refused(tmp_path: Path) -> None:
    (tmp_path / "c.pgm").write_bytes(b"P2\n100 100\n255\n" + b"1#\n" * 9_999 + b"200 ")
    with pytest.raises(PictureError, match="too many comments"):
        read_image(tmp_path / "c.pgm")


@pytest.mark.parametrize(
    ("name", "size"), [("large.webp", (16_383, 764)), ("large.qoi", (1001, 1000)), ("large.jp2", (2001, 2000))]
)
def test_of_a_kind_whose_decoder_needs_much_memory_or_time_fewer_pixels_are_taken(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    Image.new("RGB", size).save(tmp_path / name)
    with pytest.raises(PictureError, match="file like this"):
        read_image(tmp_path / name)
