"""Softmax, entropy and argmax over row chunks, in float64 whatever the file's width.

float16 outputs are converted BEFORE the softmax: exponentials of float16 saturate and make false ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from sfvisuals.scores.features_fit import BANK_ROWS, Fits
from sfvisuals.types import FloatArray, IntArray, Rows, Run

ELEMENTS_PER_CHUNK = 1_500_000


def softmax(logits: FloatArray) -> FloatArray:
    """Softmax over axis 1 of (n, d) or (n, d, M), float64; NaN where a row holds NaN or +inf."""
    shifted = np.array(logits, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        shifted -= shifted.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def logsumexp(logits: FloatArray) -> FloatArray:
    """log(sum(exp(logits))) over axis 1 of (n, d), (n,) float64."""
    top = logits.max(axis=1)
    with np.errstate(invalid="ignore"):
        total: FloatArray = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return total


def entropy(probabilities: FloatArray) -> FloatArray:
    """Entropy in nats over axis 1, with 0 log 0 = 0; NaN stays NaN."""
    # the log of 1 stands in where p is 0 (or NaN, which the product then keeps)
    logs = np.log(np.where(probabilities > 0, probabilities, 1.0))
    result: FloatArray = -(probabilities * logs).sum(axis=1)
    return result


def argmax(outputs: FloatArray) -> IntArray:
    """Position of the largest of (n, d), (n,) int32; ties go to the lowest, NaN counts as the smallest."""
    finite = np.where(np.isnan(outputs), -np.inf, outputs)
    position: IntArray = finite.argmax(axis=1).astype(np.int32)
    return position


class Batch:
    """A few rows of a run as float64 arrays, each made when first asked for and then kept.

    Args:
        run: the run.
        rows: a slice or row numbers.
        fits: what scores on latents learn from the run; batches of one run share it.
    """

    def __init__(self, run: Run, rows: slice | Rows, fits: Fits | None = None) -> None:
        self._run = run
        self._rows = rows
        self.fits = Fits(run) if fits is None else fits

    def _take(self, array: Any) -> FloatArray:
        if array is None:
            raise AssertionError("a score was asked for an array that its `needs` do not name")
        return np.asarray(array[self._rows], dtype=np.float64)

    @cached_property
    def logits(self) -> FloatArray:
        """(n, d)"""
        return self._take(self._run.logits)

    @cached_property
    def probabilities(self) -> FloatArray:
        """(n, d); given probabilities are taken as they are and never softmaxed again."""
        if self._run.probabilities is not None:
            return self._take(self._run.probabilities)
        return softmax(self.logits)

    @cached_property
    def outputs(self) -> FloatArray:
        """(n, d) what the plain argmax is taken of: logits if given (a softmax rounds near-ties away)."""
        return self.logits if self._run.logits is not None else self.probabilities

    @cached_property
    def mc_logits(self) -> FloatArray:
        """(n, d, M)"""
        return self._take(self._run.mc_logits)

    @cached_property
    def mc_probabilities(self) -> FloatArray:
        """(n, d, M)"""
        if self._run.mc_probabilities is not None:
            return self._take(self._run.mc_probabilities)
        return softmax(self.mc_logits)

    @cached_property
    def mc_mean(self) -> FloatArray:
        """(n, d) mean softmax over the M passes."""
        mean: FloatArray = self.mc_probabilities.mean(axis=2)
        return mean

    @cached_property
    def external(self) -> FloatArray:
        """(n,)"""
        return self._take(self._run.external)

    @cached_property
    def external_mc(self) -> FloatArray:
        """(n, M)"""
        return self._take(self._run.external_mc)

    @cached_property
    def latents(self) -> FloatArray:
        """(n, l)"""
        return self._take(self._run.latents)


def batches(run: Run, *, on_latents: bool = False) -> Iterator[tuple[slice, Batch]]:
    """The run's rows in chunks whose widest float64 array stays near 12 MB, latents counted where asked."""
    width = max(1, run.n_classes) * max(1, run.mc_passes)
    if on_latents:
        width = max(width, run.latent_dim, BANK_ROWS)
    fits = Fits(run)
    step = max(1, ELEMENTS_PER_CHUNK // width)
    for start in range(0, run.n, step):
        rows = slice(start, min(start + step, run.n))
        yield rows, Batch(run, rows, fits)
