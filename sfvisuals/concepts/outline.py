"""Where a concept lies on a map: its middle, and an outline that a few strays do not stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.types import BoolArray, FloatArray

GRID: Final = 48
SMOOTH: Final = 1.5
DENSE: Final = 0.9
STRAYS: Final = 0.02
MOST_CORNERS: Final = 48
FEW: Final = 8


@dataclass(frozen=True, eq=False)
class Outline:
    """The place of a concept in the coordinates of a map.

    Attributes:
        centre: (2,) median of the members that the outline surrounds.
        hull: (h, 2) corners of a convex outline, counter-clockwise; at most 48; one or two corners where the
            members lie on one spot or on a line.
        share: share of the members in the part that the outline surrounds.
    """

    centre: FloatArray
    hull: FloatArray
    share: float


def outline_of(points: FloatArray) -> Outline | None:
    """The outline of the largest dense part of some points (n, 2); None where none is finite.

    The density is a histogram of 48 x 48 cells, smoothed by a Gaussian of 1.5 cells. Dense are the fewest
    cells that hold 90 % of the points, and the part is the connected one (8 neighbours) with most points: a
    concept that a map tears apart is outlined where most of it lies. Fewer than eight points are all
    outlined.
    """
    points = np.asarray(points, dtype=np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    dense = _largest_part(points) if len(points) >= FEW else np.ones(len(points), np.bool_)
    inside = points[dense]
    return Outline(np.median(inside, axis=0), _convex(inside), float(dense.mean()))


def _largest_part(points: FloatArray) -> BoolArray:
    """(n,) True for the points of the largest connected dense part."""
    from scipy.ndimage import gaussian_filter, label

    low, high = np.quantile(points, [STRAYS, 1 - STRAYS], axis=0)
    side = float((high - low).max()) / (GRID - 8)
    if side <= 0:
        return np.asarray((points == low).all(axis=1), dtype=np.bool_)
    # strays count for the cell at the edge that is nearest to them
    cells = np.clip(((points - (low + high) / 2) / side + GRID / 2).astype(int), 0, GRID - 1)
    counts = np.zeros((GRID, GRID))
    np.add.at(counts, (cells[:, 0], cells[:, 1]), 1)
    density = gaussian_filter(counts, SMOOTH, mode="constant")
    order = np.argsort(-density, axis=None, kind="stable")
    held = np.cumsum(counts.ravel()[order])
    last = order[int(np.searchsorted(held, DENSE * len(points)))]
    parts, _ = label(density >= density.ravel()[last], structure=np.ones((3, 3)))
    own = parts[cells[:, 0], cells[:, 1]]
    sizes = np.bincount(own[own > 0])
    return np.asarray(own == sizes.argmax(), dtype=np.bool_)


def _convex(points: FloatArray) -> FloatArray:
    """(h, 2) the farthest point in each of 48 directions, in turn: convex, on lines and spots too."""
    angles = np.arange(MOST_CORNERS) * (2 * np.pi / MOST_CORNERS)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    centred = points - points.mean(axis=0)
    corners = points[(centred @ directions).argmax(axis=0)]
    kept = np.append(True, (np.diff(corners, axis=0) != 0).any(axis=1))
    corners = corners[kept]
    closed = len(corners) > 1 and (corners[0] == corners[-1]).all()
    return np.asarray(corners[:-1] if closed else corners)
