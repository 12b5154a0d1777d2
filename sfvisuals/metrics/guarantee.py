"""Thresholds that keep a risk with a stated confidence, and exact intervals of a rate.

Sources: Geifman, El-Yaniv, NeurIPS 2017 (SGR, algorithm 1); Clopper, Pearson, Biometrika 1934.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import numpy as np

from sfvisuals.metrics import arguments
from sfvisuals.metrics.ranked import Ranked, as_ranked
from sfvisuals.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class GuaranteedThreshold:
    """A threshold with a guarantee, or the reason why there is none.

    Attributes:
        threshold: accepted is score >= threshold; None where no threshold keeps the risk.
        why: the reason then, else "".
        risk: r asked for.
        delta: chance that the guarantee fails.
        bound: upper bound of the true selective risk at the threshold, <= r; None without threshold.
        empirical: selective risk of the samples it was chosen on; None without threshold.
        coverage: share of them accepted, 0 without threshold.
        n: samples it was chosen on.
    """

    threshold: float | None
    why: str
    risk: float
    delta: float
    bound: float | None
    empirical: float | None
    coverage: float
    n: int


def risk_upper_bound(failures: int, accepted: int, *, delta: float) -> float:
    """The rate b under which so few failures still have chance delta: P(B(accepted, b) <= failures) = delta.

    Exact binomial (Clopper-Pearson, one-sided). 0..1; 1 where nothing is accepted or all of it fails.
    """
    failures, accepted = _counts(failures, accepted, "accepted")
    delta = arguments.share(delta, "delta", open_ends=True)
    if failures >= accepted:
        return 1.0
    from scipy.special import betaincinv

    return float(betaincinv(failures + 1, accepted - failures, 1 - delta))


def binomial_interval(failures: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Exact two-sided interval (Clopper-Pearson) of a rate seen as `failures` of `n`; (0, 1) for n = 0."""
    failures, n = _counts(failures, n, "n")
    level = arguments.share(level, "level", open_ends=True)
    if n == 0:
        return 0.0, 1.0
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if failures == 0 else float(betaincinv(failures, n - failures + 1, tail))
    return low, risk_upper_bound(failures, n, delta=tail)


def guaranteed_threshold(
    values: Ranked | FloatArray,
    failure: BoolArray | None = None,
    *,
    risk: float,
    delta: float = 0.05,
    weights: FloatArray | None = None,
) -> GuaranteedThreshold:
    """The lowest threshold found by bisection whose selective risk is <= risk with confidence 1 - delta.

    Selection with guaranteed risk: of the G thresholds there are, ceil(log2 G) are tried, each with delta
    divided by their number, so the guarantee holds for whichever is returned. It speaks of data drawn like
    these samples; under a shift it may fail. Ties are accepted whole. Accepting everything is tried only
    where G = 1.

    Args:
        values: (n,) scores of the validation samples, high = confident, or what `rank` returned.
        failure: (n,) True where wrong.
        risk: r, strictly between 0 and 1.
        delta: strictly between 0 and 1.
        weights: not possible here but for ones: weighted counts are not binomial.
    """
    risk = arguments.share(risk, "risk", open_ends=True)
    delta = arguments.share(delta, "delta", open_ends=True)
    ranked = as_ranked(values, failure, weights=weights)
    why = ranked.no_order
    if not why and ranked.weights is not None:
        why = "a guarantee needs samples that all count the same; weighted counts are not binomial"
    if why:
        return GuaranteedThreshold(None, why, risk, delta, None, None, 0.0, ranked.n)
    accepted, wrong = ranked.accepted.astype(np.int64), ranked.wrong.astype(np.int64)
    tries = max(1, ceil(log2(len(accepted))))
    # levels from the least confident: low accepts too much, high is the strictest
    low, high, best, bound = 0, len(accepted) - 1, None, 1.0
    for _ in range(tries):
        middle = ceil((low + high) / 2)
        level = len(accepted) - 1 - middle
        found = risk_upper_bound(int(wrong[level]), int(accepted[level]), delta=delta / tries)
        if found > risk:
            low = middle
        else:
            high, best, bound = middle, level, found
    if best is None:
        return GuaranteedThreshold(
            None,
            f"no threshold keeps a risk of {risk:g} with confidence {1 - delta:g} on {ranked.n:,} samples",
            risk,
            delta,
            None,
            None,
            0.0,
            ranked.n,
        )
    return GuaranteedThreshold(
        float(ranked.levels[best]),
        "",
        risk,
        delta,
        bound,
        float(wrong[best] / accepted[best]),
        float(accepted[best] / ranked.n),
        ranked.n,
    )


def _counts(failures: int, n: int, name: str) -> tuple[int, int]:
    failures = arguments.whole(failures, "failures", least=0)
    n = arguments.whole(n, name, least=0)
    if failures > n:
        arguments.refuse("failures", f"{failures} of {n}", f"at most {name}", "Count failures among them.")
    return failures, n
