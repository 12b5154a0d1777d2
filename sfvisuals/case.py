"""Everything about one sample, gathered for the inspector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.failures import percentile_in, reference_rows
from sfvisuals.scores import class_probabilities, score_list
from sfvisuals.types import FloatArray, Judge, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

MOST_COPIES = 14
UNFITTED = "is fitted when it is first chosen"


@dataclass(frozen=True, slots=True)
class ScoreAtRow:
    """One score of one sample.

    Attributes:
        name: fd-shifts' name.
        label: the poster's name.
        value: the score, high = confident; NaN where undefined, None where unavailable.
        percentile: share of validation samples whose score is at most this value (0..1), or None.
        wrong: whether the prediction that this score is judged against is wrong.
        why: why it is unavailable, else "".
    """

    name: str
    label: str
    value: float | None
    percentile: float | None
    wrong: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A nearest neighbour in the latents (not on the map), with the euclidean distance there."""

    row: int
    distance: float
    truth: str
    study: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Version:
    """The same image, clean or corrupted: in words, what is predicted on it and how confidently.

    `severity` is 0 for the clean image, and where it is unknown.
    """

    row: int
    name: str
    severity: int
    prediction: str
    confidence: float
    wrong: bool


@dataclass(frozen=True, eq=False)
class Case:
    """One sample as the inspector shows it.

    `plain` and `mc_mean` are predicted classes (mc_mean None without MC dropout); `probabilities` (d,) are
    those of the prediction `judge` follows. `versions` are the clean image and its copies: of a corrupted one
    those of the same corruption by severity, of a clean one the strongest of each corruption; empty without.
    """

    row: int
    truth: str
    truth_class: int | None
    plain: int
    mc_mean: int | None
    judge: Judge
    wrong: bool
    probabilities: FloatArray
    scores: tuple[ScoreAtRow, ...]
    study: str
    metadata: tuple[tuple[str, str], ...]
    path: str | None
    neighbours: tuple[Neighbour, ...]
    no_neighbours_why: str
    source_row: int | None
    versions: tuple[Version, ...]


def truth_of(run: Run, row: int) -> str:
    """The truth in words: the class name, or "new class (3)" for a label of another data set."""
    label = int(run.label[row])
    if run.new_class[row]:
        return f"new class ({label})"
    return run.classes[label] if 0 <= label < run.n_classes else f"label {label}"


def describe_case(workspace: Workspace, run: Run, row: int, *, score: str, k: int = 5) -> Case:
    """The case of one row under one score.

    Raises NotFoundError for a row or score that does not exist.
    """
    if not 0 <= row < run.n:
        raise NotFoundError(f"There is no sample {row}", detail=f"The run has rows 0 to {run.n - 1}.")
    judge = workspace.score(run, score).judge
    judged = workspace.judged(run, judge)
    neighbours, why = _neighbours(workspace, run, row, judge, k)
    source_row = int(run.source_row[row])
    return Case(
        row=row,
        truth=truth_of(run, row),
        truth_class=None if run.new_class[row] else int(run.label[row]),
        plain=int(workspace.judged(run, Judge.PLAIN).prediction[row]),
        mc_mean=int(workspace.judged(run, Judge.MC_MEAN).prediction[row]) if run.mc_passes else None,
        judge=judge,
        wrong=bool(judged.failure[row]),
        probabilities=probabilities_at(run, row, judge),
        scores=tuple(_scores(workspace, run, row, score)),
        study=run.studies[int(run.study[row])].label,
        metadata=_metadata(run, row),
        path=workspace.image_text(run, row),
        neighbours=neighbours,
        no_neighbours_why=why,
        source_row=source_row if source_row >= 0 else None,
        versions=_versions(workspace, run, row, score),
    )


def probabilities_at(run: Run, row: int, judge: Judge) -> FloatArray:
    """(d,) class probabilities of one sample: the plain softmax, or its mean over the MC-dropout passes."""
    if judge is Judge.PLAIN:
        plain: FloatArray = class_probabilities(run, rows=np.array([row]))[0]
        return plain
    if run.mc_logits is not None:
        from scipy.special import softmax  # takes longer to import than all the rest of this room

        passes = softmax(np.asarray(run.mc_logits[row], np.float64), axis=0)
    elif run.mc_probabilities is not None:
        passes = np.asarray(run.mc_probabilities[row], np.float64)
    else:
        raise UnavailableError("This run has no MC-dropout passes", detail=run.absent.get("mc", ""))
    mean: FloatArray = passes.mean(axis=1)
    return mean


def _scores(workspace: Workspace, run: Run, row: int, chosen: str) -> list[ScoreAtRow]:
    reference = reference_rows(run).rows
    found = []
    for info in score_list(run):
        if not info.available:
            found.append(ScoreAtRow(info.name, info.label, None, None, False, info.why))
            continue
        if info.fitted and info.name != chosen and not workspace.score_at_hand(run, info.name):
            found.append(ScoreAtRow(info.name, info.label, None, None, False, UNFITTED))
            continue
        vector = workspace.score(run, info.name)
        value = float(vector.values[row])
        share = float(percentile_in(vector.values[reference], np.array([value]))[0])
        found.append(
            ScoreAtRow(
                info.name, info.label, value, share if np.isfinite(value) else None, bool(vector.failure[row])
            )
        )
    return found


def _neighbours(
    workspace: Workspace, run: Run, row: int, judge: Judge, k: int
) -> tuple[tuple[Neighbour, ...], str]:
    try:
        rows, distances = workspace.neighbours(run, row, k=k)
    except UnavailableError as error:
        return (), error.detail or error.title
    failure = workspace.judged(run, judge).failure
    return tuple(
        Neighbour(
            int(other),
            float(distance),
            truth_of(run, int(other)),
            run.studies[int(run.study[other])].label,
            bool(failure[other]),
        )
        for other, distance in zip(rows, distances, strict=True)
    ), ""


def _versions(workspace: Workspace, run: Run, row: int, score: str) -> tuple[Version, ...]:
    source = int(run.source_row[row])
    copies = np.flatnonzero(run.source_row == (source if source >= 0 else row))
    order = np.lexsort((copies, run.severity[copies], run.corruption[copies]))
    copies = copies[order]
    if source >= 0:
        copies = copies[run.corruption[copies] == run.corruption[row]]
    else:
        last = np.append(run.corruption[copies][1:] != run.corruption[copies][:-1], True)
        copies = copies[last[: copies.size]]
    vector = workspace.score(run, score)
    return tuple(
        Version(
            int(one),
            _corruption_of(run, int(one)),
            int(run.severity[one]),
            run.classes[int(vector.prediction[one])],
            float(vector.values[one]),
            bool(vector.failure[one]),
        )
        for one in ((source if source >= 0 else row), *copies[:MOST_COPIES])
        if copies.size
    )


def _corruption_of(run: Run, row: int) -> str:
    if run.corruption[row] < 0:
        return "original"
    name, severity = run.corruptions[int(run.corruption[row])], int(run.severity[row])
    return f"{name} {severity}" if severity > 0 else name


def _metadata(run: Run, row: int) -> tuple[tuple[str, str], ...]:
    facts = [(str(name), run.metadata[name].iloc[row]) for name in run.metadata.columns]
    if run.corruption[row] >= 0:
        facts.insert(0, ("corruption", run.corruptions[int(run.corruption[row])]))
        if run.severity[row] > 0:
            facts.insert(1, ("severity", int(run.severity[row])))
        if row < len(run.corruption_seed) and run.corruption_seed[row] >= 0:
            facts.insert(2, ("image", "the clean file, corrupted as the model saw it"))
    return tuple((name, _spelled(value)) for name, value in facts if not _missing(value))


def _missing(value: object) -> bool:
    return value is None or value == "" or bool(pd.isna(value))  # type: ignore[call-overload]


def _spelled(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
