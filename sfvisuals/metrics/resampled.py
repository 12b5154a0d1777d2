"""The most asked-for metrics under many vectors of counts at once, in cumulative sums over sorted samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sfvisuals.metrics.ranked import Ranked
from sfvisuals.types import FloatArray, IntArray

FAST: Final = frozenset({"aurc", "augrc", "e-augrc", "failauc", "accuracy"})


class FastTask:
    """One score, ready for blocks of counts.

    Args:
        ranked: samples that can be ranked.
    """

    def __init__(self, ranked: Ranked) -> None:
        self._order = ranked.order
        self._weight = None if ranked.weights is None else ranked.weights[ranked.order]
        self._failure = ranked.sorted_failure.astype(np.float64)
        tied = len(ranked.ends) < ranked.n
        self._last = ranked.ends - 1 if tied else None

    def compute(self, counts: IntArray, keys: Sequence[str]) -> FloatArray:
        """(K, b) metrics under each row of counts (b, n); NaN where undefined."""
        steps = counts[:, self._order].astype(np.float64)
        if self._weight is not None:
            steps *= self._weight
        failed = steps * self._failure
        wrong, accepted = np.cumsum(failed, axis=1), np.cumsum(steps, axis=1)
        if self._last is not None:
            wrong, accepted = wrong[:, self._last], accepted[:, self._last]
            steps = np.diff(accepted, axis=1, prepend=0.0)
        total, total_wrong = accepted[:, -1].copy(), wrong[:, -1]
        found: dict[str, FloatArray] = {}
        with np.errstate(invalid="ignore", divide="ignore"):
            # each group with its own risk and, half, that of the group before
            twice = _products(steps, wrong) + _products(steps[:, 1:], wrong[:, :-1])
            found["augrc"] = twice / (2 * total * total)
            found["accuracy"] = (total - total_wrong) / total
            found["e-augrc"] = found["augrc"] - (total_wrong / total) ** 2 / 2
            right = total - total_wrong
            found["failauc"] = np.where(
                right * total_wrong > 0, 1 - found["e-augrc"] * total * total / (right * total_wrong), np.nan
            )
            if "aurc" in keys:
                found["aurc"] = _aurc(steps, wrong, accepted)
        return np.stack([found[key] for key in keys])


def _aurc(steps: FloatArray, wrong: FloatArray, accepted: FloatArray) -> FloatArray:
    total = accepted[:, -1].copy()
    # groups before the first that was drawn accept nothing: 0 / 0, without risk and without width
    risk = np.divide(wrong, accepted, out=accepted, where=accepted > 0)
    first = np.argmax(steps > 0, axis=1)
    rows = np.arange(len(steps))
    start = steps[rows, first] * risk[rows, first]
    twice = _products(steps, risk) + _products(steps[:, 1:], risk[:, :-1]) + start
    area: FloatArray = twice / (2 * total)
    return area


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """(b,) scalar product of each pair of rows."""
    products: FloatArray = np.einsum("ij,ij->i", left, right)
    return products
