"""The table scores x shifts of the page "Benchmark": its numbers, its columns and what stands above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.benchmark_counting import Counting, spoken
from sfvisuals.benchmark import Method, Row, Table, differences, evaluate, layout, methods_of, study_rows
from sfvisuals.benchmark.records import AGGREGATES, IID, POSTER, Report
from sfvisuals.metrics import Interval, Metric
from sfvisuals.projection.progress import part
from sfvisuals.scores import score_list
from sfvisuals.types import Run, StudyKind
from sfvisuals.workspace import Workspace

RESAMPLES = 1000
READING = 0.1
BASE = "det_mcp"
KINDS = (
    (StudyKind.IID, "no shift"),
    (StudyKind.CORRUPTION, "corruption"),
    (StudyKind.ACQUISITION, "acquisition shift"),
    (StudyKind.MANIFESTATION, "manifestation shift"),
    (StudyKind.NEW_CLASS, "new class"),
    (StudyKind.VALIDATION, "validation"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """One column as it is headed: the group above it, its words, and what they are short for."""

    group: str
    words: str
    title: str


@dataclass(frozen=True, eq=False)
class Shown:
    """A table with what stands around its numbers.

    Attributes:
        table: the numbers.
        heads: per column.
        against: (row, column) -> difference to MSR in the same resamples of one run.
        resamples: of the intervals, 0 for none.
        counting: what is drawn and how much each class weighs.
        left_out: what is not in the table and why, in words.
    """

    table: Table
    heads: tuple[Head, ...]
    against: Mapping[tuple[int, int], Interval]
    resamples: int
    counting: Counting
    left_out: str = ""


def of_run(
    workspace: Workspace,
    run: Run,
    metric: Metric,
    resamples: int,
    *,
    levels: bool,
    counting: Counting,
    report: Report,
) -> Shown:
    """Every score of the run on every column; those of corruption levels only where asked for."""
    rows = evaluate(
        workspace,
        runs=[run.name],
        metrics=[metric.key],
        bootstrap=resamples,
        group_by=counting.group_by if resamples else None,
        weights=counting.weights,
        report=report,
    )
    infos = score_list(run)
    methods = [Method(i.label, run.name, (run.name,), i.name, "" if i.available else i.why) for i in infos]
    table = layout(rows, methods=methods, metric=metric.key, studies=columns_of(run, levels=levels))
    heads = tuple(head_of(run, column.study) for column in table.columns)
    found = _differences(workspace, run.name, metric, resamples, counting, None)
    places = {
        (i, j): found[column.study, info.name]
        for i, info in enumerate(infos)
        for j, column in enumerate(table.columns)
        if info.name != BASE and (column.study, info.name) in found
    }
    return Shown(table, heads, places, resamples, counting, _without_number(run, rows, table, levels=levels))


def _without_number(run: Run, rows: Sequence[Row], table: Table, *, levels: bool) -> str:
    """Columns in which no score has a number, with the reason: they are not in the table."""
    there = {column.study for column in table.columns}
    reasons: dict[str, list[str]] = {}
    for name in columns_of(run, levels=levels):
        why = next((row.why for row in rows if row.study == name and row.why and row.n), "")
        if name not in there and why:
            reasons.setdefault(why, []).append(head_of(run, name).words)
    return " ".join(
        f"Not in the table: {', '.join(names)}. {spoken(why, run)}" for why, names in reasons.items()
    )


def of_methods(
    workspace: Workspace, run: Run, metric: Metric, resamples: int, *, counting: Counting, report: Report
) -> Shown:
    """The poster's table over all runs below the root; with weights over those with the same classes."""
    report(0.0, "Reading the runs")
    every = methods_of(workspace)
    methods = [m for m in every if counting.weights is None or _same_classes(workspace, run, m)]
    runs = sorted({name for method in methods for name in method.runs})
    rows = evaluate(
        workspace,
        runs=runs,
        metrics=[metric.key],
        studies=POSTER,
        bootstrap=resamples,
        group_by=_known_group(workspace, runs, counting) if resamples else None,
        weights=counting.weights,
        report=part(report, READING, 1.0),
    )
    table = layout(rows, methods=methods, metric=metric.key)
    heads = tuple(Head(c.dataset, c.study, _long(c.study)) for c in table.columns)
    gone = list(dict.fromkeys(m.dataset for m in every if m not in methods))
    left_out = f"Left out, since their classes are others: {', '.join(gone)}." if gone else ""
    places = _against(workspace, table, methods, metric, resamples, counting)
    return Shown(table, heads, places, resamples, counting, left_out)


def _same_classes(workspace: Workspace, run: Run, method: Method) -> bool:
    return all(workspace.run(name).classes == run.classes for name in method.runs)


def _known_group(workspace: Workspace, runs: Sequence[str], counting: Counting) -> str | None:
    """The column to group by where one of the runs has it; runs without it say so in their cells."""
    name = counting.group_by
    return name if any(name in workspace.run(run).metadata.columns for run in runs) else None


def _against(
    workspace: Workspace,
    table: Table,
    methods: Sequence[Method],
    metric: Metric,
    resamples: int,
    counting: Counting,
) -> dict[tuple[int, int], Interval]:
    """Differences to MSR within one run: only there are the resamples the same."""
    places: dict[tuple[int, int], Interval] = {}
    labels = [row.label for row in table.rows]
    for base in methods:
        if base.score != BASE or len(base.runs) != 1:
            continue
        found = _differences(workspace, base.runs[0], metric, resamples, counting, POSTER)
        for method in methods:
            if method.runs != base.runs or method.score == BASE or method.dataset != base.dataset:
                continue
            for j, column in enumerate(table.columns):
                if column.dataset == base.dataset and (column.study, method.score) in found:
                    places[labels.index(method.label), j] = found[column.study, method.score]
    return places


def _differences(
    workspace: Workspace,
    run: str,
    metric: Metric,
    resamples: int,
    counting: Counting,
    studies: Sequence[str] | None,
) -> Mapping[tuple[str, str], Interval]:
    """(column, score) -> difference to MSR; none without resamples, or where the run has no such groups."""
    known = workspace.run(run).metadata.columns
    if not resamples or (counting.group_by is not None and counting.group_by not in known):
        return {}
    return differences(
        workspace,
        run=run,
        metric=metric.key,
        studies=studies,
        bootstrap=resamples,
        group_by=counting.group_by,
        weights=counting.weights,
    )


def columns_of(run: Run, *, levels: bool) -> tuple[str, ...]:
    """Names of the columns: per kind the mean, where it is over several, then the studies."""
    found: list[str] = []
    for kind, _ in KINDS:
        members = [column.name for column in study_rows(run) if column.kind is kind]
        mean = next((name for name, of in AGGREGATES.items() if of is kind), None)
        found += [mean] if mean and len(members) > 1 else []
        if kind is StudyKind.CORRUPTION and not levels and len(members) > 1:
            continue
        found += members
    return tuple(dict.fromkeys(found))


def head_of(run: Run, study: str) -> Head:
    """How a column of the run is headed."""
    groups = dict(KINDS)
    if study in AGGREGATES:
        return Head(groups[AGGREGATES[study]], f"{study}", _long(study))
    column = next(c for c in study_rows(run) if c.name == study)
    return Head(groups[column.kind], _spoken(run, study, column.study), study)


def _spoken(run: Run, column: str, study: str) -> str:
    label = next(s.label for s in run.studies if s.name == study)
    return label if column == IID else column.replace(study, label, 1).replace("_", " ")


def _long(study: str) -> str:
    kind = AGGREGATES.get(study)
    return study if kind is None else f"{study}: mean over all {dict(KINDS)[kind]} columns"
