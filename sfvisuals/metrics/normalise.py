"""From a score to a probability of being right, fitted on validation: Platt scaling and temperature.

Sources: Platt 1999, fitted as Lin, Lin, Weng, Machine Learning 2007; Guo et al., ICML 2017 (temperature).
Both are fitted to convergence in float64; fd-shifts stops its optimisers early.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.metrics import arguments
from sfvisuals.metrics.ranked import dot
from sfvisuals.types import BoolArray, FloatArray, IntArray

MOST_STEPS: Final = 100
COLDEST: Final = 0.01
HOTTEST: Final = 100.0


@dataclass(frozen=True, slots=True)
class PlattScaling:
    """c = 1 / (1 + exp(a s + b)), the form of fd-shifts.

    Attributes:
        a: negative for a score that is high where the model is right; a positive one would REVERSE the order.
        b: offset.
        why: why it was not fitted ("" where it was); a and b are then 0 and it gives 1/2 everywhere.
    """

    a: float
    b: float
    why: str = ""

    @property
    def reverses(self) -> bool:
        """True where a higher score came out as less likely to be right."""
        return self.a > 0

    def __call__(self, values: FloatArray) -> FloatArray:
        """(n,) scores -> (n,) probabilities of being right, 0..1; NaN stays NaN."""
        return _expit(-(self.a * arguments.numbers(values) + self.b))


def fit_platt(values: FloatArray, failure: BoolArray, *, weights: FloatArray | None = None) -> PlattScaling:
    """Platt scaling by maximum likelihood on these (validation) samples; those without a score are left out.

    The targets are (n+ + 1) / (n+ + 2) for the n+ correct and 1 / (n- + 2) for the n- failures, which keeps
    the fit finite where a score separates them.

    Args:
        values: (n,) scores in either direction.
        failure: (n,) True where wrong.
        weights: (n,) how much each sample counts.
    """
    values, failure = arguments.numbers(values), arguments.failures(failure)
    weights = None if weights is None else arguments.counting(weights)
    arguments.together(len(values), failure=failure, weights=weights)
    scored = np.isfinite(values)
    if not scored.any():
        return PlattScaling(0.0, 0.0, "no validation sample has a score")
    values, wrong = values[scored], failure[scored]
    weight = np.ones(len(values)) if weights is None else weights[scored]
    bad, good = float(weight[wrong].sum()), float(weight[~wrong].sum())
    target = np.where(wrong, 1 / (bad + 2), (good + 1) / (good + 2))
    # standardised, so that Newton's steps do not depend on the unit of the score
    middle, spread = float(values.mean()), float(values.std()) or 1.0
    z = (values - middle) / spread
    slope, offset = _logistic_fit(z, target, weight, start=-float(np.log((bad + 1) / (good + 1))))
    a = -slope / spread
    return PlattScaling(a, -offset - a * middle)


@dataclass(frozen=True, slots=True)
class TemperatureScaling:
    """p = softmax(z / T); c = max_k p_k.

    Attributes:
        temperature: T > 0; above 1 the model was over-confident.
        why: why it was not fitted ("" where it was); T is then 1.
    """

    temperature: float
    why: str = ""

    def __call__(self, logits: FloatArray) -> FloatArray:
        """(n, k) logits -> (n,) largest softmax, 0..1; NaN where a row holds NaN."""
        scaled = arguments.table(logits, "logits").astype(np.float64) / self.temperature
        with np.errstate(invalid="ignore"):
            scaled = scaled - scaled.max(axis=1, keepdims=True)
        best: FloatArray = 1 / np.exp(scaled).sum(axis=1)
        return best


def fit_temperature(
    logits: FloatArray, labels: IntArray, *, weights: FloatArray | None = None
) -> TemperatureScaling:
    """The temperature of least negative log-likelihood on these (validation) samples.

    It is searched between 0.01 and 100; rows that are not finite or whose label is no class are left out.
    Where every prediction is right there is no least one (the colder the better), and T stays 1.

    Args:
        logits: (n, k).
        labels: (n,) true classes 0..k-1.
        weights: (n,) how much each sample counts.
    """
    logits = arguments.table(logits, "logits").astype(np.float64, copy=False)
    labels = arguments.classes(labels)
    weights = None if weights is None else arguments.counting(weights)
    arguments.together(len(logits), labels=labels, weights=weights)
    used = np.isfinite(logits).all(axis=1) & (labels >= 0) & (labels < logits.shape[1])
    if not used.any():
        return TemperatureScaling(1.0, "no validation sample has finite logits and a known class")
    z = logits[used] - logits[used].max(axis=1, keepdims=True)
    truth = np.take_along_axis(z, labels[used].astype(np.int64)[:, None], axis=1)[:, 0]
    if (truth == 0).all():
        return TemperatureScaling(1.0, "every validation prediction is right, so no temperature is best")
    from scipy.optimize import minimize_scalar

    weight = np.ones(len(z)) if weights is None else weights[used]

    def loss(log_temperature: float) -> float:
        inverse = np.exp(-log_temperature)
        return dot(weight, np.log(np.exp(z * inverse).sum(axis=1)) - truth * inverse)

    bounds = (np.log(COLDEST), np.log(HOTTEST))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-10})
    return TemperatureScaling(float(np.exp(found.x)))


def _logistic_fit(
    z: FloatArray, target: FloatArray, weight: FloatArray, *, start: float
) -> tuple[float, float]:
    """Slope and offset of least cross-entropy, by Newton's method; a step that goes too far is halved."""
    slope, offset = 0.0, start
    loss = _cross_entropy(z, target, weight, slope, offset)
    for _ in range(MOST_STEPS):
        p = _expit(slope * z + offset)
        pull = weight * (p - target)
        curve = weight * p * (1 - p)
        gradient = np.array([dot(pull, z), pull.sum()])
        cross = dot(curve, z)
        # a ridge far below the precision that matters keeps the step finite where all z are equal
        hessian = np.array([[dot(curve, z * z), cross], [cross, curve.sum()]]) + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        scale = 1.0
        while True:
            tried = (slope - scale * step[0], offset - scale * step[1])
            new = _cross_entropy(z, target, weight, *tried)
            if new <= loss or scale < 1e-8:
                break
            scale /= 2
        if new > loss:
            break
        moved = max(abs(tried[0] - slope), abs(tried[1] - offset))
        slope, offset, loss = float(tried[0]), float(tried[1]), new
        if moved < 1e-13 * (1 + abs(slope) + abs(offset)):
            break
    return slope, offset


def _cross_entropy(
    z: FloatArray, target: FloatArray, weight: FloatArray, slope: float, offset: float
) -> float:
    score = slope * z + offset
    return dot(weight, np.logaddexp(0.0, score) - target * score)


def _expit(score: FloatArray) -> FloatArray:
    """1 / (1 + exp(-score)), without overflow."""
    small = np.exp(-np.abs(score))
    result: FloatArray = np.where(score >= 0, 1.0, small) / (1 + small)
    return result
