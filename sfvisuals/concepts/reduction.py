"""One reduced space for the latents of all studies: standardised with a floor, then principal axes.

Distances in it are Euclidean over the r leading axes and one more coordinate, how far a sample lies off these
axes: what a target study does in directions that the fitted samples never used is seen there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.errors import UnavailableError
from sfvisuals.types import BoolArray, FloatArray, Rows

MAX_DIMENSIONS: Final = 32
VARIANCE_KEPT: Final = 0.99
FIT_ROWS: Final = 4_000
ELEMENTS_PER_CHUNK: Final = 4_000_000
FLOOR: Final = 0.5
EXACT: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Space:
    """Standardised latents on principal axes.

    Attributes:
        centre: (l,) float64 means of the fitted latents.
        scale: (l,) float64 what each unit is divided by.
        axes: (r, l) float32 orthonormal principal axes of the standardised latents, r <= 32.
        rest: whether the axes leave something out, so that there is a coordinate for it.
    """

    centre: FloatArray
    scale: FloatArray
    axes: FloatArray
    rest: bool

    @property
    def width(self) -> int:
        """Number of coordinates."""
        return int(self.axes.shape[0]) + self.rest

    def place(self, latents: FloatArray, rows: Rows) -> FloatArray:
        """(n, width) float32 coordinates of these rows, read in chunks.

        Raises UnavailableError, naming a row, where latents are not finite.
        """
        placed = np.empty((len(rows), self.width), np.float32)
        for start, stop in _chunks(len(rows), latents.shape[1]):
            vectors = np.asarray(latents[rows[start:stop]])
            finite = _finite(vectors)
            if not finite.all():
                raise _broken(rows[start:stop][~finite][0])
            self._put(vectors, placed[start:stop])
        return placed

    def _put(self, vectors: FloatArray, out: FloatArray) -> None:
        r = self.axes.shape[0]
        wide = np.result_type(vectors.dtype, np.float32)
        standard = vectors - self.centre.astype(wide)
        standard *= (1 / self.scale).astype(wide)
        standard = standard.astype(np.float32, copy=False)
        out[:, :r] = standard @ self.axes.T
        if self.rest:
            standard -= out[:, :r] @ self.axes
            out[:, r] = np.sqrt(np.einsum("ij,ij->i", standard, standard))


def fitted_space(latents: FloatArray, rows: Rows, *, seed: int = 0) -> Space:
    """The space of these rows, fitted on at most 4,000 of them; those that are not finite are left out.

    Each unit is divided by its standard deviation, but by no less than half the root mean square of all
    units' deviations: units that are dead or nearly so (every ReLU layer has some) would else be blown up to
    the weight of live ones. r is the number of axes that hold 99 % of the variance, at most 32, at least 1:
    a classifier's latents differ most between its classes, and what differs within one is in the rest.

    Raises UnavailableError where none of the rows is finite.
    """
    drawn = np.asarray(rows)[subsample(len(rows), FIT_ROWS, seed=seed)]
    vectors = np.asarray(latents[drawn], dtype=np.float64)
    finite = _finite(vectors)
    if not finite.any():
        raise _broken(drawn[0] if len(drawn) else 0)
    vectors = vectors[finite]
    centre, scale = vectors.mean(axis=0), floored(vectors.std(axis=0))
    standard = (vectors - centre) / scale
    if len(vectors) < 2 or not standard.any():
        return Space(centre, scale, np.eye(1, len(centre), dtype=np.float32), rest=len(centre) > 1)
    axes, kept = _principal_axes(standard, seed=seed)
    return Space(centre, scale, axes.astype(np.float32), rest=axes.shape[0] < len(centre) and kept < 1)


def floored(deviation: FloatArray) -> FloatArray:
    """What to divide each unit by, from its standard deviation: see `fitted_space`. 1 where none varies."""
    floor = FLOOR * float(np.sqrt((deviation**2).mean()))
    return np.maximum(deviation, floor) if floor > 0 else np.ones_like(deviation)


def distinct_rows(latents: FloatArray, rows: Rows) -> int:
    """How many different latent vectors these rows have."""
    # + 0.0 makes -0 and 0 the same bytes
    vectors = np.ascontiguousarray(np.asarray(latents[rows], dtype=np.float64) + 0.0)
    return len({vector.tobytes() for vector in vectors})


def subsample(n: int, limit: int, *, seed: int) -> Rows:
    """At most `limit` of the positions 0..n - 1, ascending."""
    if n <= limit:
        return np.arange(n, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(n, limit, replace=False)).astype(np.int64)


def _principal_axes(standard: FloatArray, *, seed: int) -> tuple[FloatArray, float]:
    """(r, l) axes and the share of the variance that they hold, 1 where it is all but rounding."""
    from sklearn.decomposition import PCA

    most = min(MAX_DIMENSIONS, *standard.shape)
    fitted = PCA(n_components=most, random_state=seed).fit(standard)
    shares = np.cumsum(fitted.explained_variance_ratio_)
    enough = min(int(np.searchsorted(shares, VARIANCE_KEPT)) + 1, most)
    kept = float(shares[enough - 1])
    axes: FloatArray = fitted.components_[:enough]
    return axes, kept if kept < 1 - EXACT else 1.0


def _finite(vectors: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(vectors).all(axis=1), dtype=np.bool_)


def _broken(row: int) -> UnavailableError:
    return UnavailableError(
        "Concepts need finite latents",
        detail=f"There is NaN or inf in the latents of row {row} (and maybe more).",
    )


def _chunks(n: int, width: int) -> Iterator[tuple[int, int]]:
    step = max(1, ELEMENTS_PER_CHUNK // max(1, width))
    for start in range(0, n, step):
        yield start, min(start + step, n)
