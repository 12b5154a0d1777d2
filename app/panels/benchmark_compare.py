"""Two runs side by side: differences with intervals, and the samples whose fate changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import html

from app.answers import Answer, Asked
from app.blocks import Cell, count, empty, is_share, link, region, shown_value, table, view
from sfvisuals.benchmark import StudyRows, study_rows
from sfvisuals.benchmark.resampling import units_of
from sfvisuals.errors import RunFormatError, UnavailableError
from sfvisuals.failures import Changes, changes, why_not_alike
from sfvisuals.metrics import Interval, Metric, bootstrap, find_metric, rank
from sfvisuals.scores import score_list
from sfvisuals.types import BoolArray, Run, ScoreVector, StudyKind
from sfvisuals.workspace import Workspace

FEW, MANY, LARGE = 200, 1000, 20_000
ACCURACY = "accuracy"
FATES = (
    ("fixed", "fixed", "wrong here, right there"),
    ("broken", "broken", "right here, wrong there"),
    ("newly_silent", "newly silent", "a silent failure there only"),
    ("no_longer_silent", "no longer silent", "a silent failure here only"),
)


@dataclass(frozen=True, eq=False)
class Side:
    """One run with the score that is compared and its silent failures."""

    run: Run
    score: ScoreVector
    silent: BoolArray


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """This run (here) against another one (there), column by column."""
    if not asked.text("other"):
        return Answer(empty("No second run is chosen", "Choose a run to compare this one with."))
    try:
        other = workspace.run(asked.text("other"))
    except RunFormatError as error:
        return Answer(empty(error.title, error.detail))
    if why := why_not_alike(run, other):
        hint = "Two runs are compared sample by sample: both need the same samples in the same order."
        return Answer([empty("These two runs cannot be compared", f"Found: {why}. {hint}")])
    name, target = common_score(run, other, asked.text("score")), asked.target()
    here, there = (side(workspace, one, name, target) for one in (run, other))
    metric = find_metric(asked.text("metric", "aurc"))
    columns = [c for c in study_rows(run) if c.rows.size and c.dropped_if_wrong is None]
    rows = [_line(workspace, here, there, column, metric, target) for column in columns]
    label = metric.label
    head = ["study", "accuracy here", "there", "difference", f"{label} here", "there", "difference"]
    head += [words for _, words, _ in FATES]
    whole = table(f"{run.name} against {other.name}", head, rows)
    return Answer(
        [
            _overall(here, there, target),
            region(whole, "Comparison"),
            html.P(
                "Differences are there minus here, with paired 95 % bootstrap intervals; "
                "▲ better, ▼ worse there, where the interval excludes 0. Numbers are in %.",
                className="quiet-text bench-key",
            ),
        ]
    )


def common_score(run: Run, other: Run, name: str) -> str:
    """The asked score where both runs have it, else the first that both have."""
    usable = [{s.name for s in score_list(one) if s.available} for one in (run, other)]
    both = [s.name for s in score_list(run) if s.name in usable[0] & usable[1]]
    if not both:
        raise UnavailableError("These two runs have no score in common")
    return name if name in both else both[0]


def side(workspace: Workspace, run: Run, name: str, target: int) -> Side:
    """The run with its own threshold for the same target."""
    score = workspace.score(run, name)
    return Side(run, score, score.failure & workspace.accepted(run, name, target=target / 1000))


def _overall(here: Side, there: Side, target: int) -> html.P:
    """What changed in all test studies, each number a selection."""
    aside = {StudyKind.VALIDATION, StudyKind.TRAIN}
    studies = [s.name for s in here.run.studies if s.kind not in aside]
    places = [i for i, s in enumerate(here.run.studies) if s.name in studies]
    rows = np.flatnonzero(np.isin(here.run.study, places))
    found = _changes(here, there, rows)
    parts: list[Any] = [html.B(f"{found.n:,} test samples: ")]
    for key, words, meaning in FATES:
        n = int(getattr(found, key))
        go = way(here, there, studies, key, target)
        style = "go is-silent" if key == "newly_silent" and n else "go"
        parts += [link(f"{n:,} {words}", go, style=style, title=f"{meaning}: show them"), " · "]
    return html.P(
        [*parts, f"{here.score.label} at {target / 10:.1f} % coverage"],
        className="bench-sentence",
        **{"data-changes": "1"},
    )


def _changes(here: Side, there: Side, rows: Any) -> Changes:
    return changes(
        here.score.failure[rows],
        there.score.failure[rows],
        silent_before=here.silent[rows],
        silent_after=there.silent[rows],
    )


def way(here: Side, there: Side, studies: list[str], fate: str, target: int) -> dict[str, Any]:
    """Explore with the samples of that fate."""

    def outcome(kind: str, run: Run | None = None) -> dict[str, Any]:
        name = here.score.name
        made: dict[str, Any] = {"kind": "outcome", "outcome": kind, "score": name, "target": target}
        return made if run is None else {**made, "run": run.name}

    other = there.run
    match fate:
        case "fixed":
            recipe = {"kind": "and", "of": [outcome("failure"), outcome("correct", other)]}
        case "broken":
            recipe = {"kind": "and", "of": [outcome("correct"), outcome("failure", other)]}
        case "newly_silent":
            recipe = {"kind": "minus", "of": [outcome("silent", other), outcome("silent")]}
        case _:
            recipe = {"kind": "minus", "of": [outcome("silent"), outcome("silent", other)]}
    # what is newly silent or broken fails in the other run only: that run lists it as failures
    shown = other if fate in ("broken", "newly_silent") else here.run
    if shown is other:
        recipe = _seen_from(recipe, here.run, other)
    tab = "silent" if fate.endswith("silent") else "failures"
    within = {"kind": "and", "of": [{"kind": "attributes", "studies": studies}, recipe]}
    return view(shown.name, studies, recipe=within, score=here.score.name, target=target, tab=tab)


def _seen_from(recipe: dict[str, Any], here: Run, there: Run) -> dict[str, Any]:
    """The same samples, said from the other run's side."""

    def turned(part: dict[str, Any]) -> dict[str, Any]:
        bare = {key: value for key, value in part.items() if key != "run"}
        return bare if part.get("run") == there.name else {**bare, "run": here.name}

    return {**recipe, "of": [turned(part) for part in recipe["of"]]}


def _line(
    workspace: Workspace, here: Side, there: Side, column: StudyRows, metric: Metric, target: int
) -> list[Any]:
    found = _intervals(workspace, here, there, column, metric)
    changed = _changes(here, there, column.rows if column.unknown is None else column.rows[column.unknown])
    studies = [column.study]
    numbers = []
    for key in (ACCURACY, metric.key):
        of = find_metric(key)
        a, b, difference = found[key]
        numbers += [_value(a, of), _value(b, of), _difference(difference, of)]
    fates = []
    for key, _, meaning in FATES:
        n = int(getattr(changed, key))
        style = "is-silent" if key == "newly_silent" and n else ""
        alone = column.severity is None or column.name == column.study
        go = way(here, there, studies, key, target) if n and alone else None
        fates.append(Cell(count(n), title=meaning, style=style, go=go))
    return [column.name, *numbers, *fates]


def _value(found: Interval, metric: Metric) -> Any:
    if found.value is None:
        return Cell("–", title=found.why)
    return shown_value(found.value, metric)


def _difference(found: Interval, metric: Metric) -> Cell:
    if found.value is None:
        return Cell("–", title=found.why)
    scale = 100 if is_share(metric) else 1
    text = f"{scale * found.value:+.2f}"
    if found.low is None or found.high is None:
        return Cell(text, title=found.why)
    text += f" ({scale * found.low:+.2f} to {scale * found.high:+.2f})"
    if found.excludes_zero:
        better = (found.value < 0) == (metric.better == "low")
        text = f"{'▲' if better else '▼'} {text}"
    return Cell(text)


def _intervals(
    workspace: Workspace, here: Side, there: Side, column: StudyRows, metric: Metric
) -> dict[str, tuple[Interval, Interval, Interval]]:
    """Metric -> here, there, difference; both sides in the same resamples."""

    def make() -> dict[str, tuple[Interval, Interval, Interval]]:
        sides = {}
        for name, one in (("here", here), ("there", there)):
            rows, failure = column.judged(one.score.failure)
            labels = column.labels(one.run.label, rows)
            sides[name] = rank(one.score.values[rows], failure, labels=labels)
        resamples = MANY if column.rows.size <= LARGE else FEW
        keys = tuple(dict.fromkeys((ACCURACY, metric.key)))
        groups = units_of(here.run, None)[column.rows]
        drawn = bootstrap(sides, keys, resamples=resamples, groups=groups)
        return {
            key: (
                drawn.interval("here", key),
                drawn.interval("there", key),
                drawn.difference("there", "here", key),
            )
            for key in keys
        }

    names = (here.run.fingerprint, there.run.fingerprint, here.score.name, column.name, metric.key)
    return workspace.remember(("compared", *names), make)
