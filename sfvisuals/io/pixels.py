"""Decode an image file: its stored pixel values, and an 8-bit picture of them that a screen can show.

Only formats that Pillow decodes by itself are opened; those that would start another program are not.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from sfvisuals.errors import ImageReadError

Pixels: TypeAlias = npt.NDArray[Any]

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM", "JPEG2000")
MAX_PIXELS = 64_000_000
WINDOW_PERCENTILES = (0.5, 99.5)
WINDOW_SAMPLES = 1_000_000
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


def open_pixels(path: Path) -> Pixels:
    """The stored values, (height, width) or (height, width, channels), in the file's own dtype, upright.

    Palette images come as RGB or RGBA, 1-bit images as bool. Of several pages it is the one that `display`
    shows. Raises ImageReadError, FileNotFoundError.
    """
    with opened(path) as image:
        _choose_page(image)
        upright = ImageOps.exif_transpose(image)
        return np.asarray(_without_palette(upright) if upright.mode in ("P", "PA") else upright)


def display(path: Path, *, at_most: int | None = None) -> Displayed:
    """The image as a screen can show it.

    16-bit and float images are shown through a window from the 0.5th to the 99.5th percentile of their
    values. `at_most` allows, but does not promise, that a JPEG larger than so many pixels a side is decoded
    at a fraction of its size, which is many times faster. Raises ImageReadError, FileNotFoundError.
    """
    with opened(path) as image:
        if at_most is not None:
            image.draft(None, (2 * at_most, 2 * at_most))
        page = _choose_page(image)
        upright = ImageOps.exif_transpose(image)
        shown, window = _eight_bit(upright)
        note = "; ".join(part for part in (page, window) if part)
        return Displayed(shown, note, untouched=not note and _browser_shows(image))


@contextmanager
def opened(path: Path) -> Iterator[ImageFile.ImageFile]:
    """The file opened by Pillow; whatever a damaged file makes it raise becomes an ImageReadError."""
    try:
        # By name, Pillow would map an uncompressed TIFF into memory and then turn a lying one the wrong way.
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageReadError("cannot be read", detail=_too_large(image.width, image.height))
            yield image
    except FileNotFoundError:
        raise
    except PermissionError:
        raise ImageReadError("cannot be read", detail="permission denied") from None
    except UnidentifiedImageError:
        raise ImageReadError("cannot be read", detail=f"not one of {', '.join(FORMATS)}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageReadError("cannot be read", detail=_too_large()) from None
    except _DECODER_ERRORS as error:
        raise ImageReadError("cannot be read", detail=f"damaged file ({type(error).__name__})") from error


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


def _eight_bit(image: Image.Image) -> tuple[Image.Image, str]:
    """The image in mode L, RGB or RGBA, and what had to be done for it."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image, ""
    if image.mode in ("P", "PA"):
        return _without_palette(image), ""
    if image.mode in ("LA", "La", "RGBa"):
        return image.convert("RGBA"), ""
    if image.mode == "1":
        return image.convert("L"), ""
    if image.mode.startswith("I") or image.mode == "F":
        return _windowed(np.asarray(image))
    return image.convert("RGB"), f"converted from {image.mode}"


def _without_palette(image: Image.Image) -> Image.Image:
    return image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")


def _windowed(values: Pixels) -> tuple[Image.Image, str]:
    """Values of any range as 8 bits: linear between two percentiles of the finite ones, clipped outside."""
    flat = values.ravel()
    sample = flat[:: max(1, flat.size // WINDOW_SAMPLES)]
    finite = sample[np.isfinite(sample)]
    if finite.size == 0:
        raise ImageReadError("cannot be read", detail="it holds no finite value")
    low, high = (float(v) for v in np.percentile(finite, WINDOW_PERCENTILES))
    if high <= low:  # nearly constant: a few odd pixels are all there is to see
        low, high = float(finite.min()), float(finite.max())
    span = high - low or 1.0
    scaled = np.nan_to_num(
        (values.astype(np.float32) - low) * (255.0 / span), nan=0.0, posinf=255.0, neginf=0.0
    )
    note = f"window {low:.6g} to {high:.6g} of {values.dtype.itemsize * 8}-bit values"
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8)), note
