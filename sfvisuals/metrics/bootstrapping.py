"""Bootstrap intervals and paired differences, over samples or over groups (patients, lesions).

A resample is a vector of counts: how often each sample was drawn. Counts are weights, so nothing is sorted
again; all scores of one bootstrap see the same resamples, so their differences are paired. Sources: Efron,
Tibshirani, An Introduction to the Bootstrap, 1993 (percentile, BCa, jackknife).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np

from sfvisuals.errors import NotFoundError, SfvisualsError
from sfvisuals.metrics import arguments
from sfvisuals.metrics.catalogue import find_metrics
from sfvisuals.metrics.ranked import Ranked
from sfvisuals.metrics.resampled import Resampled
from sfvisuals.types import FloatArray, IntArray

Method = Literal["percentile", "bca"]
# so few that the arrays of a block stay in the cache
CELLS_PER_BLOCK: Final = 60_000
# the jackknife leaves out single units up to this many, else this many disjoint blocks of them
MOST_LEFT_OUT: Final = 500
# an interval needs the metric to be defined in most resamples
ENOUGH_DEFINED: Final = 0.9


@dataclass(frozen=True, slots=True)
class Interval:
    """A bootstrap interval.

    Attributes:
        value: the metric (or difference) on the samples themselves, None where it is undefined.
        low: lower end, None where there is no interval.
        high: upper end, None where there is no interval.
        why: why there is no interval, else "".
        undefined: in how many resamples the metric was undefined; they are left out.
        units: how many units (samples or groups) were drawn from.
    """

    value: float | None
    low: float | None
    high: float | None
    why: str
    undefined: int
    units: int

    @property
    def excludes_zero(self) -> bool:
        """True where the whole interval lies on one side of 0: a difference that is significant."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Resampling:
    """Which samples are drawn how often; equal settings give equal counts.

    Attributes:
        n: samples.
        resamples: B.
        seed: of the generator (PCG64).
        units: (n,) group of each sample, 0..U-1, or None where each sample is a unit of its own.
    """

    n: int
    resamples: int = 1000
    seed: int = 0
    units: IntArray | None = None

    @property
    def n_units(self) -> int:
        """U."""
        if self.units is None:
            return self.n
        return int(self.units.max()) + 1 if self.n else 0

    def counts(self) -> Iterator[IntArray]:
        """Blocks (b, n) of how often each sample is in each resample, B rows in all."""
        chance = np.random.default_rng(self.seed)
        units, step = self.n_units, max(1, CELLS_PER_BLOCK // max(1, self.n))
        for start in range(0, self.resamples, step):
            rows = min(step, self.resamples - start)
            drawn = chance.integers(0, units, size=(rows, units))
            drawn += np.arange(rows)[:, None] * units
            counted = np.bincount(drawn.ravel(), minlength=rows * units).reshape(rows, units)
            # `take` leaves each resample in one piece, which is how it is read
            yield counted if self.units is None else np.take(counted, self.units, axis=1)

    def jackknife(self) -> Iterator[IntArray]:
        """Blocks (b, n) of counts that leave out one unit each, or one of 500 disjoint blocks of units."""
        units = self.n_units
        left_out = min(units, MOST_LEFT_OUT)
        # in an order of chance, so that a block is no run of neighbours
        block = np.random.default_rng(self.seed).permutation(units) * left_out // max(1, units)
        of_sample = block if self.units is None else block[self.units]
        step = max(1, CELLS_PER_BLOCK // max(1, self.n))
        for start in range(0, left_out, step):
            out = np.arange(start, min(start + step, left_out))
            yield (of_sample[None, :] != out[:, None]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Metrics of several scores in the same resamples; rows of arrays are (score, key) pairs.

    Attributes:
        names: the scores; keys: the metrics.
        point: (S, K) the metrics on the samples themselves, NaN where undefined; draws: (S, K, B);
            left_out: (S, K, J) jackknife values.
        why: (score, key) -> why the metric is undefined on the samples themselves.
        units: what was drawn from.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    point: FloatArray
    draws: FloatArray
    left_out: FloatArray
    why: Mapping[tuple[str, str], str]
    units: int

    def interval(
        self, name: str, key: str, *, level: float = 0.95, method: Method = "percentile"
    ) -> Interval:
        """Interval of one metric of one score.

        Args:
            name: the score.
            key: the metric.
            level: its confidence, 0..1.
            method: "percentile", or "bca" (bias-corrected and accelerated).
        """
        at = self._at(name, key)
        why = self.why.get((name, key), "")
        return self._interval(self.point[at], self.draws[at], self.left_out[at], why, level, method)

    def difference(
        self, name: str, other: str, key: str, *, level: float = 0.95, method: Method = "percentile"
    ) -> Interval:
        """Interval of (metric of `name`) - (metric of `other`) in the same resamples: a paired difference."""
        a, b = self._at(name, key), self._at(other, key)
        why = self.why.get((name, key), "") or self.why.get((other, key), "")
        return self._interval(
            self.point[a] - self.point[b],
            self.draws[a] - self.draws[b],
            self.left_out[a] - self.left_out[b],
            why,
            level,
            method,
        )

    def _at(self, name: str, key: str) -> tuple[int, int]:
        for kind, asked, known in (("score", name, self.names), ("metric", key, self.keys)):
            if asked not in known:
                raise NotFoundError(
                    f"The bootstrap has no {kind} {asked!r}", hint=f"It has {', '.join(known) or 'none'}."
                )
        return self.names.index(name), self.keys.index(key)

    def _interval(
        self, point: Any, draws: FloatArray, left_out: FloatArray, why: str, level: float, method: Method
    ) -> Interval:
        level = arguments.share(level, "level", open_ends=True)
        if method not in get_args(Method):
            arguments.refuse("method", repr(method)[:60], "percentile or bca", 'Write method="percentile".')
        undefined = int(np.count_nonzero(np.isnan(draws)))
        value = None if why else float(point)
        if not why and draws.size - undefined < max(2, ENOUGH_DEFINED * draws.size):
            why = f"it is undefined in {undefined:,} of {draws.size:,} resamples"
        if not why and self.units < 2:
            why = "there is only one unit to draw from"
        if why:
            return Interval(value, None, None, why, undefined, self.units)
        kept = draws[~np.isnan(draws)]
        shares = np.array([(1 - level) / 2, (1 + level) / 2])
        if method == "bca":
            shares = _corrected(shares, float(point), kept, left_out[~np.isnan(left_out)])
        low, high = np.quantile(kept, shares)
        return Interval(value, float(low), float(high), "", undefined, self.units)


def bootstrap(
    scores: Mapping[str, Ranked],
    keys: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
    groups: IntArray | None = None,
    jackknife: bool = False,
    report: Callable[[float], None] | None = None,
) -> Bootstrap:
    """Metrics of scores in bootstrap resamples.

    Args:
        scores: name -> samples ranked by it. All have the same samples in the same rows (two runs on the same
            samples, too), which is what makes differences paired.
        keys: metrics; each is computed for many resamples at once.
        resamples: B.
        seed: equal seeds draw the same resamples for the same number of units.
        groups: (n,) integer group of each sample: whole groups are drawn. None: samples are.
        jackknife: also leave out units one by one, which "bca" needs.
        report: told the share of the resamples done, 0..1.

    Raises SfvisualsError where scores have different numbers of samples.
    """
    metrics = find_metrics(keys)
    resamples = arguments.whole(resamples, "resamples", least=0)
    seed = arguments.whole(seed, "seed", least=0)
    groups = None if groups is None else arguments.units(groups)
    _check_scores(scores)
    lengths = {ranked.n for ranked in scores.values()}
    if len(lengths) > 1 or (groups is not None and lengths != {len(groups)}):
        raise SfvisualsError(
            "The scores of a bootstrap do not have the same samples",
            detail=f"Numbers of samples found: {', '.join(str(n) for n in sorted(lengths))}.",
            hint="Give every score, and the groups, one entry per sample.",
        )
    n = next(iter(lengths), 0)
    units = None if groups is None else np.unique(groups, return_inverse=True)[1].reshape(-1)
    if units is not None and np.array_equal(units, np.arange(n)):
        units = None  # each sample is a unit: the same draws without looking them up
    plan = Resampling(n, resamples, seed, units)
    why: dict[tuple[str, str], str] = {}
    point = np.full((len(scores), len(metrics)), np.nan)
    for i, (name, ranked) in enumerate(scores.items()):
        for j, metric in enumerate(metrics):
            found = metric.function(ranked)
            if found.value is None:
                why[name, metric.key] = found.why
            else:
                point[i, j] = found.value
    none = np.empty((*point.shape, 0))

    def told(done: int) -> None:
        if report is not None:
            report(min(1.0, done / resamples))

    draws = _values(scores, keys, point, plan.counts(), told) if n and resamples else none
    left_out = _values(scores, keys, point, plan.jackknife(), told) if jackknife and n else none
    return Bootstrap(tuple(scores), tuple(keys), point, draws, left_out, why, plan.n_units)


def _check_scores(scores: Mapping[str, Ranked]) -> None:
    given: Any = scores
    if not isinstance(given, Mapping) or not all(isinstance(ranked, Ranked) for ranked in given.values()):
        arguments.refuse(
            "scores",
            repr(given)[:60],
            "a mapping of name to what `rank` returned",
            'Write scores={"MSR": rank(values, failure)}.',
        )


def _values(
    scores: Mapping[str, Ranked],
    keys: Sequence[str],
    point: FloatArray,
    blocks: Iterator[IntArray],
    report: Callable[[int], None],
) -> FloatArray:
    """(S, K, rows) metrics under each row of counts; NaN where undefined, or undefined from the start."""
    asked = [[j for j in range(len(keys)) if not np.isnan(point[i, j])] for i in range(len(scores))]
    ready = [Resampled(ranked) if some else None for ranked, some in zip(scores.values(), asked, strict=True)]
    parts = []
    done = 0
    for counts in blocks:
        part = np.full((*point.shape, len(counts)), np.nan)
        for i, (one, some) in enumerate(zip(ready, asked, strict=True)):
            if one is not None:
                part[i, some] = one.compute(counts, [keys[j] for j in some])
        parts.append(part)
        done += len(counts)
        report(done)
    return np.concatenate(parts, axis=2)


def _corrected(shares: FloatArray, point: float, draws: FloatArray, left_out: FloatArray) -> FloatArray:
    """The shares to read off instead, corrected for the median bias of the draws and for their skewness."""
    if not left_out.size:
        raise SfvisualsError(
            "A BCa interval needs the jackknife", hint="Call bootstrap(..., jackknife=True)."
        )
    from scipy.special import ndtr, ndtri

    below = (np.count_nonzero(draws < point) + np.count_nonzero(draws == point) / 2) / draws.size
    bias = float(ndtri(np.clip(below, 0.5 / draws.size, 1 - 0.5 / draws.size)))
    away = left_out.mean() - left_out
    squares = float((away**2).sum())
    skew = float((away**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0
    moved = bias + ndtri(shares)
    corrected: FloatArray = ndtr(bias + moved / (1 - skew * moved))
    return corrected
