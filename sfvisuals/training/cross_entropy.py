"""Plain cross-entropy with dropout: the scores MSR and PE, and under Monte-Carlo dropout MCD-MSR, -PE, -EE.

    L = -(1/B) sum_i log p_i(y_i),  p = softmax(z)

Hendrycks and Gimpel, ICLR 2017 (the maximum softmax response); Gal and Ghahramani, ICML 2016 (dropout that
stays on at test time: q = (1/M) sum_m softmax(z_m)).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from sfvisuals.training.classifier import Classifier
from sfvisuals.training.objective import Objective


def cross_entropy_loss(logits: Tensor, y: Tensor, *, weights: Tensor | None = None) -> Tensor:
    """Scalar of (B, d) logits and (B,) labels; `weights` (d,) per class."""
    return functional.cross_entropy(logits, y, weight=weights)


class CrossEntropy(Objective):
    """A classifier that learns by cross-entropy.

    Args:
        classifier: with as many outputs as classes.
        weights: (d,) per class, or None.
    """

    weights: Tensor | None

    def __init__(self, classifier: Classifier, *, weights: Tensor | None = None) -> None:
        super().__init__()
        self.classifier = classifier
        self.register_buffer("weights", weights, persistent=False)

    def loss(self, x: Tensor, y: Tensor, *, epoch: int) -> Tensor:
        """The cross-entropy."""
        return cross_entropy_loss(self.classifier(x), y, weights=self.weights)

    def validate(self, x: Tensor, y: Tensor, *, epoch: int) -> tuple[Tensor, Tensor]:
        """The cross-entropy and the classes of highest probability."""
        logits = self.classifier(x)
        return cross_entropy_loss(logits, y, weights=self.weights), logits.argmax(1)
