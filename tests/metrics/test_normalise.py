"""From scores to probabilities: Platt scaling and temperature."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.metrics import PlattScaling, TemperatureScaling, fit_platt, fit_temperature


def test_platt_scaling_of_a_score_with_two_values_hits_the_smoothed_frequencies() -> None:
    # at 1: 3 of 4 right, at 0: 1 of 4; the targets are 5/6 for right (4 + 1) / (4 + 2) and 1/6 for wrong
    values = np.repeat([1.0, 0.0], 4)
    failure = np.array([0, 0, 0, 1, 0, 1, 1, 1], bool)
    fitted = fit_platt(values, failure)
    high, low = (3 * 5 / 6 + 1 / 6) / 4, (5 / 6 + 3 * 1 / 6) / 4
    np.testing.assert_allclose(fitted(np.array([1.0, 0.0])), [high, low], rtol=1e-10)
    assert fitted.a < 0
    assert not fitted.reverses


def test_a_score_that_is_low_where_the_model_is_right_is_said_to_be_reversed() -> None:
    chance = np.random.default_rng(0)
    failure = chance.random(400) < 0.4
    assert fit_platt(failure + chance.normal(size=400), failure).reverses
    assert not fit_platt(chance.normal(size=400) - failure, failure).reverses


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_the_unit_of_the_score_does_not_change_the_probabilities(unit: float) -> None:
    chance = np.random.default_rng(1)
    failure = chance.random(300) < 0.3
    values = chance.normal(size=300) - failure
    expected = fit_platt(values, failure)(values)
    np.testing.assert_allclose(
        fit_platt(unit * (values + 5), failure)(unit * (values + 5)), expected, rtol=1e-6
    )


def test_all_correct_gives_the_smoothed_share_whatever_the_score() -> None:
    fitted = fit_platt(np.arange(8.0), np.zeros(8, bool))
    np.testing.assert_allclose(fitted(np.array([-3.0, 100.0])), 9 / 10, rtol=1e-9)


def test_a_score_that_separates_failures_perfectly_still_has_a_finite_fit() -> None:
    fitted = fit_platt(np.array([0.0, 1.0, 2.0, 3.0]), np.array([True, True, False, False]))
    assert np.isfinite([fitted.a, fitted.b]).all()
    assert fitted(np.array([3.0]))[0] < 1


def test_a_constant_score_has_a_fit() -> None:
    fitted = fit_platt(np.full(4, 2.0), np.array([True, False, False, False]))
    expected = (3 * 4 / 5 + 1 / 3) / 4
    np.testing.assert_allclose(fitted(np.array([2.0])), expected, rtol=1e-6)


def test_samples_without_a_score_are_left_out_and_without_any_there_is_a_reason() -> None:
    values, failure = np.array([1.0, 0.0, np.nan, 0.5]), np.array([False, True, True, False])
    kept = [0, 1, 3]
    assert fit_platt(values, failure) == fit_platt(values[kept], failure[kept])
    assert fit_platt(np.full(3, np.nan), np.zeros(3, bool)).why == "no validation sample has a score"
    assert np.isnan(PlattScaling(-1.0, 0.0)(np.array([np.nan]))).all()


def test_weights_count_in_both_fits_like_repeated_samples() -> None:
    chance = np.random.default_rng(2)
    logits, labels = chance.normal(size=(60, 3)), chance.integers(0, 3, 60)
    counts = chance.integers(0, 4, 60)
    rows = np.repeat(np.arange(60), counts)
    values, failure = logits.max(axis=1), logits.argmax(axis=1) != labels
    weighted, repeated = fit_platt(values, failure, weights=counts), fit_platt(values[rows], failure[rows])
    assert (weighted.a, weighted.b) == pytest.approx((repeated.a, repeated.b), rel=1e-6)
    assert fit_temperature(logits, labels, weights=counts).temperature == pytest.approx(
        fit_temperature(logits[rows], labels[rows]).temperature, rel=1e-6
    )


def test_the_temperature_of_two_classes_is_the_one_of_the_frequencies() -> None:
    # logits (2, 0) in four samples, three of class 0: 1 / (1 + exp(-2/T)) = 3/4, T = 2 / ln 3
    fitted = fit_temperature(np.array([[2.0, 0.0]] * 4), np.array([0, 0, 0, 1]))
    assert fitted.temperature == pytest.approx(2 / np.log(3), rel=1e-6)
    np.testing.assert_allclose(fitted(np.array([[2.0, 0.0], [0.0, 0.0]])), [3 / 4, 1 / 2], rtol=1e-6)


def test_a_temperature_without_a_best_one_is_1_and_says_why() -> None:
    right = fit_temperature(np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([0, 1]))
    assert (right.temperature, right.why) == (
        1.0,
        "every validation prediction is right, so no temperature is best",
    )
    none = fit_temperature(np.array([[np.nan, 0.0], [0.0, 1.0]]), np.array([0, 7]))
    assert none == TemperatureScaling(1.0, "no validation sample has finite logits and a known class")


def test_a_temperature_keeps_the_order_of_two_classes_and_huge_logits_do_not_overflow() -> None:
    values = TemperatureScaling(0.5)(np.array([[1e4, 0.0], [1.0, 0.0], [np.nan, 0.0]]))
    np.testing.assert_allclose(values, [1.0, 1 / (1 + np.exp(-2)), np.nan])
