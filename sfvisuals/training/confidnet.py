"""ConfidNet (Corbiere et al., NeurIPS 2019): a network that learns the classifier's true-class probability.

    L = (1/B) sum_i ( c(x_i) - p_i(y_i) )^2                              (equation 4)

p is the softmax of the trained classifier, which stays as it is. Two stages (section 2.3): first the layers
of the confidence network alone, upon the classifier's own features; then the confidence network together
with its own copy of the encoder, at a low learning rate. In both, dropout is off and batch norm keeps its
statistics. The classifier's predictions never change.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from sfvisuals.training.classifier import Classifier
from sfvisuals.training.objective import Objective


def confidnet_loss(confidence: Tensor, logits: Tensor, y: Tensor) -> Tensor:
    """Scalar of (B,) confidences in 0..1, (B, d) logits of the classifier and (B,) labels."""
    truth = functional.softmax(logits, dim=1).gather(1, y[:, None])[:, 0]
    return functional.mse_loss(confidence, truth)


def confidence_layers(width: int, hidden: Sequence[int]) -> nn.Sequential:
    """Linear layers with ReLU between them, down to one number before the sigmoid."""
    layers: list[nn.Module] = []
    for narrow in hidden:
        layers += [nn.Linear(width, narrow), nn.ReLU()]
        width = narrow
    return nn.Sequential(*layers, nn.Linear(width, 1))


class ConfidNetModel(nn.Module):
    """Images to (the classifier's logits (B, d), confidence (B,)).

    Args:
        classifier: trained; copied, never changed.
        hidden: widths of the layers before the confidence.
    """

    def __init__(self, classifier: Classifier, *, hidden: Sequence[int]) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(classifier.backbone)
        self.dropout = nn.Dropout(classifier.dropout.p)
        self.confidence = confidence_layers(classifier.width, hidden)
        self.classifier = copy.deepcopy(classifier)
        self.classifier.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The dropout before the confidence layers only matters in Monte-Carlo passes."""
        confidence = torch.sigmoid(self.confidence(self.dropout(self.encoder(x)))[:, 0])
        return self.classifier(x), confidence


class ConfidNet(Objective):
    """One of the two stages.

    Args:
        model: with a trained classifier.
        fine_tuning: train the copy of the encoder too.
    """

    keeps_lowest_loss = True

    def __init__(self, model: ConfidNetModel, *, fine_tuning: bool) -> None:
        super().__init__()
        self.model = model
        model.encoder.requires_grad_(fine_tuning)

    def train(self, mode: bool = True) -> ConfidNet:
        """Dropout stays off and batch norm keeps its statistics: every layer stays in eval mode."""
        super().train(mode)
        self.model.eval()
        return self

    def loss(self, x: Tensor, y: Tensor, *, epoch: int) -> Tensor:
        """Squared distance from the true-class probability."""
        logits, confidence = self.model(x)
        return confidnet_loss(confidence, logits.detach(), y)

    def validate(self, x: Tensor, y: Tensor, *, epoch: int) -> tuple[Tensor, Tensor]:
        """The same, and the classifier's classes."""
        logits, confidence = self.model(x)
        return confidnet_loss(confidence, logits, y), logits.argmax(1)
