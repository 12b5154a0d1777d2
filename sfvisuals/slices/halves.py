"""Two halves of the samples, between which no unit (see `sfvisuals.units`) is divided."""

from __future__ import annotations

import numpy as np

from sfvisuals.types import BoolArray, IntArray, Rows, Run


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
