"""Whether a confidence of 0.8 is right in 80 % of cases.

These need probabilities in 0..1: a softmax score as it is, any other after `normalise` (Platt, temperature)
fitted on validation. Sources: Guo et al., ICML 2017; Naeini et al., AAAI 2015 (ECE, MCE); Brier 1950.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.metrics import arguments
from sfvisuals.metrics.ranked import Ranked, as_ranked, dot
from sfvisuals.metrics.records import MetricValue
from sfvisuals.types import BoolArray, FloatArray, IntArray

BINS: Final = 20
# keeps the logarithm of 0 finite; the reference's value
TINY: Final = 1e-7
NO_PROBABILITY: Final = (
    "the score is no probability (not within 0..1); normalise it on a validation study to have one"
)


@dataclass(frozen=True, eq=False)
class Reliability:
    """A reliability diagram; B bins of equal width over 0..1, those without samples left out.

    Attributes:
        confidence: (B,) mean confidence in the bin.
        accuracy: (B,) share of correct predictions in it.
        share: (B,) share of all samples in it.
        low: (B,) lower edge of the bin.
        why: reason where there is none (all arrays are then empty), else "".
    """

    confidence: FloatArray
    accuracy: FloatArray
    share: FloatArray
    low: FloatArray
    why: str = ""


def reliability(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    bins: int = BINS,
    weights: FloatArray | None = None,
) -> Reliability:
    """Mean confidence and accuracy per bin of confidence.

    Args:
        values: (n,) probabilities of being right, 0..1, or what `rank` returned.
        failure: (n,) True where wrong.
        bins: how many, between the edges of `edges_of`.
        weights: (n,) how much each sample counts.
    """
    bins = arguments.whole(bins, "bins", least=1)
    ranked = as_ranked(values, failure, weights=weights)
    confidence, why = probabilities_of(ranked)
    if why:
        none = np.empty(0)
        return Reliability(none, none, none, none, why)
    edges = edges_of(bins)
    position = bin_of(confidence, bins)
    weight = ranked.weights
    total = np.bincount(position, weights=weight, minlength=bins).astype(np.float64)
    right = np.bincount(position, weights=_weighted(~ranked.failure, weight), minlength=bins)
    summed = np.bincount(position, weights=_weighted(confidence, weight), minlength=bins)
    used = total > 0
    return Reliability(
        confidence=summed[used] / total[used],
        accuracy=right[used] / total[used],
        share=total[used] / total.sum(),
        low=edges[:-1][used],
    )


def edges_of(bins: int = BINS) -> FloatArray:
    """(bins + 1,) edges of bins of equal width over 0..1 + 1e-8, as fd-shifts has them.

    So the last bin holds 1, and a confidence that is exactly b / bins lies just below its edge, in the bin
    before.
    """
    return np.linspace(0.0, 1.0 + 1e-8, bins + 1)


def bin_of(confidence: FloatArray, bins: int = BINS) -> IntArray:
    """(n,) int64 bin of each confidence: bin b holds edge b <= confidence < edge b + 1 (`edges_of`)."""
    edges = edges_of(bins)
    position = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    # the product may round across an edge; the edges decide
    position += (confidence >= edges[np.minimum(position + 1, bins)]).astype(np.int64)
    position -= (confidence < edges[position]).astype(np.int64)
    return position


def ece(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Expected calibration error: mean over samples of |accuracy - confidence| of their bin, 20 bins.

    0..1, low = good. Naeini et al., AAAI 2015; Guo et al., ICML 2017.
    """
    ranked = as_ranked(values, failure, weights=weights)
    diagram = _diagram(ranked)
    if diagram.why:
        return ranked.undefined(diagram.why)
    return ranked.defined(float(diagram.share @ np.abs(diagram.accuracy - diagram.confidence)))


def mce(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Maximum calibration error: largest |accuracy - confidence| of a bin that has samples, 20 bins.

    0..1, low = good; one sample in a bin may decide it. Naeini et al., AAAI 2015.
    """
    ranked = as_ranked(values, failure, weights=weights)
    diagram = _diagram(ranked)
    if diagram.why:
        return ranked.undefined(diagram.why)
    return ranked.defined(float(np.abs(diagram.accuracy - diagram.confidence).max()))


def fail_nll(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Negative log-likelihood of being right or wrong: -mean log(c + 1e-7), c -> 1 - c for failures.

    Nats, from 0 to 16.1, low = good. The 1e-7 is fd-shifts'.
    """
    ranked = as_ranked(values, failure, weights=weights)
    losses, why = fail_nll_losses(ranked)
    return ranked.undefined(why) if why else ranked.defined(mean_of(losses, ranked.weights))


def fail_brier(
    values: Ranked | FloatArray, failure: BoolArray | None = None, *, weights: FloatArray | None = None
) -> MetricValue:
    """Brier score of the confidence: mean (c - correct)^2. 0..1, low = good. Brier 1950."""
    ranked = as_ranked(values, failure, weights=weights)
    losses, why = fail_brier_losses(ranked)
    return ranked.undefined(why) if why else ranked.defined(mean_of(losses, ranked.weights))


def fail_nll_losses(ranked: Ranked) -> tuple[FloatArray, str]:
    """(n,) -ln(c + 1e-7) of each sample, with 1 - c for failures; and why there is none."""
    confidence, why = probabilities_of(ranked)
    if why:
        return confidence, why
    return -np.log(np.where(ranked.failure, 1 - confidence, confidence) + TINY), ""


def fail_brier_losses(ranked: Ranked) -> tuple[FloatArray, str]:
    """(n,) squared gap of each sample between confidence and being right; and why there is none."""
    confidence, why = probabilities_of(ranked)
    if why:
        return confidence, why
    off = np.where(ranked.failure, confidence, 1 - confidence)
    return off * off, ""


def _diagram(ranked: Ranked) -> Reliability:
    """The reliability diagram at 20 bins, made once per ranking."""
    found = ranked.kept.get("reliability")
    if not isinstance(found, Reliability):
        found = ranked.kept["reliability"] = reliability(ranked)
    return found


def probabilities_of(ranked: Ranked) -> tuple[FloatArray, str]:
    """(n,) probabilities of being right, and why there are none."""
    none = np.empty(0)
    if not ranked.n:
        return none, "there are no samples"
    confidence = ranked.confidence
    if confidence is None:
        return none, ranked.no_order or NO_PROBABILITY
    missing = int(np.count_nonzero(np.isnan(confidence)))
    if missing:
        return none, f"{missing:,} of {ranked.n:,} samples have no confidence (NaN)"
    if confidence.min() < 0 or confidence.max() > 1:
        return none, NO_PROBABILITY
    return confidence, ""


def _weighted(array: FloatArray | BoolArray, weights: FloatArray | None) -> FloatArray:
    return array.astype(np.float64) if weights is None else array * weights


def mean_of(array: FloatArray, weights: FloatArray | None) -> float:
    """Mean over samples, by weight where there are weights."""
    return float(array.mean() if weights is None else dot(array, weights) / weights.sum(dtype=np.float64))
