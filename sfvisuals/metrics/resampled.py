"""All metrics under many vectors of counts at once: sorted once, then sums along rows.

Each function here gives what the metric of the same key gives for every row of counts by itself, NaN where
that is undefined; tests compare them one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Final

import numpy as np

from sfvisuals.metrics.calibration import bin_of, fail_brier_losses, fail_nll_losses, probabilities_of
from sfvisuals.metrics.classifier import brier_losses, nll_losses
from sfvisuals.metrics.detection import ENOUGH_CORRECT
from sfvisuals.metrics.ranked import Ranked
from sfvisuals.metrics.resampled_areas import area, generalized_area, products, steps_of, value_at
from sfvisuals.metrics.resampled_classes import ClassOrder, ClassSums
from sfvisuals.metrics.risk_coverage import area_under_hull
from sfvisuals.types import BoolArray, FloatArray, IntArray

# less than any weight: 0 / SMALLEST is 0, and nothing else is changed by a maximum with it
SMALLEST: Final = 5e-324
Array = np.ndarray[Any, Any]
Losses = Callable[[Ranked], tuple[FloatArray, str]]


class Resampled:
    """One score, ready for blocks of counts; what does not depend on counts is made once.

    Args:
        ranked: the samples.
    """

    def __init__(self, ranked: Ranked) -> None:
        self.ranked = ranked
        self.order = ranked.order
        self.weight = None if ranked.weights is None else ranked.weights[ranked.order]
        self.failure = ranked.sorted_failure.astype(np.float64)
        self.whole_failure = ranked.sorted_failure.astype(np.int64)
        self.last = ranked.ends - 1 if len(ranked.ends) < ranked.n else None
        self._losses: dict[Losses, FloatArray] = {}
        self._rooms: dict[str, Array] = {}

    def compute(self, counts: IntArray, keys: Sequence[str]) -> FloatArray:
        """(K, b) metrics, defined on the samples themselves, under each row of counts (b, n)."""
        drawn = Drawn(self, counts)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([RESAMPLED[key](drawn) for key in keys])

    def room(self, name: str, shape: tuple[int, ...], dtype: type = np.float64) -> Array:
        """An array to write into, the same one for every block: fresh memory costs more than the sums."""
        room = self._rooms.get(name)
        if room is None or room.shape != shape:
            room = self._rooms[name] = np.empty(shape, dtype)
        return room

    def losses(self, of: Losses) -> FloatArray:
        """(n,) a loss of each sample, in order of the score."""
        if of not in self._losses:
            self._losses[of] = of(self.ranked)[0][self.order]
        return self._losses[of]

    @cached_property
    def classes(self) -> ClassOrder:
        """Where the samples of each class are."""
        if self.ranked.labels is None:
            raise AssertionError("asked for the classes of samples without labels")
        return ClassOrder.of(self.ranked.labels[self.order])

    @cached_property
    def bins(self) -> tuple[IntArray, IntArray, FloatArray]:
        """(n,) places of the ordered samples bin by bin of confidence, (B,) where each bin that has samples
        begins there, and (n,) how much more often each sample is right than its confidence says."""
        confidence = probabilities_of(self.ranked)[0][self.order]
        position = bin_of(confidence)
        by_bin = np.argsort(position, kind="stable")
        starts = np.flatnonzero(np.diff(position[by_bin], prepend=-1))
        return by_bin, starts, (1 - self.failure - confidence)[by_bin]


class Drawn:
    """A block of b resamples of one score: G groups of equal scores, most confident first.

    Args:
        score: the score.
        counts: (b, n) how often each sample was drawn.
    """

    def __init__(self, score: Resampled, counts: IntArray) -> None:
        self.score = score
        self._shape = counts.shape
        # `take` leaves each resample in one piece, an index would lay sample beside sample; "clip" since it
        # writes at once where "raise" would write a copy first
        whole = np.take(
            np.asarray(counts, np.int64),
            score.order,
            axis=1,
            out=score.room("whole", counts.shape, np.int64),
            mode="clip",
        )
        self._whole = whole if score.weight is None else None
        weight = 1.0 if score.weight is None else score.weight
        self.each: FloatArray = np.multiply(whole, weight, out=score.room("each", counts.shape))

    @cached_property
    def failed(self) -> FloatArray:
        """(b, n) weight of each failure drawn."""
        return np.multiply(self.each, self.score.failure, out=self.score.room("failed", self._shape))

    @cached_property
    def wrong(self) -> FloatArray:
        """(b, G) weight of the failures accepted at each level."""
        if self._whole is None:
            return self.at_levels(np.cumsum(self.failed, axis=1))
        failed = self.score.room("whole failed", self._shape, np.int64)
        return self._added("wrong", np.multiply(self._whole, self.score.whole_failure, out=failed))

    @cached_property
    def accepted(self) -> FloatArray:
        """(b, G) weight of the samples accepted at each level; 0 before the first that was drawn."""
        if self._whole is None:
            return self.at_levels(np.cumsum(self.each, axis=1))
        return self._added("accepted", self._whole)

    def _added(self, name: str, whole: IntArray) -> FloatArray:
        """(b, G) running sums of (b, n) whole numbers: quicker than of floats, and the same."""
        running = np.cumsum(whole, axis=1, out=self.score.room("running", self._shape, np.int64))
        sums = self.score.room(name, self._shape)
        np.copyto(sums, running)
        return self.at_levels(sums)

    @cached_property
    def steps(self) -> FloatArray:
        """(b, G) weight of each group."""
        return self.each if self.score.last is None else steps_of(self.accepted)

    @cached_property
    def wrong_steps(self) -> FloatArray:
        """(b, G) weight of the failures of each group."""
        return self.failed if self.score.last is None else steps_of(self.wrong)

    @cached_property
    def selective(self) -> FloatArray:
        """(b, G) selective risk; 0 where nothing is accepted yet, which has no width."""
        room = self.score.room("selective", self.wrong.shape)
        return np.divide(self.wrong, np.maximum(self.accepted, SMALLEST, out=room), out=room)

    @cached_property
    def total(self) -> FloatArray:
        """(b,) weight of all samples drawn."""
        return self.accepted[:, -1]

    @cached_property
    def total_wrong(self) -> FloatArray:
        """(b,) weight of all failures drawn."""
        return self.wrong[:, -1]

    @property
    def total_right(self) -> FloatArray:
        """(b,) weight of all correct predictions drawn."""
        return self.total - self.total_wrong

    @cached_property
    def error(self) -> FloatArray:
        """(b,) share of failures."""
        return self.total_wrong / self.total

    @cached_property
    def one_sided(self) -> BoolArray:
        """(b,) True where only failures or none were drawn."""
        found: BoolArray = (self.total_wrong <= 0) | (self.total_right <= 0)
        return found

    @cached_property
    def augrc(self) -> FloatArray:
        """(b,) AUGRC."""
        return generalized_area(self.steps, self.wrong, self.total)

    @cached_property
    def aurc(self) -> FloatArray:
        """(b,) AURC."""
        return area(self.steps, self.selective, self.total)

    @cached_property
    def lowest_risk_from(self) -> FloatArray:
        """(b, G) the least selective risk at this level or a later one."""
        return np.minimum.accumulate(self.selective[:, ::-1], axis=1)[:, ::-1]

    @cached_property
    def hull(self) -> FloatArray:
        """(b,) achievable AURC."""
        there = self.steps > 0
        found = np.empty(len(there))
        for row, (drawn, wrong, accepted) in enumerate(zip(there, self.wrong, self.accepted, strict=True)):
            groups = np.flatnonzero(drawn)
            w, a = wrong[groups], accepted[groups]
            found[row] = area_under_hull(w, a, np.diff(w, prepend=0.0), np.diff(a, prepend=0.0))
        return found

    @cached_property
    def classes(self) -> ClassSums:
        """The sums within classes."""
        return ClassSums(self.score.classes, self.each, self.failed)

    def at_levels(self, running: FloatArray) -> FloatArray:
        """(b, G) what (b, n) running sums are at the end of each group."""
        return running if self.score.last is None else np.take(running, self.score.last, axis=1)


def _best_aurc(drawn: Drawn) -> FloatArray:
    right = 1 - drawn.error
    return np.where(right > 0, drawn.error + right * np.log(right), 1.0)


def _failauc(drawn: Drawn) -> FloatArray:
    right = drawn.accepted - drawn.wrong
    # twice, per failure, the correct predictions above it and half of those beside it
    twice = products(drawn.wrong_steps, right) + products(drawn.wrong_steps[:, 1:], right[:, :-1])
    found = np.minimum(twice / (2 * drawn.total_right * drawn.total_wrong), 1.0)
    return np.where(drawn.one_sided, np.nan, found)


def _fpr(drawn: Drawn) -> FloatArray:
    right = drawn.accepted - drawn.wrong
    first = np.argmax(right / right[:, -1:] >= ENOUGH_CORRECT, axis=1)
    return np.where(drawn.one_sided, np.nan, value_at(drawn.wrong, first) / drawn.total_wrong)


def _ap_success(drawn: Drawn) -> FloatArray:
    precise = products(drawn.steps - drawn.wrong_steps, 1 - drawn.selective) / drawn.total_right
    return np.where(drawn.total_right > 0, np.minimum(precise, 1.0), np.nan)


def _ap_error(drawn: Drawn) -> FloatArray:
    rejected = drawn.total[:, None] - drawn.accepted + drawn.steps
    failed = drawn.total_wrong[:, None] - drawn.wrong + drawn.wrong_steps
    precision = np.divide(failed, rejected, out=np.zeros_like(failed), where=rejected > 0)
    precise = products(drawn.wrong_steps, precision) / drawn.total_wrong
    return np.where(drawn.total_wrong > 0, np.minimum(precise, 1.0), np.nan)


def _risk_at(drawn: Drawn, *, coverage: float) -> FloatArray:
    asked = coverage * drawn.total * (1 - 1e-12)
    first = np.count_nonzero(drawn.accepted < asked[:, None], axis=1)
    return value_at(drawn.lowest_risk_from, first)


def _coverage_at(drawn: Drawn, *, risk: float) -> FloatArray:
    low = (drawn.wrong <= risk * drawn.accepted * (1 + 1e-12)) & (drawn.accepted > 0)
    last = low.shape[1] - 1 - np.argmax(low[:, ::-1], axis=1)
    return np.where(low.any(axis=1), value_at(drawn.accepted, last) / drawn.total, np.nan)


def _gaps(drawn: Drawn) -> tuple[FloatArray, FloatArray]:
    """(b, B) |accuracy - confidence| x weight of each bin, and its weight."""
    by_bin, starts, off = drawn.score.bins
    each = drawn.each[:, by_bin]
    weight = np.add.reduceat(each, starts, axis=1)
    return np.abs(np.add.reduceat(each * off, starts, axis=1)), weight


def _ece(drawn: Drawn) -> FloatArray:
    found: FloatArray = _gaps(drawn)[0].sum(axis=1) / drawn.total
    return found


def _mce(drawn: Drawn) -> FloatArray:
    gap, weight = _gaps(drawn)
    found: FloatArray = np.where(weight > 0, gap / weight, 0.0).max(axis=1)
    return found


def _mean_loss(drawn: Drawn, *, of: Losses) -> FloatArray:
    found: FloatArray = np.einsum("bn,n->b", drawn.each, drawn.score.losses(of)) / drawn.total
    return found


def _aurc_ba(drawn: Drawn) -> FloatArray:
    risk = drawn.at_levels(drawn.classes.summed_risk) / drawn.classes.occurring[:, None]
    return area(drawn.steps, risk, drawn.total)


def _b_aurc(drawn: Drawn) -> FloatArray:
    summed, present = drawn.at_levels(drawn.classes.summed_risk), drawn.at_levels(drawn.classes.present)
    risk = np.divide(summed, present, out=np.zeros_like(summed), where=present > 0)
    return area(drawn.steps, risk, drawn.total)


def _augrc_ba(drawn: Drawn) -> FloatArray:
    failed = np.cumsum(drawn.failed * drawn.classes.balance(drawn.total), axis=1)
    return generalized_area(drawn.steps, drawn.at_levels(failed), drawn.total)


RESAMPLED: Final[Mapping[str, Callable[[Drawn], FloatArray]]] = {
    "aurc": lambda drawn: drawn.aurc,
    "e-aurc": lambda drawn: drawn.aurc - _best_aurc(drawn),
    "aurc-achievable": lambda drawn: drawn.hull,
    "e-aurc-achievable": lambda drawn: drawn.hull - _best_aurc(drawn),
    "aurc-ba": _aurc_ba,
    "b-aurc": _b_aurc,
    "augrc": lambda drawn: drawn.augrc,
    "e-augrc": lambda drawn: drawn.augrc - drawn.error**2 / 2,
    "augrc-ba": _augrc_ba,
    "failauc": _failauc,
    "fpr@95tpr": _fpr,
    "failap_suc": _ap_success,
    "failap_err": _ap_error,
    **{f"risk@{p}cov": partial(_risk_at, coverage=p / 100) for p in (100, 95, 90, 85, 80, 75)},
    **{f"cov@{p}risk": partial(_coverage_at, risk=p / 100) for p in (5, 10)},
    "ece": _ece,
    "mce": _mce,
    "fail-NLL": partial(_mean_loss, of=fail_nll_losses),
    "fail-brier": partial(_mean_loss, of=fail_brier_losses),
    "accuracy": lambda drawn: drawn.total_right / drawn.total,
    "b-accuracy": lambda drawn: drawn.classes.balanced_accuracy,
    "brier_score": partial(_mean_loss, of=brier_losses),
    "nll": partial(_mean_loss, of=nll_losses),
}
