"""Units that belong together, and two halves between which no unit is divided."""

from __future__ import annotations

import numpy as np

from sfvisuals.types import BoolArray, IntArray, Rows, Run


def units_of(groups: IntArray | None, source: IntArray | None, n: int) -> IntArray:
    """(n,) unit of each sample, from 0: samples of one group, and copies of one image with that image.

    What is linked in either way is one unit, over any number of steps (connected components).

    Args:
        groups: (n,) code of patient or lesion, -1 where unknown; None where the run names none.
        source: (n,) position of the uncorrupted image of a copy, -1 where it is none or unknown.
        n: number of samples.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ends = []
    if source is not None and source.size:
        copies = np.flatnonzero(source >= 0)
        ends.append((copies, source[copies]))
    if groups is not None and groups.size:
        known = np.flatnonzero(groups >= 0)
        first = np.unique(groups[known], return_index=True, return_inverse=True)
        ends.append((known, known[first[1]][first[2]] if known.size else known))
    if not ends:
        return np.arange(n, dtype=np.int64)
    left, right = (np.concatenate(side) for side in zip(*ends, strict=True))
    links = coo_matrix((np.ones(left.size, np.int8), (left, right)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def units_with_warning(groups: IntArray | None, source: IntArray | None, n: int) -> tuple[IntArray, str]:
    """The units, and a warning where groups had to be left aside.

    Where groups and copies contradict each other (a group's images have copies in other groups), chains of
    links join nearly everything. If one unit then has more than half of all samples, but copies alone give
    none so large, only copies count.
    """
    unit = units_of(groups, source, n)
    if groups is None or source is None or not n or _largest(unit) * 2 <= n:
        return unit, ""
    alone = units_of(None, source, n)
    if _largest(alone) * 2 > n:
        return unit, ""
    return alone, (
        "Patients and corrupted copies contradict each other (copies of one image belong to several "
        "patients), so only copies of one image were kept together."
    )


def _largest(unit: IntArray) -> int:
    return int(np.bincount(unit).max())


def halves(unit: IntArray, strata: IntArray, *, seed: int) -> BoolArray:
    """(n,) True in the discovery half: of the units of each stratum every other one, in random order.

    A unit is in the stratum of its first sample. The halves have equal numbers of units up to one.

    Args:
        unit: (n,) unit of each sample.
        strata: (n,) e.g. study and outcome, so that both halves have some of each.
        seed: of the order.
    """
    units, first = np.unique(unit, return_index=True)
    shuffled = np.random.default_rng(seed).permutation(units.size)
    # a stable sort by stratum leaves the random order within each; every other one of the whole row
    order = shuffled[np.argsort(strata[first][shuffled], kind="stable")]
    chosen = np.zeros(units.size, np.bool_)
    chosen[order[::2]] = True
    taken: BoolArray = chosen[np.searchsorted(units, unit)]
    return taken


def fewer_units(unit: IntArray, *, most: int, seed: int) -> Rows:
    """Ascending positions of whole units drawn at random, together at most `most` samples (all if so few)."""
    if unit.size <= most:
        return np.arange(unit.size, dtype=np.int64)
    _, codes = np.unique(unit, return_inverse=True)
    sizes = np.bincount(codes)
    order = np.random.default_rng(seed).permutation(sizes.size)
    keep = np.zeros(sizes.size, np.bool_)
    keep[order[np.cumsum(sizes[order]) <= most]] = True
    return np.flatnonzero(keep[codes]).astype(np.int64)


def run_halves(run: Run, unit: IntArray, *, seed: int = 0) -> BoolArray:
    """(N,) True in the half of a run that suggests, False in the one that tests; no unit is divided.

    Within each study half of the units are in either. It depends on nothing that a person chose, so what one
    selection suggests can be tested on the same samples as what another does.
    """
    return halves(unit, run.study.astype(np.int64), seed=seed)
