"""The classifier itself, whatever its confidence: accuracy, Brier score, negative log-likelihood."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.metrics.calibration import TINY, mean_of
from sfvisuals.metrics.ranked import Ranked, as_ranked
from sfvisuals.metrics.records import MetricValue
from sfvisuals.types import BoolArray, FloatArray, IntArray

# a softmax in half precision may leave 0..1 by so much
ROUNDING: Final = 1e-3


def accuracy(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Share of correct predictions. 0..1, high = good. The score plays no part."""
    ranked = as_ranked(values, failure, weights=weights)
    if not ranked.n:
        return ranked.undefined("there are no samples")
    return ranked.defined((ranked.total - ranked.total_wrong) / ranked.total)


def brier_score(
    ranked: Ranked,
) -> MetricValue:
    """Brier score over all classes: mean over samples of sum_k (p_k - [k is the label])^2.

    0..2, low = good. Undefined where a label is not among the classes. Brier 1950.
    """
    ranked = as_ranked(ranked, None)
    losses, why = brier_losses(ranked)
    return ranked.undefined(why) if why else ranked.defined(mean_of(losses, ranked.weights))


def brier_losses(ranked: Ranked) -> tuple[FloatArray, str]:
    """(n,) squared gaps of each sample, summed over classes; and why there are none."""
    of_truth, why = _of_truth(ranked)
    if why or ranked.probabilities is None:
        return of_truth, why
    # sum_k p_k^2 - 2 p_y + 1 would lose digits where p is close to the truth
    squares = np.einsum("ij,ij->i", ranked.probabilities, ranked.probabilities, dtype=np.float64)
    others = np.maximum(squares - of_truth * of_truth, 0.0)
    return others + (1 - of_truth) ** 2, ""


def nll(ranked: Ranked) -> MetricValue:
    """Negative log-likelihood of the true class: -mean log(p_y + 1e-7).

    Nats, from 0 to 16.1, low = good. fd-shifts prints it divided by the number of classes. Undefined where a
    label is not among the classes.
    """
    ranked = as_ranked(ranked, None)
    losses, why = nll_losses(ranked)
    return ranked.undefined(why) if why else ranked.defined(mean_of(losses, ranked.weights))


def nll_losses(ranked: Ranked) -> tuple[FloatArray, str]:
    """(n,) -ln(p_y + 1e-7) of each sample; and why there is none."""
    of_truth, why = _of_truth(ranked)
    return (of_truth, why) if why else (-np.log(of_truth + TINY), "")


def _of_truth(ranked: Ranked) -> tuple[FloatArray, str]:
    """(n,) probability of the true class, and why there is none."""
    none = np.empty(0)
    if not ranked.n:
        return none, "there are no samples"
    if ranked.probabilities is None:
        return none, "needs the probabilities of all classes"
    if ranked.labels is None:
        return none, "needs the true class of each sample"
    labels: IntArray = ranked.labels
    outside = int(np.count_nonzero((labels < 0) | (labels >= ranked.probabilities.shape[1])))
    if outside:
        return none, f"the true class of {outside:,} samples is none of the model's"
    found = ranked.probabilities[np.arange(ranked.n), labels].astype(np.float64)
    missing = int(np.count_nonzero(np.isnan(found)))
    if missing:
        return found, f"{missing:,} of {ranked.n:,} samples have no probabilities (NaN)"
    if found.min() < -ROUNDING or found.max() > 1 + ROUNDING:
        return found, "what was given as probabilities is none (not within 0..1)"
    return found, ""
