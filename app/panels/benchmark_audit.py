"""Whether a guaranteed threshold keeps its risk on every study, and the guarantee for the cockpit."""

from __future__ import annotations

from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.benchmark_rows import RISKS, samples_of
from app.benchmark_shown import head_of
from app.blocks import Cell, count, empty, percent, region, table, view
from sfvisuals.benchmark import study_rows
from sfvisuals.errors import NotFoundError
from sfvisuals.failures import (
    OfferedThreshold,
    Realised,
    Verdict,
    guaranteed_target,
    realised,
    reference_rows,
)
from sfvisuals.types import Rows, Run, StudyKind
from sfvisuals.workspace import Workspace

SIGNS = {
    Verdict.KEPT: ("✓", "pass"),
    Verdict.KEPT_OPEN: ("✓", "pass, within chance"),
    Verdict.BROKEN_OPEN: ("✗", "fail, within chance"),
    Verdict.BROKEN: ("✗", "fail"),
    Verdict.UNDEFINED: ("–", "nothing accepted"),
}


def offered(workspace: Workspace, run: Run, asked: Asked) -> tuple[OfferedThreshold, str]:
    """The guaranteed threshold among those of the slider, and the study it was chosen on."""
    score = workspace.score(run, asked.text("score"))
    rows, place = chosen_on(run, asked.text("on", "validation"))
    found = guaranteed_target(
        score.values[reference_rows(run).rows],
        score.values[rows],
        score.failure[rows],
        risk=asked.share("risk", 0.05),
        delta=asked.share("delta", 0.05),
    )
    return found, place


def chosen_on(run: Run, on: str) -> tuple[Rows, str]:
    """Rows that a guarantee is chosen on: validation (what stands in for it where there is none) or iid."""
    reference = reference_rows(run)
    if on == "validation":
        return reference.rows, reference.note
    iid = next((c for c in study_rows(run) if c.name == "iid"), None)
    if on != "iid" or iid is None:
        known = "validation" if iid is None else "validation, iid"
        raise NotFoundError(f"A guarantee cannot be chosen on {on[:40]!r}", detail=f"Known: {known}.")
    return iid.rows, iid.study


def guarantee(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """For the cockpit: the target that stands for the guarantee, and the sentence about it."""
    found, place = offered(workspace, run, asked)
    return Answer(None, facts={"target": found.target, "says": sentence(found, place)})


def sentence(found: OfferedThreshold, place: str) -> str:
    """What is promised, or why nothing can be."""
    g = found.guarantee
    if found.target is None or g.bound is None or g.empirical is None:
        return (
            f"No guarantee: {g.why}. Allow a higher risk, less confidence, or bring more validation samples."
        )
    return (
        f"Chosen on {g.n:,} samples of {place}: risk there {percent(g.empirical, 2)} at coverage "
        f"{percent(g.coverage)}; with {percent(1 - g.delta, 0)} confidence the true risk is at most "
        f"{percent(g.bound, 2)}, so below {percent(g.risk, 0)}, for data like these."
    )


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """The promise, and what became of it per study."""
    found, place = offered(workspace, run, asked)
    said = html.P(sentence(found, place), className="bench-sentence")
    score = workspace.score(run, asked.text("score"))
    if found.target is None or found.guarantee.threshold is None:
        return Answer([said, empty("There is no threshold to audit", _least(workspace, run, asked))])
    rows = []
    passed = judged = 0
    for column in study_rows(run):
        taken, failure = column.judged(score.failure)
        if not taken.size or (column.name.endswith("_original") and column.kind is StudyKind.NEW_CLASS):
            continue
        seen = realised(
            score.values[taken],
            failure,
            threshold=found.guarantee.threshold,
            risk=found.guarantee.risk,
        )
        rows.append(_line(run, column.name, seen, found.target, score.name))
        if column.study != place:
            judged += seen.verdict is not Verdict.UNDEFINED
            passed += seen.passes
    head = ["study", "verdict", "risk", "95 % interval", "coverage", "95 % interval", "accepted", "silent"]
    verdict = html.P(
        [html.B(f"Kept on {passed} of {judged} studies."), " Exact binomial intervals (Clopper-Pearson)."],
        className="bench-sentence",
    )
    threshold = table("Threshold transfer", head, rows, texts=2)
    return Answer([said, verdict, region(threshold, "Audit")])


def _least(workspace: Workspace, run: Run, asked: Asked) -> str:
    """The lowest risk on offer that can be guaranteed with this confidence, in words."""
    score = workspace.score(run, asked.text("score"))
    rows, _ = chosen_on(run, asked.text("on", "validation"))
    reference = score.values[reference_rows(run).rows]
    for risk, words in RISKS:
        made = guaranteed_target(
            reference,
            score.values[rows],
            score.failure[rows],
            risk=float(risk),
            delta=asked.share("delta", 0.05),
        )
        if made.target is not None:
            return f"The lowest risk on offer that can be guaranteed here is {words}: choose it above."
    return f"Not even a risk of {RISKS[-1][1]} can be guaranteed here with this score."


def _line(run: Run, name: str, seen: Realised, target: int, score: str) -> list[Any]:
    sign, words = SIGNS[seen.verdict]
    style = "verdict-pass" if seen.passes else "verdict-fail" if sign == "✗" else ""
    studies, recipe = samples_of(run, name)
    go = view(run.name, studies, recipe=recipe, score=score, target=target) if seen.silent else None
    return [
        Cell(head_of(run, name).words, title=name),
        Cell(f"{sign} {words}", style=style),
        percent(seen.risk, 2),
        _between(seen.risk_interval) if seen.accepted else "–",
        percent(seen.coverage),
        _between(seen.coverage_interval, 1),
        count(seen.accepted),
        Cell(count(seen.silent), style="is-silent" if seen.silent else "", go=go),
    ]


def _between(ends: tuple[float, float], digits: int = 2) -> str:
    return f"{100 * ends[0]:.{digits}f} to {100 * ends[1]:.{digits}f} %"
