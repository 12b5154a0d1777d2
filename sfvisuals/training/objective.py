"""What the training loop asks of a method."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class Objective(nn.Module, ABC):
    """A model with the loss that it is trained by.

    Attributes:
        first_kept: first epoch (from 0) whose weights may be kept as the best.
        keeps_lowest_loss: the validation loss decides, whatever the options monitor.
    """

    first_kept = 0
    keeps_lowest_loss = False

    @abstractmethod
    def loss(self, x: Tensor, y: Tensor, *, epoch: int) -> Tensor:
        """Scalar to be minimised, for (B, C, H, W) images and (B,) labels in this epoch (from 0)."""

    @abstractmethod
    def validate(self, x: Tensor, y: Tensor, *, epoch: int) -> tuple[Tensor, Tensor]:
        """(scalar loss, (B,) predictions) on validation images."""


def weighted_mean(losses: Tensor, y: Tensor, weights: Tensor | None) -> Tensor:
    """Mean of (B,) losses; with (d,) class weights w: sum of w_y loss over the sum of w_y."""
    if weights is None:
        return losses.mean()
    shares = weights[y]
    return (shares * losses).sum() / shares.sum()


def balanced_weights(labels: Tensor, *, classes: int) -> Tensor:
    """(d,) n / (d n_c): every class counts the same; 0 for a class without samples."""
    counts = torch.bincount(labels, minlength=classes).double()
    weights = torch.where(counts > 0, len(labels) / (classes * counts.clamp(min=1)), torch.zeros_like(counts))
    return weights.float()
