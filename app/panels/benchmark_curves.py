"""Risk-coverage and generalized risk curves of chosen scores on one column of the benchmark."""

from __future__ import annotations

from typing import Any

from app.answers import Answer, Asked
from app.benchmark_rows import judged, named_column
from app.blocks import chart, count, empty, percent, table
from app.figures.frame import plain
from app.figures.risk_coverage import TITLES, Curve, Kind, curves_figure
from sfvisuals.metrics import rank, risk_coverage
from sfvisuals.scores import score_list
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

MOST_SCORES = 12
GRID = tuple(step / 20 for step in range(1, 21))


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Two charts, each with its twin."""
    column = named_column(run, asked.text("study"))
    infos = [s for s in score_list(run) if s.available]
    names = asked.names("scores") or (asked.text("score"),)
    target = asked.target()
    curves = []
    for place, info in enumerate(infos):
        if info.name in names[:MOST_SCORES]:
            values, failure = judged(workspace, run, column, info.name)
            found = risk_coverage(rank(values, failure))
            accepted = workspace.accepted(run, info.name, target=target / 1000)
            rows = column.judged(workspace.score(run, info.name).failure)[0]
            at = float(accepted[rows].mean()) if rows.size and not found.why else None
            curves.append(Curve(info.label, place, found, at))
    if not curves:
        return Answer(empty("No score is chosen", "Choose one or more scores above."))
    kinds: tuple[Kind, ...] = ("selective", "generalized")
    figures: dict[str, Any] = {kind: plain(curves_figure(curves, kind)) for kind in kinds}
    return Answer([_block(curves, kind, column.name) for kind in kinds], figures)


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
