"""What must hold for any scores: hypothesis looks for a counterexample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfvisuals.metrics import METRICS, Need, compute_metrics, find_metric

RANKED = [metric.key for metric in METRICS if Need.CONFIDENCE not in metric.needs]
# few distinct values make ties, which are where metrics go wrong
LEVELS = st.integers(0, 8).map(lambda level: level / 8)


@st.composite
def samples(draw: st.DrawFn) -> dict[str, Any]:
    """Up to 40 samples of three classes with probabilities, scores in 0..1 with ties, and failures."""
    n = draw(st.integers(1, 40))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return {
        "values": np.array(draw(st.lists(LEVELS, min_size=n, max_size=n))),
        "failure": chance.random(n) < draw(st.sampled_from([0, 0.2, 0.5, 1])),
        "labels": chance.integers(0, 3, n),
        "probabilities": chance.dirichlet(np.ones(3), n),
    }


def numbers(given_: dict[str, Any], **more: Any) -> dict[str, float | None]:
    return {key: found.value for key, found in compute_metrics(**(given_ | more)).items()}


def same(left: dict[str, float | None], right: dict[str, float | None], keys: Any = None) -> None:
    for key in keys or left:
        assert left[key] == (
            None if right[key] is None else pytest.approx(right[key], rel=1e-9, abs=1e-12)
        ), key


@given(samples())
def test_a_rising_map_of_the_score_changes_no_rank_metric(given_: dict[str, Any]) -> None:
    same(numbers(given_), numbers(given_, values=np.exp(3 * given_["values"]) - 7), RANKED)


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(given_: dict[str, Any], chance: Any) -> None:
    order = list(range(len(given_["values"])))
    chance.shuffle(order)
    same(numbers(given_), numbers({name: array[order] for name, array in given_.items()}))


@given(samples())
def test_weights_of_one_change_nothing_at_all(given_: dict[str, Any]) -> None:
    assert numbers(given_) == numbers(given_, weights=np.ones(len(given_["values"])))


@given(samples(), st.floats(0.01, 100))
def test_equal_weights_change_nothing(given_: dict[str, Any], weight: float) -> None:
    same(numbers(given_), numbers(given_, weights=np.full(len(given_["values"]), weight)))


@given(samples(), st.randoms(use_true_random=False))
def test_whole_weights_are_repeated_samples(given_: dict[str, Any], chance: Any) -> None:
    counts = np.array([chance.randint(0, 3) for _ in given_["values"]])
    repeated = {name: np.repeat(array, counts, axis=0) for name, array in given_.items()}
    same(numbers(given_, weights=counts.astype(float)), numbers(repeated))


@given(samples())
def test_the_augrc_is_what_auroc_and_accuracy_make_of_it(given_: dict[str, Any]) -> None:
    found = numbers(given_)
    accuracy = found["accuracy"]
    assert accuracy is not None
    # without both kinds the first term is 0 whatever AUROC_f
    auroc = found["failauc"] if found["failauc"] is not None else 0.0
    expected = (1 - auroc) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
    assert found["augrc"] == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(samples(), st.randoms(use_true_random=False))
def test_the_identity_holds_under_weights(given_: dict[str, Any], chance: Any) -> None:
    found = numbers(given_, weights=np.array([chance.uniform(0.1, 5) for _ in given_["values"]]))
    accuracy, auroc = found["accuracy"], found["failauc"] or 0.0
    assert accuracy is not None
    if found["failauc"] is not None:
        expected = (1 - auroc) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
        assert found["augrc"] == pytest.approx(expected, rel=1e-9)


@given(samples())
def test_every_metric_lies_in_its_range(given_: dict[str, Any]) -> None:
    for key, value in numbers(given_).items():
        if value is None:
            continue
        match find_metric(key).unit:
            case "nats":
                assert -1e-6 <= value <= 16.2, key
            case "squared error":
                assert -1e-12 <= value <= 2 + 1e-12, key
            case _ if key.startswith("e-aurc"):
                assert -0.5 <= value <= 1, key
            case _:
                assert -1e-12 <= value <= 1 + 1e-12, key


@given(samples())
def test_no_threshold_and_no_excess_beats_what_it_is_compared_with(given_: dict[str, Any]) -> None:
    found = numbers(given_)
    assert found["augrc"] is not None
    assert found["e-augrc"] is not None
    assert found["e-augrc"] >= -1e-12
    risks = [found[f"risk@{percent}cov"] for percent in (75, 80, 85, 90, 95, 100)]
    assert risks == sorted(risks, key=float)
    assert found["risk@100cov"] == pytest.approx(1 - (found["accuracy"] or 0), abs=1e-12)


@given(samples())
def test_a_score_turned_around_has_the_other_auroc(given_: dict[str, Any]) -> None:
    forth, back = numbers(given_)["failauc"], numbers(given_, values=-given_["values"])["failauc"]
    assert (forth is None) == (back is None)
    if forth is not None and back is not None:
        assert forth + back == pytest.approx(1, rel=1e-12)


@settings(max_examples=30)
@given(samples(), st.integers(0, 39))
def test_a_missing_score_is_said_by_every_metric_that_needs_it(given_: dict[str, Any], at: int) -> None:
    values = given_["values"].copy()
    values[at % len(values)] = np.nan
    for key, found in compute_metrics(**(given_ | {"values": values})).items():
        needs = find_metric(key).needs
        assert (found.value is None) == (Need.SCORE in needs or Need.CONFIDENCE in needs), key
        assert bool(found.why) == (found.value is None)
