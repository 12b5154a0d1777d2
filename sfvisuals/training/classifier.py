"""The classifier that every method builds on: backbone, dropout, one linear layer."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from sfvisuals.training.backbones import build_backbone, width_of
from sfvisuals.training.options import BackboneOptions


class Classifier(nn.Module):
    """Images (B, C, H, W) to logits (B, outputs).

    Args:
        options: which backbone and how much dropout.
        channels: of the images.
        outputs: number of logits: the classes, and one more for Deep Gamblers.

    Attributes:
        width: number of features l.
        head: the last linear layer, whose input are the latents.
    """

    def __init__(self, options: BackboneOptions, *, channels: int, outputs: int) -> None:
        super().__init__()
        self.backbone = build_backbone(options.name, channels=channels, weights=options.weights)
        self.width = width_of(self.backbone, channels=channels)
        self.dropout = nn.Dropout(options.dropout)
        self.head = nn.Linear(self.width, outputs)

    def features(self, x: Tensor) -> Tensor:
        """(B, l) before the dropout."""
        features: Tensor = self.backbone(x)
        return features

    def forward(self, x: Tensor) -> Any:
        """(B, outputs) logits."""
        return self.head(self.dropout(self.features(x)))
