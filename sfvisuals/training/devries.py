"""Learned confidence by hints (DeVries and Taylor, arXiv 1802.04865, 2018).

Beside the classes p = softmax(z) a head gives a confidence c in (0, 1). The network may ask for hints:

    p' = c p + (1 - c) y                            (equation 2, y one-hot)
    L  = -log p'(y) - lambda log c                  (equations 3 to 5)

Hints are given to half of each batch only, drawn anew (section 3.4); without one p' = p. After every step
lambda moves so that the confidence loss -log c stays at the budget beta (section 3.3): below it lambda
shrinks, above it lambda grows.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from sfvisuals.training.classifier import Classifier
from sfvisuals.training.cross_entropy import cross_entropy_loss
from sfvisuals.training.objective import Objective, weighted_mean
from sfvisuals.training.options import BackboneOptions, DevriesOptions

EPSILON = 1e-12
SHRINK, GROW = 1.01, 0.99


def devries_losses(
    logits: Tensor, confidence: Tensor, y: Tensor, *, hinted: Tensor, weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(task loss, confidence loss), both scalars.

    Args:
        logits: (B, d).
        confidence: (B,) in 0..1.
        y: (B,) labels.
        hinted: (B,) True where a hint may be had.
        weights: (d,) per class for the task loss, or None.
    """
    right = functional.softmax(logits, dim=1).gather(1, y[:, None])[:, 0].clamp(EPSILON, 1 - EPSILON)
    c = confidence.clamp(EPSILON, 1 - EPSILON)
    asked = torch.where(hinted, c, torch.ones_like(c))
    task = -torch.log(asked * right + (1 - asked))
    return weighted_mean(task, y, weights), -torch.log(c).mean()


def next_confidence_weight(weight: Tensor, confidence_loss: Tensor, *, budget: float) -> Tensor:
    """lambda for the next step: divided by 1.01 below the budget, else by 0.99, as the authors do."""
    return torch.where(confidence_loss < budget, weight / SHRINK, weight / GROW)


class DevriesModel(nn.Module):
    """Images to (logits (B, d), confidence (B,)).

    Args:
        options: which backbone and how much dropout.
        channels: of the images.
        classes: d.
    """

    def __init__(self, options: BackboneOptions, *, channels: int, classes: int) -> None:
        super().__init__()
        self.classifier = Classifier(options, channels=channels, outputs=classes)
        self.confidence = nn.Linear(self.classifier.width, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Both heads see the same features after the same dropout."""
        features = self.classifier.dropout(self.classifier.features(x))
        confidence = torch.sigmoid(self.confidence(features)[:, 0])
        return self.classifier.head(features), confidence


class Devries(Objective):
    """A classifier that learns when to ask for hints.

    Args:
        model: with both heads.
        options: budget, lambda and the share of hints.
        weights: (d,) per class, or None.

    Attributes:
        confidence_weight: lambda, a buffer, so that a checkpoint keeps it.
    """

    weights: Tensor | None
    confidence_weight: Tensor

    def __init__(
        self, model: DevriesModel, options: DevriesOptions, *, weights: Tensor | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.budget, self.hint_share = options.budget, options.hint_share
        self.register_buffer("confidence_weight", torch.tensor(options.confidence_weight))
        self.register_buffer("weights", weights, persistent=False)

    def loss(self, x: Tensor, y: Tensor, *, epoch: int) -> Tensor:
        """Task loss plus lambda times confidence loss; moves lambda for the next step."""
        logits, confidence = self.model(x)
        hinted = torch.rand(len(y), device=x.device) < self.hint_share
        task, spent = devries_losses(logits, confidence, y, hinted=hinted, weights=self.weights)
        total = task + self.confidence_weight.clone() * spent
        moved = next_confidence_weight(self.confidence_weight, spent.detach(), budget=self.budget)
        self.confidence_weight.copy_(moved)
        return total

    def validate(self, x: Tensor, y: Tensor, *, epoch: int) -> tuple[Tensor, Tensor]:
        """The cross-entropy without any hint, which lambda does not move, and the predicted classes."""
        logits, _ = self.model(x)
        return cross_entropy_loss(logits, y, weights=self.weights), logits.argmax(1)
