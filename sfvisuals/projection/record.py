"""What a projection is: its kind, its coordinates, and the parameters that are part of its key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sfvisuals.types import FloatArray

TRUST_NEIGHBOURS: Final = 15
EPOCH_WORK: Final = 2_000_000
FEWEST_EPOCHS: Final = 200
MOST_EPOCHS: Final = 500


class ProjectionKind(StrEnum):
    """How latents are laid out on the map."""

    PCA = "pca"
    UMAP = "umap"
    UMAP3 = "umap3"

    @property
    def dimensions(self) -> int:
        """Number of coordinates per sample: 2, or 3 for the three-dimensional view."""
        return 3 if self is ProjectionKind.UMAP3 else 2


@dataclass(frozen=True, eq=False)
class Projection:
    """One layout of a run's N samples, all studies jointly.

    Attributes:
        kind: how it was made.
        coordinates: (N, 2) float32, (N, 3) for UMAP3; no unit. Read-only.
        trust: (N,) float32 from 0 to 1, the share of a sample's nearest latent neighbours that are among its
            nearest neighbours on the map; None where it was not measured.
        trust_label: in words, against what trust was measured; empty where it was not.
        seed: seed of every random choice in it.
        note: what a reader of the map should know (variance held, landmarks).
    """

    kind: ProjectionKind
    coordinates: FloatArray
    trust: FloatArray | None
    trust_label: str
    seed: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UmapSettings:
    """Parameters of a UMAP; every field is part of the key of its result.

    Attributes:
        n_neighbors: neighbours per sample; N - 1 where there are fewer.
        min_dist: smallest distance of samples on the map.
        epochs: passes of the layout; None chooses them by the number of samples (see `epochs_for`).
        seed: seed of every random choice.
        principal_axes: latents wider than this are first reduced by PCA to so many axes.
        landmark_limit: up to so many samples are laid out by UMAP itself and trust is measured among all.
        landmarks: with more samples, so many of them are laid out, and they place the others.
        placing_neighbours: number of nearest landmarks that place a sample.
    """

    n_neighbors: int = 15
    min_dist: float = 0.1
    epochs: int | None = None
    seed: int = 0
    principal_axes: int = 50
    landmark_limit: int = 50_000
    landmarks: int = 25_000
    placing_neighbours: int = 5

    def epochs_for(self, n: int) -> int:
        """Passes of the layout of n samples: more of them where they are cheap.

        500 up to 4,000 samples, 200 from 10,000 on, as many as do the same work in between.
        """
        return self.epochs or min(max(EPOCH_WORK // n, FEWEST_EPOCHS), MOST_EPOCHS)
