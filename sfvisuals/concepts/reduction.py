"""The latents of some rows, centred and reduced by PCA, read in chunks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sfvisuals.errors import UnavailableError
from sfvisuals.types import FloatArray, Rows

MAX_DIMENSIONS = 32
VARIANCE_KEPT = 0.95
FIT_ROWS = 4_000
ELEMENTS_PER_CHUNK = 4_000_000


def reduce_latents(latents: FloatArray, rows: Rows, sample: Rows, *, seed: int) -> FloatArray:
    """(n, r) float32: the latents of `rows` on the first principal axes of the latents of `sample`.

    r is the number of axes that hold 95 % of the variance, at most 32, at least 1. The latents are centred
    and not standardised: distances stay those of the neighbours that the inspector lists, and dead units
    (which every ReLU layer has) are not blown up to the weight of live ones.

    Raises UnavailableError, naming rows, where latents are not finite.
    """
    centre, axes = _principal_axes(_taken(latents, sample), seed=seed)
    reduced = np.empty((len(rows), axes.shape[0]), np.float32)
    for start, stop in _chunks(len(rows), latents.shape[1]):
        reduced[start:stop] = (_taken(latents, rows[start:stop]) - centre) @ axes.T
    return reduced


def distinct_rows(latents: FloatArray, rows: Rows) -> int:
    """How many different latent vectors these rows have."""
    vectors = np.ascontiguousarray(_taken(latents, rows) + 0.0)  # + 0.0 makes -0 and 0 the same bytes
    return len({vector.tobytes() for vector in vectors})


def _principal_axes(vectors: FloatArray, *, seed: int) -> tuple[FloatArray, FloatArray]:
    from sklearn.decomposition import PCA

    centre = vectors.mean(axis=0)
    most = min(MAX_DIMENSIONS, *vectors.shape)
    if np.array_equal(vectors.max(axis=0), vectors.min(axis=0)):
        return centre, np.eye(1, vectors.shape[1])
    fitted = PCA(n_components=most, random_state=seed).fit(vectors)
    shares = np.cumsum(fitted.explained_variance_ratio_)
    enough = min(int(np.searchsorted(shares, VARIANCE_KEPT)) + 1, most)
    axes: FloatArray = fitted.components_[:enough]
    return centre, axes


def _taken(latents: FloatArray, rows: Rows) -> FloatArray:
    vectors = np.asarray(latents[rows], dtype=np.float64)
    broken = ~np.isfinite(vectors).all(axis=1)
    if broken.any():
        raise UnavailableError(
            "Concepts need finite latents",
            detail=f"There is NaN or inf in the latents of row {rows[broken][0]} (and maybe more).",
        )
    return vectors


def _chunks(n: int, width: int) -> Iterator[tuple[int, int]]:
    step = max(1, ELEMENTS_PER_CHUNK // max(1, width))
    for start in range(0, n, step):
        yield start, min(start + step, n)
