"""Class-balanced risks: every class that occurs counts the same, however many samples it has.

Sources: Traub et al., NeurIPS 2024 (AURC and AUGRC); Brodersen et al., ICPR 2010 (balanced accuracy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sfvisuals.metrics.ranked import Ranked, as_ranked
from sfvisuals.metrics.records import MetricValue
from sfvisuals.metrics.risk_coverage import area_of_generalized_risk, area_of_risk
from sfvisuals.types import BoolArray, FloatArray, IntArray


def aurc_ba(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    labels: IntArray | None = None,
    weights: FloatArray | None = None,
) -> MetricValue:
    """AURC of the mean over all classes of the selective risk within the class; 0 for a class not accepted.

    0..1, low = good. Traub et al., NeurIPS 2024.
    """
    ranked = as_ranked(values, failure, labels=labels, weights=weights)
    why = ranked.no_order or no_classes(ranked)
    if why:
        return ranked.undefined(why)
    curve = _class_risk(ranked)
    return ranked.defined(area_of_risk(ranked, curve.summed / curve.classes))


def b_aurc(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    labels: IntArray | None = None,
    weights: FloatArray | None = None,
) -> MetricValue:
    """Like `aurc_ba`, but the mean is over the classes of which something is accepted.

    0..1, low = good. It rewards a score that keeps no sample of a class. Bungert et al., MICCAI 2023 (code).
    """
    ranked = as_ranked(values, failure, labels=labels, weights=weights)
    why = ranked.no_order or no_classes(ranked)
    if why:
        return ranked.undefined(why)
    curve = _class_risk(ranked)
    return ranked.defined(area_of_risk(ranked, curve.summed / curve.present))


def augrc_ba(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    labels: IntArray | None = None,
    weights: FloatArray | None = None,
) -> MetricValue:
    """AUGRC with each failure of class k weighted by N / (K N_k): the classes' error rates are averaged.

    Coverage stays the share of all samples. 0..1, low = good. Traub et al., NeurIPS 2024.
    """
    ranked = as_ranked(values, failure, labels=labels, weights=weights)
    why = ranked.no_order or no_classes(ranked)
    if why:
        return ranked.undefined(why)
    classes = _classes(ranked)
    factor = ranked.total / (len(classes.weight) * classes.weight)
    each = np.where(ranked.sorted_failure, factor[classes.ordered], 0.0)
    if ranked.weights is not None:
        each *= ranked.weights[ranked.order]
    return ranked.defined(area_of_generalized_risk(ranked, ranked.at_levels(np.cumsum(each))))


def balanced_accuracy(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    labels: IntArray | None = None,
    weights: FloatArray | None = None,
) -> MetricValue:
    """Mean over the classes that occur of the share predicted correctly. 0..1, high = good."""
    ranked = as_ranked(values, failure, labels=labels, weights=weights)
    why = "there are no samples" if not ranked.n else no_classes(ranked)
    if why:
        return ranked.undefined(why)
    codes, weight = class_codes(_labels(ranked), ranked.weights)
    wrong = np.bincount(
        codes[ranked.failure],
        weights=None if ranked.weights is None else ranked.weights[ranked.failure],
        minlength=len(weight),
    )
    return ranked.defined(float(((weight - wrong) / weight).mean()))


def no_classes(ranked: Ranked) -> str:
    """Why classes cannot be balanced, "" where they can."""
    return "" if ranked.labels is not None else "needs the true class of each sample"


def class_codes(labels: IntArray, weights: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """(n,) code 0..K-1 of each sample's class, and (K,) weight of each class that occurs."""
    low, high = int(labels.min()), int(labels.max())
    if high - low < 4 * len(labels) + 1000:
        # a table instead of a sort, as long as labels are as dense as labels are
        shifted = labels - low if low else labels
        occurs = np.bincount(shifted, minlength=high - low + 1) > 0
        codes = shifted if occurs.all() else (np.cumsum(occurs) - 1)[shifted]
    else:
        codes = np.unique(labels, return_inverse=True)[1]
    return codes, np.bincount(codes, weights=weights).astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Classes:
    """Classes in the order of the score: (n,) code of each sample, smallest integers; (K,) weight of each."""

    ordered: IntArray
    weight: FloatArray


@dataclass(frozen=True, eq=False)
class _ClassRisk:
    """At each of G levels the classes' selective risks summed, and how many classes are accepted; of K."""

    summed: FloatArray
    present: IntArray
    classes: int


def _labels(ranked: Ranked) -> IntArray:
    if ranked.labels is None:
        raise AssertionError("asked for the classes of samples without labels")
    return ranked.labels


def _classes(ranked: Ranked) -> _Classes:
    found = ranked.kept.get("classes")
    if not isinstance(found, _Classes):
        codes, weight = class_codes(_labels(ranked), ranked.weights)
        # numpy sorts integers of 8 and 16 bits in linear time
        small = codes.astype(np.min_scalar_type(len(weight)))
        found = ranked.kept["classes"] = _Classes(small[ranked.order], weight)
    return found


def _class_risk(ranked: Ranked) -> _ClassRisk:
    """The classes' risks at each level.

    A class's risk changes only where it has samples, so that all changes together are n, however many classes
    there are: they are found class by class in one sort, and summed along the curve.
    """
    kept = ranked.kept.get("class risk")
    if isinstance(kept, _ClassRisk):
        return kept
    classes = _classes(ranked)
    by_class = np.argsort(classes.ordered, kind="stable")
    of_class = classes.ordered[by_class]
    first = np.append(True, of_class[1:] != of_class[:-1])
    weight = np.ones(ranked.n) if ranked.weights is None else ranked.weights[ranked.order][by_class]
    accepted = _sum_within(weight, first)
    wrong = _sum_within(np.where(ranked.sorted_failure[by_class], weight, 0.0), first)
    risk, level = wrong / accepted, by_class
    groups = len(ranked.ends)
    if groups < ranked.n:
        # of samples of one class and one group only the last counts
        level = np.repeat(np.arange(groups), np.diff(ranked.ends, prepend=0))[by_class]
        last = np.append(first[1:] | (level[1:] != level[:-1]), True)
        risk, level, first = risk[last], level[last], np.append(True, np.diff(of_class[last]) != 0)
    change = np.diff(risk, prepend=0.0)
    change[first] = risk[first]
    summed = np.cumsum(np.bincount(level, weights=change, minlength=groups))
    present = np.cumsum(np.bincount(level[first], minlength=groups))
    found = _ClassRisk(np.maximum(summed, 0.0), present, len(classes.weight))
    ranked.kept["class risk"] = found
    return found


def _sum_within(summands: FloatArray, first: BoolArray) -> FloatArray:
    """Running sums that start anew where `first` is True."""
    running = np.cumsum(summands)
    starts = np.flatnonzero(first)
    before = running[starts] - summands[starts]
    return running - np.repeat(before, np.diff(np.append(starts, len(summands))))
