"""Halves between which no patient and no image with its copies is divided."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sfvisuals.slices.halves import fewer_units, halves


@given(st.lists(st.integers(0, 8), min_size=2, max_size=60), st.integers(0, 5))
def test_no_unit_is_in_both_halves_and_the_halves_are_equal(units: list[int], seed: int) -> None:
    unit = np.array(units)
    half = halves(unit, np.zeros(unit.size, int), seed=seed)
    assert not set(unit[half]) & set(unit[~half])
    assert 0 <= len(set(unit[half])) - len(set(unit[~half])) <= 1


def test_every_stratum_is_divided_in_halves() -> None:
    strata = np.repeat([0, 1, 2], [40, 10, 4])
    half = halves(np.arange(54), strata, seed=3)
    assert [int(half[strata == s].sum()) for s in range(3)] == [20, 5, 2]


def test_another_seed_gives_other_halves_and_the_same_seed_the_same() -> None:
    unit, strata = np.arange(50), np.zeros(50, int)
    assert (halves(unit, strata, seed=1) == halves(unit, strata, seed=1)).all()
    assert (halves(unit, strata, seed=1) != halves(unit, strata, seed=2)).any()


def test_a_smaller_sample_is_made_of_whole_units() -> None:
    unit = np.repeat(np.arange(100), 3)
    rows = fewer_units(unit, most=90, seed=0)
    assert rows.size == 90
    assert (np.bincount(unit[rows])[np.unique(unit[rows])] == 3).all()
    assert fewer_units(unit, most=300, seed=0).size == 300
