"""What the numbers of a run folder must be, beyond their shapes: asked before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sfvisuals.errors import RunFormatError
from sfvisuals.io.own_folder import Array, Folder
from sfvisuals.types import StudyKind

CHUNK = 2**22
TOLERANCE = 0.02


def check_content(folder: Folder) -> None:
    """Raise RunFormatError where an array or a score is not finite, probabilities are none, passes differ in
    number, or a label has no class."""
    _check_passes(folder)
    for file, array in folder.arrays.items():
        row = first_not_finite(array) if array.dtype.kind == "f" else None
        if row is not None:
            raise RunFormatError(
                f"{file} is not finite",
                detail=f"Row {row} holds NaN or infinity.",
                hint="Mend or leave out such samples in all arrays and in the table.",
            )
    for file in ("probabilities.npy", "mc_probabilities.npy"):
        if file in folder.arrays:
            check_probabilities(folder.arrays[file], file=file)
            check_sums(folder.arrays[file], file=file, partial=folder.document.get("external_name") == "dg")
    _check_scores(folder)
    _check_labels(folder)


def row_chunks(array: Array) -> Iterator[tuple[int, Array]]:
    """(first row, rows) in pieces of about four million numbers: a memory-mapped array stays on disk."""
    width = max(1, int(np.prod(array.shape[1:])))
    step = max(1, CHUNK // width)
    for start in range(0, array.shape[0], step):
        yield start, array[start : start + step]


def first_not_finite(array: Array) -> int | None:
    """The first row with NaN or infinity, or None."""
    for start, rows in row_chunks(array):
        bad = ~np.isfinite(rows).reshape(len(rows), -1).all(axis=1)
        if bad.any():
            return start + int(bad.argmax())
    return None


def check_probabilities(array: Array, *, file: str) -> None:
    """Raise RunFormatError unless all finite values lie in [0, 1]."""
    for start, rows in row_chunks(array):
        with np.errstate(invalid="ignore"):
            bad: npt.NDArray[np.bool_] = np.isfinite(rows) & ((rows < -TOLERANCE) | (rows > 1 + TOLERANCE))
        if bad.any():
            row = int(bad.reshape(len(rows), -1).any(axis=1).argmax())
            value = rows[row][bad[row]].flat[0]
            raise RunFormatError(
                f"{file} holds no probabilities",
                detail=f"Row {start + row} has the value {value:.6g}; expected values between 0 and 1.",
                hint="If these are outputs before the softmax, give them as "
                f"{file.replace('probabilities', 'logits')}.",
            )


def check_sums(array: Array, *, file: str, partial: bool) -> None:
    """Raise RunFormatError unless all finite rows sum to 1, or to less where only a part of them is there."""
    for start, rows in row_chunks(array):
        sums = rows.astype(np.float64).sum(axis=1).reshape(len(rows), -1)
        bad = (sums > 1 + TOLERANCE).any(axis=1) | ((sums < 1 - TOLERANCE).any(axis=1) & (not partial))
        if bad.any():
            row = int(bad.argmax())
            raise RunFormatError(
                f"The rows of {file} do not sum to 1",
                detail=f"Row {start + row} sums to {sums[row].flat[0]:.6g}.",
                hint="Classes lie along the second axis. If an output was left out on purpose, as with "
                "Deep Gamblers, say external_name='dg'.",
            )


def _check_scores(folder: Folder) -> None:
    """A score is a finite number, or NaN where it is undefined."""
    for name, column in folder.scores.items() if folder.scores is not None else ():
        infinite = np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan))
        if infinite.any():
            raise RunFormatError(
                f"Score {name!r} holds infinity",
                detail=f"Row {int(infinite.argmax())} and {int(infinite.sum()) - 1} more.",
                hint="Write NaN where the score is undefined; such samples count as rejected.",
            )


def _check_passes(folder: Folder) -> None:
    """A converted run may differ here, but whoever writes one has both from the same passes."""
    external = folder.arrays.get("external_mc.npy")
    for file in ("mc_logits.npy", "mc_probabilities.npy"):
        outputs = folder.arrays.get(file)
        if external is not None and outputs is not None and external.shape[1] != outputs.shape[2]:
            raise RunFormatError(
                f"external_mc.npy does not fit {file}",
                detail=f"Number of Monte-Carlo passes: {external.shape[1]:,} in external_mc.npy,"
                f" {outputs.shape[2]:,} in {file}.",
                hint="Write both files from the same passes, in the same order.",
            )


def _check_labels(folder: Folder) -> None:
    classes = len(folder.document["classes"])
    foreign = [s["name"] for s in folder.document["studies"] if s["kind"] == StudyKind.NEW_CLASS]
    labels = folder.samples["label"].to_numpy(dtype=np.float64)
    bad = ((labels < 0) | (labels >= classes)) & ~folder.samples["study"].isin(foreign).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        study = folder.samples["study"].iloc[row]
        raise RunFormatError(
            "A label has no class",
            detail=f"Row {row} of study {study!r} has the label {labels[row]:g}; "
            f"there are {classes} classes, from 0.",
            hint="Name all classes, correct the label, or give the study the kind new_class.",
        )
