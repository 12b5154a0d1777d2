"""What is drawn in a bootstrap: source images, or groups of them; equal sets are drawn alike."""

from __future__ import annotations

import hashlib

import numpy as np

from sfvisuals.attributes import attribute, spelled
from sfvisuals.benchmark.matching import matched_rows
from sfvisuals.errors import NotFoundError
from sfvisuals.types import IntArray, Run


def units_of(run: Run, group_by: str | None) -> IntArray:
    """(N,) int64 what is drawn together: a group, or an image with all its corrupted versions.

    A sample without a group has that of its clean image, and is a unit of its own where there is none.

    Args:
        run: the run.
        group_by: a column; `patient` also finds `patient_id`. None: images.

    Raises NotFoundError where the run has no such column.
    """
    own = np.arange(run.n, dtype=np.int64)
    clean = own
    if len(run.source_row):
        clean = np.where(run.source_row >= 0, run.source_row, own).astype(np.int64)
    if group_by is None:
        return clean
    text = spelled(attribute(run, column_of(run, group_by))).to_numpy(dtype=object)
    text = np.where([value is None for value in text], text[clean], text)
    missing = np.array([value is None for value in text], dtype=np.bool_)
    units = clean + run.n
    units[~missing] = np.unique(text[~missing].astype(str), return_inverse=True)[1].reshape(-1)
    return units


def units_like(run: Run, other: Run, group_by: str | None) -> IntArray:
    """(N,) what is drawn together, numbered as in `other`, so that the same samples are drawn alike in both.

    Samples that `other` does not have are units that it does not have. Where none is the same, and where all
    are in the same rows, these are the run's own units.

    Raises NotFoundError where neither of them has the column.
    """
    rows = matched_rows(run, other)
    found = rows >= 0
    if not found.any():
        return units_of(run, group_by)
    try:
        there = units_of(other, group_by)
    except NotFoundError:
        return units_of(run, group_by)
    if found.all() and np.array_equal(rows, np.arange(other.n)):
        return there
    # beyond every unit of `other`: its groups are numbered from 0, its images without a group from n on
    own = units_of(run, group_by) + 2 * other.n
    return np.where(found, there[rows], own)


def column_of(run: Run, group_by: str) -> str:
    """The column meant: the one of that name, else that with `_id` behind it.

    Raises NotFoundError that lists the known ones.
    """
    known = {str(name) for name in run.metadata.columns}
    if group_by not in known and f"{group_by}_id" in known:
        return f"{group_by}_id"
    if group_by not in known:
        raise NotFoundError(
            f"There is no column {group_by!r} to group by",
            detail=f"Columns of {run.name}: {', '.join(sorted(known)) or 'none'}.",
        )
    return group_by


def seed_for(units: IntArray, seed: int) -> int:
    """A seed that is the same for the same set of units, and another one for another set.

    So the clean images and their corrupted versions are drawn alike, which pairs them, while two sites are
    drawn independently.
    """
    content = hashlib.blake2b(np.unique(units).astype("<i8").tobytes(), digest_size=8)
    content.update(str(seed).encode())
    return int.from_bytes(content.digest(), "little")
