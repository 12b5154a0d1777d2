"""Nearest neighbours in the latents: exact, in chunks over a memory map."""

from __future__ import annotations

import numpy as np

from sfvisuals.errors import UnavailableError
from sfvisuals.types import FloatArray, Rows

ELEMENTS_PER_CHUNK = 2_000_000


def nearest(
    latents: FloatArray, row: int, *, k: int = 5, among: Rows | None = None
) -> tuple[Rows, FloatArray]:
    """The k samples nearest to sample `row` in the latents, itself left out.

    Args:
        latents: (N, l).
        row: the sample.
        k: how many; fewer come back where there are fewer.
        among: the rows to look among; all by default.

    Returns:
        rows and euclidean distances, nearest first, ties by row.

    Raises UnavailableError where latents are not finite.
    """
    candidates = None if among is None else np.unique(np.asarray(among, dtype=np.int64))
    vector = np.asarray(latents[row], dtype=np.float64)
    rows, distances = nearest_to(vector, latents, k=k + 1, among=candidates)
    others = rows != row
    return rows[others][:k], distances[others][:k]


def nearest_to(
    vector: FloatArray, latents: FloatArray, *, k: int = 5, among: Rows | None = None
) -> tuple[Rows, FloatArray]:
    """The k rows of `latents` nearest to `vector` (l,); like `nearest`, for any point."""
    vector = np.asarray(vector, dtype=np.float64)
    if not np.isfinite(vector).all():
        raise UnavailableError(
            "This sample has no neighbours", detail="Its latents are not finite (NaN or inf)."
        )
    total = len(latents) if among is None else len(among)
    step = max(1, ELEMENTS_PER_CHUNK // max(1, latents.shape[1]))
    best_rows: Rows = np.empty(0, np.int64)
    best: FloatArray = np.empty(0, np.float64)
    for start in range(0, total, step):
        stop = min(start + step, total)
        rows = np.arange(start, stop, dtype=np.int64) if among is None else among[start:stop]
        part = latents[start:stop] if among is None else latents[rows]
        squared = _squared(part, vector, rows)
        best_rows, best = _smallest(np.concatenate((best_rows, rows)), np.concatenate((best, squared)), k)
    return best_rows, np.sqrt(best)


def _squared(part: FloatArray, vector: FloatArray, rows: Rows) -> FloatArray:
    # the difference itself, not |a|^2 - 2ab + |b|^2, which loses the digits that tell near duplicates apart
    difference = np.subtract(part, vector, dtype=np.float64)
    squared: FloatArray = np.einsum("ij,ij->i", difference, difference)
    if not np.isfinite(squared).all():
        broken = rows[~np.isfinite(squared)]
        raise UnavailableError(
            "Neighbours need finite latents",
            detail=f"There is NaN or inf in the latents of row {broken[0]} (and maybe more).",
        )
    return squared


def _smallest(rows: Rows, squared: FloatArray, k: int) -> tuple[Rows, FloatArray]:
    if len(squared) > k:
        # everything up to the k-th value, ties with it included, so that the row decides among them
        near = squared <= np.partition(squared, k - 1)[k - 1]
        rows, squared = rows[near], squared[near]
    order = np.lexsort((rows, squared))[:k]
    return rows[order], squared[order]
