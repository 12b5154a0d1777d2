from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from sfvisuals.errors import SettingsError
from sfvisuals.training.classifier import Classifier
from sfvisuals.training.deep_gamblers import DeepGamblers, DeepGamblersModel, deep_gamblers_loss
from sfvisuals.training.options import BackboneOptions, DeepGamblersOptions

# softmax of (ln 2, 0, 0) is (1/2, 1/4, 1/4); the last is the reservation.
OUTPUTS = torch.tensor([[math.log(2), 0.0, 0.0], [math.log(2), 0.0, 0.0]])


def test_the_reservation_pays_its_share_divided_by_the_reward() -> None:
    loss = deep_gamblers_loss(OUTPUTS, torch.tensor([0, 1]), reward=2.0)
    expected = -(math.log(1 / 2 + 1 / 8) + math.log(1 / 4 + 1 / 8)) / 2
    assert float(loss) == pytest.approx(expected, abs=1e-6)


def test_class_weights_make_it_a_weighted_mean() -> None:
    loss = deep_gamblers_loss(OUTPUTS, torch.tensor([0, 1]), reward=2.0, weights=torch.tensor([1.0, 3.0]))
    assert float(loss) == pytest.approx(-(math.log(5 / 8) + 3 * math.log(3 / 8)) / 4, abs=1e-6)


def test_outputs_far_apart_neither_overflow_nor_vanish() -> None:
    outputs = torch.tensor([[1000.0, -1000.0, 0.0]], requires_grad=True)
    loss = deep_gamblers_loss(outputs, torch.tensor([1]), reward=2.0)
    loss.backward()
    # p(true) is 0 and the reservation e^-1000: -log(e^-1000 / 2).
    assert loss.item() == pytest.approx(1000 + math.log(2), rel=1e-6)
    assert outputs.grad is not None
    assert bool(outputs.grad.isfinite().all())


class Fixed(Classifier):
    """Gives the outputs above for any image."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.head = nn.Linear(1, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return OUTPUTS[: len(x)]


def test_the_model_gives_class_logits_and_one_minus_the_reservation() -> None:
    logits, confidence = DeepGamblersModel(Fixed())(torch.zeros(2, 1, 8, 8))
    assert logits.tolist() == OUTPUTS[:, :2].tolist()
    assert confidence.tolist() == pytest.approx([0.75, 0.75])


def test_the_first_epochs_minimise_the_cross_entropy_of_the_classes_alone() -> None:
    objective = DeepGamblers(Fixed(), DeepGamblersOptions(reward=1.5, pretraining_epochs=2))
    x, y = torch.zeros(2, 1, 8, 8), torch.tensor([0, 0])
    # softmax of (ln 2, 0) is (2/3, 1/3).
    assert float(objective.loss(x, y, epoch=1)) == pytest.approx(-math.log(2 / 3), abs=1e-6)
    assert float(objective.loss(x, y, epoch=2)) == pytest.approx(-math.log(1 / 2 + 1 / 6), abs=1e-6)
    assert objective.first_kept == 2


@pytest.mark.parametrize("reward", [1.0, 2.5])
def test_a_reward_that_is_no_bet_is_refused(reward: float) -> None:
    classifier = Classifier(BackboneOptions(), channels=1, outputs=3)
    with pytest.raises(SettingsError, match="no bet") as error:
        DeepGamblers(classifier, DeepGamblersOptions(reward=reward))
    assert f"found {reward}; expected more than 1 and at most 2" in error.value.detail
