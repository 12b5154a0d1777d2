"""What stronger corruption does to accuracy, AUGRC and silent failures: three charts with one legend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import html

from app.answers import Answer, Asked
from app.benchmark_counting import Counting, counting, spoken
from app.blocks import chart, empty, percent, table, weighted
from app.figures.frame import line_of, plain
from app.figures.severity import severity_figure
from sfvisuals.benchmark import StudyRows, study_rows
from sfvisuals.corruptions import CATALOGUE
from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import accuracy, augrc, rank
from sfvisuals.types import BoolArray, Run, ScoreVector, StudyKind
from sfvisuals.workspace import Workspace

# fd-shifts' own names, which say little to who has not read its code
SPELLED = {
    **{corruption.name: corruption.label for corruption in CATALOGUE},
    "brhigh": "Brightness up",
    "brlow": "Brightness down",
    "elastic": "Elastic deformation",
    "gaunoi": "Gaussian noise",
    "gaunoilow": "Gaussian noise (low)",
    "gaunoihigh": "Gaussian noise (high)",
    "motblr": "Motion blur",
    "motblrhigh": "Motion blur (high)",
    "motblrlow": "Motion blur (low)",
}
Lines = Mapping[str, Sequence[tuple[int, float | None]]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One chart: its key, its title, whether it is a share, and the number of a column."""

    key: str
    title: str
    share: bool
    of: Callable[[Run, ScoreVector, StudyRows, BoolArray, Counting], float | None]


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Accuracy, AUGRC and silent failures per 1,000 over the severities of each corruption."""
    levels = [c for c in study_rows(run) if c.kind is StudyKind.CORRUPTION and c.severity]
    if not levels:
        why = "The columns corruption and severity of a run folder state them, or the names of its studies."
        return Answer(empty("This run has no corruption with a known severity", why))
    how, vector = counting(run, asked), workspace.score(run, asked.text("score"))
    accepted = workspace.accepted(run, vector.name, target=asked.target() / 1000)
    clean = next((c for c in study_rows(run) if c.name == "iid"), None)
    levels.sort(key=lambda c: (c.corruption or c.study, c.severity or 0))
    figures, blocks = {}, []
    try:
        for measure in MEASURES:
            lines: dict[str, list[tuple[int, float | None]]] = {}
            for column in levels:
                value = measure.of(run, vector, column, accepted, how)
                lines.setdefault(spell(column.corruption or column.study), []).append(
                    (column.severity or 0, value)
                )
            start = None if clean is None else measure.of(run, vector, clean, accepted, how)
            figures[measure.key] = plain(
                severity_figure(lines, name=measure.title, percent=measure.share, clean=start)
            )
            blocks.append(_block(measure, lines, start, score=vector.label))
    except SfvisualsError as error:
        return Answer([weighted(how.says), empty(error.title, spoken(error.detail, run))])
    return Answer([weighted(how.says), legend(list(lines)), *blocks], figures)


def spell(corruption: str) -> str:
    """What a person reads for a corruption's name."""
    words = corruption.replace("_", " ").replace("-", " ").strip()
    return SPELLED.get(corruption, words[:1].upper() + words[1:])


def legend(names: Sequence[str]) -> html.Div:
    """One legend for all charts; each entry hides and shows its line in every one."""
    entries = [
        html.Button(
            [html.Span("", className="swatch", style=_swatch(place), **{"aria-hidden": "true"}), name],
            className="bench-line",
            title=f"Hide or show {name}",
            **{"data-line": name, "aria-pressed": "true"},
        )
        for place, name in enumerate(names)
    ]
    return html.Div(entries, className="bench-legend", role="group", **{"aria-label": "Corruptions"})


def _swatch(place: int) -> dict[str, str]:
    line = line_of(place)
    style = {"solid": "solid", "dash": "dashed", "dot": "dotted", "dashdot": "dashed"}[line["dash"]]
    return {"borderTop": f"3px {style} {line['color']}"}


def _accuracy(
    run: Run, vector: ScoreVector, column: StudyRows, _accepted: BoolArray, how: Counting
) -> float | None:
    rows, failure = column.judged(vector.failure)
    return accuracy(rank(vector.values[rows], failure, weights=how.of(run, column, rows))).value


def _augrc(
    run: Run, vector: ScoreVector, column: StudyRows, _accepted: BoolArray, how: Counting
) -> float | None:
    rows, failure = column.judged(vector.failure)
    return augrc(rank(vector.values[rows], failure, weights=how.of(run, column, rows))).value


def _silent(
    run: Run, vector: ScoreVector, column: StudyRows, accepted: BoolArray, how: Counting
) -> float | None:
    rows, failure = column.judged(vector.failure)
    if not rows.size:
        return None
    return float(1000 * np.average(failure & accepted[rows], weights=how.of_people(run, column, rows)))


MEASURES = (
    Measure("accuracy", "accuracy", True, _accuracy),
    Measure("augrc", "AUGRC", True, _augrc),
    Measure("silent", "silent failures per 1,000", False, _silent),
)
NOTES = {
    "accuracy": "Of the prediction that {score} judges.",
    "augrc": "Of {score}; low is good.",
    "silent": "Of {score}, at the header's threshold.",
}


def _block(measure: Measure, lines: Lines, clean: float | None, *, score: str) -> Any:
    last = max(severity for points in lines.values() for severity, _ in points)

    def words(value: float | None) -> str:
        return "–" if value is None else percent(value, 2) if measure.share else f"{value:.1f}"

    rows = [
        [corruption, words(clean), *(words(dict(points).get(level)) for level in range(1, last + 1))]
        for corruption, points in lines.items()
    ]
    head = ["corruption", "iid", *(f"severity {level}" for level in range(1, last + 1))]
    title = f"{measure.title[0].upper()}{measure.title[1:]} over severity"
    note = NOTES[measure.key].format(score=score)
    return chart(measure.key, title, note=note, twin=table(measure.title, head, rows))
