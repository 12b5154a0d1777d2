"""Two runs side by side: differences with intervals, and the samples whose fate changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from dash import html

from app.answers import Answer, Asked
from app.benchmark_counting import counting
from app.benchmark_shown import head_of
from app.blocks import Cell, count, empty, is_share, link, region, shown_value, table, view
from sfvisuals.benchmark import StudyRows, study_rows
from sfvisuals.benchmark.confidences import confidence_of
from sfvisuals.benchmark.resampling import units_of
from sfvisuals.errors import RunFormatError, UnavailableError
from sfvisuals.failures import Changes, Match, changes
from sfvisuals.failures.matching import IMAGE, ROWS
from sfvisuals.metrics import Interval, Metric, Need, Ranked, bootstrap, find_metric, rank
from sfvisuals.scores import class_probabilities, score_list
from sfvisuals.selection import matched
from sfvisuals.types import BoolArray, IntArray, Rows, Run, ScoreVector, StudyKind
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
    """One run with the score that is compared, on the rows of the run that is called here.

    Attributes:
        run: the run itself.
        score: its score, in its own rows.
        rows: (N,) row of this run for each row here, -1 where it has none.
        failure: (N,) True where wrong; silent: True where it is a silent failure. Both on the rows here.
    """

    run: Run
    score: ScoreVector
    rows: Rows
    failure: BoolArray
    silent: BoolArray

    def ranked(self, column: StudyRows, label: IntArray, metric: Metric) -> Ranked:
        """The column's samples (all of them shared) in order of the score, with what the metric needs."""
        taken, failure = column.judged(self.failure)
        at = self.rows[taken]
        probabilities = confidence = None
        if Need.PROBABILITIES in metric.needs:
            probabilities = class_probabilities(self.run, judge=self.score.judge)[at]
        if Need.CONFIDENCE in metric.needs:
            found = confidence_of(self.run, self.score)
            confidence = np.full(at.size, -1.0) if found is None else found[at]
        return rank(
            self.score.values[at],
            failure,
            labels=column.labels(label, taken),
            probabilities=probabilities,
            confidence=confidence,
        )


@dataclass(frozen=True, eq=False)
class Pair:
    """Two runs on the samples that they share."""

    here: Side
    there: Side
    match: Match
    target: int


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """This run (here) against another one (there), column by column."""
    if not asked.text("other"):
        return Answer(empty("No second run is chosen", "Choose a run to compare this one with."))
    try:
        other = workspace.run(asked.text("other"))
    except RunFormatError as error:
        return Answer(empty(error.title, error.detail))
    found = matched(workspace, run, other)
    if found.why:
        return Answer([empty("These two runs cannot be compared sample by sample", found.why)])
    name, target = common_score(run, other, asked.text("score")), asked.target()
    pair = paired(workspace, run, other, found, name, target)
    metric, group = find_metric(asked.text("metric", "aurc")), counting(run, asked).group_by
    columns = [shared(c, found) for c in study_rows(run) if c.dropped_if_wrong is None]
    columns = [c for c in columns if c.rows.size]
    rows = []
    for number, column in enumerate(columns):
        asked.report(number / len(columns), column.name)
        rows.append(_line(workspace, pair, column, metric, group))
    label = metric.label
    head = [
        "study",
        "samples",
        "accuracy here",
        "there",
        "difference",
        f"{label} here",
        "there",
        "difference",
    ]
    head += [words for _, words, _ in FATES]
    whole = table(f"{run.name} against {other.name}", head, rows)
    return Answer([_overall(pair), _how(found), region(whole, "Comparison"), _key(metric, group)])


def _how(found: Match) -> html.P | None:
    """How samples were found again, where it was not row by row."""
    if found.by == ROWS:
        return None
    by = "their images" if found.by == IMAGE else f"the column {found.by}"
    words = f"Samples are matched by study and {by}. {found.left_out}".rstrip()
    return html.P(words, className="bench-sentence quiet-text", **{"data-matched": found.by})


def _key(metric: Metric, group: str | None) -> html.P:
    units = f" that draw whole groups of {group}" if group else ""
    shares = " Numbers are in %." if is_share(metric) else " Accuracy is in %."
    return html.P(
        f"Differences are there minus here, with paired 95 % bootstrap intervals{units}; "
        f"▲ better, ▼ worse there, where the interval excludes 0.{shares}",
        className="quiet-text bench-key",
    )


def paired(workspace: Workspace, run: Run, other: Run, found: Match, name: str, target: int) -> Pair:
    """Both runs with their own thresholds for one target, the other one on the rows of this one."""
    return Pair(
        _side(workspace, run, name, target, np.arange(run.n, dtype=np.int64)),
        _side(workspace, other, name, target, found.there),
        found,
        target,
    )


def shared(column: StudyRows, found: Match) -> StudyRows:
    """The column without the samples that the other run has not."""
    kept = found.there[column.rows] >= 0
    masks = {
        name: mask[kept]
        for name in ("forced_correct", "dropped_if_wrong", "unknown")
        if (mask := getattr(column, name)) is not None
    }
    return replace(column, rows=column.rows[kept], **masks)


def common_score(run: Run, other: Run, name: str) -> str:
    """The asked score where both runs have it, else the first that both have."""
    usable = [{s.name for s in score_list(one) if s.available} for one in (run, other)]
    both = [s.name for s in score_list(run) if s.name in usable[0] & usable[1]]
    if not both:
        raise UnavailableError("These two runs have no score in common")
    return name if name in both else both[0]


def _side(workspace: Workspace, run: Run, name: str, target: int, rows: Rows) -> Side:
    """The run with its own threshold for the target, its samples in the order of `rows` (-1: none)."""
    score = workspace.score(run, name)
    silent = score.failure & workspace.accepted(run, name, target=target / 1000)
    there = rows >= 0
    return Side(run, score, rows, there & score.failure[rows], there & silent[rows])


def _overall(pair: Pair) -> html.P:
    """What changed in all test studies, each number a selection."""
    aside = {StudyKind.VALIDATION, StudyKind.TRAIN}
    run = pair.here.run
    studies = [s.name for s in run.studies if s.kind not in aside]
    places = [i for i, s in enumerate(run.studies) if s.name in studies]
    rows = np.flatnonzero(np.isin(run.study, places) & (pair.match.there >= 0))
    found = _changes(pair, rows)
    parts: list[Any] = [html.B(f"{found.n:,} test samples: ")]
    for key, words, meaning in FATES:
        n = int(getattr(found, key))
        style = "go is-silent" if key == "newly_silent" and n else "go"
        parts += [link(f"{n:,} {words}", way(pair, studies, key), style=style, title=f"{meaning}: show them")]
        parts += [" · "]
    return html.P(
        [*parts, f"{pair.here.score.label} at {pair.target / 10:.1f} % coverage"],
        className="bench-sentence",
        **{"data-changes": "1"},
    )


def _changes(pair: Pair, rows: Rows) -> Changes:
    return changes(
        pair.here.failure[rows],
        pair.there.failure[rows],
        silent_before=pair.here.silent[rows],
        silent_after=pair.there.silent[rows],
    )


def way(pair: Pair, studies: list[str], fate: str) -> dict[str, Any]:
    """Explore with the samples of that fate."""
    here, other, name, target = pair.here.run, pair.there.run, pair.here.score.name, pair.target

    def outcome(kind: str, run: Run | None = None) -> dict[str, Any]:
        made: dict[str, Any] = {"kind": "outcome", "outcome": kind, "score": name, "target": target}
        return made if run is None else {**made, "run": run.name}

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
    shown = other if fate in ("broken", "newly_silent") else here
    if shown is other:
        recipe = _seen_from(recipe, here, other)
        studies = [s.name for s in other.studies if s.name in studies]
    inside = [recipe]
    if not pair.match.whole or pair.match.n < other.n:
        partner = here if shown is other else other
        inside += [{"kind": "or", "of": [outcome("failure", partner), outcome("correct", partner)]}]
    tab = "silent" if fate.endswith("silent") else "failures"
    within = {"kind": "and", "of": [{"kind": "attributes", "studies": studies}, *inside]}
    return view(shown.name, studies, recipe=within, score=name, target=target, tab=tab)


def _seen_from(recipe: dict[str, Any], here: Run, there: Run) -> dict[str, Any]:
    """The same samples, said from the other run's side."""

    def turned(part: dict[str, Any]) -> dict[str, Any]:
        bare = {key: value for key, value in part.items() if key != "run"}
        return bare if part.get("run") == there.name else {**bare, "run": here.name}

    return {**recipe, "of": [turned(part) for part in recipe["of"]]}


def _line(
    workspace: Workspace, pair: Pair, column: StudyRows, metric: Metric, group: str | None
) -> list[Any]:
    found = _intervals(workspace, pair, column, metric, group)
    rows = column.rows if column.unknown is None else column.rows[column.unknown]
    changed = _changes(pair, rows)
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
        go = way(pair, [column.study], key) if n and alone else None
        fates.append(Cell(count(n), title=meaning, style=style, go=go))
    return [
        Cell(head_of(pair.here.run, column.name).words, title=column.name),
        count(rows.size),
        *numbers,
        *fates,
    ]


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
    workspace: Workspace, pair: Pair, column: StudyRows, metric: Metric, group: str | None
) -> dict[str, tuple[Interval, Interval, Interval]]:
    """Metric -> here, there, difference; both sides in the same resamples."""
    here, there = pair.here, pair.there

    def make() -> dict[str, tuple[Interval, Interval, Interval]]:
        sides = {
            name: one.ranked(column, here.run.label, metric)
            for name, one in (("here", here), ("there", there))
        }
        resamples = MANY if column.rows.size <= LARGE else FEW
        keys = tuple(dict.fromkeys((ACCURACY, metric.key)))
        units = workspace.remember(
            (here.run.fingerprint, "drawn together", group), lambda: units_of(here.run, group)
        )
        drawn = bootstrap(sides, keys, resamples=resamples, groups=units[column.rows])
        return {
            key: (
                drawn.interval("here", key),
                drawn.interval("there", key),
                drawn.difference("there", "here", key),
            )
            for key in keys
        }

    names = (here.run.fingerprint, there.run.fingerprint, here.score.name, column.name, metric.key, group)
    return workspace.remember(("compared", *names), make)
