"""All metrics as one visible tuple, and the function that computes many of them from one sort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final, Literal

from sfvisuals.errors import NotFoundError
from sfvisuals.metrics import arguments
from sfvisuals.metrics.balanced import augrc_ba, aurc_ba, b_aurc, balanced_accuracy
from sfvisuals.metrics.calibration import ece, fail_brier, fail_nll, mce
from sfvisuals.metrics.classifier import accuracy, brier_score, nll
from sfvisuals.metrics.detection import failap_err, failap_suc, failauc, fpr_at_95_tpr
from sfvisuals.metrics.ranked import Ranked, rank
from sfvisuals.metrics.records import MetricValue
from sfvisuals.metrics.risk_coverage import (
    augrc,
    aurc,
    aurc_achievable,
    coverage_at_risk,
    e_augrc,
    e_aurc,
    e_aurc_achievable,
    risk_at_coverage,
)
from sfvisuals.types import BoolArray, FloatArray, IntArray


class Need(StrEnum):
    """What a metric is computed from, beside failures."""

    SCORE = "score"
    CONFIDENCE = "confidence"
    LABELS = "labels"
    PROBABILITIES = "probabilities"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        key: fd-shifts' name of it, where it has one.
        label: what a person reads.
        unit: "risk", "rate" or "area" (0..1), "nats", or "squared error".
        better: which end is good.
        needs: what it is computed from, beside failures.
        function: samples in order of a score -> the metric.
        formula: the definition in one line, as docs/metrics.md prints it.
        reference: what fd-shifts' number has to be multiplied by to be ours; None where it has none.
    """

    key: str
    label: str
    unit: str
    better: Literal["low", "high"]
    needs: tuple[Need, ...]
    function: Callable[[Ranked], MetricValue]
    formula: str
    reference: float | None = 1.0


def _at_coverage(percent: int) -> Metric:
    return Metric(
        f"risk@{percent}cov",
        f"Risk at {percent} % coverage",
        "risk",
        "low",
        (Need.SCORE,),
        partial(risk_at_coverage, coverage=percent / 100),
        f"min r(t) over thresholds t with c(t) >= {percent / 100:g}",
        0.01,
    )


def _at_risk(percent: int) -> Metric:
    return Metric(
        f"cov@{percent}risk",
        f"Coverage at {percent} % risk",
        "rate",
        "high",
        (Need.SCORE,),
        partial(coverage_at_risk, risk=percent / 100),
        f"max c(t) over thresholds t with r(t) <= {percent / 100:g}",
        None,
    )


_SCORE: Final = (Need.SCORE,)
_CLASSES: Final = (Need.SCORE, Need.LABELS)
_CONFIDENCE: Final = (Need.CONFIDENCE,)
_WHOLE: Final = (Need.LABELS, Need.PROBABILITIES)

METRICS: Final[tuple[Metric, ...]] = (
    Metric("aurc", "AURC", "area", "low", _SCORE, aurc, "integral of r over c", 1e-3),
    Metric(
        "e-aurc",
        "e-AURC",
        "area",
        "low",
        _SCORE,
        e_aurc,
        "AURC - (err + (1 - err) ln(1 - err))",
        1e-3,
    ),
    Metric(
        "aurc-achievable",
        "Achievable AURC",
        "area",
        "low",
        _SCORE,
        aurc_achievable,
        "integral over c of hull(c) / c, hull = lower convex hull of c r",
        None,
    ),
    Metric(
        "e-aurc-achievable",
        "Achievable e-AURC",
        "area",
        "low",
        _SCORE,
        e_aurc_achievable,
        "achievable AURC - (err + (1 - err) ln(1 - err))",
        None,
    ),
    Metric(
        "aurc-ba",
        "AURC, class-balanced",
        "area",
        "low",
        _CLASSES,
        aurc_ba,
        "integral over c of mean_k r_k, r_k = 0 if none of k is accepted",
        1e-3,
    ),
    Metric(
        "b-aurc",
        "AURC, balanced over accepted classes",
        "area",
        "low",
        _CLASSES,
        b_aurc,
        "integral over c of mean of r_k over the classes accepted",
        1e-3,
    ),
    Metric("augrc", "AUGRC", "area", "low", _SCORE, augrc, "integral of c r over c", 1e-3),
    Metric("e-augrc", "e-AUGRC", "area", "low", _SCORE, e_augrc, "AUGRC - err^2 / 2", 1e-3),
    Metric(
        "augrc-ba",
        "AUGRC, class-balanced",
        "area",
        "low",
        _CLASSES,
        augrc_ba,
        "integral over c of mean_k (failures of k accepted / N_k)",
        1e-3,
    ),
    Metric(
        "failauc",
        "AUROC_f",
        "rate",
        "high",
        _SCORE,
        failauc,
        "P(s_correct > s_failure) + P(s_correct = s_failure) / 2",
    ),
    Metric(
        "fpr@95tpr",
        "FPR at 95 % TPR",
        "rate",
        "low",
        _SCORE,
        fpr_at_95_tpr,
        "failures accepted / failures, where correct accepted / correct first is >= 0.9495",
    ),
    Metric(
        "failap_suc",
        "AP success",
        "rate",
        "high",
        _SCORE,
        failap_suc,
        "sum over t falling of (recall step) x precision, correct = positive",
    ),
    Metric(
        "failap_err",
        "AP error",
        "rate",
        "high",
        _SCORE,
        failap_err,
        "sum over t rising of (recall step) x precision, failure = positive",
    ),
    *(_at_coverage(percent) for percent in (100, 95, 90, 85, 80, 75)),
    *(_at_risk(percent) for percent in (5, 10)),
    Metric("ece", "ECE", "rate", "low", _CONFIDENCE, ece, "sum_b share_b |acc_b - conf_b|, 20 bins"),
    Metric("mce", "MCE", "rate", "low", _CONFIDENCE, mce, "max_b |acc_b - conf_b|, 20 bins"),
    Metric(
        "fail-NLL",
        "NLL of the confidence",
        "nats",
        "low",
        _CONFIDENCE,
        fail_nll,
        "-mean ln(c + 1e-7), with 1 - c for failures",
    ),
    Metric(
        "fail-brier",
        "Brier score of the confidence",
        "squared error",
        "low",
        _CONFIDENCE,
        fail_brier,
        "mean (c - correct)^2",
        None,
    ),
    Metric("accuracy", "Accuracy", "rate", "high", (), accuracy, "correct / all"),
    Metric(
        "b-accuracy",
        "Balanced accuracy",
        "rate",
        "high",
        (Need.LABELS,),
        balanced_accuracy,
        "mean_k (correct of k / N_k)",
    ),
    Metric(
        "brier_score",
        "Brier score",
        "squared error",
        "low",
        _WHOLE,
        brier_score,
        "mean sum_k (p_k - [k = y])^2",
    ),
    Metric("nll", "NLL", "nats", "low", _WHOLE, nll, "-mean ln(p_y + 1e-7)", None),
)

_BY_KEY: Final = {metric.key: metric for metric in METRICS}


def find_metric(key: str) -> Metric:
    """The metric of this key; raises NotFoundError with the known ones."""
    if not isinstance(key, str) or key not in _BY_KEY:
        raise NotFoundError(f"There is no metric {key!r}", hint=f"Known metrics: {', '.join(_BY_KEY)}.")
    return _BY_KEY[key]


def find_metrics(keys: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics of these keys; raises NotFoundError for one that is unknown."""
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        arguments.refuse(
            "keys", repr(keys)[:60], "a list of keys of metrics", 'Write keys=["aurc", "augrc"].'
        )
    return tuple(find_metric(key) for key in keys)


def compute_metrics(
    values: FloatArray,
    failure: BoolArray,
    *,
    labels: IntArray | None = None,
    probabilities: FloatArray | None = None,
    confidence: FloatArray | None = None,
    weights: FloatArray | None = None,
    keys: Sequence[str] | None = None,
) -> dict[str, MetricValue]:
    """Metrics of one score on one set of samples; sorted once. What is undefined says why.

    Args:
        values: (n,) scores, high = confident; NaN where there is none.
        failure: (n,) True where the prediction that the score is judged against is wrong.
        labels: (n,) true classes. Give those of a new-class study a number that is no class of the model's.
        probabilities: (n, k) softmax of that prediction.
        confidence: (n,) probability of being right, 0..1, such as a normalised score; the values themselves
            where it is not given and they lie in 0..1.
        weights: (n,) how much each sample counts (see `class_weights`).
        keys: which metrics; all by default.

    Raises NotFoundError for an unknown key.
    """
    asked = METRICS if keys is None else find_metrics(keys)
    ranked = rank(
        values,
        failure,
        labels=labels,
        probabilities=probabilities,
        confidence=confidence,
        weights=weights,
    )
    return {metric.key: metric.function(ranked) for metric in asked}
