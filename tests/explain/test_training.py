"""What the nearest training samples say, in a sentence."""

from __future__ import annotations

import numpy as np

from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.explain.training import training_words


def feature(name: str, values: list[float]) -> Feature:
    return Feature(name, name, FeatureKind.NUMBER, FeatureOrigin.MODEL, numbers=np.array(values))


def test_means_and_the_median_percentile_are_told() -> None:
    """Rows 0 and 2: predicted (1.0 + 0.8) / 2, true (0.0 + 0.2) / 2, median distance of 40 and 60."""
    features = [
        feature("model:train_distance", [40, 99, 60]),
        feature("model:train_predicted", [1.0, 0.0, 0.8]),
        feature("model:train_true", [0.0, 1.0, 0.2]),
        feature("age", [50, 60, 70]),
    ]
    assert training_words(features, np.array([0, 2])) == (
        "Of their 10 nearest training samples 90 % have the predicted and 10 % the true class; "
        "they lie farther from the training samples than 50 % of validation."
    )


def test_without_training_latents_nothing_is_said() -> None:
    assert training_words([feature("age", [50.0])], np.array([0])) == ""


def test_a_new_class_has_no_share_of_its_own() -> None:
    features = [feature("model:train_predicted", [1.0]), feature("model:train_true", [np.nan])]
    assert training_words(features, np.array([0])) == ""
