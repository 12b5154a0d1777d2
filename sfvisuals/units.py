"""Which samples of a run belong together: those of one patient, and an image with its corrupted copies.

Samples of one unit say nearly the same. So p-values and intervals count units, no unit lies in both halves,
and a card shows one image of each. Every room asks here, so that they mean the same units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sfvisuals.types import BoolArray, IntArray, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


def units(workspace: Workspace, run: Run) -> IntArray:
    """(N,) the unit of each sample of a run (see `units_of_run`), kept in memory."""
    return workspace.remember((run.fingerprint, "units"), lambda: units_of_run(run))


def units_of_run(run: Run) -> IntArray:
    """(N,) the unit of each sample, from 0: patient, lesion or nodule where known, image with its copies."""
    found, _ = units_with_warning(group_codes(run), run.source_row if run.source_row.size else None, run.n)
    found.flags.writeable = False
    return found


def group_codes(run: Run) -> IntArray | None:
    """(N,) code of patient, lesion or nodule, -1 where unknown; None where the run names none."""
    if run.group_column is None:
        return None
    return np.asarray(pd.factorize(run.metadata[run.group_column])[0], np.int64)


def units_with_warning(groups: IntArray | None, source: IntArray | None, n: int) -> tuple[IntArray, str]:
    """The units, and a warning where groups had to be left aside.

    Where copies are said to be of other patients than their images, chains of links can join nearly
    everything. If one unit then has more than half of all samples, but copies alone give none so large, only
    copies count.
    """
    joined = units_of(groups, source, n)
    if groups is None or source is None or not contradicting(groups, source).any():
        return joined, ""
    alone = units_of(None, source, n)
    if _largest(joined) * 2 <= n or _largest(alone) * 2 > n:
        return joined, ""
    return alone, (
        "Patients and corrupted copies contradict each other (copies of one image belong to several "
        "patients), so only copies of one image were kept together."
    )


def contradicting(groups: IntArray, source: IntArray) -> BoolArray:
    """(n,) True for a copy whose patient is known and is not that of its image."""
    copy = (source >= 0) & (groups >= 0)
    of_image = groups[np.where(copy, source, 0)] if groups.size else groups
    return np.asarray(copy & (of_image >= 0) & (of_image != groups))


def units_of(groups: IntArray | None, source: IntArray | None, n: int) -> IntArray:
    """(n,) unit of each sample, from 0: samples of one group, and copies of one image with that image.

    What is linked in either way is one unit, over any number of steps (connected components).

    Args:
        groups: (n,) code of patient or lesion, -1 where unknown; None where the run names none.
        source: (n,) position of the uncorrupted image of a copy, -1 where it is none or unknown.
        n: number of samples.
    """
    ends = []
    if source is not None and source.size:
        copies = np.flatnonzero(source >= 0)
        ends.append((copies, source[copies]))
    if groups is not None and groups.size:
        known = np.flatnonzero(groups >= 0)
        first = np.unique(groups[known], return_index=True, return_inverse=True)
        ends.append((known, known[first[1]][first[2]] if known.size else known))
    if not any(left.size for left, _ in ends):
        return np.arange(n, dtype=np.int64)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    left, right = (np.concatenate(side) for side in zip(*ends, strict=True))
    links = coo_matrix((np.ones(left.size, np.int8), (left, right)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _largest(unit: IntArray) -> int:
    return int(np.bincount(unit).max(initial=0))
