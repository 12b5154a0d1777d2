"""TIFF files whose layout Pillow does not know: named in words, read with tifffile where it is installed."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from sfvisuals.errors import ImageReadError
from sfvisuals.io.packed import ImageFile

Pixels: TypeAlias = npt.NDArray[Any]

WIDTH, HEIGHT, BITS, PHOTOMETRIC, CHANNELS, SAMPLE_FORMAT = 256, 257, 258, 262, 277, 339
WHITE_IS_ZERO = 0
SIGNED = 2
_BEGINNINGS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BIG = (b"II+\0", b"MM\0+")
_KINDS = {1: "unsigned integer", 2: "signed integer", 3: "float", 5: "complex", 6: "complex"}
# What tifffile and Pillow's reader of tags are known to raise on damaged files, beside OSError.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class TiffPage:
    """One page of a TIFF file.

    Attributes:
        values: (height, width) or (height, width, 3) in the file's own dtype, upright.
        white_is_zero: True where small values are bright.
        note: which page and which channels of several these are; empty where there is but one.
    """

    values: Pixels
    white_is_zero: bool
    note: str


def is_tiff(path: ImageFile) -> bool:
    """True where the file begins as a TIFF does."""
    with path.open("rb") as file:
        return file.read(4) in _BEGINNINGS


def layout(path: ImageFile) -> str:
    """How the file says that its first page is laid out, for a person who wonders why it is not shown."""
    try:
        with path.open("rb") as file:
            tags = _tags(file)
        bits, channels = max(tags.get(BITS, (1,))), int(tags.get(CHANNELS, 1))
        kind = _KINDS[tags.get(SAMPLE_FORMAT, (1,))[0]]
        if WIDTH not in tags:
            return "a damaged TIFF"
    except _DAMAGE:
        return "a damaged TIFF"
    return f"a TIFF of {bits}-bit {kind} values in {channels} channel{'s' * (channels != 1)}"


def first_size(path: ImageFile) -> tuple[int, int] | None:
    """(width, height) of the first page, which is also that of the page that is read; None where damaged."""
    try:
        with path.open("rb") as file:
            tags = _tags(file)
        return int(tags[WIDTH]), int(tags[HEIGHT])
    except _DAMAGE:
        return None


def read_tiff(path: ImageFile, *, most_pixels: int) -> TiffPage:
    """The middle page of a stack, the first of pages that differ in size; of more than three channels three.

    Raises ImageReadError where tifffile is not installed, cannot decode the file, or the page is larger than
    `most_pixels` pixels or eight times as many bytes.
    """
    described = layout(path)
    try:
        from tifffile import TiffFile
    except ImportError:
        raise ImageReadError(
            "cannot be read", detail=f"{described} needs tifffile, which the extra `medical` brings"
        ) from None
    try:
        # By its name, tifffile would also open the other files that this one claims to belong to.
        with path.open("rb") as file, TiffFile(file) as tiff:
            page, number = _chosen(tiff.pages)
            _check(page, described, most_pixels)
            count = len(tiff.pages)
            shown, channels = _three(_channels_last(page))
            upright = _upright(shown, int(page.tags.valueof(274, 1)))
            white_is_zero = int(page.photometric) == WHITE_IS_ZERO
    except _DAMAGE as error:
        raise ImageReadError(
            "cannot be read", detail=f"{described}, damaged or packed in a way that is not supported"
        ) from error
    which = f"page {number + 1} of {count}" if count > 1 else ""
    return TiffPage(upright, white_is_zero, "; ".join(part for part in (which, channels) if part))


def _tags(file: BinaryIO) -> ImageFileDirectory_v2:
    head = file.read(8)
    tags = ImageFileDirectory_v2(head + file.read(8) if head[:4] in _BIG else head)
    file.seek(tags.next)
    tags.load(file)
    return tags


def _chosen(pages: Any) -> tuple[Any, int]:
    """The page to show and its number, by the rule of `pixels`: the middle, or the first if sizes differ."""
    middle = len(pages) // 2
    first = pages[0]
    page = pages[middle] if middle else first
    if (page.imagewidth, page.imagelength) != (first.imagewidth, first.imagelength):
        return first, 0
    return page, middle


def _check(page: Any, described: str, most_pixels: int) -> None:
    """Refuse what would fill the memory and what would come out as something else than it is."""
    if page.dtype is None or page.axes not in ("YX", "YXS", "SYX") or int(page.photometric) not in (0, 1, 2):
        raise ImageReadError("cannot be read", detail=f"{described}, a layout that is not supported")
    if page.imagewidth * page.imagelength > most_pixels or page.nbytes > 8 * most_pixels:
        raise ImageReadError(
            "cannot be read",
            detail=f"{described}, {page.imagewidth} x {page.imagelength} pixels, is too large to be shown",
        )


def _channels_last(page: Any) -> Pixels:
    values: Pixels = np.asarray(page.asarray())
    if values.dtype.kind not in "buif" or values.size == 0 or values.ndim != len(page.axes):
        raise ValueError(f"pixels of type {values.dtype} in shape {values.shape}")
    return np.moveaxis(values, 0, -1) if page.axes == "SYX" else values


def _three(values: Pixels) -> tuple[Pixels, str]:
    """One channel as a plane, three as they are, of any other number the first or the first three."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    if channels == 1:
        return values.reshape(values.shape[:2]), ""
    if channels == 2:
        return values[:, :, 0], "channel 1 of 2"
    return values[:, :, :3], "" if channels == 3 else f"channels 1 to 3 of {channels}"


def _upright(values: Pixels, orientation: int) -> Pixels:
    """The rows and columns as tag 274 wants them shown."""
    match orientation:
        case 2:
            return values[:, ::-1]
        case 3:
            return values[::-1, ::-1]
        case 4:
            return values[::-1]
        case 5:
            return values.swapaxes(0, 1)
        case 6:
            return values[::-1].swapaxes(0, 1)
        case 7:
            return values[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return values.swapaxes(0, 1)[::-1]
    return values
