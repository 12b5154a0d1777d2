"""The folder doctor's report as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from sfvisuals.columns_of_text import cells, left, right
from sfvisuals.types import Level, Problem

if TYPE_CHECKING:
    from sfvisuals.io.report import Report, RunReport, ScoreReport, StudyReport

INDENT = "  "
MARGIN = 11


def render(report: Report, *, width: int) -> str:
    """All runs, then one line that sums up."""
    blocks = ["\n".join(_run(run, width)) for run in report.runs]
    return "\n\n".join([*blocks, _summary(report)]) + "\n"


def _run(run: RunReport, width: int) -> Iterator[str]:
    yield f"{run.run}  ({run.format or 'no run'})"
    if run.samples is not None:
        yield INDENT + ", ".join(_facts(run))
        yield ""
        yield from _studies(run.studies)
        yield ""
        yield from _scores(run.scores, width)
    if run.images is not None:
        yield f"{INDENT}Images: {run.images.found:,} found, {run.images.missing:,} missing."
    for problem in run.problems:
        yield ""
        yield from _problem(problem, width)


def _facts(run: RunReport) -> Iterator[str]:
    yield f"{run.samples:,} samples"
    yield f"{run.classes} classes"
    yield f"latents {run.latent_dim} wide" if run.latent_dim else "no latents"
    yield f"{run.mc_passes} Monte-Carlo passes" if run.mc_passes else "no Monte-Carlo passes"


def _studies(studies: Sequence[StudyReport]) -> Iterator[str]:
    rows = [("study", "kind", "samples", "accuracy")]
    rows += [
        (s.name, s.kind, f"{s.samples:,}", "-" if s.accuracy is None else f"{s.accuracy:.1%}")
        for s in studies
    ]
    names, kinds, samples, accuracies = (max(map(cells, column)) for column in zip(*rows, strict=True))
    for name, kind, count, accuracy in rows:
        told = left(name, names), left(kind, kinds), right(count, samples), right(accuracy, accuracies)
        yield INDENT + "  ".join(told)


def _scores(scores: Sequence[ScoreReport], width: int) -> Iterator[str]:
    available = ", ".join(f"{s.name} ({s.label})" for s in scores if s.available)
    yield _wrapped(f"Scores: {available or 'none'}.", width, first=INDENT, rest=INDENT * 2)
    reasons: dict[str, list[str]] = {}
    for score in scores:
        if not score.available:
            reasons.setdefault(score.why, []).append(score.name)
    for why, names in reasons.items():
        yield _wrapped(f"Not available: {', '.join(names)}: {why}", width, first=INDENT, rest=INDENT * 2)


def _problem(problem: Problem, width: int) -> Iterator[str]:
    margin = " " * MARGIN
    yield _wrapped(
        problem.title, width, first=f"{INDENT}{problem.level:<{MARGIN - len(INDENT)}}", rest=margin
    )
    if problem.detail:
        yield _wrapped(problem.detail, width, first=margin, rest=margin)
    if problem.hint:
        yield _wrapped(f"-> {problem.hint}", width, first=margin, rest=margin + "   ")


def _wrapped(text: str, width: int, *, first: str, rest: str) -> str:
    # Paths and names are never cut in two: they are there to be copied.
    return fill(
        text,
        width=width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(report: Report) -> str:
    levels = [problem.level for run in report.runs for problem in run.problems]
    words = {
        Level.ERROR: ("error", "errors"),
        Level.WARNING: ("warning", "warnings"),
        Level.INFO: ("note", "notes"),
    }
    found = [f"{levels.count(level)} {pair[levels.count(level) != 1]}" for level, pair in words.items()]
    runs = len([run for run in report.runs if run.format is not None])
    return f"{runs} run{'s' * (runs != 1)}: {', '.join(found)}."
