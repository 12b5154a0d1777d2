"""What is wrong with each score as a number, named, with the evidence."""

from __future__ import annotations

from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.benchmark_rows import named_column
from app.benchmark_shown import head_of
from app.blocks import Cell, count, empty, percent, region, table
from sfvisuals.benchmark import StudyRows
from sfvisuals.metrics.forensics import Forensics, examine
from sfvisuals.scores import score_list
from sfvisuals.types import Run, StudyKind
from sfvisuals.workspace import Workspace

HEAD = (
    *("score", "findings", "distinct", "tied", "at highest", "at lowest", "AUROC_f", "AURC"),
    "tie order moves it",
)


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """One line per score: on the samples of one column, its level in the other studies beside it."""
    column = named_column(run, asked.text("study"))
    place = head_of(run, column.name).words
    if not column.rows.size:
        return Answer(empty(f"{place} has no samples", "Choose another study."))
    infos = [s for s in score_list(run) if s.available]
    found = {}
    for number, info in enumerate(infos):
        asked.report(number / len(infos), info.label)
        found[info.name] = (info.label, forensics_of(workspace, run, info.name, column))
    rows = [_line(label, one) for label, one in found.values()]
    sick = sum(bool(one.findings) for _, one in found.values())
    words = (
        f"Nothing was found in {len(found) - sick} of {len(found)} scores on {place}. AURC counts ties as "
        "groups; the last column is what breaking them by luck could make of it."
    )
    whole = table("Score forensics", HEAD, rows, texts=2)
    return Answer(
        [html.P(words, className="bench-sentence"), region(whole, "Forensics")],
        facts={"findings": {name: [f.kind for f in one.findings] for name, (_, one) in found.items()}},
    )


def forensics_of(workspace: Workspace, run: Run, name: str, column: StudyRows) -> Forensics:
    """On the samples of that column; levels of all studies, its own first."""

    def look() -> Forensics:
        vector = workspace.score(run, name)
        others = [s.name for s in run.studies if s.kind is not StudyKind.TRAIN and s.name != column.study]
        rows, failure = column.judged(vector.failure)
        levels = {
            column.name: vector.values[column.rows if column.unknown is None else column.rows[column.unknown]]
        }
        levels |= {study: vector.values[run.rows_of(study)] for study in others}
        return examine(vector.values[rows], failure, level_of=levels)

    return workspace.remember((run.fingerprint, "forensics", name, column.name), look)


def _line(label: str, one: Forensics) -> list[Any]:
    if one.findings:
        findings: Any = html.Ul(
            [html.Li([html.B(str(f.kind)), f": {f.evidence}"]) for f in one.findings], className="findings"
        )
    else:
        findings = html.Span("nothing found", className="quiet-text")
    return [
        label,
        Cell(findings),
        count(one.distinct),
        percent(one.tied),
        percent(one.at_top),
        percent(one.at_bottom),
        "–" if one.auroc is None else f"{one.auroc:.3f}",
        percent(one.aurc, 3),
        _moves(one),
    ]


def _moves(one: Forensics) -> str:
    if one.aurc_best is None or one.aurc_worst is None:
        return "–"
    if one.aurc_best == one.aurc_worst:
        return "not at all"
    return f"{100 * one.aurc_best:.3f} to {100 * one.aurc_worst:.3f} %"
