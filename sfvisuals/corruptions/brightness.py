"""Too little and too much light: the same change in every pixel."""

from __future__ import annotations

import numpy as np

from sfvisuals.corruptions.recipe import Parameters, Pixels8
from sfvisuals.corruptions.rounding import eight_bit

LEVELS = np.arange(256, dtype=np.float64)


def brightness_down(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """y = factor x: an underexposed picture. No chance in it."""
    return eight_bit(LEVELS * float(parameters["factor"]))[pixels]


def brightness_up(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """y = min(1, x + shift): a veil of light, in which bright and dark meet at white. No chance in it."""
    return eight_bit(LEVELS + 255.0 * float(parameters["shift"]))[pixels]
