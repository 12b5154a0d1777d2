"""Decode an image file: its stored pixel values, and an 8-bit picture of them that a screen can show.

Only formats that Pillow decodes by itself are opened; those that would start another program are not.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from sfvisuals.errors import ImageReadError
from sfvisuals.io.packed import ImageFile as File
from sfvisuals.io.tiff import (
    BITS,
    PHOTOMETRIC,
    SAMPLE_FORMAT,
    SIGNED,
    WHITE_IS_ZERO,
    Pixels,
    first_size,
    is_tiff,
    read_tiff,
)

Stored: TypeAlias = Image.Image | Pixels

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM", "JPEG2000")
MAX_PIXELS = 64_000_000
WINDOW_PERCENTILES = (0.5, 99.5)
WINDOW_SAMPLES = 1_000_000
# Of 16-bit colours Pillow keeps the high byte; read as if the bytes were swapped, it gives the low one.
_OTHER_BYTE = {
    f"{mode};16{order}": f"{mode};16{other}"
    for mode in ("RGB", "RGBX", "RGBA")
    for order, other in (("L", "B"), ("B", "L"), ("N", "B" if sys.byteorder == "little" else "L"))
}
_HIGH_BYTE_ENDS = (";16L", ";16B", ";16N")
_SEPARATE_PLANES, _PLANES = 2, 284
# What Pillow's decoders are known to raise on damaged files, beside OSError.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class Displayed:
    """An image made fit for a screen.

    Attributes:
        image: 8 bits per channel, mode L, RGB or RGBA, upright.
        note: what was done to the stored values so that they can be shown; empty where nothing was.
        untouched: True where a browser shows the file itself as it is.
    """

    image: Image.Image
    note: str
    untouched: bool


class TooLargeError(ImageReadError):
    """It has more than MAX_PIXELS pixels."""


class UnknownLayoutError(ImageReadError):
    """It is a TIFF, but Pillow does not know, or does not rightly read, how its pixels are laid out."""


def open_pixels(path: File) -> Pixels:
    """The stored values, (height, width) or (height, width, channels), in the file's own dtype, upright.

    Palette images come as RGB or RGBA, 1-bit images as bool. Of several pages it is the one that `display`
    shows. Where a TIFF says that white is zero, values of more than 8 bits are left as they are stored.
    Raises ImageReadError, FileNotFoundError.
    """
    try:
        with opened(path) as image:
            _choose_page(image)
            return np.asarray(_stored(path, image)[0])
    except UnknownLayoutError:
        return read_tiff(path, most_pixels=MAX_PIXELS).values


def display(path: File, *, at_most: int | None = None) -> Displayed:
    """The image as a screen can show it.

    Values of more than 8 bits are shown through a window from their 0.5th to their 99.5th percentile, the
    same for all colours. `at_most` allows, but does not promise, that a JPEG larger than so many pixels a
    side is decoded at a fraction of its size, which is many times faster. Raises ImageReadError,
    FileNotFoundError.
    """
    try:
        with opened(path) as image:
            if at_most is not None:
                image.draft(None, (2 * at_most, 2 * at_most))
            page = _choose_page(image)
            stored, kept = _stored(path, image)
            white_is_zero = getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO
            shown, window = _eight_bit(stored, white_is_zero=white_is_zero)
            note = "; ".join(part for part in (page, kept, window) if part)
            return Displayed(shown, note, untouched=not note and _browser_shows(image))
    except UnknownLayoutError:
        read = read_tiff(path, most_pixels=MAX_PIXELS)
        shown, window = _eight_bit(read.values, white_is_zero=read.white_is_zero)
        return Displayed(shown, "; ".join(p for p in (read.note, window) if p), untouched=False)


@contextmanager
def opened(path: File) -> Iterator[ImageFile.ImageFile]:
    """The file opened by Pillow; whatever a damaged file makes it raise becomes an ImageReadError."""
    try:
        # By name, Pillow would map an uncompressed TIFF into memory and then turn a lying one the wrong way.
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooLargeError("cannot be read", detail=_too_large(image.width, image.height))
            yield image
    except FileNotFoundError:
        raise
    except PermissionError:
        raise ImageReadError("cannot be read", detail="permission denied") from None
    except UnidentifiedImageError:
        if is_tiff(path):
            raise UnknownLayoutError("cannot be read", detail="a TIFF of unknown layout") from None
        raise ImageReadError("cannot be read", detail=f"not one of {', '.join(FORMATS)}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooLargeError("cannot be read", detail=_too_large()) from None
    except _DECODER_ERRORS as error:
        raise ImageReadError("cannot be read", detail=f"damaged file ({type(error).__name__})") from error


def check_opens(path: File) -> None:
    """Raise ImageReadError where the file begins as no image does, or as one that is too large."""
    try:
        with opened(path):
            return
    except UnknownLayoutError:  # a TIFF that Pillow does not know and the own reader may
        size = first_size(path)
    if size is not None and size[0] * size[1] > MAX_PIXELS:
        raise TooLargeError("cannot be read", detail=_too_large(*size))


def _browser_shows(image: ImageFile.ImageFile) -> bool:
    """True where browsers show the file upright by themselves (all of them turn a JPEG as its EXIF says)."""
    upright = image.getexif().get(ExifTags.Base.Orientation, 1) == 1
    kinds = ("JPEG", "PNG", "GIF", "WEBP") if upright else ("JPEG",)
    return image.format in kinds and image.mode in ("1", "L", "LA", "P", "RGB", "RGBA")


def _too_large(width: int | None = None, height: int | None = None) -> str:
    size = f"{width} x {height} pixels" if width else "its size"
    return f"{size} exceeds the limit of {MAX_PIXELS // 1_000_000} million pixels"


def _choose_page(image: ImageFile.ImageFile) -> str:
    """Turn to the page that is shown and say which: the middle of a stack, the first of anything else."""
    pages = getattr(image, "n_frames", 1)
    if pages == 1 or image.format == "MPO":  # a photo with an embedded preview is one picture
        return ""
    first = image.size
    middle = pages // 2 if image.format == "TIFF" else 0
    image.seek(middle)
    if image.size != first:  # a pyramid of sizes, not a stack
        middle = 0
        image.seek(middle)
    return f"page {middle + 1} of {pages}"


def _stored(path: File, image: ImageFile.ImageFile) -> tuple[Stored, str]:
    """The chosen page upright: an array where its values need more than 8 bits or a sign; and what was lost.

    Raises UnknownLayoutError where Pillow would mix up the pixels.
    """
    raw = _raw_mode(image)
    tags = getattr(image, "tag_v2", {})
    deep = max(tags.get(BITS, (8,))) > 8
    if deep and tags.get(_PLANES) == _SEPARATE_PLANES and len(image.getbands()) > 1:
        raise UnknownLayoutError("cannot be read", detail="a TIFF of separate planes")
    low = _low_bytes(path, image, raw)
    upright = ImageOps.exif_transpose(image)
    values = np.asarray(upright)
    if low is not None:
        return values.astype(np.uint16) << 8 | low, ""
    if upright.mode == "L" and tags.get(SAMPLE_FORMAT, (1,))[0] == SIGNED:
        return values.view(np.int8), ""
    if raw == "I;32N":  # unsigned, in Pillow's signed integers
        return values.view(np.uint32), ""
    if upright.mode.startswith("I") or upright.mode == "F":
        return values, ""
    lost = "the high bytes of 16-bit values" if raw.endswith(_HIGH_BYTE_ENDS) else ""
    return _without_palette(upright) if upright.mode in ("P", "PA") else upright, lost


def _raw_mode(image: ImageFile.ImageFile) -> str:
    """How the pixels lie in the file, in Pillow's words; empty where it does not say. To be asked first."""
    arguments = image.tile[0].args if image.tile else ""
    found = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return found if isinstance(found, str) else ""


def _low_bytes(path: File, image: ImageFile.ImageFile, raw: str) -> Pixels | None:
    """The low bytes of 16-bit colours, upright; None where Pillow's mode holds the values whole."""
    other = "RGBA" if raw == "LA;16B" else _OTHER_BYTE.get(raw)
    if other is None:
        return None
    with opened(path) as again:
        if image.tell():
            again.seek(image.tell())
        again.tile = [
            tile._replace(args=(other, *tile.args[1:]) if isinstance(tile.args, tuple) else other)
            for tile in again.tile
        ]
        low = np.asarray(ImageOps.exif_transpose(again))
    # Grey and alpha lie in the file as high, low, high, low: as "RGBA" they come in this order.
    return low[:, :, [1, 1, 1, 3]] if raw == "LA;16B" else low


def _eight_bit(stored: Stored, *, white_is_zero: bool) -> tuple[Image.Image, str]:
    """The image in mode L, RGB or RGBA, and what had to be done for it."""
    if isinstance(stored, np.ndarray):
        return _of_values(stored, white_is_zero)
    if stored.mode in ("L", "RGB", "RGBA"):
        return stored, ""
    if stored.mode in ("LA", "La", "RGBa"):
        return stored.convert("RGBA"), ""
    if stored.mode == "1":
        return stored.convert("L"), ""
    return stored.convert("RGB"), f"converted from {stored.mode}"


def _without_palette(image: Image.Image) -> Image.Image:
    return image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")


def _of_values(values: Pixels, white_is_zero: bool) -> tuple[Image.Image, str]:
    """Grey (height, width), colours (..., 3) or colours and alpha (..., 4) in any dtype as 8 bits."""
    colours = values[:, :, :3] if values.ndim == 3 else values
    note = ""
    if values.dtype == np.bool_:
        shown = colours.astype(np.uint8) * 255
    elif values.dtype == np.uint8:
        shown = colours
    else:
        shown, note = _windowed(colours)
    if white_is_zero:
        shown = 255 - shown
        note = f"{note}, 0 is white".removeprefix(", ")
    if values.ndim == 3 and values.shape[2] == 4:
        shown = np.dstack([shown, (values[:, :, 3] >> 8).astype(np.uint8)])
    return Image.fromarray(np.ascontiguousarray(shown)), note


def _windowed(values: Pixels) -> tuple[Pixels, str]:
    """Values of any range as 8 bits: linear between two percentiles of the finite ones, clipped outside."""
    pixels = values.reshape(-1, 1 if values.ndim == 2 else values.shape[2])
    sample = pixels[:: max(1, values.size // WINDOW_SAMPLES)]
    finite = sample[np.isfinite(sample)].astype(np.float64)
    if finite.size == 0:
        raise ImageReadError("cannot be read", detail="it holds no finite value")
    low, high = (float(v) for v in np.percentile(finite, WINDOW_PERCENTILES))
    if high <= low:  # nearly constant: a few odd pixels are all there is to see
        low, high = float(finite.min()), float(finite.max())
    # Neighbouring values of more than 24 bits would fall together in 32-bit floats.
    wide = values.dtype.itemsize > 4 or (values.dtype.kind != "f" and values.dtype.itemsize == 4)
    real = values.astype(np.float64) if wide else values.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (real - low) * (255.0 / (high - low or 1.0))
    scaled = np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0)
    note = f"window {low:.6g} to {high:.6g} of {values.dtype.itemsize * 8}-bit values"
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8), note
