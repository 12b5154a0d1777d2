"""Numbers against scikit-learn, scipy and curves added up by hand, on samples with ties and weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, roc_auc_score

from sfvisuals.metrics import Resampling, binomial_interval, bootstrap, compute_metrics, rank


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores in 0..1 with ties, failures of both kinds, weights."""
    chance = np.random.default_rng(seed)
    n = int(chance.integers(5, 200))
    failure = chance.random(n) < chance.uniform(0.05, 0.9)
    failure[:2] = True, False
    return np.round(chance.random(n), int(chance.integers(1, 6))), failure, chance.random(n) + 0.01


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_are_those_of_other_libraries(seed: int, weighted: bool) -> None:
    scores, failure, weights = drawn(seed)
    if not weighted:
        weights = np.ones(len(scores))
    found = {k: v.value for k, v in compute_metrics(scores, failure, weights=weights).items()}
    right, total = ~failure, weights.sum()
    bins = np.digitize(scores, np.linspace(0, 1 + 1e-8, 21))
    gaps = [abs((weights * (right - scores))[bins == b].sum()) for b in set(bins)]
    expected = {
        "failauc": roc_auc_score(right, scores, sample_weight=weights),
        "failap_suc": average_precision_score(right, scores, sample_weight=weights),
        "failap_err": average_precision_score(failure, -scores, sample_weight=weights),
        "fail-brier": np.average((scores - right) ** 2, weights=weights),
        "ece": sum(gaps) / total,
    }
    thresholds = np.unique(scores)[::-1]
    accepted = np.array([weights[scores >= t].sum() for t in thresholds])
    wrong = np.array([(weights * failure)[scores >= t].sum() for t in thresholds])
    coverage, selective = np.append(0, accepted / total), wrong / accepted
    expected["aurc"] = np.trapezoid(np.append(selective[0], selective), coverage)
    expected["augrc"] = np.trapezoid(np.append(0, wrong / total), coverage)
    assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 50), (50, 50), (7, 8)])
def test_the_binomial_interval_is_scipys(k: int, n: int) -> None:
    expected = binomtest(k, n).proportion_ci(0.95, "exact")
    assert binomial_interval(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_an_interval_is_that_of_resamples_drawn_row_by_row() -> None:
    scores, failure, _ = drawn(3)
    values = []
    for counts in Resampling(len(scores), 50, seed=9).counts():
        for row in counts:
            again = np.repeat(np.arange(len(scores)), row)
            values.append(roc_auc_score(~failure[again], scores[again]))
    found = bootstrap({"s": rank(scores, failure)}, ("failauc",), resamples=50, seed=9).interval(
        "s", "failauc"
    )
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])), rel=1e-12)
