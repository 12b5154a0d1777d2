"""Samples in the order of one score: sorted once, shared by all metrics.

Samples with equal scores are one group: a threshold accepts or rejects them together, so no metric depends on
the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import arguments
from sfvisuals.metrics.records import MetricValue
from sfvisuals.types import BoolArray, FloatArray, IntArray


class Ranked:
    """Samples with a score, a judgement and, where given, more; what is dear is made when first asked for.

    Attributes:
        values: (n,) scores, high = confident; NaN where there is none.
        failure: (n,) True where the prediction is wrong.
        labels: (n,) integer class of each sample, or None. Needed by class-balanced metrics.
        probabilities: (n, k) softmax, or None. Needed by the Brier score and NLL.
        confidence: (n,) probability of being right, 0..1, or None where neither it was given nor `values` are
            such. Needed by calibration metrics.
        weights: (n,) positive, or None where all samples count the same.
        n: number of samples; n_failures: failures among them.
    """

    def __init__(
        self,
        values: FloatArray,
        failure: BoolArray,
        *,
        labels: IntArray | None = None,
        probabilities: FloatArray | None = None,
        confidence: FloatArray | None = None,
        weights: FloatArray | None = None,
    ) -> None:
        self.values = values
        self.failure = failure
        self.labels = labels
        self.probabilities = probabilities
        self.weights = weights
        self._confidence = confidence
        # what metrics share beyond the order: each makes its entry when it is first asked for
        self.kept: dict[str, object] = {}
        self.n = len(values)
        self.n_failures = int(np.count_nonzero(failure))

    @cached_property
    def without_score(self) -> int:
        """How many samples have no score."""
        return int(np.count_nonzero(np.isnan(self.values)))

    @cached_property
    def order(self) -> IntArray:
        """(n,) rows, the most confident first; NaN last; ties in any order."""
        return np.argsort(-self.values)

    @cached_property
    def sorted_values(self) -> FloatArray:
        """(n,) scores, falling."""
        return self.values[self.order]

    @cached_property
    def ends(self) -> IntArray:
        """(G,) for each group of equal scores, most confident first, how many samples are in it or before."""
        ordered = self.sorted_values
        if not self.n:
            return np.empty(0, np.int64)
        return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, self.n)

    @cached_property
    def levels(self) -> FloatArray:
        """(G,) the score of each group, falling: the threshold that accepts it and all before."""
        return self.at_levels(self.sorted_values)

    @cached_property
    def accepted(self) -> FloatArray:
        """(G,) weight of the samples accepted at each level."""
        if self.weights is None:
            return self.ends.astype(np.float64)
        return self.at_levels(np.cumsum(self.weights[self.order]))

    @cached_property
    def sorted_failure(self) -> BoolArray:
        """(n,) failures, the most confident first."""
        return self.failure[self.order]

    @cached_property
    def wrong(self) -> FloatArray:
        """(G,) weight of the failures accepted at each level."""
        if self.weights is None:
            return self.at_levels(np.cumsum(self.sorted_failure, dtype=np.int64))
        return self.at_levels(np.cumsum(np.where(self.sorted_failure, self.weights[self.order], 0.0)))

    @cached_property
    def right(self) -> FloatArray:
        """(G,) weight of the correct predictions accepted at each level."""
        return self.accepted - self.wrong

    @cached_property
    def selective(self) -> FloatArray:
        """(G,) failures among accepted / accepted at each level."""
        return self.wrong / self.accepted

    @cached_property
    def wrong_steps(self) -> FloatArray:
        """(G,) weight of the failures in each group."""
        return np.diff(self.wrong, prepend=0.0)

    @cached_property
    def accepted_steps(self) -> FloatArray:
        """(G,) weight of each group."""
        return np.diff(self.accepted, prepend=0.0)

    @cached_property
    def right_steps(self) -> FloatArray:
        """(G,) weight of the correct predictions in each group."""
        return self.accepted_steps - self.wrong_steps

    def at_levels(self, running: FloatArray | IntArray) -> FloatArray:
        """(G,) what (n,) running sums over the ordered samples are at the end of each group."""
        ends = running if len(self.ends) == self.n else running[self.ends - 1]
        return ends.astype(np.float64, copy=False)

    @cached_property
    def total(self) -> float:
        """Weight of all samples."""
        return float(self.n if self.weights is None else self.weights.sum(dtype=np.float64))

    @cached_property
    def total_wrong(self) -> float:
        """Weight of all failures."""
        if self.weights is None:
            return float(self.n_failures)
        return float(self.weights[self.failure].sum(dtype=np.float64))

    @property
    def error(self) -> float:
        """Share of failures, by weight."""
        return self.total_wrong / self.total

    @cached_property
    def confidence(self) -> FloatArray | None:
        """(n,) probabilities of being right: as given, else the scores where all of them lie in 0..1."""
        if self._confidence is not None:
            return self._confidence
        inside = self.n > 0 and self.values.min() >= 0 and self.values.max() <= 1
        return self.values if inside else None

    @cached_property
    def no_order(self) -> str:
        """Why the samples cannot be ranked, "" where they can."""
        if not self.n:
            return "there are no samples"
        if self.without_score:
            return f"{self.without_score:,} of {self.n:,} samples have no score (NaN)"
        return ""

    @property
    def one_sided(self) -> str:
        """Why failures cannot be told from correct predictions, "" where they can."""
        if not self.n_failures:
            return "every prediction is correct, so there is no failure to find"
        return "every prediction is wrong" if self.n_failures == self.n else ""

    def defined(self, value: float) -> MetricValue:
        """The metric has this value."""
        return MetricValue(float(value), "", self.n, self.n_failures)

    def once(self, key: str, value: Callable[[], float]) -> MetricValue:
        """The metric has this value, which other metrics ask for too."""
        found = self.kept.get(key)
        if not isinstance(found, MetricValue):
            found = self.kept[key] = self.defined(value())
        return found

    def undefined(self, why: str) -> MetricValue:
        """The metric has no value, for this reason."""
        return MetricValue(None, why, self.n, self.n_failures)


def rank(
    values: FloatArray,
    failure: BoolArray,
    *,
    labels: IntArray | None = None,
    probabilities: FloatArray | None = None,
    confidence: FloatArray | None = None,
    weights: FloatArray | None = None,
) -> Ranked:
    """Samples ready for any metric.

    Args:
        values: (n,) scores, high = confident; NaN where there is none.
        failure: (n,) True where the prediction is wrong.
        labels: (n,) integer classes.
        probabilities: (n, k) softmax; column j belongs to label j.
        confidence: (n,) probability of being right in 0..1 (a normalised score); where it is not given and
            all values lie in 0..1, the values are it.
        weights: (n,) finite, not negative: how much each sample counts. Ones change nothing; zeros leave out.

    Raises SfvisualsError where lengths differ, something is no array of its kind, or a weight is negative,
    NaN or infinite.
    """
    values, failure = arguments.numbers(values), arguments.failures(failure)
    labels = None if labels is None else arguments.classes(labels)
    confidence = None if confidence is None else arguments.numbers(confidence, "confidence")
    probabilities = None if probabilities is None else arguments.table(probabilities)
    weights = None if weights is None else arguments.counting(weights)
    arguments.together(
        len(values),
        failure=failure,
        labels=labels,
        probabilities=probabilities,
        confidence=confidence,
        weights=weights,
    )
    if weights is None or (weights == 1).all():
        return Ranked(values, failure, labels=labels, probabilities=probabilities, confidence=confidence)
    kept = np.flatnonzero(weights)
    return Ranked(
        values[kept],
        failure[kept],
        labels=None if labels is None else labels[kept],
        probabilities=None if probabilities is None else probabilities[kept],
        confidence=None if confidence is None else confidence[kept],
        weights=weights[kept],
    )


def as_ranked(
    values: Ranked | FloatArray,
    failure: BoolArray | None,
    *,
    labels: IntArray | None = None,
    weights: FloatArray | None = None,
) -> Ranked:
    """`values` itself where it is ranked already, else `rank(values, failure, ...)`."""
    if isinstance(values, Ranked):
        return values
    if failure is None:
        raise SfvisualsError(
            "A metric was asked for without failures",
            hint="Give scores and failures, or what `rank` returned.",
        )
    return rank(values, failure, labels=labels, weights=weights)


def dot(left: FloatArray, right: FloatArray) -> float:
    """Sum of products in one thread: BLAS waits for its others on a busy machine, and rounds by them."""
    return float(np.einsum("i,i->", left, right))
