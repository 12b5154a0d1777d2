from __future__ import annotations

import math

import pytest
import torch

from sfvisuals.training.devries import Devries, DevriesModel, devries_losses, next_confidence_weight
from sfvisuals.training.options import BackboneOptions, DevriesOptions

# softmax of (ln 3, 0) is (3/4, 1/4); the true class is the second.
LOGITS = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
LABELS = torch.tensor([1, 1])
CONFIDENCE = torch.tensor([0.8, 0.8])


def test_a_hint_moves_the_probability_towards_the_truth() -> None:
    task, spent = devries_losses(LOGITS, CONFIDENCE, LABELS, hinted=torch.tensor([True, False]))
    # With a hint 0.8 * 1/4 + 0.2 = 0.4, without one 1/4.
    assert float(task) == pytest.approx(-(math.log(0.4) + math.log(0.25)) / 2, abs=1e-6)
    assert float(spent) == pytest.approx(-math.log(0.8), abs=1e-6)


def test_class_weights_apply_to_the_task_and_not_to_the_confidence() -> None:
    task, spent = devries_losses(
        LOGITS,
        CONFIDENCE,
        torch.tensor([0, 1]),
        hinted=torch.tensor([False, False]),
        weights=torch.tensor([1.0, 3.0]),
    )
    assert float(task) == pytest.approx(-(math.log(0.75) + 3 * math.log(0.25)) / 4, abs=1e-6)
    assert float(spent) == pytest.approx(-math.log(0.8), abs=1e-6)


def test_a_confidence_of_zero_or_one_gives_finite_losses() -> None:
    losses = devries_losses(LOGITS, torch.tensor([0.0, 1.0]), LABELS, hinted=torch.tensor([True, True]))
    assert all(math.isfinite(float(loss)) for loss in losses)


@pytest.mark.parametrize(("spent", "expected"), [(0.2, 0.1 / 1.01), (0.3, 0.1 / 0.99), (0.4, 0.1 / 0.99)])
def test_lambda_shrinks_below_the_budget_and_grows_at_it_or_above(spent: float, expected: float) -> None:
    moved = next_confidence_weight(torch.tensor(0.1), torch.tensor(spent), budget=0.3)
    assert float(moved) == pytest.approx(expected)


def test_each_step_moves_lambda_and_a_checkpoint_keeps_it() -> None:
    torch.manual_seed(0)
    objective = Devries(DevriesModel(BackboneOptions(), channels=1, classes=2), DevriesOptions(budget=100.0))
    for _ in range(3):
        objective.loss(torch.zeros(4, 1, 16, 16), torch.tensor([0, 1, 0, 1]), epoch=0)
    assert float(objective.state_dict()["confidence_weight"]) == pytest.approx(0.1 / 1.01**3)


def test_validation_takes_no_hints_so_that_lambda_does_not_move_it() -> None:
    torch.manual_seed(0)
    objective = Devries(DevriesModel(BackboneOptions(), channels=1, classes=2), DevriesOptions()).eval()
    x, y = torch.rand(4, 1, 16, 16), torch.tensor([0, 1, 0, 1])
    before, _ = objective.validate(x, y, epoch=0)
    objective.confidence_weight.fill_(5.0)
    after, predicted = objective.validate(x, y, epoch=0)
    assert before.item() == after.item()
    assert predicted.shape == (4,)
