"""Sums within classes for many resamples at once, whatever the number of classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sfvisuals.metrics.balanced import class_codes
from sfvisuals.types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ClassOrder:
    """Where the samples of each class are; n samples in order of a score, K classes that occur.

    Attributes:
        codes: (n,) class of each sample, 0..K-1.
        by_class: (n,) the samples class by class, within each in order of the score.
        back: (n,) place of each sample in `by_class`.
        starts: (K,) where each class begins in `by_class`; ends: (K,) its last sample.
    """

    codes: IntArray
    by_class: IntArray
    back: IntArray
    starts: IntArray
    ends: IntArray

    @classmethod
    def of(cls, labels: IntArray) -> ClassOrder:
        """Of (n,) integer labels."""
        codes = class_codes(labels, None)[0]
        by_class = np.argsort(codes, kind="stable")
        back = np.empty_like(by_class)
        back[by_class] = np.arange(len(by_class))
        starts = np.flatnonzero(np.diff(codes[by_class], prepend=-1))
        return cls(codes, by_class, back, starts, np.append(starts[1:], len(codes)) - 1)


class ClassSums:
    """Running sums within each class.

    Args:
        order: where the classes are.
        each: (b, n) weight of each sample drawn, in order of the score.
        failed: (b, n) the same of the failures, 0 for others.
    """

    def __init__(self, order: ClassOrder, each: FloatArray, failed: FloatArray) -> None:
        self._order = order
        self._accepted = self._within(each)
        self._wrong = self._within(failed)
        self.weight = self._accepted[:, order.ends]
        self.wrong = self._wrong[:, order.ends]
        # (b,) how many classes were drawn
        self.occurring = np.count_nonzero(self.weight > 0, axis=1).astype(np.float64)

    @cached_property
    def summed_risk(self) -> FloatArray:
        """(b, n) the classes' selective risks summed, at each sample in order of the score."""
        there = self._accepted > 0
        risk = np.divide(self._wrong, self._accepted, out=np.zeros_like(self._wrong), where=there)
        return np.maximum(self._along(risk), 0.0)

    @cached_property
    def present(self) -> FloatArray:
        """(b, n) of how many classes a sample is accepted."""
        return self._along((self._accepted > 0).astype(np.float64))

    @property
    def balanced_accuracy(self) -> FloatArray:
        """(b,) mean over the classes drawn of the share predicted correctly."""
        right = self.weight - self.wrong
        share = np.divide(right, self.weight, out=np.zeros_like(right), where=self.weight > 0)
        found: FloatArray = share.sum(axis=1) / self.occurring
        return found

    def balance(self, total: FloatArray) -> FloatArray:
        """(b, n) what a failure counts where all classes count the same: N / (K N_k)."""
        factor = np.divide(
            (total / self.occurring)[:, None],
            self.weight,
            out=np.zeros_like(self.weight),
            where=self.weight > 0,
        )
        found: FloatArray = factor[:, self._order.codes]
        return found

    def _within(self, summands: FloatArray) -> FloatArray:
        """(b, n) running sums, class by class, that start anew in each class."""
        running = np.cumsum(summands[:, self._order.by_class], axis=1)
        starts = self._order.starts
        # exactly what was there before the class, so that a class of which nothing is drawn has exactly 0
        before = np.zeros((len(running), len(starts)))
        before[:, 1:] = running[:, starts[1:] - 1]
        return running - np.repeat(before, np.diff(np.append(starts, running.shape[1])), axis=1)

    def _along(self, of_class: FloatArray) -> FloatArray:
        """(b, n) sum over classes, at each sample in order of the score, of what each class has by then."""
        change = np.diff(of_class, axis=1, prepend=0.0)
        change[:, self._order.starts] = of_class[:, self._order.starts]
        return np.cumsum(change[:, self._order.back], axis=1)
