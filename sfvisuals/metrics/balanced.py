"""Class-balanced risks: every class that occurs counts the same, however many samples it has.

Sources: Traub et al., NeurIPS 2024 (AURC and AUGRC); Brodersen et al., ICPR 2010 (balanced accuracy).
"""

from __future__ import annotations

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
    risk, _, classes = _summed_class_risk(ranked, _labels(ranked))
    return ranked.defined(area_of_risk(ranked, risk / classes))


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
    risk, present, _ = _summed_class_risk(ranked, _labels(ranked))
    return ranked.defined(area_of_risk(ranked, risk / present))


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
    codes, counts = class_codes(_labels(ranked), ranked.weights)
    each = (ranked.total / (len(counts) * counts))[codes]
    if ranked.weights is not None:
        each = each * ranked.weights
    failed = np.cumsum(np.where(ranked.failure, each, 0.0)[ranked.order])[ranked.ends - 1]
    return ranked.defined(area_of_generalized_risk(ranked, failed))


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
    codes, counts = class_codes(_labels(ranked), ranked.weights)
    right = ~ranked.failure if ranked.weights is None else np.where(ranked.failure, 0.0, ranked.weights)
    return ranked.defined(float((np.bincount(codes, weights=right, minlength=len(counts)) / counts).mean()))


def no_classes(ranked: Ranked) -> str:
    """Why classes cannot be balanced, "" where they can."""
    return "" if ranked.labels is not None else "needs the true class of each sample"


def class_codes(labels: IntArray, weights: FloatArray | None) -> tuple[IntArray, FloatArray]:
    """(n,) code 0..K-1 of each sample's class, and (K,) weight of each class that occurs."""
    low, high = int(labels.min()), int(labels.max())
    if high - low < 4 * len(labels) + 1000:
        # a table instead of a sort, as long as labels are as dense as labels are
        shifted = labels.astype(np.int64) - low
        occurs = np.bincount(shifted, minlength=high - low + 1) > 0
        codes = (np.cumsum(occurs) - 1)[shifted]
    else:
        codes = np.unique(labels, return_inverse=True)[1]
    return codes, np.bincount(codes, weights=weights).astype(np.float64)


def _labels(ranked: Ranked) -> IntArray:
    if ranked.labels is None:
        raise AssertionError("asked for the classes of samples without labels")
    return ranked.labels


def _summed_class_risk(ranked: Ranked, labels: IntArray) -> tuple[FloatArray, FloatArray, int]:
    """At each level the sum over classes of their selective risks, the classes accepted, and all classes.

    A class's risk changes only where it has samples, so all changes together are n, whatever the number of
    classes: they are found class by class in one sort and then summed along the curve.
    """
    codes, counts = class_codes(labels, None)
    group = np.repeat(np.arange(len(ranked.ends)), np.diff(ranked.ends, prepend=0))
    ordered = codes[ranked.order]
    if len(counts) <= np.iinfo(np.int16).max:
        ordered = ordered.astype(np.int16)  # numpy sorts 16 bits in linear time
    by_class = np.argsort(ordered, kind="stable")
    rows, of_class, of_group = ranked.order[by_class], ordered[by_class], group[by_class]
    weight = np.ones(ranked.n) if ranked.weights is None else ranked.weights[rows]
    first = np.append(True, of_class[1:] != of_class[:-1])
    accepted = _sum_within(weight, first)
    wrong = _sum_within(np.where(ranked.failure[rows], weight, 0.0), first)
    last = np.append(first[1:] | (of_group[1:] != of_group[:-1]), True)
    risk, starts = (wrong / accepted)[last], np.append(True, np.diff(of_class[last]) != 0)
    change = np.where(starts, risk, risk - np.append(0.0, risk[:-1]))
    groups = len(ranked.ends)
    total = np.cumsum(np.bincount(of_group[last], weights=change, minlength=groups))
    present = np.cumsum(np.bincount(of_group[last][starts], minlength=groups)).astype(np.float64)
    return np.maximum(total, 0.0), present, len(counts)


def _sum_within(summands: FloatArray, first: BoolArray) -> FloatArray:
    """Running sums that start anew where `first` is True."""
    running = np.cumsum(summands)
    starts = np.flatnonzero(first)
    before = running[starts] - summands[starts]
    sums: FloatArray = running - np.repeat(before, np.diff(np.append(starts, len(summands))))
    return sums
