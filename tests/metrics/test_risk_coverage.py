"""Risk-coverage curves and their areas, by hand and against the worked example of the protocol."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.metrics import (
    MetricValue,
    augrc,
    aurc,
    aurc_achievable,
    coverage_at_risk,
    e_augrc,
    e_aurc,
    rank,
    risk_at_coverage,
    risk_coverage,
)

TEN = np.arange(10.0)


def failing(*rows: int, n: int = 10) -> np.ndarray:
    return np.isin(np.arange(n), rows)


def test_ten_samples_whose_most_confident_one_fails_have_the_areas_of_the_protocol() -> None:
    # r = 1, 1/2, ..., 1/10: AURC = .1 * (1 + sum of the trapezoids), AUGRC = .1 - .1 * .1 / 2
    failure = failing(9)
    assert aurc(TEN, failure).value == pytest.approx(0.33789682539682536, rel=1e-14)
    assert augrc(TEN, failure).value == pytest.approx(0.095, rel=1e-14)


def test_ten_samples_whose_least_confident_one_fails_have_half_a_hundredth_in_both() -> None:
    failure = failing(0)
    assert aurc(TEN, failure).value == pytest.approx(0.005, rel=1e-14)
    assert augrc(TEN, failure).value == pytest.approx(0.005, rel=1e-14)


def test_a_tie_is_accepted_whole_and_makes_one_point() -> None:
    curve = risk_coverage(np.array([0.5, 0.9, 0.5, 0.1]), np.array([True, False, False, True]))
    np.testing.assert_array_equal(curve.threshold, [np.inf, 0.9, 0.5, 0.1])
    np.testing.assert_allclose(curve.coverage, [0, 1 / 4, 3 / 4, 1])
    np.testing.assert_allclose(curve.selective, [0, 0, 1 / 3, 1 / 2])
    np.testing.assert_allclose(curve.generalized, [0, 0, 1 / 4, 1 / 2])


def test_the_selective_risk_at_coverage_0_is_that_of_the_first_group() -> None:
    curve = risk_coverage(np.array([2.0, 2.0, 1.0]), np.array([True, False, False]))
    np.testing.assert_allclose(curve.selective, [1 / 2, 1 / 2, 1 / 3])
    np.testing.assert_allclose(curve.generalized, [0, 1 / 3, 1 / 3])


def test_a_constant_score_has_the_error_rate_as_aurc_and_half_of_it_as_augrc() -> None:
    failure = failing(1, 4, 7)
    assert aurc(np.zeros(10), failure).value == pytest.approx(0.3)
    assert augrc(np.zeros(10), failure).value == pytest.approx(0.15)
    assert aurc_achievable(np.zeros(10), failure).value == pytest.approx(0.3)


def test_excess_is_what_lies_above_a_perfect_score_of_the_same_error() -> None:
    # half of the samples fail: a perfect score has 1/2 + 1/2 ln 1/2 and 1/8
    failure = np.array([False, True])
    value = aurc(np.array([1.0, 0.0]), failure).value
    assert value == pytest.approx(0.125)
    assert e_aurc(np.array([1.0, 0.0]), failure).value == pytest.approx(0.125 - (0.5 - 0.5 * np.log(2)))
    assert e_augrc(np.array([1.0, 0.0]), failure).value == pytest.approx(0.0)


def test_the_achievable_aurc_of_two_points_is_integrated_by_hand() -> None:
    # 2 right, then 1 wrong of 4: failures are 0 up to 1/2, then grow along c - 1/2 up to ... 1/4 at c = 1:
    # failures(c) = (c - 1/2) / 2, so r = 1/2 - 1/(4c), and its integral from 1/2 to 1 is 1/4 - ln(2)/4
    value = aurc_achievable(np.array([2.0, 2.0, 1.0, 1.0]), np.array([False, False, True, False])).value
    assert value == pytest.approx(0.25 - np.log(2) / 4, rel=1e-14)


def test_a_threshold_off_the_hull_does_not_count_for_the_achievable_aurc() -> None:
    # wrong first, right after: the only corner of the hull is "accept all", whose risk is 1/2
    assert aurc_achievable(np.array([1.0, 0.0]), np.array([True, False])).value == pytest.approx(0.5)


def test_the_risk_at_a_coverage_is_the_least_one_that_accepts_as_much() -> None:
    # from the top: wrong, right, right, wrong: risks 1, 1/2, 1/3, 1/2 at coverages 1/4, ..., 1
    values, failure = np.array([4.0, 3.0, 2.0, 1.0]), np.array([True, False, False, True])
    found = {c: risk_at_coverage(values, failure, coverage=c).value for c in (0, 0.25, 0.75, 0.76, 1)}
    assert found == pytest.approx({0: 1 / 3, 0.25: 1 / 3, 0.75: 1 / 3, 0.76: 1 / 2, 1: 1 / 2})


def test_the_coverage_at_a_risk_is_the_largest_one_and_undefined_where_none_is_so_low() -> None:
    values, failure = np.array([4.0, 3.0, 2.0, 1.0]), np.array([True, False, False, True])
    assert coverage_at_risk(values, failure, risk=0.4).value == pytest.approx(0.75)
    assert coverage_at_risk(values, failure, risk=0.5).value == pytest.approx(1.0)
    assert coverage_at_risk(values, failure, risk=0.3) == MetricValue(
        None, "no threshold has a risk of at most 0.3", 4, 2
    )


def test_a_sample_of_weight_two_is_a_sample_that_comes_twice() -> None:
    chance = np.random.default_rng(5)
    values, failure = chance.integers(0, 20, 60).astype(float), chance.random(60) < 0.3
    weights = chance.integers(0, 4, 60)
    twice = np.repeat(np.arange(60), weights)
    for metric in (aurc, augrc, e_aurc, e_augrc, aurc_achievable):
        weighted = metric(values, failure, weights=weights.astype(float)).value
        assert weighted == pytest.approx(metric(values[twice], failure[twice]).value, rel=1e-12)


def test_without_samples_and_with_missing_scores_there_is_no_curve_but_a_reason() -> None:
    assert risk_coverage(np.empty(0), np.empty(0, bool)).why == "there are no samples"
    holed = rank(np.array([1.0, np.nan, 0.5]), np.array([True, False, False]))
    assert risk_coverage(holed).why == "1 of 3 samples have no score (NaN)"
    assert aurc(holed) == MetricValue(None, "1 of 3 samples have no score (NaN)", 3, 1)


def test_all_correct_has_no_risk_and_all_wrong_has_all_of_it() -> None:
    assert aurc(TEN, failing()).value == augrc(TEN, failing()).value == aurc_achievable(TEN, failing()).value
    assert aurc(TEN, failing()).value == 0
    assert aurc(TEN, failing(*range(10))).value == pytest.approx(1)
    assert augrc(TEN, failing(*range(10))).value == pytest.approx(0.5)
    assert e_aurc(TEN, failing(*range(10))).value == pytest.approx(0)
