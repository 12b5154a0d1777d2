"""Counts per study at a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfvisuals.types import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Summary:
    """Counts per study, each (S,) int64.

    Attributes:
        shown: samples.
        correct: predicted rightly.
        accepted: score >= t.
        failures: predicted wrongly.
        silent: failures that are accepted.
        nan: samples without a score (rejected).
    """

    shown: IntArray
    correct: IntArray
    accepted: IntArray
    failures: IntArray
    silent: IntArray
    nan: IntArray

    @property
    def wrongly_rejected(self) -> IntArray:
        """(S,) right but not accepted."""
        result: IntArray = self.correct - (self.accepted - self.silent)
        return result


def accepted_at(values: FloatArray, threshold: float) -> BoolArray:
    """(n,) True where score >= t; NaN is rejected."""
    result: BoolArray = values >= threshold
    return result


def summarise(
    failure: BoolArray, values: FloatArray, threshold: float, study_codes: IntArray, n_studies: int
) -> Summary:
    """Counts per study of the samples given.

    Args:
        failure: (n,) True where wrong.
        values: (n,) scores, high = confident.
        threshold: t; accepted is score >= t.
        study_codes: (n,) study of each sample, 0..n_studies - 1.
        n_studies: S.
    """
    accepted = accepted_at(values, threshold)

    def count(mask: BoolArray) -> IntArray:
        return np.bincount(study_codes[mask], minlength=n_studies).astype(np.int64)

    everything = np.ones(len(failure), dtype=np.bool_)
    return Summary(
        shown=count(everything),
        correct=count(~failure),
        accepted=count(accepted),
        failures=count(failure),
        silent=count(failure & accepted),
        nan=count(np.isnan(values)),
    )
