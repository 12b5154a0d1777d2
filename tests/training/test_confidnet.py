from __future__ import annotations

import math

import pytest
import torch

from sfvisuals.training.classifier import Classifier
from sfvisuals.training.confidnet import ConfidNet, ConfidNetModel, confidnet_loss
from sfvisuals.training.options import BackboneOptions


def test_the_loss_is_the_squared_distance_from_the_true_class_probability() -> None:
    # softmax of (ln 3, 0) is (3/4, 1/4).
    logits = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
    loss = confidnet_loss(torch.tensor([0.9, 0.35]), logits, torch.tensor([0, 1]))
    assert float(loss) == pytest.approx((0.15**2 + 0.1**2) / 2, abs=1e-6)


def stepped(*, fine_tuning: bool) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """State of a ConfidNet before and after three steps of one stage."""
    torch.manual_seed(0)
    classifier = Classifier(BackboneOptions(), channels=1, outputs=2)
    objective = ConfidNet(ConfidNetModel(classifier, hidden=(8,)), fine_tuning=fine_tuning).train()
    before = {name: value.clone() for name, value in objective.model.state_dict().items()}
    changing = [weight for weight in objective.parameters() if weight.requires_grad]
    optimizer = torch.optim.SGD(changing, lr=1.0)
    for _ in range(3):
        optimizer.zero_grad()
        objective.loss(torch.rand(8, 1, 16, 16), torch.tensor([0, 1] * 4), epoch=0).backward()
        optimizer.step()
    return before, objective.model.state_dict()


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_the_first_stage_changes_only_the_confidence_layers() -> None:
    assert {name.split(".")[0] for name in changed(*stepped(fine_tuning=False))} == {"confidence"}


def test_fine_tuning_changes_the_copied_encoder_too_but_neither_classifier_nor_batch_norm_statistics() -> (
    None
):
    names = changed(*stepped(fine_tuning=True))
    assert {name.split(".")[0] for name in names} == {"confidence", "encoder"}
    assert [name for name in names if "running" in name or "num_batches" in name] == []


def test_it_keeps_the_classifiers_predictions() -> None:
    torch.manual_seed(0)
    classifier = Classifier(BackboneOptions(), channels=1, outputs=2).eval()
    model = ConfidNetModel(classifier, hidden=(8, 8)).eval()
    x = torch.rand(3, 1, 16, 16)
    logits, confidence = model(x)
    assert torch.equal(logits, classifier(x))
    assert confidence.shape == (3,)
    assert bool(((confidence > 0) & (confidence < 1)).all())
