"""Which scores a run has, and their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.scores.arrays import Batch, argmax, batches
from sfvisuals.scores.catalogue import EXTERNAL_NAME, SCORES
from sfvisuals.scores.needs import Need, missing
from sfvisuals.types import BoolArray, FloatArray, GivenScore, IntArray, Judge, Rows, Run, ScoreVector


@dataclass(frozen=True, slots=True)
class ScoreInfo:
    """A score as a run lists it.

    Attributes:
        name: the key to compute it by.
        label: what a person reads.
        available: whether it can be computed.
        why: the reason if not, else "".
        judge: the prediction that it is judged against.
        fitted: whether it is fitted on training latents first, which takes its time.
    """

    name: str
    label: str
    available: bool
    why: str
    judge: Judge
    fitted: bool = False


@dataclass(frozen=True, eq=False)
class Predictions:
    """A run's predicted classes.

    Attributes:
        plain: (N,) int32 argmax of the outputs, ties to the lowest class.
        mc_mean: (N,) int32 argmax of the mean softmax over the dropout passes, or None without dropout.
    """

    plain: IntArray
    mc_mean: IntArray | None

    def of(self, judge: Judge) -> IntArray:
        """(N,) int32 the prediction of that judge; raises UnavailableError without MC dropout."""
        match judge:
            case Judge.PLAIN:
                return self.plain
            case Judge.MC_MEAN:
                if self.mc_mean is None:
                    raise UnavailableError(
                        "There is no MC-mean prediction", detail="The run has no MC dropout."
                    )
                return self.mc_mean


@dataclass(frozen=True, eq=False)
class _Entry:
    info: ScoreInfo
    function: Callable[[Batch], FloatArray] | None
    given: GivenScore | None = None
    on_latents: bool = False


def score_list(run: Run) -> tuple[ScoreInfo, ...]:
    """Every score of the catalogue, then the run's own; the unavailable ones with the reason."""
    return tuple(entry.info for entry in _entries(run))


def compute_score(run: Run, name: str, *, predicted: Predictions | None = None) -> ScoreVector:
    """One score over the whole run, high = confident; `ext` is accepted for tcp, dg and devries.

    Raises NotFoundError for an unknown name and UnavailableError (detail says why) for one that this run
    lacks. `predicted` spares the pass over the outputs where the predictions are at hand.
    """
    return compute_scores(run, (name,), predicted=predicted)[0]


def compute_scores(
    run: Run,
    names: Sequence[str],
    *,
    predicted: Predictions | None = None,
    report: Callable[[float], None] | None = None,
) -> tuple[ScoreVector, ...]:
    """Several scores in one pass over the run's files; like `compute_score` for each.

    `report` is told the share of the rows that are done, 0..1.
    """
    entries = [_find(run, name) for name in names]
    values = [np.empty(run.n, np.float64) for _ in entries]
    if any(entry.function is not None for entry in entries):
        for rows, batch in batches(run, on_latents=any(entry.on_latents for entry in entries)):
            for entry, target in zip(entries, values, strict=True):
                if entry.function is not None:
                    target[rows] = entry.function(batch)
            if report is not None:
                report(rows.stop / run.n)
    for entry, target in zip(entries, values, strict=True):
        if entry.given is not None:
            target[:] = entry.given.values
    predicted = predictions(run) if predicted is None else predicted
    return tuple(_vector(run, e.info, v, predicted) for e, v in zip(entries, values, strict=True))


def predictions(run: Run) -> Predictions:
    """The plain and, with MC dropout, the MC-mean prediction of every sample."""
    plain = np.empty(run.n, np.int32)
    mc_mean = np.empty(run.n, np.int32) if run.mc_passes else None
    for rows, batch in batches(run):
        plain[rows] = argmax(batch.outputs)
        if mc_mean is not None:
            mc_mean[rows] = argmax(batch.mc_mean)
    return Predictions(_frozen(plain), None if mc_mean is None else _frozen(mc_mean))


def class_probabilities(run: Run, rows: Rows | None = None, *, judge: Judge = Judge.PLAIN) -> FloatArray:
    """(n, d) float64 softmax of these rows (all by default), or with `judge` MC_MEAN the MC-mean softmax."""
    if judge is Judge.MC_MEAN and not run.mc_passes:
        raise UnavailableError("There are no MC-mean probabilities", detail=missing(run, Need.MC) or "")
    if rows is not None:
        return _probabilities(Batch(run, np.asarray(rows, np.int64)), judge)
    result = np.empty((run.n, run.n_classes), np.float64)
    for chunk, batch in batches(run):
        result[chunk] = _probabilities(batch, judge)
    return result


def _probabilities(batch: Batch, judge: Judge) -> FloatArray:
    match judge:
        case Judge.PLAIN:
            return batch.probabilities
        case Judge.MC_MEAN:
            return batch.mc_mean


def _entries(run: Run) -> tuple[_Entry, ...]:
    given = {score.name: score for score in run.given_scores}
    entries = []
    for score in SCORES:
        name, label = score.named_in(run)
        reasons = [reason for need in score.needs if (reason := missing(run, need)) is not None]
        if reasons and name in given:
            entries.append(_given_entry(run, given.pop(name), name=name))
            continue
        fitted = Need.TRAIN_LATENTS in score.needs
        info = ScoreInfo(name, label, not reasons, "; ".join(dict.fromkeys(reasons)), score.judge, fitted)
        entries.append(_Entry(info, score.function, on_latents=Need.LATENTS in score.needs))
    taken = {entry.info.name for entry in entries} | {EXTERNAL_NAME}
    for name, own in given.items():
        # what the tool computes itself keeps the plain name, so that the two can be compared
        entries.append(_given_entry(run, own, name=f"{name}_given" if name in taken else name))
    return tuple(entries)


def _given_entry(run: Run, score: GivenScore, *, name: str) -> _Entry:
    why = (missing(run, Need.MC) or "") if score.judge is Judge.MC_MEAN else ""
    return _Entry(ScoreInfo(name, score.label, not why, why, score.judge), None, score)


def _find(run: Run, name: str) -> _Entry:
    entries = _entries(run)
    external = next(i for i, score in enumerate(SCORES) if score.name == EXTERNAL_NAME)
    wanted = entries[external].info.name if name == EXTERNAL_NAME else name
    for entry in entries:
        if entry.info.name != wanted:
            continue
        if not entry.info.available:
            raise UnavailableError(
                f"The score {name!r} cannot be computed for {run.name}", detail=entry.info.why
            )
        return entry
    raise NotFoundError(
        f"There is no score {name!r}", hint=f"Known scores: {', '.join(e.info.name for e in entries)}."
    )


def _vector(run: Run, info: ScoreInfo, values: FloatArray, predicted: Predictions) -> ScoreVector:
    """The score as a record; what is not finite is undefined (NaN), so it counts as rejected everywhere."""
    prediction = predicted.of(info.judge)
    values[~np.isfinite(values)] = np.nan
    failure: BoolArray = run.failure(prediction)
    failure.flags.writeable = False
    return ScoreVector(info.name, info.label, _frozen(values), prediction, failure, info.judge)


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    array.flags.writeable = False
    return array
