"""Thin dark lines: hair."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.image_attributes.picture import Picture
from sfvisuals.types import BoolArray

WIDTH: Final = 0.05
HALF_LENGTH: Final = 0.07
DIRECTIONS: Final = 12
DARKER: Final = 0.1


def hair(picture: Picture) -> float:
    """Share of the pixels on thin dark lines.

    The black top-hat (closing by a square of 0.05 of the shorter side, less the image) of the stretched grey
    values keeps what is thin and darker by more than 0.1; the union of openings by straight lines of 0.15 of
    the shorter side in 12 directions keeps what is long. After DullRazor (Lee et al. 1997), which closes in
    three directions.
    """
    grey = picture.stretched
    if grey is None:
        return 0.0
    from scipy.ndimage import grey_closing

    side = min(grey.shape)
    square = max(3, round(WIDTH * side) | 1)
    thin = grey_closing(grey, size=(square, square), mode="nearest") - grey > DARKER
    return float(long_parts(thin, reach=max(2, round(HALF_LENGTH * side))).mean())


def long_parts(mask: BoolArray, *, reach: int) -> BoolArray:
    """(H, W) True where some straight line of 2 reach + 1 pixels lies wholly in the mask (H, W)."""
    height, width = mask.shape
    padded = np.zeros((height + 4 * reach, width + 4 * reach), dtype=bool)
    padded[2 * reach : -2 * reach, 2 * reach : -2 * reach] = mask
    found = np.zeros_like(mask)
    steps = np.arange(-reach, reach + 1)
    for turn in range(DIRECTIONS):
        angle = np.pi * turn / DIRECTIONS
        places = np.rint(steps[:, None] * [np.sin(angle), np.cos(angle)]).astype(np.int64) + reach
        middles = np.ones((height + 2 * reach, width + 2 * reach), dtype=bool)
        for down, across in places.tolist():
            middles &= padded[down : down + height + 2 * reach, across : across + width + 2 * reach]
        for down, across in places.tolist():
            found |= middles[down : down + height, across : across + width]
    return found
