"""UMAP of samples whose neighbours are known; umap-learn does the optimisation.

In a fresh process umap-learn's own search for neighbours and its graph cost most of the time, most of it for
compilation. Here neighbours come from scikit-learn and the graph from numpy, so only the layout is compiled.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import numpy.typing as npt

from sfvisuals.projection.fuzzy import fuzzy_graph
from sfvisuals.projection.neighbours import Neighbours
from sfvisuals.projection.progress import Report, silent
from sfvisuals.projection.record import UmapSettings
from sfvisuals.types import FloatArray

SPREAD: Final = 1.0
JITTER: Final = 1e-4
NEGATIVE_SAMPLES: Final = 5


def umap_layout(
    points: FloatArray,
    neighbours: Neighbours,
    *,
    dimensions: int,
    settings: UmapSettings,
    report: Report = silent,
) -> npt.NDArray[np.float32]:
    """(n, dimensions) UMAP of points (n, w), whose columns are principal axes by falling variance.

    It starts from the leading axes instead of a spectral embedding: quicker, and the same every time. Equal
    arguments give equal coordinates on one computer.
    """
    report(0.0, "Starting UMAP")
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    epochs = settings.epochs_for(len(points))
    a, b = find_ab_params(SPREAD, settings.min_dist)
    coordinates, _ = simplicial_set_embedding(
        data=points,
        graph=fuzzy_graph(neighbours),
        n_components=dimensions,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=NEGATIVE_SAMPLES,
        n_epochs=epochs,
        init=starting_layout(points, dimensions=dimensions, seed=settings.seed),
        random_state=np.random.RandomState(settings.seed),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        tqdm_kwds={
            "disable": False,
            "file": _Epochs(report, epochs=epochs),
            "bar_format": "{n}",
            "mininterval": 0.1,
        },
    )
    return np.ascontiguousarray(coordinates, dtype=np.float32)


def starting_layout(points: FloatArray, *, dimensions: int, seed: int) -> npt.NDArray[np.float32]:
    """(n, dimensions) leading axes of the points, each within -1..1, with a little seeded noise.

    Noise parts duplicates, which could not part by themselves. Where fewer of the points' axes have variance,
    the missing ones are powers of the first, so that a line starts as a curve without crossings; points that
    are all equal start as noise alone.
    """
    n = points.shape[0]
    noise = np.random.default_rng(seed).normal(size=(n, dimensions))
    layout = np.zeros((n, dimensions))
    taken = min(dimensions, points.shape[1])
    layout[:, :taken] = points[:, :taken]
    largest = np.abs(layout).max(axis=0)
    layout /= np.where(largest > 0, largest, 1.0)
    for missing in np.flatnonzero(largest == 0):
        layout[:, missing] = layout[:, 0] ** (missing + 1)
    return (layout + JITTER * noise).astype(np.float32)


class _Epochs(io.StringIO):
    """Where umap-learn's progress bar writes the number of finished epochs."""

    def __init__(self, report: Report, *, epochs: int) -> None:
        super().__init__()
        self._report = report
        self._epochs = epochs

    def write(self, text: str, /) -> int:
        digits = text.strip()
        if digits.isdigit():
            self._report(int(digits) / self._epochs, f"Laying out: epoch {digits} of {self._epochs}")
        return len(text)
