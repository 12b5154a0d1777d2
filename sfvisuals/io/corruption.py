"""Which corruption a sample shows, how strongly, and of which image: so one image can be followed through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfvisuals.io.attributions import Attributions
from sfvisuals.io.notes import Notes
from sfvisuals.io.studies import Studies
from sfvisuals.types import IntArray, Rows, Study


@dataclass(frozen=True, eq=False)
class Corruptions:
    """Per-sample corruption as in `Run`, and the studies with what all their samples share."""

    names: tuple[str, ...]
    code: IntArray
    severity: IntArray
    source_row: Rows
    studies: tuple[Study, ...]


def read_corruptions(
    studies: Studies, attributions: Attributions, *, label: Rows, notes: Notes
) -> Corruptions:
    """Placeholder: nothing is corrupted."""
    n = label.shape[0]
    return Corruptions(
        names=(),
        code=np.full(n, -1, np.int16),
        severity=np.zeros(n, np.int16),
        source_row=np.full(n, -1, np.int64),
        studies=studies.studies,
    )
