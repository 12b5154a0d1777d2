"""From real numbers back to 8 bits, and the yardstick that makes images of all sizes alike."""

from __future__ import annotations

import numpy as np

from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.types import FloatArray


def eight_bit(values: FloatArray) -> Pixels8:
    """Values on the scale 0..255, of any shape: clipped to it, then rounded, a half to even."""
    return np.rint(np.clip(values, 0.0, 255.0)).astype(np.uint8)


def shorter_side(pixels: Pixels8) -> int:
    """The smaller of height and width in pixels."""
    return min(int(pixels.shape[0]), int(pixels.shape[1]))
