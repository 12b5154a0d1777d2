"""Bright letters in the corners, as the side marker on a radiograph."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from sfvisuals.image_attributes.picture import Picture
from sfvisuals.types import FloatArray

Spectrum: TypeAlias = npt.NDArray[np.complexfloating[Any, Any]]
Stroke: TypeAlias = list[tuple[float, float]]

SIDE: Final = 96
CORNER: Final = 0.34
HEIGHTS: Final = (0.1, 0.13, 0.16, 0.19, 0.22)
PEN: Final = 0.15
LETTER_WIDTH: Final = 0.7
FINEST: Final = 8
SMALLEST: Final = 28
SHORTEST_LETTER: Final = 6
FAINT: Final = 0.04


def corner_marker(picture: Picture) -> float:
    """How well a bright capital L or R fits somewhere in a corner: a correlation coefficient, -1 to 1.

    The greatest normalised cross-correlation (Lewis 1995) of ten templates (two letters in five heights of
    0.10 to 0.22 of the shorter side) in the four corners of 0.34 of it. The image is its darkest channel,
    since white ink shows most there, reduced to 96 pixels on the shorter side. What varies by less than 0.04
    counts in proportion. 0 for sides below 28 pixels.
    """
    plane = picture.grey if picture.colours is None else picture.colours.min(axis=0)
    shorter = min(plane.shape)
    if shorter < SMALLEST:
        return 0.0
    if shorter > SIDE:
        height, width = (round(side * SIDE / shorter) for side in plane.shape)
        plane = np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BOX))
        shorter = SIDE
    size = int(CORNER * shorter)
    tops = (plane[:size], plane[-size:])
    corners = np.stack([part for top in tops for part in (top[:, :size], top[:, -size:])])
    return _best_fit(corners - corners.mean(axis=(1, 2), keepdims=True), shorter)


def _best_fit(corners: FloatArray, shorter: int) -> float:
    """Greatest correlation coefficient of any template anywhere in corners (4, s, s) of mean 0."""
    from scipy.fft import irfft2, rfft2

    size = corners.shape[1]
    seen, squared = rfft2(corners), rfft2(corners**2)
    best = -1.0
    for height, width, ones, letters in _templates(size, shorter):
        free = (slice(None), slice(0, size - height + 1), slice(0, size - width + 1))
        count = height * width
        total, of_squares = irfft2(np.stack([seen, squared]) * ones, (size, size))[(slice(None), *free)]
        varies = np.maximum(of_squares - total**2 / count, 0) + count * FAINT**2
        fits = irfft2(seen[None] * letters[:, None], (size, size))[(slice(None), *free)]
        best = max(best, float((fits / np.sqrt(varies)).max()))
    return best


@lru_cache(maxsize=64)
def _templates(size: int, shorter: int) -> tuple[tuple[int, int, Spectrum, Spectrum], ...]:
    """(height, width, spectrum of ones, (2, ...) spectra of the letters of norm 1) of each height."""
    from scipy.fft import rfft2

    made = []
    for share in HEIGHTS:
        drawn = np.stack(
            [_drawn(strokes, max(SHORTEST_LETTER, round(share * shorter))) for strokes in LETTERS]
        )
        height, width = drawn.shape[1:]
        if height > size or width > size:
            continue
        drawn -= drawn.mean(axis=(1, 2), keepdims=True)
        drawn /= np.sqrt((drawn**2).sum(axis=(1, 2), keepdims=True))
        ones = np.conj(rfft2(np.ones((height, width), np.float32), (size, size)))
        made.append((height, width, ones, np.conj(rfft2(drawn, (size, size)))))
    return tuple(made)


def _bow() -> Stroke:
    turns = np.linspace(-math.pi / 2, math.pi / 2, 9)
    return [(0.37 + 0.23 * math.cos(turn), 0.27 + 0.22 * math.sin(turn)) for turn in turns]


LETTERS: Final[tuple[list[Stroke], ...]] = (
    [[(0.08, 0.05), (0.08, 0.93), (0.62, 0.93)]],
    [[(0.08, 0.95), (0.08, 0.05), (0.35, 0.05), *_bow(), (0.08, 0.49)], [(0.35, 0.5), (0.6, 0.95)]],
)
"""Strokes of L and R in a box 0.7 wide and 1 high, a pixel free around them."""


def _drawn(strokes: list[Stroke], height: int) -> FloatArray:
    """(height + 4, ...) float32, 1 where a pixel lies on a stroke."""
    fine, margin = height * FINEST, 2 * FINEST
    sheet = Image.new("L", (int(LETTER_WIDTH * height) * FINEST + 2 * margin, fine + 2 * margin))
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        places = [(margin + x * fine, margin + y * fine) for x, y in stroke]
        pen.line(places, fill=255, width=max(1, round(PEN * fine)), joint="curve")
    smaller = sheet.resize((sheet.width // FINEST, sheet.height // FINEST), Image.Resampling.BOX)
    return np.asarray(smaller, np.float32) / np.float32(255)
