"""Risk-coverage and generalized risk curves of chosen scores on one column of the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.answers import Answer, Asked
from app.benchmark_counting import Counting, counting, spoken
from app.benchmark_rows import named_column
from app.benchmark_shown import head_of
from app.blocks import chart, count, empty, percent, table, weighted
from app.figures.frame import plain
from app.figures.risk_coverage import TITLES, Curve, Kind, curves_figure
from sfvisuals.benchmark import StudyRows, study_rows
from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import RiskCoverage, rank, risk_coverage
from sfvisuals.scores import score_list
from sfvisuals.types import Run, StudyKind
from sfvisuals.workspace import Workspace

MOST_SCORES = 12
GRID = tuple(step / 20 for step in range(1, 21))


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Two charts, each with its twin: several scores on one study, or one score on all studies."""
    how = counting(run, asked)
    if asked.text("every"):
        score = workspace.score(run, asked.text("score"))
        curves = of_studies(workspace, run, score.name, asked.target(), how)
        place = f"{score.label} on all studies"
    else:
        column = named_column(run, asked.text("study"))
        names = asked.names("scores") or (asked.text("score"),)
        curves = of_scores(workspace, run, column, names, asked.target(), how)
        place = head_of(run, column.name).words
    if not curves:
        return Answer(empty("No score is chosen", "Choose one or more scores above."))
    kinds: tuple[Kind, ...] = ("selective", "generalized")
    figures: dict[str, Any] = {kind: plain(curves_figure(curves, kind)) for kind in kinds}
    return Answer([weighted(how.says), *(_block(curves, kind, place) for kind in kinds)], figures)


def of_scores(
    workspace: Workspace, run: Run, column: StudyRows, names: Sequence[str], target: int, how: Counting
) -> list[Curve]:
    """A curve per score, in the run's order; a score keeps its place there whatever else is chosen."""
    infos = [s for s in score_list(run) if s.available]
    chosen = [(place, s) for place, s in enumerate(infos) if s.name in names[:MOST_SCORES]]
    return [_curve(workspace, run, column, s.name, s.label, place, target, how) for place, s in chosen]


def of_studies(workspace: Workspace, run: Run, score: str, target: int, how: Counting) -> list[Curve]:
    """A curve per study, the levels of a corruption together; new classes in the proposed mode."""
    curves = []
    for place, study in enumerate(run.studies):
        columns = [c for c in study_rows(run) if c.study == study.name and c.rows.size]
        if not columns:
            continue
        whole = columns[-1]
        if len(columns) > 1 and study.kind is StudyKind.CORRUPTION:
            whole = StudyRows(study.name, study.name, study.kind, None, None, run.rows_of(study.name))
        curves.append(_curve(workspace, run, whole, score, study.label, place, target, how))
    return curves


def _curve(
    workspace: Workspace,
    run: Run,
    column: StudyRows,
    score: str,
    label: str,
    place: int,
    target: int,
    how: Counting,
) -> Curve:
    rows, failure = column.judged(workspace.score(run, score).failure)
    try:
        weights = how.of(run, column, rows)
    except SfvisualsError as error:
        return Curve(label, place, undefined(spoken(f"{error.title}. {error.detail}", run)))
    found = risk_coverage(rank(workspace.score(run, score).values[rows], failure, weights=weights))
    accepted = workspace.accepted(run, score, target=target / 1000)[rows]
    share = None if found.why or not rows.size else float(np.average(accepted, weights=weights))
    return Curve(label, place, found, share)


def undefined(why: str) -> RiskCoverage:
    """A curve that there is none of."""
    none = np.empty(0)
    return RiskCoverage(none, none, none, none, why)


def _block(curves: list[Curve], kind: Kind, study: str) -> Any:
    drawn = [c for c in curves if not c.found.why]
    thinned = [c.thinned(kind) for c in drawn]
    error = max((t.error for t in thinned), default=0.0)
    points, whole = sum(len(t.at) for t in thinned), sum(t.of for t in thinned)
    note = (
        f"{count(points)} of {count(whole)} points are drawn; no curve is off by more than "
        f"{100 * error:.2f} percentage points. "
        "The dot is the threshold for the header's coverage on validation."
    )
    gone = [f"{c.label}: {c.found.why}" for c in curves if c.found.why]
    return chart(
        kind,
        f"{TITLES[kind].capitalize()} over coverage, {study}",
        note=" ".join([note, *gone]),
        twin=_twin(drawn, kind),
    )


def _twin(curves: list[Curve], kind: Kind) -> Any:
    """The risk of the first threshold that reaches each coverage."""
    rows = []
    for share in GRID:
        row = [percent(share, 0)]
        for curve in curves:
            place = int((curve.found.coverage >= share - 1e-12).argmax())
            row.append(percent(float(curve.risk(kind)[place]), 2))
        rows.append(row)
    return table(f"{TITLES[kind]} at coverages", ["coverage at least", *(c.label for c in curves)], rows)
