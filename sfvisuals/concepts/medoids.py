"""Which members stand for a cluster: central ones far from each other, and those at its border."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.types import FloatArray, IntArray, Rows

NEAR: Final = 0.05
MOST_CANDIDATES: Final = 4_000


def central_and_apart(
    points: FloatArray, distances: FloatArray, units: IntArray, *, spread: float, count: int
) -> Rows:
    """Positions of at most `count` members that show a cluster; the first is the nearest to the centre.

    Farthest-first (Gonzalez 1985) among the half of the members nearest to the centre: each next one is the
    member farthest from all before. Then, where that half is too uniform, the nearest of the others. No two
    of one unit, and no two closer than 5 % of the spread: they would look alike. Of more than 4,000 members
    every so-manieth, in order of the distance to the centre, is looked at.

    Args:
        points: (n, w) members in the reduced space, n >= 1.
        distances: (n,) to the centre.
        units: (n,) what must not be repeated: patient, lesion, source image.
        spread: root mean square of `distances`.
        count: how many; at least one comes back.
    """
    if len(points) > MOST_CANDIDATES:
        some = np.argsort(distances, kind="stable")[:: -(-len(points) // MOST_CANDIDATES)]
        return some[central_and_apart(points[some], distances[some], units[some], spread=spread, count=count)]
    chosen = [int(distances.argmin())]
    apart = _apart(points, chosen[0])
    free = units != units[chosen[0]]
    central = distances <= np.median(distances)
    while len(chosen) < count:
        open_ = free & (apart > NEAR * spread)
        inside = open_ & central
        if inside.any():
            chosen.append(int(np.where(inside, apart, -1.0).argmax()))
        elif open_.any():
            chosen.append(int(np.where(open_, distances, np.inf).argmin()))
        else:
            break
        apart = np.minimum(apart, _apart(points, chosen[-1]))
        free &= units != units[chosen[-1]]
    return np.array(chosen, dtype=np.int64)


def at_the_border(own: FloatArray, other: FloatArray, units: IntArray, *, count: int) -> Rows:
    """Positions of at most `count` members nearest to another cluster, no two of one unit.

    In the order of how much farther the nearest other centre is than the own one.

    Args:
        own: (n,) distances to the own centre; other: (n,) to the nearest other centre.
        units: (n,) what must not be repeated.
        count: how many.
    """
    order = np.lexsort((np.arange(len(own)), other - own))
    _, first = np.unique(units[order], return_index=True)
    return order[np.sort(first)[:count]].astype(np.int64)


def _apart(points: FloatArray, position: int) -> FloatArray:
    difference = points - points[position]
    apart: FloatArray = np.sqrt(np.einsum("ij,ij->i", difference, difference))
    return apart
