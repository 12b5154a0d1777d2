"""Two runs over the same samples: whose fate changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfvisuals.types import BoolArray, Run


@dataclass(frozen=True, slots=True)
class Changes:
    """How many samples changed from one run to another.

    Attributes:
        n: samples.
        fixed: wrong before, right after.
        broken: right before, wrong after.
        newly_silent: silent failures after, not before.
        no_longer_silent: silent failures before, not after.
    """

    n: int
    fixed: int
    broken: int
    newly_silent: int
    no_longer_silent: int


def changes(
    before: BoolArray, after: BoolArray, *, silent_before: BoolArray, silent_after: BoolArray
) -> Changes:
    """Counts of changes.

    Args:
        before: (n,) failures of one run; after: (n,) of the other, on the same samples in the same order.
        silent_before: (n,) silent failures of the one; silent_after: (n,) of the other.
    """
    return Changes(
        len(before),
        int((before & ~after).sum()),
        int((~before & after).sum()),
        int((~silent_before & silent_after).sum()),
        int((silent_before & ~silent_after).sum()),
    )


def why_not_alike(run: Run, other: Run) -> str:
    """Why the samples of two runs cannot be compared row by row; "" where they can."""
    if run.n != other.n:
        return f"{run.name} has {run.n:,} samples and {other.name} {other.n:,}"
    names, others = [s.name for s in run.studies], [s.name for s in other.studies]
    if names != others:
        apart = sorted(set(names) ^ set(others))
        return f"their studies differ{f' ({apart[0]} is in one of them only)' if apart else ' in order'}"
    if not np.array_equal(run.study, other.study):
        return "their samples belong to different studies, or come in another order"
    differing = int((run.label != other.label).sum())
    if differing:
        return f"{differing:,} of {run.n:,} samples have another label, so they are other samples"
    if run.image is not None and other.image is not None and not run.image.equals(other.image):
        moved = int((run.image.astype("object") != other.image.astype("object")).sum())
        return f"{moved:,} of {run.n:,} samples have another image"
    return ""
