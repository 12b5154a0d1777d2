"""Whatever a metric is given that it cannot compute with is named: type, shape, value, with a hint."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sfvisuals import metrics
from sfvisuals.errors import NotFoundError, SfvisualsError
from sfvisuals.metrics.forensics import examine

N = 20
CHANCE = np.random.default_rng(0)
VALUES = CHANCE.random(N)
FAILURE = np.arange(N) % 4 == 0
LABELS = np.arange(N) % 3
PROBABILITIES = CHANCE.dirichlet(np.ones(3), N)

NO_SCORES: dict[str, Any] = {
    "None": None,
    "a text": "abc",
    "words": ["a"] * N,
    "a number": 0.5,
    "two columns": np.zeros((N, 2)),
    "one column": VALUES[:, None],
    "too few": VALUES[:-1],
    "none": np.zeros(0),
    "complex": VALUES + 0j,
    "dates": np.zeros(N, "datetime64[s]"),
    "a mapping": {"a": 1},
    "ragged": [[1], [1, 2]],
    "a generator": (value for value in VALUES),
    "masked": np.ma.masked_less(VALUES, 0.5),
}
NO_FAILURES: dict[str, Any] = {
    "a text": "abc",
    "words": ["a"] * N,
    "a truth value": True,
    "two columns": np.zeros((N, 2), bool),
    "too few": FAILURE[:-1],
    "other numbers": np.full(N, 2),
    "shares": VALUES,
    "NaN": np.full(N, np.nan),
    "objects": np.array([None] * N),
    "a mapping": {},
}
NO_WEIGHTS: dict[str, Any] = {
    "negative": -VALUES,
    "NaN": np.full(N, np.nan),
    "a text": "a",
    "a number": 1.0,
    "too few": VALUES[:-1],
    "two columns": np.ones((N, 2)),
    "too large to add up": np.full(N, 1e308),
    "too small to add up": np.full(N, 1e-320),
}
NO_LABELS: dict[str, Any] = {
    "a text": "abc",
    "names": ["a"] * N,
    "a number": 1,
    "halves": LABELS + 0.5,
    "NaN": np.full(N, np.nan),
    "one-hot": np.eye(3, dtype=int)[LABELS],
    "too few": LABELS[:-1],
    "objects": np.array([None] * N),
}
NO_PROBABILITIES: dict[str, Any] = {
    "one column": VALUES,
    "too few": PROBABILITIES[:-1],
    "turned": PROBABILITIES.T,
    "three axes": PROBABILITIES[..., None],
    "a text": "a",
    "words": [["a", "b", "c"]] * N,
    "no classes": np.zeros((N, 0)),
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(metrics, name)
    for name in metrics.__all__
    if inspect.isfunction(getattr(metrics, name))
    and list(inspect.signature(getattr(metrics, name)).parameters)[:2] == ["values", "failure"]
}
MORE = {
    "guaranteed_threshold": {"risk": 0.2},
    "risk_at_coverage": {"coverage": 0.5},
    "coverage_at_risk": {"risk": 0.1},
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    ("argument", "wrong"),
    [("values", key) for key in NO_SCORES]
    + [("failure", key) for key in NO_FAILURES]
    + [("weights", key) for key in NO_WEIGHTS]
    + [("labels", key) for key in NO_LABELS],
)
def test_each_metric_says_what_it_cannot_compute_with(name: str, argument: str, wrong: str) -> None:
    function = FUNCTIONS[name]
    if argument not in inspect.signature(function).parameters:
        return
    tables = {"values": NO_SCORES, "failure": NO_FAILURES, "weights": NO_WEIGHTS, "labels": NO_LABELS}
    given = {"values": VALUES, "failure": FAILURE, argument: tables[argument][wrong]}
    with pytest.raises(SfvisualsError) as caught:
        function(given.pop("values"), given.pop("failure"), **MORE.get(name, {}), **given)
    assert caught.value.detail
    assert caught.value.hint


@pytest.mark.parametrize("wrong", NO_PROBABILITIES)
def test_probabilities_have_a_column_per_class(wrong: str) -> None:
    with pytest.raises(SfvisualsError, match=r"probabilities") as caught:
        metrics.compute_metrics(VALUES, FAILURE, labels=LABELS, probabilities=NO_PROBABILITIES[wrong])
    assert caught.value.hint


def test_outputs_before_the_softmax_are_no_probabilities() -> None:
    found = metrics.compute_metrics(
        VALUES, FAILURE, labels=LABELS, probabilities=PROBABILITIES * 9 - 4, keys=["nll", "brier_score"]
    )
    assert {value.why for value in found.values()} == {
        "what was given as probabilities is none (not within 0..1)"
    }


def test_numbers_that_mean_the_same_are_taken() -> None:
    plain = metrics.compute_metrics(VALUES, FAILURE, labels=LABELS)
    other = metrics.compute_metrics(list(VALUES), FAILURE.astype(float), labels=LABELS.astype(float))  # type: ignore[arg-type]
    assert plain == other


RANKED = metrics.rank(VALUES, FAILURE)
BOOTSTRAP = metrics.bootstrap({"a": RANKED}, ["aurc"], resamples=20)

CALLS: dict[str, Callable[[], Any]] = {
    "a metric that is no text": lambda: metrics.compute_metrics(VALUES, FAILURE, keys=[None]),  # type: ignore[list-item]
    "one text as keys": lambda: metrics.compute_metrics(VALUES, FAILURE, keys="aurc"),
    "a number as keys": lambda: metrics.compute_metrics(VALUES, FAILURE, keys=3),  # type: ignore[arg-type]
    "nll of an array": lambda: metrics.nll(VALUES),  # type: ignore[arg-type]
    "brier_score of an array": lambda: metrics.brier_score(VALUES),  # type: ignore[arg-type]
    "coverage in per cent": lambda: metrics.risk_at_coverage(VALUES, FAILURE, coverage=95),
    "risk in per cent": lambda: metrics.coverage_at_risk(VALUES, FAILURE, risk=5),
    "a risk that is a text": lambda: metrics.guaranteed_threshold(VALUES, FAILURE, risk="5 %"),  # type: ignore[arg-type]
    "no bins": lambda: metrics.reliability(VALUES, FAILURE, bins=0),
    "half a bin": lambda: metrics.reliability(VALUES, FAILURE, bins=1.5),  # type: ignore[arg-type]
    "an error above 1": lambda: metrics.best_aurc(1.5),
    "an error below 0": lambda: metrics.best_augrc(-0.1),
    "costs by name": lambda: metrics.class_weights(LABELS, cost={"malignant": 5}),  # type: ignore[dict-item]
    "costs as a list": lambda: metrics.class_weights(LABELS, cost=[1, 5]),  # type: ignore[arg-type]
    "a cost that is a text": lambda: metrics.class_weights(LABELS, cost={0: "5"}),  # type: ignore[dict-item]
    "labels by name": lambda: metrics.class_weights(["a", "b"]),  # type: ignore[arg-type]
    "more failures than samples": lambda: metrics.binomial_interval(3, 2),
    "less than no failure": lambda: metrics.binomial_interval(-1, 2),
    "half a failure": lambda: metrics.risk_upper_bound(1.5, 3, delta=0.1),  # type: ignore[arg-type]
    "a level in per cent": lambda: metrics.binomial_interval(1, 5, level=95),
    "a delta of 0": lambda: metrics.risk_upper_bound(1, 5, delta=0),
    "platt: too few scores": lambda: metrics.fit_platt(VALUES[:-1], FAILURE),
    "platt: NaN weights": lambda: metrics.fit_platt(VALUES, FAILURE, weights=np.full(N, np.nan)),
    "platt: applied to a text": lambda: metrics.fit_platt(VALUES, FAILURE)("abc"),  # type: ignore[arg-type]
    "temperature: one column": lambda: metrics.fit_temperature(VALUES, LABELS),
    "temperature: too few": lambda: metrics.fit_temperature(PROBABILITIES[:-1], LABELS),
    "temperature: applied to one column": lambda: metrics.fit_temperature(PROBABILITIES, LABELS)(VALUES),
    "forensics: too few": lambda: examine(VALUES[:-1], FAILURE),
    "forensics: words": lambda: examine(["a"] * N, FAILURE),  # type: ignore[arg-type]
    "bootstrap: no mapping": lambda: metrics.bootstrap([RANKED], ["aurc"]),  # type: ignore[arg-type]
    "bootstrap: scores not ranked": lambda: metrics.bootstrap({"a": VALUES}, ["aurc"]),  # type: ignore[dict-item]
    "bootstrap: one text as keys": lambda: metrics.bootstrap({"a": RANKED}, "aurc"),
    "bootstrap: half a resample": lambda: metrics.bootstrap({"a": RANKED}, ["aurc"], resamples=2.5),  # type: ignore[arg-type]
    "bootstrap: negative resamples": lambda: metrics.bootstrap({"a": RANKED}, ["aurc"], resamples=-1),
    "bootstrap: a text as seed": lambda: metrics.bootstrap({"a": RANKED}, ["aurc"], seed="a"),  # type: ignore[arg-type]
    "bootstrap: negative seed": lambda: metrics.bootstrap({"a": RANKED}, ["aurc"], seed=-1),
    "bootstrap: groups missing": lambda: metrics.bootstrap(
        {"a": RANKED}, ["aurc"], groups=np.full(N, np.nan)
    ),
    "bootstrap: two columns of groups": lambda: metrics.bootstrap({"a": RANKED}, ["aurc"], groups=np.eye(N)),
    "bootstrap: too few groups": lambda: metrics.bootstrap({"a": RANKED}, ["aurc"], groups=np.arange(N - 1)),
    "interval: level in per cent": lambda: BOOTSTRAP.interval("a", "aurc", level=95),
    "interval: another method": lambda: BOOTSTRAP.interval("a", "aurc", method="basic"),  # type: ignore[arg-type]
    "interval: unknown score": lambda: BOOTSTRAP.interval("b", "aurc"),
    "interval: unknown metric": lambda: BOOTSTRAP.difference("a", "a", "augrc"),
}


@pytest.mark.parametrize("wrong", CALLS)
def test_a_wrong_call_says_what_was_found_and_what_to_give(wrong: str) -> None:
    with pytest.raises(SfvisualsError) as caught:
        CALLS[wrong]()
    assert caught.value.hint
    assert (
        caught.value.detail
        or isinstance(caught.value, NotFoundError)
        or "without failures" in str(caught.value)
    )


def test_groups_may_be_names() -> None:
    names = np.array([f"patient {row // 2}" for row in range(N)], dtype=object)
    by_name = metrics.bootstrap({"a": RANKED}, ["aurc"], resamples=20, groups=names)
    by_number = metrics.bootstrap({"a": RANKED}, ["aurc"], resamples=20, groups=np.arange(N) // 2)
    # "patient 10" would sort before "patient 2", but there are only ten
    np.testing.assert_array_equal(by_name.draws, by_number.draws)
