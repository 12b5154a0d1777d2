from __future__ import annotations

import pytest
import torch

from sfvisuals.training.objective import balanced_weights, weighted_mean


def test_balanced_weights_are_inverse_to_how_often_a_class_occurs() -> None:
    # 6 samples, 2 classes: 6 / (2 * 4) and 6 / (2 * 2).
    weights = balanced_weights(torch.tensor([0, 0, 0, 0, 1, 1]), classes=2)
    assert weights.tolist() == pytest.approx([0.75, 1.5])


def test_a_class_without_samples_weighs_nothing() -> None:
    assert balanced_weights(torch.tensor([0, 0]), classes=2).tolist() == pytest.approx([0.5, 0.0])


def test_the_weighted_mean_divides_by_the_weights_of_the_batch() -> None:
    mean = weighted_mean(torch.tensor([1.0, 4.0]), torch.tensor([0, 1]), torch.tensor([1.0, 2.0]))
    assert float(mean) == pytest.approx((1 * 1 + 2 * 4) / 3)
