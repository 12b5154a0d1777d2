"""Exact nearest neighbours in the latents, a chunk of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sfvisuals.projection.progress import Report, silent
from sfvisuals.types import FloatArray, Rows

QUERIES_AT_ONCE: Final = 8_192
PAIR_VALUES: Final = 1 << 22


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest sites of each of n samples, nearest first, ties by row; never the sample itself.

    Attributes:
        rows: (n, k) int64 rows of the sites.
        distances: (n, k) float64 Euclidean distances.
    """

    rows: Rows
    distances: npt.NDArray[np.float64]


def nearest_sites(points: FloatArray, sites: Rows, *, k: int, report: Report = silent) -> Neighbours:
    """The k nearest of `sites` to every one of points (n, w) float32, exactly.

    Candidates come from products of matrices, whose rounding would part duplicates; their distances are
    therefore computed again from differences. Among more than k sites at the very same distance of the k-th,
    which are taken is fixed but arbitrary.

    Args:
        points: (n, w) samples, about zero.
        sites: ascending rows of `points` that may be neighbours; more than k of them.
        k: neighbours per sample.
        report: told the share of samples done.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(points[sites])
    n = points.shape[0]
    rows, distances = np.empty((n, k), np.int64), np.empty((n, k))
    for start in range(0, n, QUERIES_AT_ONCE):
        asked = np.arange(start, min(start + QUERIES_AT_ONCE, n))
        found = without_self(sites[search.kneighbors(points[asked], return_distance=False)], asked)
        measured = distances_to(points, asked, found)
        order = np.lexsort((found, measured), axis=-1)
        rows[asked] = np.take_along_axis(found, order, axis=1)
        distances[asked] = np.take_along_axis(measured, order, axis=1)
        report(asked[-1] / n, "Finding the nearest neighbours of each sample")
    return Neighbours(rows, distances)


def without_self(found: Rows, asked: Rows) -> Rows:
    """(n, k) of found (n, k + 1) without the sample itself; where it is not among them, without the last."""
    others = found != asked[:, None]
    others[others.all(axis=1), -1] = False
    kept: Rows = found[others].reshape(len(asked), found.shape[1] - 1)
    return kept


def distances_to(points: FloatArray, asked: Rows, others: Rows) -> npt.NDArray[np.float64]:
    """(n, k) float64 Euclidean distances of samples `asked` (n,) to `others` (n, k), from differences."""
    n, k = others.shape
    result = np.empty((n, k))
    step = max(1, PAIR_VALUES // (k * points.shape[1]))
    for start in range(0, n, step):
        block = slice(start, start + step)
        own = points[asked[block]].astype(np.float64)
        apart = points[others[block]] - own[:, None, :]
        result[block] = np.sqrt(np.einsum("nkw,nkw->nk", apart, apart))
    return result
