"""Bootstrap: the same resamples for all, groups drawn whole, intervals that cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap as scipy_bootstrap

from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import METRICS, Ranked, Resampling, bootstrap, compute_metrics, find_metric, rank
from sfvisuals.metrics.resampled import RESAMPLED, Resampled

CHANCE = np.random.default_rng(7)
N = 200
FAILURE = CHANCE.random(N) < 0.3
GOOD = rank(CHANCE.normal(size=N) - 2 * FAILURE, FAILURE)
POOR = rank(CHANCE.integers(0, 12, N) / 12, FAILURE)


def complete(values: np.ndarray, *, weights: np.ndarray | None = None) -> Ranked:
    """Samples with all that any metric needs; class 3 has a single sample, class 7 none that is right."""
    chance = np.random.default_rng(11)
    labels = chance.integers(0, 3, N)
    labels[0], labels[FAILURE.nonzero()[0][:6]] = 3, 7
    probabilities = chance.dirichlet(np.ones(8), N)
    return rank(values, FAILURE, labels=labels, probabilities=probabilities, weights=weights)


UNTIED = complete(CHANCE.random(N))
TIED = complete(CHANCE.integers(0, 12, N) / 12)
COSTLY = complete(CHANCE.integers(0, 40, N) / 40, weights=CHANCE.random(N) + 0.1)
CONSTANT = complete(np.full(N, 0.25))


def test_every_metric_is_resampled_at_once() -> None:
    assert list(RESAMPLED) == [metric.key for metric in METRICS]


@pytest.mark.parametrize(
    "ranked", [UNTIED, TIED, COSTLY, CONSTANT], ids=["untied", "tied", "cost", "constant"]
)
@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_a_metric_of_many_resamples_at_once_is_that_of_each_by_itself(ranked: Ranked, key: str) -> None:
    few = np.zeros((3, N), np.int64)  # one sample, a failure; one that is right; two of one class
    few[0, FAILURE.argmax()] = few[1, (~FAILURE).argmax()] = 1
    few[2, FAILURE.nonzero()[0][:2]] = 1
    counts = np.concatenate([*Resampling(N, 25, seed=3).counts(), few])
    (found,) = Resampled(ranked).compute(counts, [key])
    for row, value in zip(counts, found, strict=True):
        expected = find_metric(key).function(
            rank(
                ranked.values,
                ranked.failure,
                labels=ranked.labels,
                probabilities=ranked.probabilities,
                weights=row if ranked.weights is None else row * ranked.weights,
            )
        )
        if expected.value is None:
            assert np.isnan(value), expected.why
        else:
            assert value == pytest.approx(expected.value, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_a_resample_is_what_its_samples_repeated_are(key: str) -> None:
    counts = np.random.default_rng(1).integers(0, 3, N)
    rows = np.repeat(np.arange(N), counts)
    assert TIED.labels is not None
    assert TIED.probabilities is not None
    repeated = rank(
        TIED.values[rows], FAILURE[rows], labels=TIED.labels[rows], probabilities=TIED.probabilities[rows]
    )
    (drawn,) = Resampled(TIED).compute(counts[None, :], [key])
    expected = find_metric(key).function(repeated).value
    assert drawn[0] == pytest.approx(np.nan if expected is None else expected, nan_ok=True)


@pytest.mark.parametrize("ranked", [UNTIED, TIED, COSTLY], ids=["untied", "tied", "cost"])
def test_what_a_block_gave_stays_when_the_next_one_is_computed(ranked: Ranked) -> None:
    """Blocks of one score write into the same memory; one of another size gets its own."""
    keys = [metric.key for metric in METRICS]
    blocks = [next(Resampling(N, b, seed=seed).counts()) for b, seed in ((4, 1), (4, 2), (3, 3))]
    shared = Resampled(ranked)
    in_turn = [shared.compute(block, keys) for block in blocks]
    for block, found in zip(blocks, in_turn, strict=True):
        np.testing.assert_array_equal(found, Resampled(ranked).compute(block, keys))


def test_groups_of_one_sample_each_draw_what_samples_draw() -> None:
    one = bootstrap({"s": UNTIED}, ("accuracy",), seed=4, resamples=20)
    each = bootstrap({"s": UNTIED}, ("accuracy",), seed=4, resamples=20, groups=np.arange(N) * 7)
    np.testing.assert_array_equal(one.draws, each.draws)


def test_equal_seeds_draw_equal_resamples_however_they_are_cut_in_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = np.concatenate(list(Resampling(50, 40, seed=5).counts()))
    monkeypatch.setattr("sfvisuals.metrics.bootstrapping.CELLS_PER_BLOCK", 350)
    np.testing.assert_array_equal(np.concatenate(list(Resampling(50, 40, seed=5).counts())), whole)
    assert (np.concatenate(list(Resampling(50, 40, seed=6).counts())) != whole).any()
    np.testing.assert_array_equal(whole.sum(axis=1), 50)


def test_groups_are_drawn_whole() -> None:
    patients = np.repeat(np.arange(10), 5)
    for counts in Resampling(50, 20, seed=0, units=patients).counts():
        per_patient = counts.reshape(-1, 10, 5)
        assert (per_patient == per_patient[:, :, :1]).all()
        np.testing.assert_array_equal(per_patient[:, :, 0].sum(axis=1), 10)


def test_an_interval_over_patients_is_wider_where_a_patient_fails_as_a_whole() -> None:
    patients = np.repeat(np.arange(20), 10)
    failure = np.repeat(np.random.default_rng(2).random(20) < 0.3, 10)
    ranked = rank(np.random.default_rng(3).normal(size=200), failure)
    alone = bootstrap({"s": ranked}, ("accuracy",), seed=1).interval("s", "accuracy")
    together = bootstrap({"s": ranked}, ("accuracy",), seed=1, groups=patients).interval("s", "accuracy")
    assert alone.low is not None
    assert alone.high is not None
    assert together.low is not None
    assert together.high is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert (alone.units, together.units) == (200, 20)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_of_an_accuracy_agree_with_those_of_scipy(method: str) -> None:
    right = (~FAILURE).astype(float)
    expected = scipy_bootstrap(
        (right,), np.mean, n_resamples=20_000, method={"bca": "BCa"}.get(method, method), rng=0
    ).confidence_interval
    made = bootstrap({"s": GOOD}, ("accuracy",), resamples=20_000, jackknife=True)
    found = made.interval("s", "accuracy", method=method)  # type: ignore[arg-type]
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.006)


def test_the_bca_interval_of_a_skewed_metric_is_moved_as_scipys_is() -> None:
    def aurc_of(rows: np.ndarray) -> float:
        rows = rows.astype(int)
        value = compute_metrics(GOOD.values[rows], FAILURE[rows], keys=("aurc",))["aurc"].value
        assert value is not None
        return value

    expected = scipy_bootstrap(
        (np.arange(N),), aurc_of, n_resamples=1500, method="BCa", vectorized=False, rng=0
    ).confidence_interval
    made = bootstrap({"s": GOOD}, ("aurc",), resamples=4000, jackknife=True)
    found = made.interval("s", "aurc", method="bca")
    plain = made.interval("s", "aurc")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.1)
    assert found.low is not None
    assert plain.low is not None
    assert found.low > plain.low


def test_a_difference_is_paired() -> None:
    # the same score in another unit: every resample agrees, whatever is drawn
    made = bootstrap({"a": GOOD, "b": rank(GOOD.values * 3, FAILURE), "c": POOR}, ("aurc", "failauc"))
    same = made.difference("a", "b", "aurc")
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert not same.excludes_zero
    better = made.difference("a", "c", "failauc")
    assert better.excludes_zero
    assert better.value == pytest.approx(
        (find_metric("failauc").function(GOOD).value or 0)
        - (find_metric("failauc").function(POOR).value or 0)
    )


def test_intervals_of_metrics_of_every_sort_hold_the_value() -> None:
    made = bootstrap({"s": POOR}, ("fpr@95tpr", "ece", "aurc-achievable"), resamples=60)
    for key in made.keys:
        found = made.interval("s", key)
        assert found.low is not None
        assert found.high is not None
        assert found.value is not None
        assert found.low < found.high
        assert found.low - 0.2 < found.value < found.high + 0.2


def test_what_is_undefined_has_no_interval_but_a_reason() -> None:
    holed = rank(np.append(GOOD.values[:-1], np.nan), FAILURE)
    right = rank(GOOD.values, np.zeros(N, bool))
    made = bootstrap({"holed": holed, "right": right}, ("aurc", "failauc", "accuracy"), resamples=50)
    assert made.interval("holed", "aurc").why == "1 of 200 samples have no score (NaN)"
    assert made.interval("right", "failauc").why.startswith("every prediction is correct")
    assert made.difference("right", "holed", "aurc").why == "1 of 200 samples have no score (NaN)"
    assert made.interval("holed", "accuracy").low is not None


def test_a_metric_that_few_resamples_have_gets_no_interval() -> None:
    # one failure among twenty: it is missing from a third of the resamples
    ranked = rank(np.arange(20.0), np.arange(20) == 0)
    found = bootstrap({"s": ranked}, ("failauc",), resamples=300).interval("s", "failauc")
    assert found.value == 1.0
    assert found.low is None
    assert "undefined in" in found.why
    assert 0.2 * 300 < found.undefined < 0.5 * 300


def test_scores_of_different_samples_cannot_be_compared() -> None:
    with pytest.raises(SfvisualsError, match="199, 200"):
        bootstrap({"a": GOOD, "b": rank(GOOD.values[1:], FAILURE[1:])}, ("aurc",))
    with pytest.raises(SfvisualsError, match="same samples"):
        bootstrap({"a": GOOD}, ("aurc",), groups=np.zeros(3, int))


def test_without_samples_or_with_one_unit_there_is_a_reason() -> None:
    empty = rank(np.empty(0), np.empty(0, bool))
    assert bootstrap({"s": empty}, ("aurc",)).interval("s", "aurc").why == "there are no samples"
    one = bootstrap({"s": GOOD}, ("aurc",), groups=np.zeros(N, int), resamples=20).interval("s", "aurc")
    assert one.why == "there is only one unit to draw from"


def test_bca_without_the_jackknife_says_how_to_have_it() -> None:
    with pytest.raises(SfvisualsError, match="jackknife=True"):
        bootstrap({"s": GOOD}, ("aurc",), resamples=20).interval("s", "aurc", method="bca")
