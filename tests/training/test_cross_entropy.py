from __future__ import annotations

import math

import pytest
import torch

from sfvisuals.training.cross_entropy import cross_entropy_loss

# softmax of (ln 3, 0) is (3/4, 1/4).
LOGITS = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])


def test_the_loss_is_the_mean_of_minus_log_of_the_true_class() -> None:
    loss = cross_entropy_loss(LOGITS, torch.tensor([0, 1]))
    assert float(loss) == pytest.approx(-(math.log(3 / 4) + math.log(1 / 4)) / 2, abs=1e-6)


def test_class_weights_make_it_a_weighted_mean() -> None:
    loss = cross_entropy_loss(LOGITS, torch.tensor([0, 1]), weights=torch.tensor([1.0, 3.0]))
    assert float(loss) == pytest.approx(-(math.log(3 / 4) + 3 * math.log(1 / 4)) / 4, abs=1e-6)
