"""Scores on latents and on validation-fitted logits: rows of a run -> (n,) float64, high = confident."""

from __future__ import annotations

from sfvisuals.scores.arrays import Batch, argmax, logsumexp, softmax
from sfvisuals.scores.features_fit import neighbour_distance, react_logits
from sfvisuals.types import FloatArray


def mahalanobis(batch: Batch) -> FloatArray:
    """Negated Mahalanobis distance to the mean of the predicted class. Lee et al. 2018."""
    return batch.fits.maha(batch.latents, argmax(batch.outputs))


def vim(batch: Batch) -> FloatArray:
    """Energy minus the virtual logit, the scaled part of the latents off the main directions. Wang 2022."""
    return batch.fits.vim(batch.latents, logsumexp(batch.logits))


def deep_knn(batch: Batch) -> FloatArray:
    """Negated squared distance to the 50th nearest of at most 1,000 training samples. Sun et al. 2022."""
    return -neighbour_distance(batch.latents, batch.fits.bank)


def temperature_msr(batch: Batch) -> FloatArray:
    """Largest softmax of the logits divided by the temperature fitted on validation. Guo et al. 2017."""
    best: FloatArray = softmax(batch.logits / batch.fits.temperature).max(axis=1)
    return best


def react_msr(batch: Batch) -> FloatArray:
    """Largest softmax of the rectified logits. Sun et al. 2021."""
    best: FloatArray = softmax(_rectified(batch)).max(axis=1)
    return best


def react_max_logit(batch: Batch) -> FloatArray:
    """Largest rectified logit."""
    best: FloatArray = _rectified(batch).max(axis=1)
    return best


def react_energy(batch: Batch) -> FloatArray:
    """Negated energy of the rectified logits."""
    return logsumexp(_rectified(batch))


def react_temperature_msr(batch: Batch) -> FloatArray:
    """Largest softmax of the rectified logits divided by their temperature fitted on validation."""
    best: FloatArray = softmax(_rectified(batch) / batch.fits.react_temperature).max(axis=1)
    return best


def _rectified(batch: Batch) -> FloatArray:
    return react_logits(batch.latents, batch.fits.clip, *batch.fits.layer)
