"""Layouts beyond 8 bits: the right polarity, the right sign, both bytes, or words that say why not."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from sfvisuals.errors import ImageReadError
from sfvisuals.io.images import ImageStore
from sfvisuals.io.pixels import display, open_pixels

# 0 to 999 in equal numbers: the .5th percentile is 4.995, the 99.5th 994.005
RAMP = np.arange(1000).reshape(25, 40)
# What 0, 500 and 999 become between them: (500 - 4.995) * 255 / 989.01 = 127.63
FIRST, MIDDLE, LAST = 0, 128, 255


def written(path: Path, values: np.ndarray, **options: Any) -> Path:
    """A TIFF as tifffile writes it, which is not the program that is tested here."""
    tifffile.imwrite(path, values, **options)
    return path


def shown(path: Path) -> np.ndarray:
    return np.asarray(display(path).image)


def png16(path: Path, values: np.ndarray) -> Path:
    """A 16-bit PNG of 2 (grey, alpha), 3 or 4 channels, put together from the PNG specification."""
    height, width, channels = values.shape
    colour = {2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
            for name, content in chunks
        )
    )
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u2", "i2", "u4", "i4", "f4", "f8"])
def test_where_white_is_zero_the_smallest_value_is_the_brightest(
    tmp_path: Path, kind: str, order: str
) -> None:
    values = RAMP.astype(kind)
    path = written(tmp_path / "x.tif", values, photometric="miniswhite", byteorder=order)
    result = display(path)
    bits = 8 * values.itemsize
    assert result.note == f"window 4.995 to 994.005 of {bits}-bit values, 0 is white"
    picture = np.asarray(result.image)
    assert (picture[0, 0], picture[12, 20], picture[24, 39]) == (255 - FIRST, 255 - MIDDLE, 255 - LAST)
    assert np.array_equal(open_pixels(path), values), "the stored values stay as they are stored"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u2", "i2", "u4", "i4", "f2", "f4", "f8"])
def test_where_black_is_zero_every_kind_of_number_gives_the_same_picture(
    tmp_path: Path, kind: str, order: str
) -> None:
    values = RAMP.astype(kind)  # float16 holds whole numbers up to 2048
    path = written(tmp_path / "x.tif", values, photometric="minisblack", byteorder=order)
    picture = shown(path)
    assert (picture[0, 0], picture[12, 20], picture[24, 39]) == (FIRST, MIDDLE, LAST)
    assert np.array_equal(open_pixels(path), values)


def test_unsigned_values_above_two_billion_are_bright_and_not_negative(tmp_path: Path) -> None:
    values = np.array([[0, 2**31 - 1], [2**31, 2**32 - 1]], np.uint32)
    path = written(tmp_path / "x.tif", values, photometric="minisblack")
    assert open_pixels(path).tolist() == values.tolist()
    assert np.all(np.diff(shown(path).ravel().astype(int)) >= 0)


def test_neighbouring_values_of_32_bits_do_not_fall_together(tmp_path: Path) -> None:
    values = (4_000_000_000 + np.arange(256)).astype(np.uint32).reshape(16, 16)
    assert len(np.unique(shown(written(tmp_path / "x.tif", values, photometric="minisblack")))) > 250


@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_signed_bytes_below_zero_are_the_dark_ones(tmp_path: Path, photometric: str) -> None:
    values = np.arange(-100, 100, dtype=np.int8).reshape(10, 20)
    path = written(tmp_path / "x.tif", values, photometric=photometric)
    assert np.array_equal(open_pixels(path), values)
    ends = [shown(path)[0, 0], shown(path)[9, 19]]
    assert ends == ([0, 255] if photometric == "minisblack" else [255, 0])


@pytest.mark.parametrize("packed", [{}, {"compression": "zlib", "predictor": True}, {"tile": (16, 16)}])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("layout", ["contig", "separate"])
def test_12_bit_colours_in_16_bits_are_shown_over_their_own_range(
    tmp_path: Path, layout: str, order: str, packed: dict[str, Any]
) -> None:
    # Red runs from 0 to 3996, green is a quarter of it, blue none of it: 3000 values share one window.
    red = 4 * RAMP
    values = np.stack([red, red // 4, 0 * red], axis=-1).astype(np.uint16)
    given = values if layout == "contig" else np.moveaxis(values, -1, 0)
    path = written(
        tmp_path / "x.tif", given, photometric="rgb", planarconfig=layout, byteorder=order, **packed
    )
    assert np.array_equal(open_pixels(path), values)
    low, high = np.percentile(values, [0.5, 99.5])
    result = display(path)
    assert result.note == f"window {low:.6g} to {high:.6g} of 16-bit values"
    expected = np.clip(np.rint((values.astype(float) - low) * 255 / (high - low)), 0, 255)
    assert np.abs(np.asarray(result.image).astype(int) - expected).max() <= 1
    assert np.asarray(result.image)[24, 39].tolist() == [255, round(999 * 255 / high), 0]


def test_a_16_bit_colour_png_shows_both_bytes_and_says_so(tmp_path: Path) -> None:
    values = np.stack([4 * RAMP, RAMP, 0 * RAMP], axis=-1).astype(np.uint16)
    path = png16(tmp_path / "x.png", values)
    assert np.array_equal(open_pixels(path), values)
    picture = ImageStore([tmp_path], cache_dir=tmp_path / "cache").full(path)
    assert picture.note.endswith("of 16-bit values")
    assert picture.data != path.read_bytes(), "a browser would show it nearly black"
    assert shown(path)[24, 39, 0] == 255


def test_the_transparency_of_16_bit_colours_is_kept_and_no_part_of_the_window(tmp_path: Path) -> None:
    alpha = np.full((25, 40), 0x80FF)
    rgba = np.stack([RAMP, RAMP, RAMP, alpha], axis=-1).astype(np.uint16)
    assert np.array_equal(open_pixels(png16(tmp_path / "rgba.png", rgba)), rgba)
    grey = np.stack([RAMP, alpha], axis=-1).astype(np.uint16)
    for path in (tmp_path / "rgba.png", png16(tmp_path / "la.png", grey)):
        result = display(path)
        assert result.note == "window 4.995 to 994.005 of 16-bit values"
        assert np.asarray(result.image)[12, 20].tolist() == [MIDDLE, MIDDLE, MIDDLE, 0x80]


def test_where_only_the_high_byte_is_to_be_had_the_note_says_so(tmp_path: Path) -> None:
    values = np.full((4, 4, 4), 0x1234, np.uint16)
    path = written(tmp_path / "cmyk.tif", values, photometric="separated")
    assert display(path).note == "the high bytes of 16-bit values; converted from CMYK"


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("layout", ["contig", "separate"])
def test_of_six_channels_the_first_three_are_shown_and_named(tmp_path: Path, layout: str, kind: str) -> None:
    values = (np.arange(8 * 9 * 6).reshape(8, 9, 6) % 251).astype(kind)
    given = values if layout == "contig" else np.moveaxis(values, -1, 0)
    path = written(tmp_path / "x.tif", given, photometric="minisblack", planarconfig=layout)
    result = display(path)
    assert result.note.startswith("channels 1 to 3 of 6")
    assert result.image.mode == "RGB"
    assert np.array_equal(open_pixels(path), values[:, :, :3])
    if kind == "u1":
        assert np.array_equal(np.asarray(result.image), values[:, :, :3])


def test_of_grey_with_another_channel_the_grey_is_shown(tmp_path: Path) -> None:
    values = np.stack([RAMP, RAMP[::-1]], axis=-1).astype(np.uint16)
    path = written(tmp_path / "la.tif", values, photometric="minisblack", planarconfig="contig")
    assert display(path).note == "channel 1 of 2; window 4.995 to 994.005 of 16-bit values"
    assert np.array_equal(open_pixels(path), RAMP)


def test_of_a_stack_that_pillow_does_not_know_the_middle_page_is_shown(tmp_path: Path) -> None:
    stack = np.stack([np.full((6, 6), n, np.float64) for n in range(5)])
    stack[2, 0, 0] = 9
    path = written(tmp_path / "x.tif", stack, photometric="minisblack")
    assert display(path).note.startswith("page 3 of 5; window ")
    assert np.array_equal(open_pixels(path), stack[2])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_that_pillow_does_not_know_is_turned_as_pillow_turns_others(
    tmp_path: Path, orientation: int
) -> None:
    values = np.arange(6, dtype=np.float64).reshape(2, 3)
    tag = [(274, "H", 1, orientation, True)]
    path = written(tmp_path / "double.tif", values, extratags=tag, photometric="minisblack")
    known = Image.fromarray(values.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    known.save(tmp_path / "byte.tif", exif=exif)
    assert np.array_equal(open_pixels(path), open_pixels(tmp_path / "byte.tif"))


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (np.zeros((4, 4)), {}, "a TIFF of 64-bit float values in 1 channel"),
        (np.zeros((4, 4), np.float16), {}, "a TIFF of 16-bit float values in 1 channel"),
        (
            np.zeros((4, 4, 6), np.uint8),
            {"planarconfig": "contig"},
            "a TIFF of 8-bit unsigned integer values in 6 channels",
        ),
        (np.zeros((4, 4)), {"bigtiff": True}, "a TIFF of 64-bit float values in 1 channel"),
    ],
)
def test_without_tifffile_a_layout_is_named_with_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: np.ndarray, options: dict[str, Any], words: str
) -> None:
    path = written(tmp_path / "x.tif", values, photometric="minisblack", **options)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(ImageReadError) as caught:
        display(path)
    assert caught.value.detail == f"{words} needs tifffile, which the extra `medical` brings"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_tiff_that_nothing_decodes_is_still_called_a_tiff(tmp_path: Path) -> None:
    path = written(tmp_path / "x.tif", np.ones((4, 4), np.complex64), photometric="minisblack")
    with pytest.raises(ImageReadError) as caught:
        display(path)
    assert caught.value.detail.startswith("a TIFF of 64-bit complex values in 1 channel")
    path.write_bytes(b"II*\0" + b"\xff" * 20)
    with pytest.raises(ImageReadError) as caught:
        display(path)
    assert "damaged TIFF" in caught.value.detail


def test_a_large_tiff_is_refused_before_tifffile_decodes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "x.tif", np.zeros((50, 60)), photometric="minisblack")
    monkeypatch.setattr("sfvisuals.io.pixels.MAX_PIXELS", 2_000)
    monkeypatch.setattr("tifffile.TiffPage.asarray", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(ImageReadError) as caught:
        display(path)
    assert "60 x 50 pixels, is too large" in caught.value.detail
