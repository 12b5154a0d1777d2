"""Halves between which no patient and no image with its copies is divided."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sfvisuals.slices.halves import fewer_units, halves, units_of, units_with_warning


def test_images_of_one_patient_and_copies_of_one_image_are_one_unit() -> None:
    """Rows 0, 1 of patient a, 2 of b, 3 unknown; 4 is a copy of 1, 5 one of 3."""
    groups = np.array([0, 0, 1, -1, -1, -1])
    source = np.array([-1, -1, -1, -1, 1, 3])
    unit = units_of(groups, source, 6)
    assert len(set(unit)) == 3
    assert unit[0] == unit[1] == unit[4]
    assert unit[3] == unit[5]


def test_without_patients_and_copies_every_sample_is_a_unit() -> None:
    assert len(set(units_of(None, None, 7))) == 7


def test_patients_that_contradict_the_copies_are_left_aside_and_it_is_said() -> None:
    """Four images, three copies each; in half of the rows a "patient" is 0 and 1, in the other 1 and 2."""
    source = np.concatenate([np.full(4, -1), np.tile(np.arange(4), 3)])
    groups = np.where(np.arange(16) < 8, np.arange(16) // 2, (np.arange(16) + 1) // 2 + 20)
    unit, warning = units_with_warning(groups, source, 16)
    assert len(set(unit)) == 4
    assert "contradict" in warning
    sound, nothing = units_with_warning(np.tile(np.arange(4), 4), source, 16)
    assert len(set(sound)) == 4
    assert nothing == ""


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
