"""Failures that several scores miss at once: which sets of scores share which silent failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sfvisuals.types import BoolArray

MOST_SETS = 62


@dataclass(frozen=True, slots=True)
class Intersection:
    """Samples that exactly these scores miss (and the others do not); `n` of them, n > 0."""

    names: tuple[str, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Silent failures of several scores.

    Attributes:
        sizes: name -> how many it misses.
        intersections: every combination that occurs, the largest first, then by names in order.
        universal: missed by all.
        any: missed by at least one.
    """

    sizes: Mapping[str, int]
    intersections: tuple[Intersection, ...]
    universal: int
    any: int


def missed(silent: Mapping[str, BoolArray]) -> Missed:
    """Counts the exclusive intersections.

    Args:
        silent: name -> (n,) True where this score misses the failure; at most 62 scores.
    """
    names = tuple(silent)
    if len(names) > MOST_SETS:
        raise AssertionError(f"at most {MOST_SETS} scores, not {len(names)}")
    sizes = {name: int(mask.sum()) for name, mask in silent.items()}
    if not names:
        return Missed(sizes, (), 0, 0)
    bits = np.zeros(len(next(iter(silent.values()))), np.int64)
    for place, mask in enumerate(silent.values()):
        bits |= mask.astype(np.int64) << place
    found, counts = np.unique(bits[bits > 0], return_counts=True)
    pieces = [
        Intersection(tuple(name for place, name in enumerate(names) if int(code) >> place & 1), int(n))
        for code, n in zip(found, counts, strict=True)
    ]
    pieces.sort(key=lambda piece: (-piece.n, [names.index(name) for name in piece.names]))
    universal = next((piece.n for piece in pieces if len(piece.names) == len(names)), 0)
    return Missed(sizes, tuple(pieces), universal, int(counts.sum()))
