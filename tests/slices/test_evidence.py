"""Tests of a slice: numbers by hand and from scipy, and no more false alarms than promised."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact

from sfvisuals.slices.evidence import (
    design_effect,
    evidence,
    exact_interval,
    fisher_p,
    within_units,
)
from sfvisuals.slices.words import sentence


def mask(n: int, *true: int) -> np.ndarray:
    found = np.zeros(n, bool)
    found[list(true)] = True
    return found


def test_three_of_three_failures_in_a_slice_of_three_of_six_have_p_one_twentieth() -> None:
    """Of the 20 ways to choose three of six one has all three failures."""
    found = evidence(mask(6, 0, 1, 2), mask(6, 0, 1, 2), np.arange(6), rho=0.0)
    assert (found.n, found.k, found.rest_n, found.rest_k) == (3, 3, 3, 0)
    assert found.p == pytest.approx(1 / 20)
    assert found.lift == float("inf")


@given(st.integers(0, 12), st.integers(0, 12), st.integers(1, 12), st.integers(1, 12))
def test_without_repeats_the_p_value_is_that_of_fisher(k: int, rest_k: int, n: int, rest_n: int) -> None:
    k, rest_k = min(k, n), min(rest_k, rest_n)
    reference = fisher_exact([[k, n - k], [rest_k, rest_n - rest_k]], alternative="greater").pvalue
    assert fisher_p(k, n, rest_k, rest_n) == pytest.approx(reference)


@given(st.integers(0, 40), st.integers(1, 40))
def test_the_interval_is_that_of_clopper_and_pearson(k: int, n: int) -> None:
    k = min(k, n)
    reference = binomtest(k, n).proportion_ci(method="exact")
    assert exact_interval(k, n) == pytest.approx((reference.low, reference.high))


def test_a_slice_without_members_has_no_rate_and_no_evidence() -> None:
    found = evidence(np.zeros(4, bool), mask(4, 1), np.arange(4), rho=0.0)
    assert np.isnan(found.rate)
    assert found.interval == (0.0, 1.0)
    assert found.p == 1.0


def test_the_design_effect_of_units_of_four_that_fail_by_halves_together_is_two_and_a_half() -> None:
    """1 + (4 - 1) / 2; sizes 1 and 3 have m = (1 + 9) / 4 = 2.5, so 1 + 1.5 rho."""
    assert design_effect(np.array([4, 4]), 0.5) == 2.5
    assert design_effect(np.array([1, 3]), 1.0) == 2.5
    assert design_effect(np.array([1, 1, 1]), 1.0) == 1.0


def test_the_correlation_within_pairs_is_that_of_the_analysis_of_variance() -> None:
    """Eight pairs by hand: hits 2 2 2 1 0 0 0 1, so n = 16 and the rate is 1/2.

    Between: sum of 2 (r - 1/2)^2 over pairs is 6 * 2 / 4 = 3, over 7. Within: two pairs with 1 of 2 give
    2 * 1/2 = 1, over 8. rho = (3/7 - 1/8) / (3/7 + 1/8) = 17/31. One standard error is added:
    sqrt(2/8) (1 - rho) (1 + rho) / sqrt(2).
    """
    unit = np.repeat(np.arange(8), 2)
    target = np.array([1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1], bool)
    rho = 17 / 31
    error = 0.5 * (1 - rho) * (1 + rho) / np.sqrt(2)
    assert within_units(target, unit) == pytest.approx(rho + error)


def test_samples_of_their_own_have_no_correlation() -> None:
    assert within_units(mask(5, 1, 2), np.arange(5)) == 0.0


def test_ten_copies_of_every_sample_change_neither_p_value_nor_interval() -> None:
    member, target = mask(40, *range(10)), mask(40, 0, 1, 2, 3, 4, 5, 20, 21)
    alone = evidence(member, target, np.arange(40), rho=0.0)
    again = np.repeat(np.arange(40), 10)
    copied = evidence(member[again], target[again], again, rho=within_units(target[again], again))
    assert copied.k == 10 * alone.k
    assert copied.p == pytest.approx(alone.p)
    assert copied.interval == pytest.approx(alone.interval)
    blind = evidence(member[again], target[again], np.arange(400), rho=0.0)
    assert blind.p < alone.p / 1000


@pytest.mark.parametrize("copies", [1, 6])
@pytest.mark.parametrize("straddling", [False, True])
def test_where_membership_means_nothing_p_values_are_as_rare_as_they_say(
    copies: int, straddling: bool
) -> None:
    """600 draws of 80 units that fail together; the level is met up to three standard errors."""
    rng = np.random.default_rng(11)
    unit = np.repeat(np.arange(80), copies)
    p = []
    for _ in range(600):
        inclined = rng.beta(0.4, 1.6, 80)
        target = rng.random(unit.size) < inclined[unit]
        member = rng.random(unit.size) < 0.2 if straddling else (rng.random(80) < 0.2)[unit]
        rho = within_units(target, unit)
        p.append(evidence(member, target, unit, rho=rho).p)
    for level in (0.01, 0.05, 0.2):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 600)


def test_a_slice_without_a_rest_is_compared_with_nothing_in_words() -> None:
    alone = evidence(mask(4, 0, 1, 2, 3), mask(4, 0), np.arange(4), rho=0.0)
    said = sentence(
        alone, "the other benign samples of it", "failures", q=1.0, confirmed=False, uses_label=False
    )
    assert "there are no other benign samples of it to compare with (q = 1)" in said
    assert "nan" not in said
