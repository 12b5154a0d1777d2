"""What is wrong with each score as a number, named, with the evidence."""

from __future__ import annotations

from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.benchmark_rows import named_column
from app.blocks import Cell, count, percent, region, table
from sfvisuals.benchmark import study_rows
from sfvisuals.metrics.forensics import Forensics, examine
from sfvisuals.scores import score_list
from sfvisuals.types import Run, StudyKind
from sfvisuals.workspace import Workspace


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """One line per score: on the samples of the iid study, its level in the other studies beside it."""
    found = {s.name: (s.label, forensics_of(workspace, run, s.name)) for s in score_list(run) if s.available}
    rows = [_line(label, one) for label, one in found.values()]
    head = [
        "score",
        "findings",
        "distinct",
        "tied",
        "at highest",
        "at lowest",
        "AUROC_f",
        "AURC",
        "tie order moves it",
    ]
    sick = sum(bool(one.findings) for _, one in found.values())
    study = named_column(run, "").study
    words = f"Nothing was found in {len(found) - sick} of {len(found)} scores. Values are those of {study}; "
    said = html.P(
        [
            words,
            "AURC counts ties as groups; the last column is what breaking them by luck could make of it.",
        ],
        className="bench-sentence",
    )
    whole = table("Score forensics", head, rows, texts=2)
    return Answer(
        [said, region(whole, "Forensics")],
        facts={"findings": {name: [f.kind for f in one.findings] for name, (_, one) in found.items()}},
    )


def forensics_of(workspace: Workspace, run: Run, name: str) -> Forensics:
    """On the iid study (else the first column); levels of all studies, that one first."""
    vector = workspace.score(run, name)
    column = named_column(run, "")

    def look() -> Forensics:
        aside = {StudyKind.TRAIN}
        studies = [
            column.study,
            *(s.name for s in run.studies if s.kind not in aside and s.name != column.study),
        ]
        levels = {study: vector.values[run.rows_of(study)] for study in studies}
        return examine(vector.values[column.rows], vector.failure[column.rows], level_of=levels)

    return workspace.remember((run.fingerprint, "forensics", name, len(study_rows(run))), look)


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
