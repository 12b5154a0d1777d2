"""A concept cluster as a record, and as plain arrays that the store can keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sfvisuals.types import ClusterMethod, FloatArray, Rows


@dataclass(frozen=True, eq=False)
class Concept:
    """A cluster of samples in the latents.

    Attributes:
        rows: members, ascending int64 rows of the run.
        centre_row: the member nearest the centre.
        representatives: int64 rows of central members that lie far from each other, no two nearly alike and
            no two of one unit (patient, or source image); the first is `centre_row`.
        spread: root mean squared distance of the members to the centre, in the reduced space.
        boundary: int64 rows of the members nearest to another concept of the clustering, nearest first.
        centre: (w,) float64 mean of the members in the reduced space.
        distances: (n,) float32 distance of each of `rows` to the centre.
    """

    rows: Rows
    centre_row: int
    representatives: Rows
    spread: float
    boundary: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    centre: FloatArray = field(default_factory=lambda: np.empty(0, np.float64))
    distances: FloatArray = field(default_factory=lambda: np.empty(0, np.float32))

    @property
    def size(self) -> int:
        """Number of members."""
        return int(self.rows.size)


@dataclass(frozen=True, eq=False)
class Clustering:
    """The concepts of one class in one study, and how they came about.

    Attributes:
        concepts: largest first, ties by smallest row; every sample is in exactly one.
        method: how they were found.
        asked: the number of clusters that was asked for, None where a criterion chose.
        criterion: (k, value) for every k that was tried: mean silhouette (high = good) or BIC (low = good);
            empty where k was asked for or there was nothing to choose.
        stability: mean adjusted Rand index over the pairs of five seeds, each fitted on its own 80 % of a
            subsample; 1 = always the same, 0 = chance. None where there is one concept or none.
    """

    concepts: tuple[Concept, ...] = ()
    method: ClusterMethod = ClusterMethod.KMEANS
    asked: int | None = None
    criterion: tuple[tuple[int, float], ...] = ()
    stability: float | None = None


def to_arrays(found: Clustering) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """Arrays and record for the store: lists of rows end to end, with where each concept ends."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for name in ("rows", "representatives", "boundary"):
        parts = [np.asarray(getattr(concept, name), np.int64) for concept in found.concepts]
        arrays[name] = np.concatenate([np.empty(0, np.int64), *parts])
        arrays[f"{name}_end"] = np.cumsum([part.size for part in parts], dtype=np.int64)
    arrays["distances"] = np.concatenate([np.empty(0, np.float32), *(c.distances for c in found.concepts)])
    arrays["centre_row"] = np.array([c.centre_row for c in found.concepts], dtype=np.int64)
    arrays["spread"] = np.array([c.spread for c in found.concepts], dtype=np.float64)
    arrays["centre"] = np.array([c.centre for c in found.concepts], dtype=np.float64)
    record = {
        "method": str(found.method),
        "asked": found.asked,
        "criterion": [list(tried) for tried in found.criterion],
        "stability": found.stability,
    }
    return arrays, record


def from_arrays(arrays: Mapping[str, np.ndarray[Any, Any]], record: Mapping[str, Any]) -> Clustering:
    """The clustering that `to_arrays` wrote."""
    rows, representatives, boundary = (
        np.split(np.array(arrays[name]), np.array(arrays[f"{name}_end"])[:-1])
        for name in ("rows", "representatives", "boundary")
    )
    distances = np.split(np.array(arrays["distances"]), np.array(arrays["rows_end"])[:-1])
    nearest, spreads, centres = (np.array(arrays[name]) for name in ("centre_row", "spread", "centre"))
    concepts = tuple(
        Concept(
            rows[i],
            int(nearest[i]),
            representatives[i],
            float(spreads[i]),
            boundary[i],
            centres[i],
            distances[i],
        )
        for i in range(nearest.size)
    )
    criterion = tuple((int(k), float(value)) for k, value in record["criterion"])
    return Clustering(
        concepts, ClusterMethod(record["method"]), record["asked"], criterion, record["stability"]
    )
