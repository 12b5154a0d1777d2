"""A letter marker: the white L or R on a radiograph, a cause that has nothing to do with disease.

The letters are drawn from straight strokes and one half ring; no font is needed.
"""

from __future__ import annotations

import math

import numpy as np

from sfvisuals.corruptions.chance import Chance
from sfvisuals.corruptions.recipe import Parameters, Pixels8
from sfvisuals.corruptions.rounding import eight_bit, shorter_side
from sfvisuals.types import BoolArray, FloatArray

WIDTH = 0.7
STROKE = 0.18
BOWL = 0.29
SUBPIXELS = 4
LETTERS = "LR"


def letter_marker(pixels: Pixels8, parameters: Parameters, seed: int) -> Pixels8:
    """y = x + opacity c (1 - x), c the share of a pixel that the letter covers.

    The letter is `size` times the shorter side high, 0.7 of that wide, and `margin` times the shorter side
    away from the two edges of its corner. Letter and corner are drawn; all severities of one seed have the
    same.
    """
    chance = Chance(seed)
    letter, corner = LETTERS[chance.choice(len(LETTERS))], chance.choice(4)
    side = shorter_side(pixels)
    size, margin = float(parameters["size"]) * side, float(parameters["margin"]) * side
    height, width = pixels.shape[:2]
    top = height - margin - size if corner >= 2 else margin
    left = width - margin - WIDTH * size if corner % 2 else margin
    return drawn(pixels, letter, top=top, left=left, size=size, opacity=float(parameters["opacity"]))


def drawn(pixels: Pixels8, letter: str, *, top: float, left: float, size: float, opacity: float) -> Pixels8:
    """The image with the letter, its box beginning at (top, left), in pixels; opacity from 0 to 1."""
    rows = slice(max(0, math.floor(top)), min(pixels.shape[0], math.ceil(top + size)))
    columns = slice(max(0, math.floor(left)), min(pixels.shape[1], math.ceil(left + WIDTH * size)))
    share = opacity * covered(letter, rows, columns, top=top, left=left, size=size)
    marked = pixels.copy()
    below = pixels[rows, columns].astype(np.float64)
    marked[rows, columns] = eight_bit(
        below + (share if pixels.ndim == 2 else share[..., None]) * (255 - below)
    )
    return marked


def covered(letter: str, rows: slice, columns: slice, *, top: float, left: float, size: float) -> FloatArray:
    """Share of each pixel of the box that the letter covers, from 4 x 4 points of it."""
    count = np.zeros((rows.stop - rows.start, columns.stop - columns.start))
    middles = (np.arange(SUBPIXELS) + 0.5) / SUBPIXELS
    for within_row in middles:
        y = (np.arange(rows.start, rows.stop) + within_row - top) / size
        for within_column in middles:
            x = (np.arange(columns.start, columns.stop) + within_column - left) / size
            count += inside(letter, x[None, :], y[:, None])
    return count / SUBPIXELS**2


def inside(letter: str, x: FloatArray, y: FloatArray) -> BoolArray:
    """True where a point lies on a stroke; x from 0 to 0.7 and y from 0 (top) to 1 span the letter's box."""
    stem: BoolArray = (x >= 0) & (x < STROKE) & (y >= 0) & (y < 1)
    if letter == "L":
        return stem | ((x >= 0) & (x < WIDTH) & (y >= 1 - STROKE) & (y < 1))
    middle = WIDTH - BOWL
    radius = np.hypot(x - middle, y - BOWL)
    bowl = (x >= middle) & (radius < BOWL) & (radius >= BOWL - STROKE)
    distance = np.abs(y - BOWL)
    bars = (x >= 0) & (x < middle) & (distance < BOWL) & (distance >= BOWL - STROKE)
    leg_begins = 0.25 + (y - 2 * BOWL) / (1 - 2 * BOWL) * (WIDTH - STROKE - 0.25)
    leg = (y >= 2 * BOWL - STROKE / 2) & (y < 1) & (x >= leg_begins) & (x < leg_begins + STROKE)
    strokes: BoolArray = stem | bowl | bars | leg
    return strokes
