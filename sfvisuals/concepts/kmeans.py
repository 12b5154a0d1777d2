"""k-means on reduced latents, the same on every call."""

from __future__ import annotations

import warnings
from typing import Final

import numpy as np

from sfvisuals.threads import one_thread
from sfvisuals.types import FloatArray, IntArray

MINI_BATCH_ABOVE: Final = 20_000
RESTARTS: Final = 3
ROWS_PER_CHUNK: Final = 65_536


def fitted_centres(
    points: FloatArray, *, k: int, seed: int, start: FloatArray | None = None, restarts: int = RESTARTS
) -> FloatArray:
    """(k, r) cluster centres of (n, r) points.

    k-means (Lloyd, k-means++, best of `restarts`; one from `start` if given), above 20,000 points mini-batch
    k-means.
    """
    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    init, restarts = ("k-means++", restarts) if start is None else (start, 1)
    if len(points) > MINI_BATCH_ABOVE:
        model = MiniBatchKMeans(k, init=init, n_init=restarts, random_state=seed, batch_size=4096)
    else:
        model = KMeans(k, init=init, n_init=restarts, random_state=seed)
    with one_thread(), warnings.catch_warnings():
        # fewer distinct points than clusters: empty clusters are dropped by the caller
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(points)
    centres: FloatArray = model.cluster_centers_
    return centres


def nearest_centre(points: FloatArray, centres: FloatArray) -> IntArray:
    """(n,) int32 position of the nearest centre, ties to the lowest."""
    labels = np.empty(len(points), np.int32)
    centres = centres.astype(np.float64)
    half_norms = (centres**2).sum(axis=1) / 2
    for begin in range(0, len(points), ROWS_PER_CHUNK):
        chunk = slice(begin, begin + ROWS_PER_CHUNK)
        labels[chunk] = (half_norms - points[chunk].astype(np.float64) @ centres.T).argmin(axis=1)
    return labels
