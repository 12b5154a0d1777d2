"""A thinned curve has the shape of the whole one, up to the error it states."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.figures.thinning import thin


def missed(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> float:
    """The largest distance, measured anew between all points and on a grid between them too."""
    fine = np.linspace(x[0], x[-1], 5000)
    between = np.abs(np.interp(fine, x[at], y[at]) - np.interp(fine, x, y)).max()
    return float(max(between, np.abs(np.interp(x, x[at], y[at]) - y).max()))


@given(st.integers(0, 10_000), st.integers(3, 3000))
def test_the_stated_error_is_the_true_one_and_the_ends_stay(seed: int, n: int) -> None:
    chance = np.random.default_rng(seed)
    x, y = np.sort(chance.random(n)) + np.arange(n), chance.random(n).cumsum() / n
    found = thin(x, y)
    assert (found.at[0], found.at[-1], found.of) == (0, n - 1, n)
    assert np.all(np.diff(found.at) > 0)
    assert missed(x, y, found.at) <= found.error + 1e-12
    assert len(found.at) <= 400


def test_a_straight_line_needs_its_ends_alone() -> None:
    x = np.arange(1000.0)
    found = thin(x, 2 * x + 1)
    assert found.at.tolist() == [0, 999]
    assert found.error < 1e-9


def test_a_spike_of_one_sample_stays() -> None:
    y = np.zeros(100_001)
    y[50_000] = 1
    found = thin(np.arange(100_001.0), y)
    assert set(found.at) >= {0, 49_999, 50_000, 50_001, 100_000}
    assert found.error == 0


def test_what_would_need_too_many_points_gets_a_larger_error_that_is_stated() -> None:
    y = np.tile([0.0, 1.0], 2000)
    found = thin(np.arange(4000.0), y, most=100)
    assert len(found.at) <= 100
    assert 0.4 < found.error <= 1


def test_curves_of_one_and_of_two_points_stay_as_they_are() -> None:
    assert thin(np.array([0.0]), np.array([1.0])).at.tolist() == [0]
    assert thin(np.array([0.0, 1.0]), np.array([1.0, 0.0])).at.tolist() == [0, 1]
