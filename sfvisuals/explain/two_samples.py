"""Two groups of numbers or of counts compared: rank tests, exact tables, effect sizes, false discoveries.

Sources: Mann, Whitney, Annals of Mathematical Statistics 1947; Wilcoxon, Biometrics Bulletin 1945; Fisher,
"Statistical methods for research workers", 1934; McNemar, Psychometrika 1947; Haldane, Annals of Human
Genetics 1956 and Woolf 1955 (odds ratio and its interval); Cliff, Psychological Bulletin 1993; Benjamini,
Hochberg, JRSS B 1995.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from typing import Final

import numpy as np

from sfvisuals.types import FloatArray, IntArray

MOST_ARRANGEMENTS: Final = 20_000
MOST_OF_FEWER: Final = 8  # 2 * 8 places can be shared out in 12,870 ways, 2 * 9 in more than the above
MOST_FLIPS: Final = 12
DEVIATIONS: Final = 12.0
NORMAL_95: Final = 1.959963984540054


def auc(x: FloatArray, y: FloatArray) -> float:
    """Probability that a number of x is larger than one of y, ties half; both sorted, without NaN."""
    below = np.searchsorted(y, x, side="left").sum(dtype=np.float64)
    upto = np.searchsorted(y, x, side="right").sum(dtype=np.float64)
    return float((below + upto) / (2.0 * x.size * y.size))


def mann_whitney(x: FloatArray, y: FloatArray, *, area: float | None = None) -> float:
    """Two-sided p that x and y come from one distribution; both sorted, without NaN.

    Exact over all arrangements, ties as they are, where there are at most MOST_ARRANGEMENTS; else the normal
    approximation with tie and continuity correction.
    """
    m, n = x.size, y.size
    if not m or not n:
        return 1.0
    pooled = np.sort(np.concatenate((x, y)))
    if min(m, n) <= MOST_OF_FEWER and math.comb(m + n, min(m, n)) <= MOST_ARRANGEMENTS:
        return _exact_rank_sum(x, y, pooled)
    wins = (auc(x, y) if area is None else area) * m * n
    starts = np.flatnonzero(np.concatenate(([True], pooled[1:] != pooled[:-1], [True])))
    ties = np.diff(starts).astype(np.float64)
    total = m + n
    variance = m * n / 12.0 * (total + 1 - (ties**3 - ties).sum() / (total * (total - 1.0)))
    if variance <= 0:
        return 1.0
    return _two_sided(max(0.0, abs(wins - m * n / 2.0) - 0.5) / math.sqrt(variance))


def signed_rank(differences: FloatArray) -> float:
    """Two-sided p that differences are symmetric around 0; zeros are dropped.

    Exact over all signs up to MOST_FLIPS differences, ties as they are; else the normal approximation with
    tie and continuity correction.
    """
    changed = differences[differences != 0]
    if not changed.size:
        return 1.0
    ranks = midranks(np.abs(changed))
    positive = ranks[changed > 0].sum()
    middle = ranks.sum() / 2.0
    if changed.size <= MOST_FLIPS:
        sums = _signs(changed.size) @ ranks
        return float((np.abs(sums - middle) >= abs(positive - middle) - 1e-9).mean())
    deviation = math.sqrt((ranks**2).sum() / 4.0)
    return _two_sided(max(0.0, abs(positive - middle) - 0.5) / deviation)


def sign_test(more: int, less: int) -> float:
    """Exact two-sided p of `more` against `less` with even odds (McNemar's exact test)."""
    from scipy.special import bdtr

    n = more + less
    return min(1.0, 2.0 * float(bdtr(min(more, less), n, 0.5))) if n else 1.0


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p of the table [[a, b], [c, d]]: all tables that are at most as probable as this one.

    Only tables within DEVIATIONS standard deviations of the mean, or of this one, are summed; the others are
    less probable than 1e-30 together.
    """
    row, column, total = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - total), min(row, column)
    if low == high:
        return 1.0
    mean = row * column / total
    deviation = math.sqrt(mean * (total - row) / total * (total - column) / max(total - 1, 1)) + 1.0
    low = max(low, math.floor(min(mean, a) - DEVIATIONS * deviation))
    high = min(high, math.ceil(max(mean, a) + DEVIATIONS * deviation))
    log = _log_factorials(_rounded_up(total))
    k = np.arange(low, high + 1)
    fixed = log[row] + log[total - row] + log[column] + log[total - column] - log[total]
    logs = fixed - log[k] - log[row - k] - log[column - k] - log[total - row - column + k]
    weights = np.exp(logs)
    here = logs[a - low]
    return min(1.0, float(weights[logs <= here + 1e-7].sum()))


def odds_ratio(a: int, b: int, c: int, d: int) -> tuple[float, float, float]:
    """Odds ratio of [[a, b], [c, d]] with Haldane's halves, and Woolf's 95 % interval."""
    w, x, y, z = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    middle, spread = math.log(w * z / (x * y)), NORMAL_95 * math.sqrt(1 / w + 1 / x + 1 / y + 1 / z)
    return math.exp(middle), math.exp(middle - spread), math.exp(middle + spread)


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """(n,) q of each p: the smallest false discovery rate at which it is still a discovery."""
    order = np.argsort(p, kind="stable")
    scaled = p[order] * p.size / np.arange(1, p.size + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q


def best_cut(x: FloatArray, y: FloatArray, *, higher: bool) -> float:
    """The cut that best tells x from y (Youden's index); both sorted. It lies halfway between two values.

    The rule is "at or above the cut" where x is higher, else "below the cut".
    """
    values = np.unique(np.concatenate((x, y)))
    if values.size < 2:
        return float(values[0])
    cuts = values[1:]
    share_x = 1.0 - np.searchsorted(x, cuts, side="left") / x.size
    share_y = 1.0 - np.searchsorted(y, cuts, side="left") / y.size
    gain = share_x - share_y if higher else share_y - share_x
    best = int(np.argmax(gain))
    middle = (values[best] + values[best + 1]) / 2.0
    return float(middle if middle > values[best] else values[best + 1])


def standardised_difference(x: FloatArray, y: FloatArray) -> float:
    """(mean x - mean y) over the root of the mean variance; NaN where both are constant and differ."""
    spread = math.sqrt((float(x.var()) + float(y.var())) / 2.0)
    gap = float(x.mean() - y.mean())
    if spread > 0:
        return gap / spread
    return 0.0 if gap == 0 else math.nan


def midranks(values: FloatArray) -> FloatArray:
    """(n,) ranks from 1, ties the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: FloatArray = (last - (counts - 1) / 2.0)[inverse]
    return ranks


def _exact_rank_sum(x: FloatArray, y: FloatArray, pooled: FloatArray) -> float:
    small = x if x.size <= y.size else y
    levels, counts = np.unique(pooled, return_counts=True)
    last = np.cumsum(counts)
    of_level = last - (counts - 1) / 2.0
    ranks = np.repeat(of_level, counts)
    seen = of_level[np.searchsorted(levels, small)].sum()
    middle = small.size * (pooled.size + 1) / 2.0
    sums = ranks[_arrangements(pooled.size, small.size)].sum(axis=1)
    return float((np.abs(sums - middle) >= abs(seen - middle) - 1e-9).mean())


@lru_cache(maxsize=8)
def _arrangements(total: int, chosen: int) -> IntArray:
    """(comb(total, chosen), chosen) every choice of positions."""
    flat = itertools.chain.from_iterable(itertools.combinations(range(total), chosen))
    return np.fromiter(flat, np.int32).reshape(-1, chosen)


@lru_cache(maxsize=MOST_FLIPS)
def _signs(n: int) -> FloatArray:
    """(2^n, n) every choice of the differences that are positive."""
    codes = np.arange(2**n)
    return ((codes[:, None] >> np.arange(n)) & 1).astype(np.float64)


@lru_cache(maxsize=4)
def _log_factorials(n: int) -> FloatArray:
    """(n + 1,) log k! for k = 0..n."""
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(1, n + 2, dtype=np.float64)))


def _rounded_up(total: int) -> int:
    """The next power of two, so that a few tables of logarithms serve all totals."""
    return 1 << max(10, total.bit_length())


def _two_sided(z: float) -> float:
    return math.erfc(z / math.sqrt(2.0))
