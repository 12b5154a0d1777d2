"""Confidence and confusion: computed by the library, drawn by app.figures, told again as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.answers import Answer, Asked
from app.benchmark_rows import judged, named_column
from app.benchmark_shown import head_of
from app.blocks import Cell, chart, count, empty, percent, table, view
from app.figures.confusion import confusion_figure
from app.figures.frame import plain
from app.figures.histogram import Histogram, histogram, histogram_figure
from app.figures.reliability import reliability_figure
from sfvisuals.benchmark import StudyRows
from sfvisuals.benchmark.confidences import confidence_of
from sfvisuals.failures import reference_rows, threshold_at_coverage
from sfvisuals.metrics import Reliability, ece, rank, reliability
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import IntArray, Judge, Run, ScoreVector
from sfvisuals.workspace import Workspace

MOST_LINES = 200
MOST_CLASSES = 40


def calibration(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Histogram of the score of correct and wrong, and the reliability diagram."""
    column, name = named_column(run, asked.text("study")), asked.text("score")
    score = workspace.score(run, name)
    values, failure = judged(workspace, run, column, name)
    counted = histogram(values, failure)
    reference = score.values[reference_rows(run).rows]
    cut = threshold_at_coverage(reference, target=asked.target() / 1000).value
    figures = {"histogram": plain(histogram_figure(counted, name=score.label, threshold=cut))}
    place = head_of(run, column.name).words
    blocks = [_histogram_block(counted, score, place)]
    confidence = confidence_of(run, score)
    if confidence is None:
        why = "This score is no probability, and there is no validation study to make it one on."
        return Answer([*blocks, empty("No reliability diagram", why)], figures)
    rows, failure = column.judged(score.failure)
    found = reliability(confidence[rows], failure)
    if found.why:
        return Answer([*blocks, empty("No reliability diagram", found.why)], figures)
    figures["reliability"] = plain(reliability_figure(found))
    error = ece(rank(confidence[rows], failure)).value
    fitted = confidence is not score.values
    return Answer([*blocks, _reliability_block(found, error, fitted=fitted, study=place)], figures)


def _histogram_block(found: Histogram, score: ScoreVector, study: str) -> Any:
    rows = [
        [f"{low:.4g} to {high:.4g}", count(int(right)), count(int(wrong))]
        for low, high, right, wrong in zip(
            found.edges[:-1], found.edges[1:], found.right, found.wrong, strict=True
        )
    ]
    missing = f" {count(found.missing)} samples without a score are left out." if found.missing else ""
    note = f"{len(found.right)} bins; each line is a share of its own kind. t is the threshold.{missing}"
    twin = table(f"{score.label} of correct and wrong", [score.label, "correct", "wrong"], rows)
    return chart("histogram", f"{score.label} of correct and of wrong, {study}", note=note, twin=twin)


def _reliability_block(found: Reliability, error: float | None, *, fitted: bool, study: str) -> Any:
    rows = [
        [
            f"{100 * low:.0f} %",
            percent(float(share)),
            percent(float(confidence), 2),
            percent(float(accuracy), 2),
        ]
        for low, share, confidence, accuracy in zip(
            found.low, found.share, found.confidence, found.accuracy, strict=True
        )
    ]
    made = "after Platt scaling on validation" if fitted else "as it is"
    note = f"The score {made}, 20 bins; a circle's area is its share of samples. ECE {percent(error, 2)}."
    twin = table("Reliability", ["from", "samples", "confidence", "accuracy"], rows)
    return chart("reliability", f"Reliability, {study}", note=note, twin=twin)


def confusion(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """True against predicted class of one study; every cell is a selection."""
    column = named_column(run, asked.text("study"))
    score = workspace.score(run, asked.text("score"))
    rows = run.rows_of(column.study)
    if column.severity is not None:
        rows = column.rows
    if not rows.size:
        return Answer(empty("This study has no samples", "Choose another study."))
    counts, categories = confusion_counts(run, rows, score)
    drawn, guesses = most_confused(counts, categories, run.n_classes)
    truths = ["new class" if c == NEW_CLASS else run.classes[int(c)] for c in categories]
    ways = [[_way(run, column, categories[i], int(j), score.judge) for j in guesses] for i in drawn]
    figure = confusion_figure(
        counts[np.ix_(drawn, guesses)],
        truths=[truths[i] for i in drawn],
        predictions=[run.classes[j] for j in guesses],
        totals=counts.sum(axis=1)[drawn],
    )
    judge = "the MC-mean prediction" if score.judge is Judge.MC_MEAN else "the plain prediction"
    note = (
        f"{count(int(counts.sum()))} samples, {judge}; shade: share of a true class. Click for the samples."
    )
    if len(guesses) < run.n_classes:
        note += f" The {len(guesses)} of {run.n_classes:,} classes that are confused most."
    twin = _confusion_twin(run, column, counts, categories, truths, score.judge)
    block = chart(
        "confusion", f"Confusion, {_place(run, column)}", note=note, twin=twin, wide=run.n_classes > 6
    )
    return Answer(block, {"confusion": plain(figure)}, {"ways": ways})


def most_confused(
    counts: IntArray, categories: Sequence[int | str], n_classes: int, *, most: int = MOST_CLASSES
) -> tuple[IntArray, IntArray]:
    """Which true (rows of `counts`) and predicted classes are drawn: all, or those with the most mistakes.

    Args:
        counts: (R, d) samples per true and predicted class. categories: R of them, a class or "new".
        n_classes: d. most: so many classes at most, and new ones besides; of equal ones the first.
    """
    every = np.arange(n_classes)
    if n_classes <= most:
        return np.arange(len(categories)), every
    place = {c: i for i, c in enumerate(categories)}
    wrong = counts.sum(axis=0).astype(np.int64)
    for category, i in place.items():
        if category != NEW_CLASS:
            wrong[int(category)] += counts[i].sum() - 2 * counts[i, int(category)]
    kept = np.sort(np.lexsort((every, -wrong))[:most])
    rows = [place[int(k)] for k in kept if int(k) in place]
    rows += [place[NEW_CLASS]] if NEW_CLASS in place else []
    return np.array(rows, np.int64), kept


def _place(run: Run, column: StudyRows) -> str:
    """The column in words; of new classes both modes have the same matrix, that of the study."""
    if column.unknown is None:
        return head_of(run, column.name).words
    return next(s.label for s in run.studies if s.name == column.study)


def confusion_counts(run: Run, rows: Any, score: ScoreVector) -> tuple[IntArray, list[int | str]]:
    """(R, d) counts per true class that occurs (in order, new class last) and predicted class."""
    truth = np.where(run.new_class[rows], run.n_classes, np.clip(run.label[rows], 0, run.n_classes - 1))
    flat = truth * run.n_classes + score.prediction[rows]
    every = np.bincount(flat, minlength=(run.n_classes + 1) * run.n_classes)
    whole = every.reshape(run.n_classes + 1, run.n_classes)
    there = np.flatnonzero(whole.sum(axis=1))
    categories: list[int | str] = [NEW_CLASS if i == run.n_classes else int(i) for i in there]
    return whole[there], categories


def _way(run: Run, column: StudyRows, category: int | str, guess: int, judge: Judge) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"kind": "attributes", "studies": [column.study], "categories": [category]},
        {"kind": "predicted", "category": guess, "judge": str(judge)},
    ]
    if column.severity:
        parts.append({"kind": "value", "column": "severity", "value": str(column.severity)})
    tab = "failures" if category != guess else "rejected"
    return view(run.name, [column.study], recipe={"kind": "and", "of": parts}, tab=tab)


def _confusion_twin(
    run: Run,
    column: StudyRows,
    counts: IntArray,
    categories: Sequence[int | str],
    truths: Sequence[str],
    judge: Judge,
) -> Any:
    def cell(i: int, j: int) -> str | Cell:
        n = int(counts[i, j])
        return Cell(count(n), go=_way(run, column, categories[i], j, judge)) if n else "0"

    if counts.size > 400:
        there = np.argwhere(counts)
        order = np.lexsort((there[:, 1], there[:, 0], -counts[there[:, 0], there[:, 1]]))[:MOST_LINES]
        lines: list[list[str | Cell]] = [
            [truths[i], run.classes[j], cell(i, j)] for i, j in there[order].tolist()
        ]
        return table("The most frequent pairs", ["true", "predicted", "samples"], lines, texts=2)
    rows: list[list[str | Cell]] = [
        [truth, *(cell(i, j) for j in range(run.n_classes))] for i, truth in enumerate(truths)
    ]
    return table("Samples per true and predicted class", ["true \\ predicted", *run.classes], rows)
