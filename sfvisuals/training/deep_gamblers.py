"""Deep Gamblers (Liu et al., NeurIPS 2019): one more output, the reservation, on which nothing is betted.

    L = -(1/B) sum_i log( p_i(y_i) + p_i(d+1) / o ),  p = softmax over all d+1 outputs      (equation 5)

with the reward o, 1 < o <= d. The first epochs minimise the cross-entropy of the d class outputs, without
which training may end in abstaining always. The confidence DG-RES is 1 - p(d+1); DG-MCD-MSR is the maximum
softmax response of the class outputs under Monte-Carlo dropout.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from sfvisuals.errors import SettingsError
from sfvisuals.training.classifier import Classifier
from sfvisuals.training.cross_entropy import cross_entropy_loss
from sfvisuals.training.objective import Objective, weighted_mean
from sfvisuals.training.options import DeepGamblersOptions


def deep_gamblers_loss(outputs: Tensor, y: Tensor, *, reward: float, weights: Tensor | None = None) -> Tensor:
    """Scalar of (B, d+1) outputs before the softmax, the last of which is the reservation, and (B,) labels.

    The logarithm is taken of a sum of exponentials, so that nothing overflows or vanishes.
    """
    logs = functional.log_softmax(outputs, dim=1)
    right = logs.gather(1, y[:, None])[:, 0]
    return weighted_mean(-torch.logaddexp(right, logs[:, -1] - math.log(reward)), y, weights)


class DeepGamblersModel(nn.Module):
    """Images to (class logits (B, d), 1 - reservation (B,)).

    Args:
        classifier: with one output more than classes.
    """

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits, and the confidence that high means confident in."""
        outputs: Tensor = self.classifier(x)
        return outputs[:, :-1], 1 - functional.softmax(outputs, dim=1)[:, -1]


class DeepGamblers(Objective):
    """A classifier with a reservation.

    Args:
        classifier: with one output more than classes.
        options: reward and pretraining.
        weights: (d,) per class, or None.

    Raises SettingsError for a reward that is no bet.
    """

    weights: Tensor | None

    def __init__(
        self, classifier: Classifier, options: DeepGamblersOptions, *, weights: Tensor | None = None
    ) -> None:
        super().__init__()
        classes = classifier.head.out_features - 1
        if not 1 < options.reward <= classes:
            raise SettingsError(
                "The reward of Deep Gamblers is no bet",
                detail=f"deep_gamblers.reward: found {options.reward}; expected more than 1 and at most"
                f" {classes}, the number of classes.",
                hint="Below or at 1 abstaining always pays, above the number of classes betting always does.",
            )
        self.classifier = classifier
        self.reward = options.reward
        self.pretraining_epochs = options.pretraining_epochs
        self.first_kept = options.pretraining_epochs
        self.register_buffer("weights", weights, persistent=False)

    def loss(self, x: Tensor, y: Tensor, *, epoch: int) -> Tensor:
        """Cross-entropy while pretraining, the gambler's loss afterwards."""
        return self._loss(self.classifier(x), y, epoch)

    def validate(self, x: Tensor, y: Tensor, *, epoch: int) -> tuple[Tensor, Tensor]:
        """The same loss and the class of highest probability, the reservation aside."""
        outputs = self.classifier(x)
        return self._loss(outputs, y, epoch), outputs[:, :-1].argmax(1)

    def _loss(self, outputs: Tensor, y: Tensor, epoch: int) -> Tensor:
        if epoch < self.pretraining_epochs:
            return cross_entropy_loss(outputs[:, :-1], y, weights=self.weights)
        return deep_gamblers_loss(outputs, y, reward=self.reward, weights=self.weights)
