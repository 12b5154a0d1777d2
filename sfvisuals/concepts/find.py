"""Concept clusters: k-means or a Gaussian mixture on the reduced latents of some rows."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.concepts.choice import chosen_by_bic, chosen_k, stability
from sfvisuals.concepts.gaussian import fitted_mixture
from sfvisuals.concepts.kmeans import fitted_centres, nearest_centre
from sfvisuals.concepts.medoids import at_the_border, central_and_apart
from sfvisuals.concepts.record import Clustering, Concept
from sfvisuals.concepts.reduction import Space, distinct_rows, fitted_space, subsample
from sfvisuals.errors import SfvisualsError
from sfvisuals.types import ClusterMethod, FloatArray, IntArray, Rows

CHOICE_ROWS: Final = 1_000
MIXTURE_ROWS: Final = 4_000
STABILITY_ROWS: Final = 600
MAX_K: Final = 12
STARTS: Final = 3
SHOWN: Final = 6


def find_concepts(
    latents: FloatArray,
    rows: Rows,
    *,
    method: ClusterMethod = ClusterMethod.KMEANS,
    k: int | None = None,
    max_k: int = MAX_K,
    representatives: int = SHOWN,
    space: Space | None = None,
    units: IntArray | None = None,
    seed: int = 0,
) -> Clustering:
    """Concepts of these samples, largest first, ties by smallest row; every row is in exactly one.

    They are found in the reduced space of `reduction.py`. Any number of rows works: none gives no concept;
    one, or all identical, gives one concept.

    Args:
        latents: (N, l) latents of the run, memory-mapped or not.
        rows: the samples, in any order.
        method: k-means, or a Gaussian mixture with diagonal covariances.
        k: number of concepts; by default chosen on at most 1,000 of the rows, by the silhouette for k-means
            (see `choice.chosen_k`) and by BIC for the mixture. Never more than there are distinct samples in
            that subsample.
        max_k: upper bound where k is chosen.
        representatives: at most so many per concept, and as many at its border.
        space: the reduced space; by default fitted on these rows.
        units: (N,) what representatives do not repeat (patient, source image); by default every row is one.
        seed: of subsamples and fits; equal arguments give equal concepts.

    Raises UnavailableError where latents are not finite, SfvisualsError where k is less than 1.
    """
    if k is not None and k < 1:
        raise SfvisualsError("There is at least one concept", detail=f"Asked for {k}.")
    rows = np.unique(np.asarray(rows, dtype=np.int64))
    if not rows.size:
        return Clustering((), method, k)
    points = (space or fitted_space(latents, rows, seed=seed)).place(latents, rows)
    few = subsample(len(rows), CHOICE_ROWS, seed=seed + 1)
    distinct = distinct_rows(latents, rows[few])
    wanted = min(k or 1, distinct)
    tried: tuple[tuple[int, float], ...] = ()
    if k is None:
        choose = chosen_k if method is ClusterMethod.KMEANS else chosen_by_bic
        wanted, tried = choose(points[few], max_k=max_k, distinct=distinct, seed=seed)
    labels = _labels(points, few, k=wanted, method=method, seed=seed)
    own = rows if units is None else np.asarray(units)[rows]
    concepts = _concepts(rows, points, labels, own, shown=representatives)
    steady = stability(points[few[:STABILITY_ROWS]], k=min(wanted, len(concepts)), method=method, seed=seed)
    return Clustering(concepts, method, k, tried, steady)


def _labels(points: FloatArray, few: Rows, *, k: int, method: ClusterMethod, seed: int) -> IntArray:
    """(n,) cluster of each point: fitted on the few, then on many from there."""
    if k == 1:
        return np.zeros(len(points), np.int32)
    whole = len(few) == len(points)
    match method:
        case ClusterMethod.KMEANS:
            centres = fitted_centres(points[few], k=k, seed=seed)
            if not whole:
                centres = fitted_centres(points, k=k, seed=seed, start=centres)
            return nearest_centre(points, centres)
        case ClusterMethod.GAUSSIAN:
            mixture = fitted_mixture(points[few], k=k, seed=seed, restarts=STARTS)
            if not whole:
                many = points[subsample(len(points), MIXTURE_ROWS, seed=seed)]
                mixture = fitted_mixture(many, k=k, seed=seed, start=mixture)
            return mixture.assign(points)


def _concepts(
    rows: Rows, points: FloatArray, labels: IntArray, units: IntArray, *, shown: int
) -> tuple[Concept, ...]:
    members = [np.flatnonzero(labels == code) for code in np.unique(labels)]
    centres = np.array([points[own].mean(axis=0, dtype=np.float64) for own in members])
    made = [_concept(rows, points, own, units, centres, place, shown) for place, own in enumerate(members)]
    return tuple(sorted(made, key=lambda concept: (-concept.size, int(concept.rows[0]))))


def _concept(
    rows: Rows,
    points: FloatArray,
    members: Rows,
    units: IntArray,
    centres: FloatArray,
    place: int,
    shown: int,
) -> Concept:
    own, unit = points[members], units[members]
    distances = _to(own, centres[place]).astype(np.float64)
    spread = float(np.sqrt((distances**2).mean()))
    chosen = central_and_apart(own, distances, unit, spread=spread, count=shown)
    border = np.empty(0, np.int64)
    if len(centres) > 1:
        others = np.delete(centres, place, axis=0)
        nearest = _to(own, others[nearest_centre(own, others)])
        border = at_the_border(distances, nearest, unit, count=shown)
    return Concept(
        rows=rows[members],
        centre_row=int(rows[members][chosen[0]]),
        representatives=rows[members][chosen][: max(shown, 0)],
        spread=spread,
        boundary=rows[members][border],
        centre=centres[place],
        distances=distances.astype(np.float32),
    )


def _to(points: FloatArray, centre: FloatArray) -> FloatArray:
    """(n,) distances to one centre (w,), or each to its own (n, w), as exact as the points."""
    difference = points - centre.astype(points.dtype)
    distances: FloatArray = np.sqrt(np.einsum("ij,ij->i", difference, difference))
    return distances
