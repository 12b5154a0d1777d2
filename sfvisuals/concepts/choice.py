"""How many clusters: by the silhouette (k-means) or BIC (mixture), on a subsample; how stable they are."""

from __future__ import annotations

import itertools
import math
from typing import Final

import numpy as np

from sfvisuals.concepts.gaussian import fitted_mixture
from sfvisuals.concepts.kmeans import fitted_centres, nearest_centre
from sfvisuals.concepts.reduction import subsample
from sfvisuals.types import ClusterMethod, FloatArray, IntArray

COARSE: Final = 3
GAPS: Final = 0.6
CLOSE_ENOUGH: Final = 0.9
SMALLEST_MEMBERSHIP: Final = 10
PATIENCE: Final = 3
SEEDS: Final = 5
DRAWN: Final = 0.8


def chosen_k(
    points: FloatArray, *, max_k: int, distinct: int, seed: int
) -> tuple[int, tuple[tuple[int, float], ...]]:
    """Number of k-means clusters for these points, from k = 2..max_k by the mean silhouette; and all values.

    It is the k of the best silhouette, the smallest among equals. But in a cloud without gaps (best
    silhouette below 0.6), which most latents of one class are, that is nearly always 2 or 3, too coarse to
    show a class; there it is the largest k with at least 90 % of the best silhouette. Never more than there
    are distinct points, and ten samples per concept on average; 1 where that leaves no choice or no
    silhouette is positive.

    Args:
        points: (n, w) subsample of the reduced latents.
        max_k: upper bound.
        distinct: number of distinct points.
        seed: of the k-means fits.
    """
    bound = min(max_k, distinct, len(points) // SMALLEST_MEMBERSHIP)
    if bound < 2:
        return 1, ()
    distances = _distances(points)
    candidates = range(2, bound + 1)
    # one start each: the chosen k is fitted anew with several
    centres = (fitted_centres(points, k=k, seed=seed, restarts=1) for k in candidates)
    fits = (nearest_centre(points, found) for found in centres)
    values = np.array([silhouette(distances, labels) for labels in fits])
    tried = tuple(zip(candidates, values.tolist(), strict=True))
    best = values.max()
    if best <= 0:
        return 1, tried
    first = int(values.argmax()) + candidates.start
    if first > COARSE or best >= GAPS:
        return first, tried
    return int(np.flatnonzero(values >= CLOSE_ENOUGH * best).max()) + candidates.start, tried


def chosen_by_bic(
    points: FloatArray, *, max_k: int, distinct: int, seed: int
) -> tuple[int, tuple[tuple[int, float], ...]]:
    """Number of Gaussians for these points: the k = 1..max_k of the lowest BIC; and all values.

    Bounded as in `chosen_k`. The search ends after three values in a row that are no better than the best.
    """
    bound = min(max_k, distinct, len(points) // SMALLEST_MEMBERSHIP)
    tried: list[tuple[int, float]] = []
    best = (1, math.inf)
    for k in range(1, bound + 1):
        value = fitted_mixture(points, k=k, seed=seed).bic
        tried.append((k, value))
        if value < best[1]:
            best = (k, value)
        elif k - best[0] >= PATIENCE:
            break
    return best[0], tuple(tried)


def stability(points: FloatArray, *, k: int, method: ClusterMethod, seed: int) -> float | None:
    """Mean adjusted Rand index (Hubert, Arabie 1985) over the ten pairs of five seeds; None for k < 2.

    Each seed draws its own 80 % of the points, fits one start, and assigns all points: so both the draw and
    the start vary. 1 = the same clusters every time, 0 = no more alike than chance.
    """
    from sklearn.metrics import adjusted_rand_score

    if k < 2:
        return None
    labels = []
    for own in range(seed, seed + SEEDS):
        drawn = points[subsample(len(points), max(k, round(DRAWN * len(points))), seed=own)]
        match method:
            case ClusterMethod.KMEANS:
                centres = fitted_centres(drawn, k=k, seed=own, restarts=1)
                labels.append(nearest_centre(points, centres))
            case ClusterMethod.GAUSSIAN:
                labels.append(fitted_mixture(drawn, k=k, seed=own).assign(points))
    pairs = itertools.combinations(labels, 2)
    return float(np.mean([adjusted_rand_score(one, other) for one, other in pairs]))


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
