"""An image made ready for measuring: reduced, on the scale 0..1, its grey values and its colours apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from sfvisuals.types import BoolArray, FloatArray

Pixels: TypeAlias = npt.NDArray[Any]

LONG_SIDE: Final = 256
"""An image with a longer side is reduced to this many pixels first: every pixel is a mean over its area."""
LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)
GREY_SPREAD: Final = 2.5 / 255
STRETCHED: Final = (1.0, 99.0)
FLATTEST: Final = 2.0 / 255


@dataclass(frozen=True, eq=False)
class Picture:
    """What the attributes are measured on.

    Attributes:
        grey: (H, W) float32, 0 is black and 1 is white: the luminance of colours (Rec. 709, on the values as
            they are stored), else the mean over the channels.
        colours: (3, H, W) float32 red, green, blue, 0..1; None where the image has no colours.
    """

    grey: FloatArray
    colours: FloatArray | None

    @cached_property
    def stretched(self) -> FloatArray | None:
        """(H, W) grey with its 1st to 99th percentile spread over 0..1, clipped; None where it is flat."""
        low, high = np.percentile(self.grey, STRETCHED)
        if high - low < FLATTEST:
            return None
        spread: FloatArray = np.clip((self.grey - low) / (high - low), 0, 1).astype(np.float32)
        return spread

    @cached_property
    def edges(self) -> BoolArray | None:
        """(H, W) True on Canny's edges of `stretched` (sigma 1.4); None where it is flat."""
        if self.stretched is None:
            return None
        from skimage.feature import canny

        found: BoolArray = canny(
            self.stretched, sigma=1.4, low_threshold=0.05, high_threshold=0.12, mode="nearest"
        )
        return found

    @cached_property
    def radius(self) -> FloatArray:
        """(H, W) distance from the middle, 1 on the ellipse that touches the four sides."""
        height, width = self.grey.shape
        down = (np.arange(height) + 0.5) / height * 2 - 1
        across = (np.arange(width) + 0.5) / width * 2 - 1
        distance: FloatArray = np.hypot(down[:, None], across[None, :])
        return distance


def prepared(pixels: Pixels) -> Picture | None:
    """The picture of pixels (H, W) or (H, W, C) of any numeric type; None where no value is finite.

    Integers are divided by the largest value of their type. Floating point values are taken as they are where
    all lie in 0..1, else spread linearly from the smallest to the largest; those not finite count as the
    smallest. Of two channels the second, of four the fourth is transparency and left out.

    Raises ValueError for another number of axes, or where there is no pixel.
    """
    if pixels.ndim not in (2, 3) or 0 in pixels.shape:
        raise ValueError(f"expected pixels (H, W) or (H, W, C), found the shape {pixels.shape}")
    stack = pixels[:, :, None] if pixels.ndim == 2 else pixels
    stack = stack[:, :, : {2: 1, 4: 3}.get(stack.shape[2], stack.shape[2])]
    if stack.dtype == np.bool_:
        stack = stack.astype(np.uint8) * np.uint8(255)
    floating = stack.dtype.kind == "f"
    if floating and not np.isfinite(stack).any():
        return None
    offset, span = _range(stack) if floating else (0.0, float(np.iinfo(stack.dtype).max))
    planes = np.stack(
        [
            _reduced(_finite(stack[:, :, c], offset) if floating else stack[:, :, c])
            for c in range(stack.shape[2])
        ]
    )
    planes = np.clip((planes - offset) / span, 0, 1).astype(np.float32)
    return _apart(planes)


def _range(values: Pixels) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, (high - low) or 1.0)


def _finite(plane: Pixels, filling: float) -> Pixels:
    return np.where(np.isfinite(plane), plane, filling)


def _reduced(plane: Pixels) -> FloatArray:
    """(H, W) float32, by area means where a side is longer than LONG_SIDE."""
    height, width = plane.shape
    longest = max(height, width)
    if longest <= LONG_SIDE:
        return plane.astype(np.float32)
    size = (max(1, round(width * LONG_SIDE / longest)), max(1, round(height * LONG_SIDE / longest)))
    contiguous = np.ascontiguousarray(plane if plane.dtype == np.uint8 else plane.astype(np.float32))
    smaller = Image.fromarray(contiguous).resize(size, Image.Resampling.BOX)
    return np.asarray(smaller, dtype=np.float32)


def _apart(planes: FloatArray) -> Picture:
    """The picture of planes (C, H, W)."""
    if len(planes) == 3:
        red, green, blue = planes
        most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        if float((most - least).max()) > GREY_SPREAD:
            return Picture(red * LUMINANCE[0] + green * LUMINANCE[1] + blue * LUMINANCE[2], planes)
    grey: FloatArray = planes.mean(axis=0, dtype=np.float32)
    return Picture(grey, None)
