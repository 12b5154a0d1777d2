"""MC-dropout files with more rows than the outputs: placeholder until matched."""

from __future__ import annotations

from sfvisuals.io.notes import Notes
from sfvisuals.io.npz import AnyArray
from sfvisuals.io.outputs import Outputs
from sfvisuals.types import Rows


def match_rows(
    outputs: Outputs, table: AnyArray, *, strides: dict[int, int], name: str, notes: Notes
) -> Rows | None:
    """Rows of `table` that belong to the rows of the outputs, or None with a reason in the notes."""
    notes.warning(f"{name} has more rows than {outputs.path.name}")
    notes.absent["mc"] = f"{name} has {table.shape[0]} rows, the outputs {outputs.values.shape[0]}"
    return None
