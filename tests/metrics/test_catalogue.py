"""The catalogue: every metric, its undefined cases, and one sort for all."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.errors import NotFoundError, SfvisualsError
from sfvisuals.metrics import METRICS, Metric, Need, compute_metrics, find_metric, rank

# names under which tables and the command line ask for them
REFERENCE_KEYS = {
    *("failauc", "fpr@95tpr", "failap_suc", "failap_err", "aurc", "e-aurc", "b-aurc", "aurc-ba", "augrc"),
    *("e-augrc", "augrc-ba", "ece", "mce", "fail-NLL", "accuracy", "b-accuracy", "brier_score", "nll"),
    *(f"risk@{percent}cov" for percent in (100, 95, 90, 85, 80, 75)),
}
VALUES = np.array([0.9, 0.8, 0.7, 0.6])
LABELS = np.array([0, 1, 1, 0])
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]])
FAILURE = np.array([False, False, True, False])


def test_keys_are_unique_and_the_references_are_all_there() -> None:
    keys = [metric.key for metric in METRICS]
    assert len(keys) == len(set(keys))
    assert set(keys) >= REFERENCE_KEYS


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_every_metric_has_a_value_where_everything_is_given(metric: Metric) -> None:
    found = metric.function(rank(VALUES, FAILURE, labels=LABELS, probabilities=PROBABILITIES))
    assert found.value is not None
    assert (found.why, found.n, found.failures) == ("", 4, 1)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_every_metric_says_that_there_are_no_samples(metric: Metric) -> None:
    empty = np.empty(0)
    ranked = rank(
        empty, empty.astype(bool), labels=empty.astype(int), probabilities=np.empty((0, 2)), confidence=empty
    )
    assert metric.function(ranked).why == "there are no samples"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_every_metric_says_what_it_needs(metric: Metric) -> None:
    found = metric.function(rank(VALUES, FAILURE))
    whole = {Need.LABELS, Need.PROBABILITIES} & set(metric.needs)
    assert (found.value is None) == bool(whole)
    assert bool(found.why) == bool(whole)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
@pytest.mark.parametrize("wrong", [True, False])
def test_all_correct_and_all_wrong_have_a_value_or_a_reason(metric: Metric, wrong: bool) -> None:
    failure = np.full(4, wrong)
    found = metric.function(rank(VALUES, failure, labels=LABELS, probabilities=PROBABILITIES))
    only = ("failap_suc", "cov@5risk", "cov@10risk") if wrong else ("failap_err",)
    undefined = {"failauc", "fpr@95tpr", *only}
    assert (found.value is None) == (metric.key in undefined)
    assert bool(found.why) == (metric.key in undefined)


def test_one_class_alone_is_balanced_by_itself() -> None:
    found = compute_metrics(VALUES, FAILURE, labels=np.zeros(4, int))
    for balanced, plain in (("aurc-ba", "aurc"), ("augrc-ba", "augrc"), ("b-accuracy", "accuracy")):
        assert found[balanced].value == pytest.approx(found[plain].value)


def test_classes_of_one_size_and_no_order_among_them_are_balanced_by_hand() -> None:
    # class 0: right at .9 and .6; class 1: right at .8, wrong at .7. (r_0, r_1) is (0, 0) down to .8 and
    # (0, 1/2) from .7: means 0, 0, 1/4, 1/4, so the area is (1/8 + 1/4) / 4
    found = compute_metrics(VALUES, FAILURE, labels=LABELS, keys=("aurc-ba", "b-aurc", "augrc-ba"))
    assert found["aurc-ba"].value == pytest.approx(3 / 32)
    # all classes are accepted where the first risk comes up
    assert found["b-aurc"].value == pytest.approx(3 / 32)
    assert found["augrc-ba"].value == pytest.approx((1 / 8 + 1 / 4) / 4)


def test_a_class_that_is_not_accepted_yet_counts_as_no_risk_or_not_at_all() -> None:
    # the most confident is wrong and of class 0, class 1 comes last: r_0 = 1, then 1/2 of the mean
    values, failure = np.array([2.0, 1.0]), np.array([True, False])
    found = compute_metrics(values, failure, labels=np.array([0, 1]), keys=("aurc-ba", "b-aurc"))
    assert found["aurc-ba"].value == pytest.approx(1 / 2)
    assert found["b-aurc"].value == pytest.approx((1 + (1 + 1 / 2) / 2) / 2)


def test_detection_metrics_by_hand() -> None:
    # from the top: right, right, wrong, right
    found = compute_metrics(VALUES, FAILURE)
    assert found["failauc"].value == pytest.approx(2 / 3)
    assert found["fpr@95tpr"].value == pytest.approx(1.0)
    assert found["failap_suc"].value == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert found["failap_err"].value == pytest.approx(1 / 2)


def test_a_tie_of_a_failure_and_a_correct_prediction_counts_half() -> None:
    found = compute_metrics(np.array([1.0, 1.0]), np.array([True, False]))
    assert found["failauc"].value == pytest.approx(0.5)


def test_calibration_metrics_by_hand() -> None:
    # bins of 1/20: .9 and .8 and .7 and .6 fall in four of them; gaps .1, .2, .7, .4
    found = compute_metrics(VALUES, FAILURE)
    assert found["ece"].value == pytest.approx((0.1 + 0.2 + 0.7 + 0.4) / 4)
    assert found["mce"].value == pytest.approx(0.7)
    expected = -np.mean(np.log([0.9 + 1e-7, 0.8 + 1e-7, 0.3 + 1e-7, 0.6 + 1e-7]))
    assert found["fail-NLL"].value == pytest.approx(expected)
    assert found["fail-brier"].value == pytest.approx((0.01 + 0.04 + 0.49 + 0.16) / 4)


def test_classifier_metrics_by_hand() -> None:
    found = compute_metrics(VALUES, FAILURE, labels=LABELS, probabilities=PROBABILITIES)
    assert found["accuracy"].value == pytest.approx(3 / 4)
    assert found["b-accuracy"].value == pytest.approx((1 + 1 / 2) / 2)
    assert found["brier_score"].value == pytest.approx(2 * (0.01 + 0.04 + 0.49 + 0.16) / 4)
    assert found["nll"].value == pytest.approx(-np.mean(np.log(np.array([0.9, 0.8, 0.3, 0.6]) + 1e-7)))


def test_a_label_that_is_no_class_leaves_the_whole_softmax_undefined() -> None:
    found = compute_metrics(VALUES, FAILURE, labels=np.array([0, 1, -99, 5]), probabilities=PROBABILITIES)
    assert found["nll"].why == "the true class of 2 samples is none of the model's"
    assert found["brier_score"].value is None
    assert found["aurc-ba"].value is not None


def test_a_confidence_beside_the_score_is_what_calibration_is_measured_on() -> None:
    logits = np.array([5.0, 3.0, 2.0, 1.0])
    bare = compute_metrics(logits, FAILURE, keys=("ece", "aurc"))
    assert "normalise it on a validation study" in bare["ece"].why
    beside = compute_metrics(logits, FAILURE, confidence=VALUES, keys=("ece", "aurc"))
    assert beside["ece"] == compute_metrics(VALUES, FAILURE, keys=("ece",))["ece"]
    assert beside["aurc"] == bare["aurc"]


def test_an_unknown_metric_fails_and_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match=r"aurc.*failauc.*nll"):
        compute_metrics(VALUES, FAILURE, keys=("arc",))
    assert find_metric("augrc").label == "AUGRC"


def test_metrics_come_in_the_order_asked() -> None:
    assert list(compute_metrics(VALUES, FAILURE, keys=("augrc", "aurc"))) == ["augrc", "aurc"]


def test_arrays_of_different_lengths_and_bad_weights_are_refused() -> None:
    with pytest.raises(SfvisualsError, match="4 scores and 3 labels"):
        compute_metrics(VALUES, FAILURE, labels=LABELS[:3])
    for bad in (-1.0, np.nan, np.inf):
        with pytest.raises(SfvisualsError, match=f"Sample 2 has weight {bad}"):
            compute_metrics(VALUES, FAILURE, weights=np.array([1.0, 2.0, bad, 1.0]))


def test_a_sample_of_weight_0_is_not_there() -> None:
    found = compute_metrics(VALUES, FAILURE, weights=np.array([1.0, 1.0, 0.0, 2.0]), keys=("aurc",))["aurc"]
    assert (found.value, found.n, found.failures) == (0.0, 3, 0)
