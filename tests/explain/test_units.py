"""Samples of one patient, and copies of one image, are one unit."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.explain.units import Design, sides


def mask(n: int, *rows: int) -> np.ndarray:
    found = np.zeros(n, np.bool_)
    found[list(rows)] = True
    return found


def test_a_unit_on_both_sides_counts_for_the_selection_only() -> None:
    """Patients 0 0 1 1 2 2 3: patient 0 is on both sides; the reference keeps patients 1, 2 and 3."""
    both = sides(mask(7, 0), mask(7, 1, 2, 3, 4, 5, 6), np.array([0, 0, 1, 1, 2, 2, 3]))
    assert (both.design, both.n_selected, both.n_reference) == (Design.APART, 1, 3)
    x, y = both.means(np.array([10.0]), np.array([99.0, 1.0, 3.0, 5.0, np.nan, np.nan]))
    assert x.tolist() == [10.0]
    assert y.tolist() == [2.0, 5.0]


def test_copies_of_the_same_images_are_compared_with_themselves() -> None:
    groups = np.array([0, 1, 2, 0, 1, 2, 3])
    both = sides(mask(7, 0, 1, 2), mask(7, 3, 4, 5, 6), groups)
    assert (both.design, both.n_selected, both.n_reference) == (Design.PAIRED, 3, 3)
    x, y = both.means(np.array([5.0, 6.0, np.nan]), np.array([1.0, 2.0, 3.0, 9.0]))
    assert (x - y).tolist() == [4.0, 4.0]


def test_a_sample_on_both_sides_is_a_selected_one() -> None:
    both = sides(mask(3, 0), mask(3, 0, 1, 2), None)
    assert both.reference.tolist() == [1, 2]
    assert both.alone


@pytest.mark.parametrize("design", list(Design))
def test_every_design_has_a_word(design: Design) -> None:
    assert design.value


def test_a_unit_has_a_level_where_half_of_its_known_samples_have_it() -> None:
    """Selected: unit 0 has 0 0 1, unit 1 has 1; reference: unit 2 has 0 1, 3 is unknown, 0 is selected."""
    groups = np.array([0, 0, 0, 1, 2, 2, 3, 0])
    both = sides(mask(8, 0, 1, 2, 3), mask(8, 4, 5, 6, 7), groups)
    assert both.design is Design.APART
    tables, apart = both.tables(np.array([0, 0, 1, 1]), np.array([0, 1, -1, 1]), 2)
    assert tables.tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]
    assert not apart.any()


def test_paired_units_tell_on_which_side_they_have_a_level() -> None:
    both = sides(mask(6, 0, 1, 2), mask(6, 3, 4, 5), np.array([0, 1, 2, 0, 1, 2]))
    tables, apart = both.tables(np.array([1, 1, 0]), np.array([0, 1, 0]), 2)
    assert apart.tolist() == [[0, 1], [1, 0]]
    assert tables.tolist() == [[1, 2, 2, 1], [2, 1, 1, 2]]
