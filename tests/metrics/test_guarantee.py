"""Exact binomial bounds, and thresholds that keep what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import binomial_interval, guaranteed_threshold, risk_upper_bound


def test_the_bound_without_failures_is_the_rule_of_three_made_exact() -> None:
    # (1 - b)^n = delta
    assert risk_upper_bound(0, 100, delta=0.05) == pytest.approx(1 - 0.05 ** (1 / 100), rel=1e-12)


@pytest.mark.parametrize(("failures", "n"), [(1, 10), (7, 30), (250, 1000)])
def test_under_the_bound_so_few_failures_have_chance_delta(failures: int, n: int) -> None:
    bound = risk_upper_bound(failures, n, delta=0.1)
    assert binom.cdf(failures, n, bound) == pytest.approx(0.1, rel=1e-9)


def test_the_bound_is_1_where_nothing_is_accepted_or_all_of_it_fails() -> None:
    assert risk_upper_bound(0, 0, delta=0.05) == risk_upper_bound(3, 3, delta=0.05) == 1.0


@pytest.mark.parametrize(("failures", "n"), [(0, 5), (5, 5), (3, 17), (1, 1000)])
def test_the_interval_is_that_of_clopper_and_pearson(failures: int, n: int) -> None:
    expected = binomtest(failures, n).proportion_ci(0.95, method="exact")
    assert binomial_interval(failures, n) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-12)


def test_an_interval_of_nothing_is_everything() -> None:
    assert binomial_interval(0, 0) == (0.0, 1.0)


def test_a_threshold_keeps_its_bound_and_says_what_it_accepts() -> None:
    chance = np.random.default_rng(0)
    failure = chance.random(2000) < 0.2
    values = chance.normal(size=2000) - 2 * failure
    found = guaranteed_threshold(values, failure, risk=0.1, delta=0.05)
    accepted = values >= found.threshold
    assert found.bound is not None
    assert found.bound <= 0.1
    assert found.coverage == pytest.approx(accepted.mean())
    assert found.empirical == pytest.approx(failure[accepted].mean())
    assert found.bound == pytest.approx(
        risk_upper_bound(int(failure[accepted].sum()), int(accepted.sum()), delta=0.05 / 11)
    )


@pytest.mark.slow
def test_the_promise_is_broken_in_no_more_than_delta_of_many_draws() -> None:
    chance = np.random.default_rng(1)
    broken = 0
    for _ in range(400):
        score = chance.random(300)
        # the chance of a failure is 1 - score, so that accepting above t has risk (1 - t) / 2
        found = guaranteed_threshold(score, chance.random(300) > score, risk=0.2, delta=0.2)
        broken += found.threshold is not None and (1 - found.threshold) / 2 > 0.2
    assert broken <= 0.2 * 400


def test_where_no_threshold_keeps_the_risk_it_says_so() -> None:
    found = guaranteed_threshold(np.arange(10.0), np.ones(10, bool), risk=0.1)
    assert found.threshold is None
    assert found.why == "no threshold keeps a risk of 0.1 with confidence 0.95 on 10 samples"


def test_missing_scores_and_weights_have_no_guarantee() -> None:
    failure = np.zeros(3, bool)
    assert "no score" in guaranteed_threshold(np.array([1, np.nan, 2]), failure, risk=0.1).why
    weighted = guaranteed_threshold(np.arange(3.0), failure, risk=0.1, weights=np.array([1.0, 2.0, 1.0]))
    assert "not binomial" in weighted.why
    assert guaranteed_threshold(np.arange(3.0), failure, risk=0.9, weights=np.ones(3)).threshold is not None


def test_a_tie_is_guaranteed_as_a_whole() -> None:
    # a hundred right at 1, then a tie of fifty right and fifty wrong at 0: only the top keeps 10 %
    values = np.repeat([1.0, 0.0], 100)
    failure = np.arange(200) >= 150
    found = guaranteed_threshold(values, failure, risk=0.1)
    assert (found.threshold, found.coverage, found.empirical) == (1.0, 0.5, 0.0)


@pytest.mark.parametrize(("risk", "delta"), [(0, 0.1), (1, 0.1), (0.1, 0), (0.1, 1.5)])
def test_a_risk_or_delta_that_is_no_share_is_refused(risk: float, delta: float) -> None:
    with pytest.raises(SfvisualsError, match="strictly between 0 and 1"):
        guaranteed_threshold(np.arange(3.0), np.zeros(3, bool), risk=risk, delta=delta)
