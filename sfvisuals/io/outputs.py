"""The one file a run cannot be without: N x (d + 2) outputs, label, dataset_idx.

The file's name says logits or probabilities; the numbers have the last word, since v0.1.1's Deep Gamblers
wrote softmax into raw_logits.npz: where every row lies in [0, 1] with a sum of at most 1 (and of more than 0)
it is softmax; where all is 0 the name decides; anything else is logits. Probabilities of Deep Gamblers may
sum to less than 1, the rest being the reservation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sfvisuals.errors import RunFormatError
from sfvisuals.io import names
from sfvisuals.io.notes import Notes
from sfvisuals.io.npz import AnyArray, load_array
from sfvisuals.types import FloatArray, Rows

EXACT_IN_HALF = 2048
# Beyond this float64 skips whole numbers, so that it is no label of anything.
LARGEST_WHOLE = 2.0**53
# float16 rounds each of d probabilities by up to 2**-11 of itself, so their sum by up to 5e-4.
SUM_TOLERANCE = 2e-3
CHUNK = 2**22


@dataclass(frozen=True, eq=False)
class Outputs:
    """values (N, d), float32 or float64; label and index (N,) int64; dtype is the file's own."""

    path: Path
    values: FloatArray
    label: Rows
    index: Rows
    probabilities: bool
    dtype: np.dtype[np.generic]


def read_outputs(results: Path, notes: Notes) -> Outputs:
    """The outputs of the run. Raises RunFormatError where they are missing or make no sense."""
    path = names.first_file(results, names.LOGITS + names.PROBABILITIES)
    if path is None:
        expected = " or ".join(names.LOGITS + names.PROBABILITIES[:1])
        raise RunFormatError(
            "The run has no outputs",
            detail=f"{results} holds no {expected}.",
            hint="Run the test step of fd-shifts for this experiment, or copy its test_results folder"
            " completely.",
        )
    table = load_array(path)
    if table.ndim != 2 or table.shape[1] < 3 or table.shape[0] == 0:
        raise RunFormatError(
            f"{path.name} has the wrong shape",
            detail=f"{path}: found {table.shape}; expected (samples, classes + 2) with label and dataset_idx"
            " last.",
            hint="Check that this is the file fd-shifts wrote, and not the one of the MC-dropout passes.",
        )
    values = _wide(table[:, :-2])
    named_probabilities = path.name in names.PROBABILITIES
    probabilities = holds_probabilities(values)
    if probabilities is None:
        probabilities = named_probabilities
    outputs = Outputs(
        path=path,
        values=values,
        label=_integers(table[:, -2], path, name="label (last but one)"),
        index=_integers(table[:, -1], path, name="dataset_idx (last)"),
        probabilities=probabilities,
        dtype=table.dtype,
    )
    _note_meaning(outputs, named_probabilities, notes)
    _note_siblings(results, path, notes)
    return outputs


def holds_probabilities(values: AnyArray) -> bool | None:
    """Whether all finite rows (n, d, ...) along axis 1 are probabilities.

    None where the numbers cannot say it: no row is finite, or all of them hold nothing but zeros.
    """
    step = max(1, CHUNK // max(1, int(np.prod(values.shape[1:], dtype=np.int64))))
    largest = None
    for start in range(0, values.shape[0], step):
        chunk = values[start : start + step].astype(np.float64)
        with np.errstate(invalid="ignore"):
            sums = chunk.sum(axis=1)
        finite = np.isfinite(sums)
        if not finite.any():
            continue
        largest = max(largest or 0.0, float(sums[finite].max()))
        # Where nothing is below 0, a sum of at most 1 says that nothing is above 1 either.
        if chunk.min(axis=1)[finite].min() < 0 or largest > 1 + SUM_TOLERANCE:
            return False
    return True if largest else None


def _wide(values: AnyArray) -> FloatArray:
    """float16 as float32 (exact), float32 as it is, all else as float64; contiguous and read-only."""
    kind = np.float32 if values.dtype in (np.float16, np.float32) else np.float64
    wide: FloatArray = np.ascontiguousarray(values, dtype=kind)
    wide.flags.writeable = False
    return wide


def _integers(column: AnyArray, path: Path, *, name: str) -> Rows:
    wide = column.astype(np.float64)
    wrong = ~np.isfinite(wide) | (wide != np.rint(wide)) | (np.abs(wide) > LARGEST_WHOLE)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise RunFormatError(
            f"{path.name} has no whole numbers in its column {name}",
            detail=f"{path}: row {row} holds {wide[row]}; {int(wrong.sum())} such rows. Expected the columns"
            " outputs, label, dataset_idx.",
            hint="Write the file again with label and dataset_idx as its last two columns.",
        )
    return wide.astype(np.int64)


def _note_meaning(outputs: Outputs, named_probabilities: bool, notes: Notes) -> None:
    name = outputs.path.name
    if outputs.probabilities and not named_probabilities:
        notes.warning(
            f"{name} holds softmax values, not logits",
            "Every row lies in [0, 1] and sums to at most 1 (fd-shifts v0.1.1 did this for Deep Gamblers)."
            " They are used as probabilities; softmax is not applied again, and scores on logits are not"
            " available.",
            "Nothing to do; to have logits, run the test step of a current fd-shifts.",
        )
    if named_probabilities and not outputs.probabilities:
        notes.warning(
            f"{name} holds logits, not softmax values",
            f"Values reach from {np.nanmin(outputs.values):.4g} to {np.nanmax(outputs.values):.4g}; softmax"
            " would lie in [0, 1] with rows that sum to at most 1. They are used as logits.",
            "Nothing to do; name the file raw_logits.npz to be clear.",
        )
    if not outputs.values.any():
        notes.error(
            f"{name} holds nothing but zeros",
            "Every class has the same output in every sample, so predictions and scores mean nothing.",
            "Copy the file again, or run the test step of fd-shifts again.",
        )
    if outputs.probabilities:
        notes.absent["logits"] = f"{name} holds probabilities, from which logits cannot be recovered"
    else:
        notes.absent["probabilities"] = f"{name} holds logits; probabilities are computed from them"
    if outputs.dtype == np.float16 and int(outputs.label.max(initial=0)) >= EXACT_IN_HALF:
        notes.warning(
            f"Labels in {name} may be rounded",
            f"The file is float16, which holds whole numbers exactly only up to {EXACT_IN_HALF}; the largest"
            f" label is {int(outputs.label.max())}.",
            "Write the outputs with output_precision: 32.",
        )


def _note_siblings(results: Path, used: Path, notes: Notes) -> None:
    spellings = (*names.LOGITS, *names.PROBABILITIES)
    others = [name for name in spellings if name != used.name and (results / name).is_file()]
    if others:
        notes.info(f"{used.name} is read, {', '.join(others)} is not", "Both hold the outputs of the run.")
