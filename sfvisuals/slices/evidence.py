"""Tests of one slice on the half that did not find it, also where samples repeat; false discovery rate.

Samples of one unit (a patient, or an image with its corrupted copies) fail together, so n of them are worth
n / d independent ones, d = 1 + (m - 1) rho being the design effect: m is the mean over samples of how many
their unit has, rho the correlation of outcomes within units. Test and interval count in such samples.

Sources: Fisher, "Statistical methods for research workers", 1934; Clopper, Pearson, Biometrika 1934; Kish,
"Survey sampling", 1965 (design effect); Donald, Donner, Am. J. Epidemiol. 1987 and Rao, Scott, Biometrics
1992 (counts divided by it); Korn, Graubard, Survey Methodology 1998 (exact intervals of such counts);
Benjamini, Hochberg, JRSS B 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.types import BoolArray, IntArray

MOST: Final = 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One slice against the rest.

    Attributes:
        n, k: samples in it, and those of them that are target samples.
        units: units with a sample in it.
        rest_n, rest_k: the same of the rest.
        interval: exact two-sided 95 % interval of k / n.
        p: one-sided: how likely so many target samples, were membership without meaning.
    """

    n: int
    k: int
    units: int
    rest_n: int
    rest_k: int
    interval: tuple[float, float]
    p: float

    @property
    def rate(self) -> float:
        """k / n; NaN without members."""
        return self.k / self.n if self.n else float("nan")

    @property
    def rest_rate(self) -> float:
        """The same of the rest."""
        return self.rest_k / self.rest_n if self.rest_n else float("nan")

    @property
    def lift(self) -> float:
        """rate / rest_rate; inf where the rest has no target sample, NaN where either is undefined."""
        if not self.n or not self.rest_n:
            return float("nan")
        return self.rate / self.rest_rate if self.rest_k else (float("inf") if self.k else float("nan"))


def evidence(member: BoolArray, target: BoolArray, unit: IntArray, *, rho: float) -> Evidence:
    """Evidence that target samples gather among members.

    The p-value is Fisher's, one-sided, of the two by two table of members and others, target or not, where
    each side's counts are divided by its design effect and rounded against the slice. Without repeats it is
    Fisher's exact test. The interval is that of Clopper and Pearson for counts divided alike.

    Args:
        member: (n,) True in the slice; the others are the rest.
        target: (n,) what is counted.
        unit: (n,) samples of one unit depend on each other.
        rho: correlation of outcomes within units, see `within_units`.
    """
    n, k = int(member.sum()), int((member & target).sum())
    rest_n, rest_k = int((~member).sum()), int((~member & target).sum())
    _, sizes = np.unique(unit[member], return_counts=True)
    _, others = np.unique(unit[~member], return_counts=True)
    d, rest_d = design_effect(sizes, rho), design_effect(others, rho)
    return Evidence(
        n=n,
        k=k,
        units=int(sizes.size),
        rest_n=rest_n,
        rest_k=rest_k,
        interval=exact_interval(k / d, n / d),
        p=_table_p(k / d, n / d, rest_k / rest_d, rest_n / rest_d),
    )


def within_units(target: BoolArray, unit: IntArray) -> float:
    """Correlation of outcomes within units, 0 to 1: estimated by analysis of variance, plus its error.

    One standard error is added (Donner, Int. Stat. Rev. 1986), so that few units do not make it look small. 0
    where no unit has two samples or all outcomes are the same; 1 where there is a single unit.
    """
    _, codes = np.unique(unit, return_inverse=True)
    sizes = np.bincount(codes).astype(np.float64)
    n, count = float(target.size), float(sizes.size)
    if count == n or not target.any() or target.all():
        return 0.0
    if count < 2:
        return MOST
    hits = np.bincount(codes, weights=target)
    rates = hits / sizes
    between = float((sizes * (rates - target.mean()) ** 2).sum()) / (count - 1)
    within = float((hits * (1 - rates)).sum()) / (n - count)
    size = (n - float((sizes**2).sum()) / n) / (count - 1)
    rho = max((between - within) / (between + (size - 1) * within), 0.0)
    mean = n / count
    error = np.sqrt(2 / count) * (1 - rho) * (1 + (mean - 1) * rho) / np.sqrt(mean * max(mean - 1, 1e-9))
    return float(min(rho + error, MOST))


def design_effect(sizes: IntArray, rho: float) -> float:
    """1 + (m - 1) rho for units of these sizes, m = sum(sizes^2) / sum(sizes): at least 1."""
    if not sizes.size:
        return 1.0
    m = float((sizes.astype(np.float64) ** 2).sum()) / float(sizes.sum())
    return 1.0 + (m - 1.0) * rho


def fisher_p(k: int, n: int, rest_k: int, rest_n: int) -> float:
    """P(K >= k) for K hypergeometric: how many of all target samples are among n of all samples."""
    from scipy.stats import hypergeom

    return float(min(hypergeom.sf(k - 1, n + rest_n, k + rest_k, n), 1.0))


def _table_p(k: float, n: float, rest_k: float, rest_n: float) -> float:
    """Fisher's p-value of counts that need not be whole, rounded against the slice."""
    near = 1e-9
    whole_n, whole_rest = int(np.floor(n + near)), int(np.floor(rest_n + near))
    hits = min(int(np.floor(k + near)), whole_n)
    rest_hits = min(int(np.ceil(rest_k - near)), whole_rest)
    if not whole_n or not whole_rest or not hits:
        return 1.0
    return fisher_p(hits, whole_n, rest_hits, whole_rest)


def exact_interval(k: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Two-sided interval of a rate seen as k of n (Clopper and Pearson), also for counts that are not whole.

    (0, 1) without samples.
    """
    if not n:
        return 0.0, 1.0
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k >= n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high
