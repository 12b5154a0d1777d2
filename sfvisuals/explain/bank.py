"""The k nearest of a bank of training samples, for many samples at once: exact, and mostly matrix products.

Candidates come from squared distances in single precision, |b|^2 - 2ab, of which one matrix product makes a
block. A few more than k of them are compared again by the differences themselves in double precision, since
|b|^2 - 2ab loses the digits that tell near duplicates apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.types import FloatArray, IntArray

# candidates beside the k nearest: so many may lie within the rounding of single precision around the k-th
SPARE: Final = 6
GROUP: Final = 16
# below so many groups per candidate it is as quick to look at every value
LEAST_GROUPS: Final = 2


@dataclass(frozen=True, eq=False)
class Bank:
    """Training samples, class after class.

    Attributes:
        vectors: (T, l) float32, sorted by class.
        classes: (T,) int32 ascending; -1 where unknown.
        position: (T,) place of each among the samples as they were given.
        centre: (l,) float32 mean, on which distances are centred to keep their digits.
        weights: (l + 1, T) float32: -2b of the centred vectors, and their |b|^2 below it.
    """

    vectors: FloatArray
    classes: IntArray
    position: IntArray
    centre: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, vectors: FloatArray, classes: IntArray) -> Bank:
        """Of (T, l) finite vectors and the class of each (T,)."""
        position = np.argsort(classes, kind="stable")
        ordered = np.asarray(vectors, np.float32)[position]
        centre = ordered.mean(axis=0, dtype=np.float64).astype(np.float32)
        centred = ordered - centre
        weights = np.empty((ordered.shape[1] + 1, len(ordered)), np.float32)
        np.multiply(centred.T, -2.0, out=weights[:-1])
        np.einsum("ij,ij->i", centred, centred, out=weights[-1])
        return cls(ordered, classes[position], position, centre, weights)

    def __len__(self) -> int:
        """T."""
        return len(self.vectors)

    def closeness(self, vectors: FloatArray, out: FloatArray) -> FloatArray:
        """(n, T) squared distance of each vector (n, l) to each of the bank, less what all of a row share."""
        extended = np.ones((len(vectors), vectors.shape[1] + 1), np.float32)
        np.subtract(vectors, self.centre, out=extended[:, :-1])
        return np.matmul(extended, self.weights, out=out[: len(vectors)])

    def nearest(self, vectors: FloatArray, closeness: FloatArray, k: int) -> tuple[IntArray, FloatArray]:
        """Classes (n, k) int32 of the k nearest, nearest first, ties by position; mean distance (n,)."""
        near, distance = self._compared(vectors, smallest(closeness, k + SPARE), k)
        return self.classes[near], distance

    def own(self, vectors: FloatArray, closeness: FloatArray, label: IntArray, k: int) -> FloatArray:
        """(n,) mean distance to the k nearest of each vector's own class; NaN where the bank has none.

        Args:
            vectors: (n, l).
            closeness: (n, T).
            label: (n,) ascending; -1 where the class is unknown.
            k: how many; fewer where there are fewer.
        """
        found = np.full(len(label), np.nan)
        for category in np.unique(label[label >= 0]):
            first, last = np.searchsorted(label, (category, category + 1))
            begin, end = np.searchsorted(self.classes, (category, category + 1))
            if begin < end:
                near = begin + smallest(closeness[first:last, begin:end], k + SPARE)
                found[first:last] = self._compared(vectors[first:last], near, k)[1]
        return found

    def _compared(self, vectors: FloatArray, candidates: IntArray, k: int) -> tuple[IntArray, FloatArray]:
        """The k nearest of the candidates (n, c) of each vector, in order, and their mean distance (n,)."""
        differences = np.subtract(self.vectors[candidates], vectors[:, None], dtype=np.float64)
        squared = np.einsum("nkl,nkl->nk", differences, differences)
        order = np.lexsort((self.position[candidates], squared), axis=1)[:, :k]
        distance = np.sqrt(np.take_along_axis(squared, order, axis=1)).mean(axis=1)
        return np.take_along_axis(candidates, order, axis=1), distance


def smallest(values: FloatArray, k: int) -> IntArray:
    """(n, k) positions of the k smallest of each row (n, m), in no order; all m where there are fewer.

    The k smallest lie in the k groups with the smallest minima: only these are looked at one by one.
    """
    n, m = values.shape
    if m <= k:
        return np.broadcast_to(np.arange(m), (n, m))
    groups = m // GROUP
    if groups <= LEAST_GROUPS * k:
        return np.argpartition(values, k - 1, axis=1)[:, :k]
    # member i of group j stands at i * groups + j, so that minima are taken over whole rows of memory
    minima = values[:, : groups * GROUP].reshape(n, GROUP, groups).min(axis=1)
    near = np.argpartition(minima, k - 1, axis=1)[:, :k]
    inside = (near[:, None] + groups * np.arange(GROUP)[:, None]).reshape(n, -1)
    beyond = np.broadcast_to(np.arange(groups * GROUP, m), (n, m - groups * GROUP))
    looked_at = np.concatenate((inside, beyond), axis=1)
    found = np.argpartition(np.take_along_axis(values, looked_at, axis=1), k - 1, axis=1)[:, :k]
    return np.take_along_axis(looked_at, found, axis=1)
