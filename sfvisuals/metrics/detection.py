"""How well a score tells failures from correct predictions, the error rate itself left aside.

Ties are groups. With weights, every count is a sum of weights.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.metrics.ranked import Ranked, as_ranked, dot
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
    right, wrong = ranked.right, ranked.wrong_steps
    # twice, per failure, the correct predictions above it and half of those beside it
    twice = dot(wrong, right) + dot(wrong[1:], right[:-1])
    return ranked.defined(min(1.0, twice / (2 * right[-1] * ranked.wrong[-1])))


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
    first = int(np.argmax(ranked.right / ranked.right[-1] >= ENOUGH_CORRECT))
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
    precision = 1 - ranked.selective
    return ranked.defined(min(1.0, dot(ranked.right_steps, precision) / ranked.right[-1]))


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
    # taken from the other end: what is not accepted before the group
    rejected = ranked.accepted[-1] - ranked.accepted + ranked.accepted_steps
    failed = ranked.wrong[-1] - ranked.wrong + ranked.wrong_steps
    precision = dot(ranked.wrong_steps, failed / rejected) / ranked.wrong[-1]
    return ranked.defined(min(1.0, precision))
