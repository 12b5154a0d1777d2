"""Risk-coverage curves and what is read off them.

All risks and areas are in 0..1, low = good; fd-shifts prints areas x 1000 and risks at a coverage in %. Ties
are groups, accepted or rejected whole; there is one point per distinct score. With weights w, each count is a
sum of w. Sources: Geifman, El-Yaniv, NeurIPS 2017 (selective risk); Traub et al., NeurIPS 2024 (generalized
risk, achievable AURC); Geifman, Uziel, El-Yaniv, ICLR 2019 (e-AURC).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sfvisuals.metrics import arguments
from sfvisuals.metrics.ranked import Ranked, as_ranked, dot
from sfvisuals.metrics.records import MetricValue
from sfvisuals.types import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """Both curves of one score, from coverage 0 to 1; G groups give G + 1 points.

    Attributes:
        threshold: (G + 1,) accepted is score >= threshold; falling, +inf at coverage 0.
        coverage: (G + 1,) share accepted, 0..1, rising.
        selective: (G + 1,) failures among accepted / accepted; at coverage 0 that of the first group.
        generalized: (G + 1,) failures among accepted / all; 0 at coverage 0.
        why: reason where there is no curve (all arrays are then empty), else "".
    """

    threshold: FloatArray
    coverage: FloatArray
    selective: FloatArray
    generalized: FloatArray
    why: str = ""


def risk_coverage(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> RiskCoverage:
    """Selective and generalized risk at every coverage.

    Args:
        values: (n,) scores, high = confident, or what `rank` returned.
        failure: (n,) True where wrong.
        weights: (n,) how much each sample counts.
    """
    ranked = as_ranked(values, failure, weights=weights)
    if ranked.no_order:
        none = np.empty(0)
        return RiskCoverage(none, none, none, none, ranked.no_order)
    return RiskCoverage(
        threshold=np.append(np.inf, ranked.levels),
        coverage=np.append(0.0, ranked.accepted / ranked.total),
        selective=np.append(ranked.selective[0], ranked.selective),
        generalized=np.append(0.0, ranked.wrong / ranked.total),
    )


def aurc(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Area under the risk-coverage curve: integral over coverage c of the selective risk r(c), trapezoids.

    0..1, low = good. r(0) = r of the most confident group. Geifman, El-Yaniv, NeurIPS 2017.
    """
    ranked = as_ranked(values, failure, weights=weights)
    if ranked.no_order:
        return ranked.undefined(ranked.no_order)
    return ranked.once("aurc", lambda: area_of_risk(ranked, ranked.selective))


def augrc(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Area under the generalized risk-coverage curve: the mean risk of an undetected failure.

    Integral over c of c r(c), trapezoids; = (1 - AUROC_f) acc (1 - acc) + (1 - acc)^2 / 2. 0..0.5, low =
    good. Traub et al., NeurIPS 2024.
    """
    ranked = as_ranked(values, failure, weights=weights)
    if ranked.no_order:
        return ranked.undefined(ranked.no_order)
    return ranked.once("augrc", lambda: area_of_generalized_risk(ranked, ranked.wrong))


def e_aurc(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Excess AURC: AURC - (err + (1 - err) ln(1 - err)), what a perfect score would have for this error.

    Low = good; 0 is perfect up to the steps of a finite sample (slightly negative with few samples or ties).
    Geifman, Uziel, El-Yaniv, ICLR 2019.
    """
    return _minus(as_ranked(values, failure, weights=weights), aurc, best_aurc)


def e_augrc(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Excess AUGRC: AUGRC - err^2 / 2 = (1 - AUROC_f) acc (1 - acc). 0..0.25, low = good. Traub et al."""
    return _minus(as_ranked(values, failure, weights=weights), augrc, best_augrc)


def best_aurc(error: float) -> float:
    """AURC of a perfect score with infinitely many samples at this error (0..1): err + (1-err) ln(1-err)."""
    error = arguments.share(error, "error")
    return error + (1 - error) * float(np.log1p(-error)) if error < 1 else 1.0


def best_augrc(error: float) -> float:
    """AUGRC of a perfect score at this error (0..1): err^2 / 2."""
    error = arguments.share(error, "error")
    return error * error / 2


def aurc_achievable(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """AURC of the best thresholds, others left out: that of the lower convex hull of the generalized curve.

    Between two thresholds of the hull a coin decides, so failures grow linearly and r(c) = failures(c) / c is
    integrated exactly. 0..1, low = good, about <= AURC. Traub et al., NeurIPS 2024.
    """
    ranked = as_ranked(values, failure, weights=weights)
    if ranked.no_order:
        return ranked.undefined(ranked.no_order)
    return ranked.once(
        "aurc-achievable",
        lambda: area_under_hull(ranked.wrong, ranked.accepted, ranked.wrong_steps, ranked.accepted_steps),
    )


def e_aurc_achievable(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Achievable AURC - that of a perfect score, like `e_aurc`. Low = good. Traub et al., NeurIPS 2024."""
    return _minus(as_ranked(values, failure, weights=weights), aurc_achievable, best_aurc)


def risk_at_coverage(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    coverage: float,
    weights: FloatArray | None = None,
) -> MetricValue:
    """The least selective risk of any threshold that accepts at least this share. 0..1, low = good.

    Args:
        coverage: 0..1.
    """
    coverage = arguments.share(coverage, "coverage")
    ranked = as_ranked(values, failure, weights=weights)
    if ranked.no_order:
        return ranked.undefined(ranked.no_order)
    # what is asked for in decimals may be the least bit more than what is there
    first = int(np.searchsorted(ranked.accepted, coverage * ranked.total * (1 - 1e-12)))
    return ranked.defined(float(ranked.selective[first:].min()))


def coverage_at_risk(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    risk: float,
    weights: FloatArray | None = None,
) -> MetricValue:
    """The largest coverage of any threshold whose selective risk is at most this. 0..1, high = good.

    Undefined where no threshold has so low a risk.

    Args:
        risk: 0..1.
    """
    risk = arguments.share(risk, "risk")
    ranked = as_ranked(values, failure, weights=weights)
    if ranked.no_order:
        return ranked.undefined(ranked.no_order)
    low = np.flatnonzero(ranked.wrong <= risk * ranked.accepted * (1 + 1e-12))
    if not low.size:
        return ranked.undefined(f"no threshold has a risk of at most {risk:g}")
    return ranked.defined(ranked.accepted[low[-1]] / ranked.total)


def area_of_risk(ranked: Ranked, risk: FloatArray) -> float:
    """Trapezoids of a risk (G,) over coverage, constant before the first group."""
    widths = ranked.accepted_steps
    # twice the area: each group's width with its own risk and that of the group before
    twice = dot(widths, risk) + dot(widths[1:], risk[:-1]) + widths[0] * risk[0]
    return float(twice / (2 * ranked.total))


def area_of_generalized_risk(ranked: Ranked, failed: FloatArray) -> float:
    """Trapezoids of failures / all over coverage, from 0."""
    widths = ranked.accepted_steps
    twice = dot(widths, failed) + dot(widths[1:], failed[:-1])
    return twice / (2 * ranked.total * ranked.total)


def area_under_hull(
    wrong: FloatArray, accepted: FloatArray, wrong_steps: FloatArray, accepted_steps: FloatArray
) -> float:
    """Integral over coverage of the lower convex hull of the generalized risk, divided by coverage.

    Args:
        wrong: (G,) failures accepted at each level; accepted: (G,) samples, rising.
        wrong_steps: (G,) failures in each group; accepted_steps: (G,) samples, positive.
    """
    from scipy.optimize import isotonic_regression

    # pooling adjacent violators of the slopes is what finds the hull's corners
    slopes = wrong_steps / accepted_steps
    corners = isotonic_regression(slopes, weights=accepted_steps).blocks[1:] - 1
    covered, failed = accepted[corners], wrong[corners]
    low, high = covered[:-1], covered[1:]
    slope = np.diff(failed) / (high - low)
    pieces = slope * (high - low) + (failed[:-1] - slope * low) * np.log(high / low)
    return float((failed[0] + pieces.sum()) / accepted[-1])


def _minus(
    ranked: Ranked, area: Callable[[Ranked], MetricValue], best: Callable[[float], float]
) -> MetricValue:
    found = area(ranked)
    return found if found.value is None else ranked.defined(found.value - best(ranked.error))
