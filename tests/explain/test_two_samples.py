"""Rank tests, exact tables and corrections agree with scipy and with hand calculations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sfvisuals.explain.two_samples import (
    auc,
    benjamini_hochberg,
    best_cut,
    fisher_exact,
    mann_whitney,
    odds_ratio,
    sign_test,
    signed_rank,
    standardised_difference,
)


def test_the_area_counts_ties_half() -> None:
    """Pairs (x, y): 2>1, 2=2, 3>1, 3>2: (1 + 1/2 + 1 + 1) / 4."""
    assert auc(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == 0.875


@pytest.mark.parametrize("seed", range(5))
def test_many_values_with_ties_agree_with_scipys_normal_approximation(seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = np.sort(random.integers(0, 9, 40) + 1.0), np.sort(random.integers(0, 9, 60) * 1.0)
    expected = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=True).pvalue
    assert mann_whitney(x, y) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_few_values_agree_with_scipys_exact_distribution(seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = np.sort(random.normal(0.7, 1, 5)), np.sort(random.normal(0, 1, 8))
    assert mann_whitney(x, y) == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue, rel=1e-9)


def test_two_failures_above_eight_correct_ones_have_the_p_of_counting() -> None:
    """Of the 45 pairs of places among 10, the two outer pairs are as extreme: 2 / 45."""
    assert mann_whitney(np.array([8.0, 9.0]), np.arange(8.0)) == pytest.approx(2 / 45)


def test_ties_are_exact_in_small_samples() -> None:
    """Ranks 2, 2, 2 and 4 for 1 1 1 5: of four places for x = 5 one is as extreme, so p = 1/4."""
    assert mann_whitney(np.array([5.0]), np.array([1.0, 1.0, 1.0])) == pytest.approx(0.25)


def test_equal_values_tell_nothing() -> None:
    assert mann_whitney(np.ones(200), np.ones(300)) == 1.0


@pytest.mark.parametrize("n", [6, 11, 40])
def test_signed_ranks_agree_with_scipy(n: int) -> None:
    differences = np.random.default_rng(n).normal(0.3, 1, n)
    method = "exact" if n <= 12 else "approx"
    expected = stats.wilcoxon(differences, method=method, correction=n > 12).pvalue
    assert signed_rank(differences) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("more", "less", "expected"),
    [
        (5, 0, 2 / 32),  # 2 * (1/2)^5
        (1, 3, 2 * 5 / 16),  # 2 * (1 + 4) / 16
        (2, 2, 1.0),
        (0, 0, 1.0),
    ],
)
def test_the_sign_test_is_that_of_coins(more: int, less: int, expected: float) -> None:
    assert sign_test(more, less) == pytest.approx(expected)


@pytest.mark.parametrize(
    "table", [(8, 2, 1, 5), (0, 5, 3, 0), (3, 4, 50, 600), (130, 5, 60, 500), (40, 9000, 700, 90000)]
)
def test_tables_agree_with_scipys_fisher(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    assert fisher_exact(a, b, c, d) == pytest.approx(stats.fisher_exact([[a, b], [c, d]])[1], rel=1e-6)


def test_an_empty_margin_tells_nothing() -> None:
    assert fisher_exact(0, 4, 0, 9) == 1.0


def test_the_odds_ratio_has_haldanes_halves_and_woolfs_interval() -> None:
    """3.5 * 9.5 / (1.5 * 0.5) = 44.33..., log +- 1.96 sqrt(1/3.5 + 1/1.5 + 1/0.5 + 1/9.5)."""
    ratio, low, high = odds_ratio(3, 1, 0, 9)
    spread = 1.959964 * math.sqrt(1 / 3.5 + 1 / 1.5 + 1 / 0.5 + 1 / 9.5)
    assert ratio == pytest.approx(133 / 3)
    assert (low, high) == pytest.approx((133 / 3 / math.exp(spread), 133 / 3 * math.exp(spread)), rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_correction_agrees_with_scipy(values: list[float]) -> None:
    p = np.array(values)
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p))


def test_the_best_cut_lies_between_the_values_that_it_divides() -> None:
    x, y = np.array([5.0, 6.0, 7.0]), np.array([1.0, 2.0, 3.0, 6.0])
    assert best_cut(x, y, higher=True) == 4.0
    assert best_cut(y, x, higher=False) == 4.0


def test_the_standardised_difference_divides_by_the_root_of_the_mean_variance() -> None:
    """Means 3 and 1, variances 1 and 4: 2 / sqrt(2.5)."""
    assert standardised_difference(np.array([2.0, 4.0]), np.array([-1.0, 3.0])) == pytest.approx(2 / 2.5**0.5)
    assert standardised_difference(np.ones(3), np.ones(2)) == 0.0
    assert math.isnan(standardised_difference(np.ones(3), np.zeros(2)))
