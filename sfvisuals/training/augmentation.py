"""Random changes of a batch of training images, on whatever device it lies."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sfvisuals.capture.records import Preprocessing
from sfvisuals.training.options import AugmentationOptions


class Augmentation(nn.Module):
    """Changes every image of a batch by its own random numbers, drawn from torch's generator.

    Args:
        options: which changes and how strong.
        preprocessing: brightness and contrast mean pixels of 0..1, so its mean and std are taken off first.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, options: AugmentationOptions, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.options = options
        for name, values in (("mean", preprocessing.mean), ("std", preprocessing.std)):
            self.register_buffer(name, torch.tensor(values).reshape(1, -1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) inputs, changed."""
        chosen = self.options
        if chosen.flip_horizontal:
            x = torch.where(self._coins(x), x.flip(3), x)
        if chosen.flip_vertical:
            x = torch.where(self._coins(x), x.flip(2), x)
        if chosen.shift:
            x = shifted(x, self._between(x, 2) * chosen.shift)
        if chosen.brightness or chosen.contrast:
            x = self._jittered(x)
        return x

    def _coins(self, x: Tensor) -> Tensor:
        return torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5

    def _between(self, x: Tensor, count: int) -> Tensor:
        """(B, count) uniform in -1..1."""
        return torch.rand(len(x), count, device=x.device, dtype=x.dtype) * 2 - 1

    def _jittered(self, x: Tensor) -> Tensor:
        drawn = self._between(x, 2)[:, :, None, None]
        pixels = x * self.std + self.mean
        middle = pixels.mean(dim=(1, 2, 3), keepdim=True)
        stretched = (pixels - middle) * (1 + self.options.contrast * drawn[:, :1]) + middle
        brighter = stretched + self.options.brightness * drawn[:, 1:]
        return (brighter.clamp(0, 1) - self.mean) / self.std


def shifted(x: Tensor, shares: Tensor) -> Tensor:
    """Every image moved by whole pixels, edges repeated.

    Args:
        x: (B, C, H, W).
        shares: (B, 2) of the height (down is positive) and of the width (right is positive).
    """
    height, width = x.shape[2:]
    down = torch.round(shares[:, 0] * height).long()
    right = torch.round(shares[:, 1] * width).long()
    rows = (torch.arange(height, device=x.device)[None] - down[:, None]).clamp(0, height - 1)
    columns = (torch.arange(width, device=x.device)[None] - right[:, None]).clamp(0, width - 1)
    batch = torch.arange(len(x), device=x.device)
    # Advanced indices with a slice between them put the channels last.
    return x[batch[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2).contiguous()
