"""Small networks for the tests of the capture, and what a folder holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

CLASSES = ("mole", "melanoma", "wart")


class SmallNet(nn.Module):
    """Three classes, eight latents; dropout of maps and of latents, batch norm."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.Dropout2d(0.2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(8, 3))
        nn.init.normal_(self.head[1].weight, std=5.0)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))


class WithConfidence(nn.Module):
    """The same with a confidence head, which runs after the classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.net = SmallNet()
        self.confidence = nn.Linear(8, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        latents = self.net.features(images)
        return self.net.head(latents), torch.sigmoid(self.confidence(latents)).squeeze(1)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def array(folder: Path, name: str) -> np.ndarray:
    """One array of a run folder."""
    return np.load(folder / f"{name}.npy")
