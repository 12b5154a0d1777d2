"""A concept cluster as a record, and as plain arrays that the store can keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sfvisuals.types import FloatArray, Rows


@dataclass(frozen=True, eq=False)
class Concept:
    """A cluster of samples in the latents.

    Attributes:
        rows: members, ascending int64 rows of the run.
        centre_row: the member nearest the centre.
        representatives: int64 rows of the members nearest the centre, no two with identical latents; the
            first is `centre_row`.
        spread: root mean squared distance of the members to the centre, in the reduced latents.
    """

    rows: Rows
    centre_row: int
    representatives: Rows
    spread: float

    @property
    def size(self) -> int:
        """Number of members."""
        return int(self.rows.size)


def to_arrays(concepts: Sequence[Concept]) -> dict[str, np.ndarray[Any, Any]]:
    """Arrays for the store: members and representatives end to end, with where each concept ends."""
    empty: Rows = np.empty(0, np.int64)
    return {
        "rows": np.concatenate([empty, *(c.rows for c in concepts)]),
        "rows_end": np.cumsum([c.rows.size for c in concepts], dtype=np.int64),
        "representatives": np.concatenate([empty, *(c.representatives for c in concepts)]),
        "representatives_end": np.cumsum([c.representatives.size for c in concepts], dtype=np.int64),
        "centre_row": np.array([c.centre_row for c in concepts], dtype=np.int64),
        "spread": np.array([c.spread for c in concepts], dtype=np.float64),
    }


def from_arrays(arrays: Mapping[str, np.ndarray[Any, Any]]) -> tuple[Concept, ...]:
    """The concepts that `to_arrays` wrote."""
    members = np.split(np.array(arrays["rows"]), np.array(arrays["rows_end"])[:-1])
    shown = np.split(np.array(arrays["representatives"]), np.array(arrays["representatives_end"])[:-1])
    centres: Rows = np.array(arrays["centre_row"])
    spreads: FloatArray = np.array(arrays["spread"])
    return tuple(
        Concept(members[i], int(centres[i]), shown[i], float(spreads[i])) for i in range(centres.size)
    )
