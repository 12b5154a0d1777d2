"""Concept clusters: k-means on the reduced latents of some rows, each shown by distinct central members."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.concepts.choice import chosen_k
from sfvisuals.concepts.kmeans import fitted_centres, nearest_centre
from sfvisuals.concepts.record import Concept
from sfvisuals.concepts.reduction import FIT_ROWS, distinct_rows, reduce_latents
from sfvisuals.errors import SfvisualsError
from sfvisuals.types import FloatArray, IntArray, Rows

CHOICE_ROWS: Final = 1_000
CANDIDATES_AT_ONCE: Final = 512


def find_concepts(
    latents: FloatArray,
    rows: Rows,
    *,
    k: int | None = None,
    max_k: int = 12,
    representatives: int = 6,
    seed: int = 0,
) -> tuple[Concept, ...]:
    """Concept clusters of these samples, largest first, ties by smallest row; every row is in exactly one.

    The latents are centred and reduced by PCA to 95 % of their variance, at most 32 dimensions (fitted on at
    most 4,000 of the rows, not standardised). Any number of rows works: none gives no concept; one, or all
    identical, gives one concept.

    Args:
        latents: (N, l) latents of the run, memory-mapped or not.
        rows: the samples, in any order.
        k: number of concepts; by default chosen by the silhouette on at most 1,000 of the rows (see
            `choice.chosen_k`). Never more than there are distinct samples in that subsample.
        max_k: upper bound where k is chosen.
        representatives: at most so many per concept.
        seed: of subsamples and k-means; equal arguments give equal concepts.

    Raises UnavailableError where latents are not finite, SfvisualsError where k is less than 1.
    """
    if k is not None and k < 1:
        raise SfvisualsError("There is at least one concept", detail=f"Asked for {k}.")
    rows = np.unique(np.asarray(rows, dtype=np.int64))
    if not rows.size:
        return ()
    fit_on = _subsample(rows, FIT_ROWS, seed=seed)
    points = reduce_latents(latents, rows, rows[fit_on], seed=seed)
    labels, centres = _clustered(latents, rows, points, k=k, max_k=max_k, seed=seed)
    concepts = [
        _concept(latents, rows, points, np.flatnonzero(labels == code), centres[code], representatives)
        for code in np.unique(labels)
    ]
    return tuple(sorted(concepts, key=lambda concept: (-concept.size, int(concept.rows[0]))))


def _clustered(
    latents: FloatArray, rows: Rows, points: FloatArray, *, k: int | None, max_k: int, seed: int
) -> tuple[IntArray, FloatArray]:
    """(n,) cluster of each row and (k, r) centres."""
    few = _subsample(rows, CHOICE_ROWS, seed=seed + 1)
    distinct = distinct_rows(latents, rows[few])
    wanted = chosen_k(points[few], max_k=max_k, distinct=distinct, seed=seed) if k is None else k
    wanted = min(wanted, distinct)
    if wanted == 1:
        return np.zeros(len(rows), np.int32), points.mean(axis=0, keepdims=True, dtype=np.float64)
    centres = fitted_centres(points[few], k=wanted, seed=seed)
    if len(few) < len(rows):
        centres = fitted_centres(points, k=wanted, seed=seed, start=centres)
    return nearest_centre(points, centres), centres


def _concept(
    latents: FloatArray, rows: Rows, points: FloatArray, members: Rows, centre: FloatArray, shown: int
) -> Concept:
    squared = ((points[members] - centre) ** 2).sum(axis=1, dtype=np.float64)
    by_distance = rows[members][np.lexsort((members, squared))]
    chosen = _distinct_first(latents, by_distance, max(shown, 1))
    spread = float(np.sqrt(squared.mean()))
    return Concept(rows[members], int(by_distance[0]), chosen[: max(shown, 0)], spread)


def _distinct_first(latents: FloatArray, ordered: Rows, count: int) -> Rows:
    """The first `count` of these rows that differ in their latents from all before them."""
    seen: set[bytes] = set()
    chosen: list[int] = []
    for begin in range(0, len(ordered), CANDIDATES_AT_ONCE):
        block = ordered[begin : begin + CANDIDATES_AT_ONCE]
        for row, vector in zip(block, np.ascontiguousarray(latents[block]) + 0.0, strict=True):
            if (content := vector.tobytes()) not in seen:
                seen.add(content)
                chosen.append(int(row))
                if len(chosen) == count:
                    return np.array(chosen, dtype=np.int64)
    return np.array(chosen, dtype=np.int64)


def _subsample(rows: Rows, limit: int, *, seed: int) -> Rows:
    """Positions of at most `limit` rows, ascending."""
    if len(rows) <= limit:
        return np.arange(len(rows), dtype=np.int64)
    drawn = np.random.default_rng(seed).choice(len(rows), limit, replace=False)
    return np.sort(drawn).astype(np.int64)
