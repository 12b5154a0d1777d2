"""Fewer points of a curve without another shape: the largest error is known and stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfvisuals.types import FloatArray, IntArray

MOST_POINTS = 400
TOLERANCE = 0.0005


@dataclass(frozen=True, eq=False)
class Thinned:
    """Which points stay.

    Attributes:
        at: (k,) places of the points that stay, rising, with the first and the last.
        error: the largest vertical distance between both curves, each joined by lines.
        of: number of points of the whole curve.
    """

    at: IntArray
    error: float
    of: int


def thin(x: FloatArray, y: FloatArray, *, tolerance: float = TOLERANCE, most: int = MOST_POINTS) -> Thinned:
    """Keeps what a line between two kept points misses by more than `tolerance`.

    Both curves bend only at points of the whole one, so the error measured there is the error everywhere.
    Where more than `most` points would stay, the tolerance is doubled until they do not.

    Args:
        x: (n,) rising. y: (n,).
        tolerance: in the unit of y.
        most: at most so many points stay.
    """
    if len(x) <= 2:
        return Thinned(np.arange(len(x)), 0.0, len(x))
    while True:
        kept = _split(x, y, tolerance, most)
        if len(kept) <= most:
            return Thinned(kept, float(_missed(x, y, kept).max()), len(x))
        tolerance *= 2


def _split(x: FloatArray, y: FloatArray, tolerance: float, most: int) -> IntArray:
    """Every stretch gets the point that it misses most, all stretches at once, until none misses too much.

    Ends early where more than `most` points stay: so many are not wanted.
    """
    kept = np.array([0, len(x) - 1])
    while len(kept) <= most:
        missed = _missed(x, y, kept)
        missed[kept] = 0
        worst = np.maximum.reduceat(missed, kept[:-1])
        late = np.flatnonzero(worst > tolerance)
        if not late.size:
            return kept
        ends = np.append(kept[1:-1], len(x))
        found = [kept[i] + int(missed[kept[i] : ends[i]].argmax()) for i in late]
        kept = np.unique(np.append(kept, found))
    return kept


def _missed(x: FloatArray, y: FloatArray, kept: IntArray) -> FloatArray:
    distance: FloatArray = np.abs(np.interp(x, x[kept], y[kept]) - y)
    return distance
