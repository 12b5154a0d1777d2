"""The fine canvas that an image is painted on: twice the finished resolution, coordinates from -1 to 1."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from sfvisuals.demo.dermoscopy.textures import Field

SIZE: Final = 96
FINE: Final = 2 * SIZE
PIXEL: Final = 2 / FINE
ANGLES: Final = 1024
"""How many directions a table of directions has, from -pi to pi."""


@lru_cache(maxsize=1)
def grid() -> tuple[Field, Field]:
    """x (to the right) and y (down) of the pixels' middles, (FINE, FINE) each, the edges at -1 and 1."""
    line = ((np.arange(FINE) + 0.5) * PIXEL - 1).astype(np.float32)
    x, y = np.meshgrid(line, line)
    x.flags.writeable = y.flags.writeable = False
    return x, y


@lru_cache(maxsize=1)
def radius() -> Field:
    """Distance from the middle of the image, (FINE, FINE)."""
    x, y = grid()
    return np.hypot(x, y)


def spot(x: Field, y: Field, at: tuple[float, float], size: float, soft: float = 0.35) -> Field:
    """Round mask: 1 inside of `size` around the place, falling to 0 within `soft` of the size."""
    away = ((x - np.float32(at[0])) ** 2 + (y - np.float32(at[1])) ** 2) * np.float32(1 / size**2)
    mask: Field = np.clip((1 + soft - away) * np.float32(1 / (2 * soft)), 0, 1)
    return mask


def mixed(image: Field, colour: tuple[float, float, float], share: Field) -> None:
    """Paint over the (3, FINE, FINE) image in place: `share` (0 to 1) of the colour, the rest as it was."""
    for channel, value in zip(image, colour, strict=True):
        channel += share * (np.float32(value) - channel)
