"""One projection from start to end: neighbours, layout, landmarks, trust."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from sfvisuals.projection.latents import (
    centred,
    check_shape,
    frozen,
    on_axes,
    principal_axes,
)
from sfvisuals.projection.neighbours import Neighbours, nearest_sites
from sfvisuals.projection.pca import pca_of
from sfvisuals.projection.progress import Report, part, silent
from sfvisuals.projection.record import TRUST_NEIGHBOURS, Projection, ProjectionKind, UmapSettings
from sfvisuals.projection.trust import kept_share
from sfvisuals.projection.umap import umap_layout
from sfvisuals.types import FloatArray, Rows

NEARNESS_FLOOR: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Where each of N samples lies among the others in the latents.

    Attributes:
        points: (N, w) float32 latents about their mean: all dimensions, or principal axes above the limit.
        axes: (N, p) float32 latents on their principal axes, which UMAP sees.
        sites: ascending rows that count as neighbours: all, or the landmarks.
        neighbours: the nearest sites of every sample in `points`.
        k: how many of them trust counts.
        label: in words, against what trust is measured.
    """

    points: FloatArray
    axes: FloatArray
    sites: Rows
    neighbours: Neighbours
    k: int
    label: str


def compute_projection(
    latents: FloatArray,
    kind: ProjectionKind,
    *,
    settings: UmapSettings | None = None,
    name: str = "latents",
    report: Report = silent,
) -> Projection:
    """The projection of latents (N, l) of that kind, with trust; all samples jointly.

    Any N from 3 and any l from 1. With more than `settings.landmark_limit` samples UMAP lays out landmarks, a
    seeded sample, and every other sample lies at the mean of its nearest landmarks, weighted by nearness.

    Raises SfvisualsError for fewer than three rows, and where values are NaN or inf, naming the first rows.
    """
    chosen = settings or UmapSettings()
    check_shape(latents, name=name)
    report(0.0, "Reading the latents")
    wide = min(max(chosen.principal_axes, kind.dimensions), latents.shape[1])
    principal = principal_axes(latents, k=max(wide, 2), name=name)
    report(0.05, "Reading the latents")
    axes = on_axes(latents, principal, name=name)
    around = _surroundings(latents, axes, principal.mean, settings=chosen, report=part(report, 0.05, 0.35))
    match kind:
        case ProjectionKind.PCA:
            plain = pca_of(latents, principal, name=name)
        case ProjectionKind.UMAP | ProjectionKind.UMAP3:
            plain = _umap(around, kind, settings=chosen, report=part(report, 0.35, 0.9))
    trust = kept_share(
        around.points,
        plain.coordinates,
        around.neighbours.distances[:, around.k - 1],
        sites=around.sites,
        k=around.k,
        report=part(report, 0.9, 1.0),
    )
    return replace(plain, trust=frozen(trust), trust_label=around.label)


def landmark_rows(n: int, settings: UmapSettings) -> Rows:
    """Ascending rows of the landmarks among n samples: all of them up to the limit."""
    if n <= settings.landmark_limit:
        return np.arange(n)
    drawn = np.random.default_rng(settings.seed).choice(n, settings.landmarks, replace=False)
    return np.sort(drawn).astype(np.int64)


def _surroundings(
    latents: FloatArray, axes: FloatArray, mean: FloatArray, *, settings: UmapSettings, report: Report
) -> Surroundings:
    n, width = latents.shape
    sites = landmark_rows(n, settings)
    reduced = len(sites) < n or width <= axes.shape[1]
    points = axes if reduced else centred(latents, mean)
    k = min(TRUST_NEIGHBOURS, len(sites) - 1)
    wanted = min(max(k, settings.placing_neighbours, settings.n_neighbors - 1), len(sites) - 1)
    neighbours = nearest_sites(points, sites, k=wanted, report=report)
    label = f"Share of the {k} nearest neighbours in the latents that are among the {k} nearest on the map"
    if len(sites) < n:
        label += f", counted among {len(sites):,} landmarks and in {axes.shape[1]} principal axes"
    return Surroundings(points, axes, sites, neighbours, k, f"{label}.")


def _umap(
    around: Surroundings, kind: ProjectionKind, *, settings: UmapSettings, report: Report
) -> Projection:
    fitted = umap_layout(
        around.axes[around.sites],
        _among_sites(around, settings=settings),
        dimensions=kind.dimensions,
        settings=settings,
        report=report,
    )
    coordinates, note = fitted, f"UMAP of all {len(fitted):,} samples."
    if len(around.sites) < len(around.points):
        coordinates = _placed(around, fitted, settings=settings)
        note = (
            f"UMAP of {len(fitted):,} landmarks drawn from {len(coordinates):,} samples; "
            f"each other sample lies between its {settings.placing_neighbours} nearest landmarks."
        )
    return Projection(
        kind=kind,
        coordinates=frozen(coordinates),
        trust=None,
        trust_label="",
        seed=settings.seed,
        note=note,
    )


def _among_sites(around: Surroundings, *, settings: UmapSettings) -> Neighbours:
    """The neighbours that UMAP works on: of sites among sites, in the principal axes, by position."""
    k = min(settings.n_neighbors, len(around.sites)) - 1
    if around.points is around.axes:
        rows = around.neighbours.rows[around.sites, :k]
        return Neighbours(np.searchsorted(around.sites, rows), around.neighbours.distances[around.sites, :k])
    return nearest_sites(around.axes, around.sites, k=k)


def _placed(
    around: Surroundings, fitted: npt.NDArray[np.float32], *, settings: UmapSettings
) -> npt.NDArray[np.float32]:
    """(N, 2|3) landmarks where UMAP put them, the others at the weighted mean of their nearest landmarks.

    The weight is one over the distance, so a sample with the latents of a landmark lies on it.
    """
    near = slice(0, settings.placing_neighbours)
    distances = around.neighbours.distances[:, near]
    weights = 1.0 / np.maximum(
        distances, np.maximum(NEARNESS_FLOOR * distances[:, -1:], np.finfo(float).tiny)
    )
    weights /= weights.sum(axis=1, keepdims=True)
    positions = np.searchsorted(around.sites, around.neighbours.rows[:, near])
    placed: npt.NDArray[np.float32] = np.einsum("nk,nkd->nd", weights, fitted[positions]).astype(np.float32)
    placed[around.sites] = fitted
    return placed
