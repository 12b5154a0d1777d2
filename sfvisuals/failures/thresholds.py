"""Thresholds from a target coverage on a reference set, and codes that let a browser apply them exactly.

Sources: selective prediction as in Geifman & El-Yaniv 2017; ties are accepted whole, so the achieved coverage
may exceed the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfvisuals.errors import SfvisualsError
from sfvisuals.types import FloatArray, IntArray, Rows, Run, StudyKind


@dataclass(frozen=True, eq=False)
class Reference:
    """The samples that thresholds and percentiles are taken from.

    Attributes:
        rows: their rows, ascending.
        study: the study's name, or None where all samples of the run stand in.
        in_sample: True where these samples are also among those judged (there is no validation set).
    """

    rows: Rows
    study: str | None
    in_sample: bool

    @property
    def note(self) -> str:
        """What a person reads: the study, and "in-sample" where that holds."""
        return f"{self.study or 'all samples'}{', in-sample' if self.in_sample else ''}"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold on a score: accepted is score >= value.

    Attributes:
        value: t, a reference value; +inf where no reference sample has a score (nothing is accepted).
        target: the coverage asked for, 0..1.
        achieved: share of the n reference samples with score >= t.
        n: reference samples, those with NaN included.
        n_nan: reference samples without a score: rejected at every threshold.
    """

    value: float
    target: float
    achieved: float
    n: int
    n_nan: int


@dataclass(frozen=True, eq=False)
class CoverageTable:
    """The threshold of every target k / steps, k = 0..steps.

    Attributes:
        value: (steps + 1,) float64 thresholds, falling.
        achieved: (steps + 1,) float64 share of the reference accepted, rising.
    """

    value: FloatArray
    achieved: FloatArray


def reference_rows(run: Run) -> Reference:
    """The validation study; else iid, in-sample; else all samples, in-sample."""
    for kind in (StudyKind.VALIDATION, StudyKind.IID):
        for study in run.studies:
            if study.kind is kind and (rows := run.rows_of(study.name)).size:
                return Reference(rows, study.name, kind is not StudyKind.VALIDATION)
    return Reference(np.arange(run.n, dtype=np.int64), None, True)


def threshold_at_coverage(values: FloatArray, *, target: float) -> Threshold:
    """The largest reference value whose share of samples with score >= it is at least `target`.

    Args:
        values: (n,) reference scores, high = confident. NaN is rejected but stays in the denominator; where
            the target cannot be reached for that reason, t is the smallest value there is.
        target: 0..1; 0 gives the largest value.
    """
    if not 0.0 <= target <= 1.0:
        raise SfvisualsError("The target coverage is not between 0 and 1", detail=f"Found {target}.")
    levels, shares, n_nan = _shares(values)
    if not levels.size:
        return Threshold(np.inf, target, 0.0, len(values), n_nan)
    first = min(int(np.searchsorted(shares, target, side="left")), levels.size - 1)
    return Threshold(float(levels[first]), target, float(shares[first]), len(values), n_nan)


def coverage_table(values: FloatArray, *, steps: int = 1000) -> CoverageTable:
    """`threshold_at_coverage` for every target k / steps at once."""
    levels, shares, _ = _shares(values)
    if not levels.size:
        return CoverageTable(np.full(steps + 1, np.inf), np.zeros(steps + 1))
    targets = np.arange(steps + 1) / steps
    first = np.minimum(np.searchsorted(shares, targets, side="left"), levels.size - 1)
    return CoverageTable(levels[first], shares[first])


def dense_codes(values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Order-keeping codes: equal comparisons in the browser with two bytes per sample.

    Returns:
        codes: (N,) uint16 (uint32 above 65,535 distinct values); 0 is NaN, c >= 1 means levels[c - 1].
        levels: (U,) float64 distinct values, ascending. value >= t holds exactly where
            code >= `code_of(levels, t)`.
    """
    values = np.asarray(values, dtype=np.float64)
    scored = ~np.isnan(values)
    found, inverse = np.unique(values[scored], return_inverse=True)
    levels: FloatArray = found
    codes: IntArray = np.zeros(
        len(values), np.uint16 if levels.size <= np.iinfo(np.uint16).max else np.uint32
    )
    codes[scored] = inverse + 1
    return codes, levels


def code_of(levels: FloatArray, threshold: float) -> int:
    """The smallest code accepted at this threshold; len(levels) + 1 where nothing is accepted."""
    return int(np.searchsorted(levels, threshold, side="left")) + 1


def _shares(values: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    """Distinct values falling, the share of ALL samples at or above each, and the number of NaN."""
    values = np.asarray(values, dtype=np.float64)
    scored = values[~np.isnan(values)]
    levels, counts = np.unique(scored, return_counts=True)
    # a quotient, not target * n: count / n of a decimal target rounds to that very decimal
    shares = np.cumsum(counts[::-1]) / max(len(values), 1)
    return levels[::-1], shares, len(values) - scored.size
