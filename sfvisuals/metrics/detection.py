"""How well a score tells failures from correct predictions, the error rate itself left aside.

Ties are groups. With weights, every count is a sum of weights.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.metrics.ranked import Ranked, as_ranked
from sfvisuals.metrics.records import MetricValue
from sfvisuals.types import BoolArray, FloatArray

# 95 % to two digits, as fd-shifts has it
ENOUGH_CORRECT: Final = 0.9495


def failauc(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """AUROC_f: chance that a correct prediction has a higher score than a failure, ties counted half.

    0..1, high = good, 0.5 is chance; undefined without failures or without correct predictions.
    Hendrycks, Gimpel, ICLR 2017.
    """
    ranked = as_ranked(values, failure, weights=weights)
    why = ranked.no_order or ranked.one_sided
    if why:
        return ranked.undefined(why)
    right, wrong = _steps(ranked.accepted - ranked.wrong), _steps(ranked.wrong)
    below = ranked.accepted - ranked.wrong - right / 2
    total_right = ranked.accepted[-1] - ranked.wrong[-1]
    # per failure: the correct predictions above it and half of those beside it
    return ranked.defined(min(1.0, float(wrong @ below) / (total_right * ranked.wrong[-1])))


def fpr_at_95_tpr(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Share of failures still accepted by the strictest threshold that accepts 95 % of correct predictions.

    0..1, low = good. At least 0.9495 of the correct ones, as in fd-shifts. Liang et al., ICLR 2018.
    """
    ranked = as_ranked(values, failure, weights=weights)
    why = ranked.no_order or ranked.one_sided
    if why:
        return ranked.undefined(why)
    right = ranked.accepted - ranked.wrong
    first = int(np.argmax(right / right[-1] >= ENOUGH_CORRECT))
    return ranked.defined(ranked.wrong[first] / ranked.wrong[-1])


def failap_suc(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Average precision with correct predictions as what is to be found, from the most confident down.

    Sum over levels of (recall step) x precision. 0..1, high = good; the accuracy is chance.
    Undefined where every prediction is wrong. Hendrycks, Gimpel, ICLR 2017.
    """
    ranked = as_ranked(values, failure, weights=weights)
    why = ranked.no_order or ("every prediction is wrong" if ranked.n_failures == ranked.n else "")
    if why:
        return ranked.undefined(why)
    right = ranked.accepted - ranked.wrong
    return ranked.defined(_average_precision(right, ranked.accepted))


def failap_err(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Average precision with failures as what is to be found, from the least confident up.

    0..1, high = good; the error rate is chance. Undefined without failures. Hendrycks, Gimpel, ICLR 2017.
    """
    ranked = as_ranked(values, failure, weights=weights)
    why = ranked.no_order or ("every prediction is correct" if not ranked.n_failures else "")
    if why:
        return ranked.undefined(why)
    # rejected at each level and below, counted from the other end
    rejected = np.cumsum(_steps(ranked.accepted)[::-1])
    failed = np.cumsum(_steps(ranked.wrong)[::-1])
    return ranked.defined(_average_precision(failed, rejected))


def _steps(sums: FloatArray) -> FloatArray:
    return np.diff(sums, prepend=0.0)


def _average_precision(found: FloatArray, taken: FloatArray) -> float:
    return min(1.0, float(_steps(found) @ (found / taken)) / float(found[-1]))
