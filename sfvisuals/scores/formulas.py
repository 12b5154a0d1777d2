"""One function per confidence score: rows of outputs -> (n,) float64, high = confident.

Orientation is settled here and nowhere else: what is an uncertainty by nature (entropies, mutual
information, spread) is negated here.
"""

from __future__ import annotations

import numpy as np

from sfvisuals.scores.arrays import Batch, argmax, entropy, logsumexp
from sfvisuals.types import FloatArray


def msr(batch: Batch) -> FloatArray:
    """Maximum softmax response: max_k p_k. Hendrycks & Gimpel 2017."""
    best: FloatArray = batch.probabilities.max(axis=1)
    return best


def predictive_entropy(batch: Batch) -> FloatArray:
    """Negated entropy: sum_k p_k log p_k."""
    return -entropy(batch.probabilities)


def mc_msr(batch: Batch) -> FloatArray:
    """Maximum of the MC-mean softmax. Gal & Ghahramani 2016."""
    best: FloatArray = batch.mc_mean.max(axis=1)
    return best


def mc_predictive_entropy(batch: Batch) -> FloatArray:
    """Negated entropy of the MC-mean softmax."""
    return -entropy(batch.mc_mean)


def mc_expected_entropy(batch: Batch) -> FloatArray:
    """Negated mean over the passes of the entropies."""
    return -_expected_entropy(batch)


def mc_mutual_information(batch: Batch) -> FloatArray:
    """Negated (entropy of the MC-mean softmax - mean entropy). Houlsby et al. 2011."""
    return _expected_entropy(batch) - entropy(batch.mc_mean)


def mc_softmax_variation(batch: Batch) -> FloatArray:
    """Negated mean over the classes of the standard deviation over the passes (ddof 0)."""
    spread: FloatArray = batch.mc_probabilities.std(axis=2).mean(axis=1)
    return -spread


def max_logit(batch: Batch) -> FloatArray:
    """Maximum logit. Hendrycks et al. 2022."""
    best: FloatArray = batch.logits.max(axis=1)
    return best


def mc_max_logit(batch: Batch) -> FloatArray:
    """Maximum over the classes of the MC-mean logits."""
    best: FloatArray = batch.mc_logits.mean(axis=2).max(axis=1)
    return best


def energy(batch: Batch) -> FloatArray:
    """Negated energy: log sum_k exp(logit_k). Liu et al. 2020."""
    return logsumexp(batch.logits)


def external(batch: Batch) -> FloatArray:
    """The model's own confidence head, as written."""
    return batch.external


def external_mc(batch: Batch) -> FloatArray:
    """Mean over the passes of the external confidence."""
    mean: FloatArray = batch.external_mc.mean(axis=1)
    return mean


def external_waic(batch: Batch) -> FloatArray:
    """Mean - standard deviation (ddof 0) over the passes of the external confidence."""
    result: FloatArray = batch.external_mc.mean(axis=1) - batch.external_mc.std(axis=1)
    return result


def mc_waic(batch: Batch) -> FloatArray:
    """p(k*) - std over the passes of p(k*), with k* = argmax of the MC-mean softmax and p(k*) its mean."""
    top = argmax(batch.mc_mean)
    passes = np.take_along_axis(batch.mc_probabilities, top[:, None, None], axis=1)[:, 0, :]
    result: FloatArray = passes.mean(axis=1) - passes.std(axis=1)
    return result


def _expected_entropy(batch: Batch) -> FloatArray:
    mean: FloatArray = entropy(batch.mc_probabilities).mean(axis=1)
    return mean
