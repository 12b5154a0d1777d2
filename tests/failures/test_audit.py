"""Guarantees among the thresholds on offer, and what became of them, by hand and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from sfvisuals.failures import Verdict, coverage_table, guaranteed_target, realised
from sfvisuals.metrics import guaranteed_threshold


def test_risk_and_coverage_of_a_threshold_by_hand() -> None:
    values = np.array([0.9, 0.8, 0.7, 0.6, np.nan])
    failure = np.array([False, True, False, True, True])
    seen = realised(values, failure, threshold=0.7, risk=0.05)
    assert (seen.n, seen.accepted, seen.silent) == (5, 3, 1)
    assert seen.risk == pytest.approx(1 / 3)
    assert seen.coverage == pytest.approx(3 / 5)


def test_intervals_are_those_of_the_exact_binomial_test() -> None:
    values = np.linspace(0, 1, 300)
    failure = np.arange(300) % 40 == 0
    seen = realised(values, failure, threshold=float(values[50]), risk=0.05, level=0.9)
    risk = binomtest(seen.silent, seen.accepted).proportion_ci(0.9, method="exact")
    coverage = binomtest(seen.accepted, seen.n).proportion_ci(0.9, method="exact")
    assert seen.risk_interval == pytest.approx((risk.low, risk.high), rel=1e-9)
    assert seen.coverage_interval == pytest.approx((coverage.low, coverage.high), rel=1e-9)


@pytest.mark.parametrize(
    ("failures", "n", "risk", "verdict", "passes"),
    [
        (0, 1000, 0.05, Verdict.KEPT, True),
        (1, 20, 0.05, Verdict.KEPT_OPEN, True),
        (2, 20, 0.05, Verdict.BROKEN_OPEN, False),
        (300, 1000, 0.05, Verdict.BROKEN, False),
        (0, 0, 0.05, Verdict.UNDEFINED, False),
    ],
)
def test_a_verdict_says_whether_the_risk_was_kept_and_whether_chance_may_have_decided(
    failures: int, n: int, risk: float, verdict: Verdict, passes: bool
) -> None:
    failure = np.arange(n + 5) < failures
    values = np.where(np.arange(n + 5) < n, 1.0, 0.0)
    seen = realised(values, failure & (values > 0), threshold=0.5, risk=risk)
    assert (seen.verdict, seen.passes) == (verdict, passes)


def test_where_every_threshold_is_on_offer_the_guarantee_is_the_library_s_own() -> None:
    chance = np.random.default_rng(3)
    values = chance.permutation(np.arange(400) / 400)
    failure = chance.random(400) > 0.3 + values
    offered = guaranteed_target(values, values, failure, risk=0.1, delta=0.05)
    own = guaranteed_threshold(values, failure, risk=0.1, delta=0.05)
    assert offered.guarantee == own
    assert offered.target is not None
    assert coverage_table(values).value[offered.target] == own.threshold
    assert offered.target == 0 or coverage_table(values).value[offered.target - 1] > own.threshold


def test_a_coarse_slider_gives_a_guarantee_for_the_very_threshold_it_stands_on() -> None:
    chance = np.random.default_rng(4)
    values = chance.random(20_000)
    failure = chance.random(20_000) > 0.6 + 0.39 * values
    offered = guaranteed_target(values, values, failure, risk=0.1, delta=0.05)
    assert offered.target is not None
    assert offered.guarantee.threshold is not None
    assert offered.guarantee.threshold == coverage_table(values).value[offered.target]
    seen = realised(values, failure, threshold=offered.guarantee.threshold, risk=0.1)
    assert offered.guarantee.empirical == pytest.approx(seen.silent / seen.accepted)
    assert offered.guarantee.coverage == pytest.approx(seen.accepted / 20_000)
    assert offered.guarantee.bound is not None
    assert seen.silent / seen.accepted < offered.guarantee.bound <= 0.1


def test_no_guarantee_has_a_reason() -> None:
    values = np.arange(20) / 20
    none = guaranteed_target(values, values, np.ones(20, bool), risk=0.05)
    assert none.target is None
    assert "no threshold" in none.guarantee.why
    missing = guaranteed_target(np.full(5, np.nan), np.full(5, np.nan), np.zeros(5, bool), risk=0.05)
    assert missing.target is None
    assert missing.guarantee.why


def test_a_guarantee_may_be_chosen_on_other_samples_than_the_slider_s() -> None:
    reference = np.arange(100) / 100
    values = np.concatenate([np.full(500, 0.955), np.full(500, -5.0)])
    failure = np.concatenate([np.zeros(500, bool), np.ones(500, bool)])
    offered = guaranteed_target(reference, values, failure, risk=0.1)
    assert offered.guarantee.threshold == 0.95, "the highest threshold on offer that accepts the 500"
    assert offered.guarantee.coverage == 0.5
