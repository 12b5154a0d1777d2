"""How many clusters: by the silhouette, on a subsample."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.concepts.kmeans import fitted_centres, nearest_centre
from sfvisuals.types import FloatArray, IntArray

COARSE: Final = 3
GAPS: Final = 0.6
CLOSE_ENOUGH: Final = 0.8
SMALLEST_MEMBERSHIP: Final = 5


def chosen_k(points: FloatArray, *, max_k: int, distinct: int, seed: int) -> int:
    """Number of clusters for these points, from k = 2..max_k by the mean silhouette.

    It is the k of the best silhouette, the smallest among equals. But in a cloud without gaps (best
    silhouette below 0.6), which most latents of one class are, that is nearly always 2 or 3, too coarse to
    show a class; there it is the largest k with at least 80 % of the best silhouette. Never more than there
    are distinct points, and five samples per concept on average; 1 where that leaves no choice or no
    silhouette is positive.

    Args:
        points: (n, r) subsample of the reduced latents.
        max_k: upper bound.
        distinct: number of distinct points.
        seed: of the k-means fits.
    """
    bound = min(max_k, distinct, len(points) // SMALLEST_MEMBERSHIP)
    if bound < 2:
        return 1
    distances = _distances(points)
    candidates = range(2, bound + 1)
    fits = (nearest_centre(points, fitted_centres(points, k=k, seed=seed)) for k in candidates)
    values = np.array([silhouette(distances, labels) for labels in fits])
    best = values.max()
    if best <= 0:
        return 1
    first = int(values.argmax()) + candidates.start
    if first > COARSE or best >= GAPS:
        return first
    return int(np.flatnonzero(values >= CLOSE_ENOUGH * best).max()) + candidates.start


def silhouette(distances: FloatArray, labels: IntArray) -> float:
    """Mean silhouette (Rousseeuw 1987) from (n, n) distances and (n,) labels; 0 for samples alone.

    One matrix product instead of a pass per cluster; -1 where there is only one cluster.
    """
    present, codes = np.unique(labels, return_inverse=True)
    if present.size < 2:
        return -1.0
    member = np.zeros((len(codes), present.size), distances.dtype)
    member[np.arange(len(codes)), codes] = 1
    sums = np.asarray(distances @ member, dtype=np.float64)
    sizes = member.sum(axis=0, dtype=np.float64)
    own = np.arange(len(codes)), codes
    inside = sums[own] / np.maximum(sizes[codes] - 1, 1)
    means = sums / sizes
    means[own] = np.inf
    outside = means.min(axis=1)
    widest = np.maximum(inside, outside)
    scored = (sizes[codes] > 1) & (widest > 0)
    values = np.divide(outside - inside, widest, out=np.zeros(len(codes)), where=scored)
    return float(values.mean())


def _distances(points: FloatArray) -> FloatArray:
    from scipy.spatial.distance import cdist

    result: FloatArray = cdist(points, points).astype(np.float32)
    return result
