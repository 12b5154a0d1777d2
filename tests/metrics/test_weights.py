"""Costs and prevalences as weights."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import class_weights, compute_metrics

LABELS = np.array([0, 0, 0, 1])


def test_without_costs_and_prevalence_every_weight_is_one() -> None:
    np.testing.assert_array_equal(class_weights(LABELS), np.ones(4))


def test_a_missed_malignant_of_cost_5_counts_like_five_mistakes() -> None:
    weights = class_weights(LABELS, cost={1: 5})
    np.testing.assert_allclose(weights, np.array([1, 1, 1, 5]) / 2)
    missed = compute_metrics(np.arange(4.0), LABELS == 1, weights=weights, keys=("accuracy",))["accuracy"]
    assert missed.value == pytest.approx(3 / 8)


def test_a_target_prevalence_makes_the_accuracy_that_of_the_target() -> None:
    # all of class 1 are wrong; where half of the patients are of class 1 half of the predictions are wrong
    weights = class_weights(LABELS, prevalence={0: 0.5, 1: 0.5})
    found = compute_metrics(np.arange(4.0), LABELS == 1, weights=weights, keys=("accuracy",))["accuracy"]
    assert found.value == pytest.approx(1 / 2)
    assert weights.mean() == pytest.approx(1)


def test_prevalence_as_counts_does_as_well_and_0_leaves_a_class_out() -> None:
    np.testing.assert_allclose(
        class_weights(LABELS, prevalence={0: 10, 1: 30}), class_weights(LABELS, prevalence={0: 0.25, 1: 0.75})
    )
    np.testing.assert_allclose(class_weights(LABELS, prevalence={0: 1, 1: 0})[3], 0)


def test_what_cannot_be_weighed_is_refused() -> None:
    with pytest.raises(SfvisualsError, match="class 1"):
        class_weights(LABELS, prevalence={0: 1})
    with pytest.raises(SfvisualsError, match="negative"):
        class_weights(LABELS, cost={0: -1})
    with pytest.raises(SfvisualsError, match="weight 0"):
        class_weights(LABELS, cost={0: 0, 1: 0})
    assert class_weights(np.empty(0, int)).shape == (0,)
