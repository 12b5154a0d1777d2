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
    margin = 2 * reach
    padded = np.pad(mask, margin)
    across = padded.shape[1]
    flat = padded.ravel()  # a shift of a flat array is one offset; what wraps around stays in the margin
    found = np.zeros_like(flat)
    first, last = reach * across + reach, flat.size - reach * across - reach
    steps = np.arange(-reach, reach + 1)
    for turn in range(DIRECTIONS):
        angle = np.pi * turn / DIRECTIONS
        places = np.rint(steps[:, None] * [np.sin(angle), np.cos(angle)]).astype(np.int64)
        shifts = (places @ [across, 1]).tolist()
        middles = np.ones(last - first, dtype=bool)
        for shift in shifts:
            middles &= flat[first + shift : last + shift]
        if middles.any():
            for shift in shifts:
                found[first + shift : last + shift] |= middles
    return found.reshape(padded.shape)[margin : margin + height, margin : margin + width]
