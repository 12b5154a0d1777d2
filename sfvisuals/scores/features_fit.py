"""What the scores on latents learn from the training samples and from validation, made when first asked for.

Everything is float64 and read in chunks of rows, so memory does not grow with the training set. Training rows
with NaN or infinity are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from sfvisuals.types import FloatArray, IntArray, Run, StudyKind

ROWS_PER_CHUNK: Final = 4096
CLIP_QUANTILE: Final = 0.99
NEIGHBOUR: Final = 50
BANK_ROWS: Final = 1000
DIGITS: Final = 37
MOST_FOR_A_QUANTILE: Final = 20_000_000


@dataclass(frozen=True, eq=False)
class Mahalanobis:
    """Class means (d, l), NaN for a class without training samples, and inverse covariance (l, l) of all."""

    means: FloatArray
    inverse: FloatArray

    def __call__(self, latents: FloatArray, predicted: IntArray) -> FloatArray:
        """(n,) -(z - mean of the predicted class)' inverse (z - mean)."""
        away = latents - self.means[predicted]
        distance: FloatArray = np.einsum("ij,ij->i", away @ self.inverse, away)
        return -settled(distance)


@dataclass(frozen=True, eq=False)
class Vim:
    """Origin (l,), the directions of least variance (l, l - D), and the scale of their logit."""

    origin: FloatArray
    null_space: FloatArray
    alpha: float

    def __call__(self, latents: FloatArray, energy: FloatArray) -> FloatArray:
        """(n,) energy - alpha |projection on the null space|."""
        return settled(energy - self.alpha * self.residual(latents))

    def residual(self, latents: FloatArray) -> FloatArray:
        """(n,) length of what the principal directions do not hold."""
        length: FloatArray = np.linalg.norm((latents - self.origin) @ self.null_space, axis=1)
        return length


class Fits:
    """The fits of one run.

    Args:
        run: with train latents, last layer or validation study where a fit needs them.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    @cached_property
    def maha(self) -> Mahalanobis:
        """Lee et al., NeurIPS 2018, with the covariance of all training samples, as in fd-shifts."""
        train, labels = _given(self._run.train_latents), _given(self._run.train_labels)
        return fit_mahalanobis(train, labels, self._run.n_classes)

    @cached_property
    def vim(self) -> Vim:
        """Wang et al., CVPR 2022."""
        return fit_vim(_given(self._run.train_latents), *self.layer)

    @cached_property
    def layer(self) -> tuple[FloatArray, FloatArray]:
        """w (d, l), b (d,) of the classes; the reservation of Deep Gamblers, the row after them, is none."""
        w, b = _given(self._run.last_layer)
        d = self._run.n_classes
        return np.asarray(w[:d], np.float64), np.asarray(b[:d], np.float64)

    @cached_property
    def bank(self) -> FloatArray:
        """(m, l) at most 1,000 training latents, evenly spaced over all of them."""
        return neighbour_bank(_given(self._run.train_latents))

    @cached_property
    def clip(self) -> float:
        """99 % quantile of all training activations."""
        return activation_quantile(_given(self._run.train_latents))

    @cached_property
    def temperature(self) -> float:
        """Of the logits, fitted on validation."""
        rows = self._validation
        return self._temperature(np.asarray(_given(self._run.logits)[rows], np.float64))

    @cached_property
    def react_temperature(self) -> float:
        """Of the rectified logits, fitted on validation."""
        latents = np.asarray(_given(self._run.latents)[self._validation], np.float64)
        return self._temperature(react_logits(latents, self.clip, *self.layer))

    @property
    def _validation(self) -> IntArray:
        kinds = [study.kind is StudyKind.VALIDATION for study in self._run.studies]
        return np.flatnonzero(np.array(kinds, bool)[self._run.study])

    def _temperature(self, logits: FloatArray) -> float:
        from sfvisuals.metrics import fit_temperature

        return fit_temperature(logits, self._run.label[self._validation]).temperature


def fit_mahalanobis(train: FloatArray, labels: IntArray, n_classes: int) -> Mahalanobis:
    """From (N, l) training latents and their (N,) classes."""
    sums, counts = np.zeros((n_classes, train.shape[1])), np.zeros(n_classes)
    for rows, part in _chunks(train):
        classes = labels[rows]
        known = (classes >= 0) & (classes < n_classes)
        np.add.at(sums, classes[known], part[known])
        counts += np.bincount(classes[known], minlength=n_classes)
    means = np.full_like(sums, np.nan)
    np.divide(sums, counts[:, None], out=means, where=counts[:, None] > 0)
    # directions without variance have eigenvalues of rounding size, which must not be inverted
    least = train.shape[1] * float(np.finfo(np.float64).eps)
    return Mahalanobis(means, np.linalg.pinv(_covariance(train), rcond=least, hermitian=True))


def fit_vim(train: FloatArray, w: FloatArray, b: FloatArray) -> Vim:
    """From (N, l) training latents and the last layer w (d, l), b (d,).

    D is 1000 from 2048 latent dimensions, 512 from 768, else half of them.
    """
    width = train.shape[1]
    kept = 1000 if width >= 2048 else 512 if width >= 768 else width // 2
    covariance = _covariance(train)
    vectors = np.linalg.eigh(covariance)[1]
    origin: FloatArray = -np.linalg.pinv(w) @ b
    vim = Vim(origin, np.ascontiguousarray(vectors[:, : width - kept]), 1.0)
    logits, residuals = 0.0, 0.0
    for _, part in _chunks(train):
        logits += float((part @ w.T + b).max(axis=1).sum())
        residuals += float(vim.residual(part).sum())
    # latents that lie in the principal directions altogether have no residual to scale
    return Vim(origin, vim.null_space, logits / residuals if residuals > 0 else 0.0)


def neighbour_bank(train: FloatArray) -> FloatArray:
    """(m, l) at most 1,000 rows with finite values, evenly spaced."""
    spaced = np.linspace(0, len(train) - 1, min(len(train), BANK_ROWS)).round().astype(np.int64)
    bank = np.asarray(train[spaced], np.float64)
    return bank[np.isfinite(bank).all(axis=1)]


def neighbour_distance(latents: FloatArray, bank: FloatArray) -> FloatArray:
    """(n,) squared distance to the 50th nearest row of the bank (the last one of a smaller bank)."""
    if not len(bank):
        return np.full(len(latents), np.nan)
    middle = bank.mean(axis=0)
    latents, bank = latents - middle, bank - middle
    products = latents @ bank.T
    products *= -2
    products += np.einsum("ij,ij->i", bank, bank)
    k = min(NEIGHBOUR, len(bank)) - 1
    nearest = np.partition(products, k, axis=1)[:, k]
    return settled(np.maximum(nearest + np.einsum("ij,ij->i", latents, latents), 0.0))


def activation_quantile(train: FloatArray) -> float:
    """99 % quantile over all entries; of evenly spaced rows where there are more than 20 million entries."""
    step = max(1, -(-train.shape[0] * train.shape[1] // MOST_FOR_A_QUANTILE))
    values = np.asarray(train[::step], np.float64).ravel()
    return float(np.quantile(values[np.isfinite(values)], CLIP_QUANTILE))


def react_logits(latents: FloatArray, clip: float, w: FloatArray, b: FloatArray) -> FloatArray:
    """(n, d) logits of the latents with activations above `clip` cut off. Sun et al., NeurIPS 2021."""
    return settled(np.minimum(latents, clip) @ w.T + b)


def settled(values: FloatArray) -> FloatArray:
    """The values to 37 binary digits (7e-12 of their size).

    A matrix product rounds the last digits of a row by where it lies among the others; without them equal
    latents have equal scores, which is what makes them a tie.
    """
    fraction, exponent = np.frexp(values)
    kept: FloatArray = np.ldexp(np.round(np.ldexp(fraction, DIGITS)), exponent - DIGITS)
    return kept


def _given(array: Any) -> Any:
    if array is None:
        raise AssertionError("a score was asked for an array that its `needs` do not name")
    return array


def _chunks(train: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
    """Row numbers and float64 rows, those that are not finite left out."""
    for start in range(0, len(train), ROWS_PER_CHUNK):
        part = np.asarray(train[start : start + ROWS_PER_CHUNK], np.float64)
        finite = np.flatnonzero(np.isfinite(part).all(axis=1))
        yield start + finite, part[finite]


def _covariance(train: FloatArray) -> FloatArray:
    """Covariance (l, l) of the rows, ddof 1, in two passes."""
    total, count = np.zeros(train.shape[1]), 0
    for _, part in _chunks(train):
        total += part.sum(axis=0)
        count += len(part)
    mean = total / max(count, 1)
    products = np.zeros((train.shape[1], train.shape[1]))
    for _, part in _chunks(train):
        away = part - mean
        products += away.T @ away
    return products / max(count - 1, 1)
