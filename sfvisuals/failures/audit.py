"""Whether a threshold keeps its promise elsewhere: realised risk and coverage with exact intervals.

Source of the intervals: Clopper, Pearson, Biometrika 1934; of the guarantee: Geifman, El-Yaniv, NeurIPS 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from sfvisuals.failures.thresholds import coverage_table
from sfvisuals.metrics.guarantee import GuaranteedThreshold, binomial_interval, guaranteed_threshold
from sfvisuals.types import BoolArray, FloatArray


class Verdict(StrEnum):
    """What became of a promised risk; the open ones have the promise within their interval."""

    KEPT = "kept"
    KEPT_OPEN = "kept, within chance"
    BROKEN_OPEN = "broken, within chance"
    BROKEN = "broken"
    UNDEFINED = "nothing accepted"


@dataclass(frozen=True, slots=True)
class Realised:
    """A threshold on one set of samples.

    Attributes:
        n: samples; accepted: those with score >= threshold; silent: failures among the accepted.
        risk: silent / accepted, None where nothing is accepted.
        risk_interval: exact interval of it.
        coverage: accepted / n, None without samples.
        coverage_interval: exact interval of it.
        verdict: against the risk that was promised.
    """

    n: int
    accepted: int
    silent: int
    risk: float | None
    risk_interval: tuple[float, float]
    coverage: float | None
    coverage_interval: tuple[float, float]
    verdict: Verdict

    @property
    def passes(self) -> bool:
        """True where the realised risk is at most the promised one."""
        return self.verdict in (Verdict.KEPT, Verdict.KEPT_OPEN)


def realised(
    values: FloatArray, failure: BoolArray, *, threshold: float, risk: float, level: float = 0.95
) -> Realised:
    """Risk and coverage of `score >= threshold` against a promised selective risk.

    Args:
        values: (n,) scores, high = confident; NaN is rejected.
        failure: (n,) True where wrong.
        threshold: t.
        risk: what was promised, 0..1.
        level: of both intervals.
    """
    with np.errstate(invalid="ignore"):
        taken = np.asarray(values) >= threshold
    n, accepted = len(taken), int(taken.sum())
    silent = int((taken & failure).sum())
    low, high = binomial_interval(silent, accepted, level=level)
    return Realised(
        n,
        accepted,
        silent,
        silent / accepted if accepted else None,
        (low, high),
        accepted / n if n else None,
        binomial_interval(accepted, n, level=level),
        _verdict(silent, accepted, low, high, risk),
    )


def _verdict(silent: int, accepted: int, low: float, high: float, risk: float) -> Verdict:
    if not accepted:
        return Verdict.UNDEFINED
    # a quotient may round across a decimal risk; the product of counts does so less
    if silent <= risk * accepted * (1 + 1e-12):
        return Verdict.KEPT if high <= risk else Verdict.KEPT_OPEN
    return Verdict.BROKEN if low > risk else Verdict.BROKEN_OPEN


@dataclass(frozen=True, slots=True)
class OfferedThreshold:
    """A guaranteed threshold among those that can be chosen.

    Attributes:
        target: its target coverage in 1 / steps, None where none keeps the risk.
        guarantee: the threshold with its bound, or why there is none.
    """

    target: int | None
    guarantee: GuaranteedThreshold


def guaranteed_target(
    reference: FloatArray,
    values: FloatArray,
    failure: BoolArray,
    *,
    risk: float,
    delta: float = 0.05,
    steps: int = 1000,
) -> OfferedThreshold:
    """The guaranteed threshold among the `steps` + 1 that a slider of target coverage offers.

    The scores are lowered to the nearest threshold on offer, which changes no decision of any of them; so the
    guarantee is that of `guaranteed_threshold` over exactly these, and holds for the very threshold that the
    slider then stands on.

    Args:
        reference: (m,) scores that the slider's thresholds come from.
        values: (n,) scores that the risk is guaranteed on.
        failure: (n,) True where wrong.
        risk: r; delta: chance that the guarantee fails, both strictly between 0 and 1.
        steps: how fine the slider is.
    """
    table = coverage_table(reference, steps=steps)
    offered = np.unique(table.value[np.isfinite(table.value)])
    if not offered.size:
        none = guaranteed_threshold(np.full(1, np.nan), np.zeros(1, bool), risk=risk, delta=delta)
        return OfferedThreshold(None, none)
    place = np.searchsorted(offered, values, side="right") - 1
    lowered = np.where(place >= 0, offered[np.maximum(place, 0)], offered[0] - 1.0)
    lowered[np.isnan(values)] = np.nan
    found = guaranteed_threshold(lowered, failure, risk=risk, delta=delta)
    if found.threshold is None:
        return OfferedThreshold(None, found)
    if found.threshold < offered[0]:
        # only where it accepts every sample there is: the lowest threshold on offer may accept fewer
        return OfferedThreshold(None, replace(found, threshold=None, why="no threshold on offer keeps it"))
    # of several targets with this threshold the least: what is asked for is then what is meant
    return OfferedThreshold(int(np.flatnonzero(table.value == found.threshold)[0]), found)
