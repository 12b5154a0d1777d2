"""Metrics of failure detection: pure functions of arrays, exact, with ties as groups.

Every metric takes what `rank` returned, or scores and failures. Where it is undefined it says why.
"""

from sfvisuals.metrics.balanced import augrc_ba, aurc_ba, b_aurc, balanced_accuracy
from sfvisuals.metrics.bootstrapping import Bootstrap, Interval, Resampling, bootstrap
from sfvisuals.metrics.calibration import Reliability, ece, fail_brier, fail_nll, mce, reliability
from sfvisuals.metrics.catalogue import METRICS, Metric, Need, compute_metrics, find_metric
from sfvisuals.metrics.classifier import accuracy, brier_score, nll
from sfvisuals.metrics.detection import failap_err, failap_suc, failauc, fpr_at_95_tpr
from sfvisuals.metrics.guarantee import (
    GuaranteedThreshold,
    binomial_interval,
    guaranteed_threshold,
    risk_upper_bound,
)
from sfvisuals.metrics.normalise import PlattScaling, TemperatureScaling, fit_platt, fit_temperature
from sfvisuals.metrics.ranked import Ranked, rank
from sfvisuals.metrics.records import MetricValue
from sfvisuals.metrics.risk_coverage import (
    RiskCoverage,
    augrc,
    aurc,
    aurc_achievable,
    best_augrc,
    best_aurc,
    coverage_at_risk,
    e_augrc,
    e_aurc,
    e_aurc_achievable,
    risk_at_coverage,
    risk_coverage,
)
from sfvisuals.metrics.weights import class_weights

__all__ = [
    "METRICS",
    "Bootstrap",
    "GuaranteedThreshold",
    "Interval",
    "Metric",
    "MetricValue",
    "Need",
    "PlattScaling",
    "Ranked",
    "Reliability",
    "Resampling",
    "RiskCoverage",
    "TemperatureScaling",
    "accuracy",
    "augrc",
    "augrc_ba",
    "aurc",
    "aurc_achievable",
    "aurc_ba",
    "b_aurc",
    "balanced_accuracy",
    "best_augrc",
    "best_aurc",
    "binomial_interval",
    "bootstrap",
    "brier_score",
    "class_weights",
    "compute_metrics",
    "coverage_at_risk",
    "e_augrc",
    "e_aurc",
    "e_aurc_achievable",
    "ece",
    "fail_brier",
    "fail_nll",
    "failap_err",
    "failap_suc",
    "failauc",
    "find_metric",
    "fit_platt",
    "fit_temperature",
    "fpr_at_95_tpr",
    "guaranteed_threshold",
    "mce",
    "nll",
    "rank",
    "reliability",
    "risk_at_coverage",
    "risk_coverage",
    "risk_upper_bound",
]
