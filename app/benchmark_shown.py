"""The table scores x shifts of the page "Benchmark": its numbers, its columns and what stands above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.benchmark_counting import Counting, spoken
from sfvisuals.benchmark import (
    Cell,
    Column,
    Method,
    Row,
    Table,
    TableRow,
    differences,
    evaluate,
    joined,
    layout,
    methods_of,
    study_rows,
)
from sfvisuals.benchmark.records import AGGREGATES, IID, Report
from sfvisuals.metrics import Interval, Metric
from sfvisuals.projection.progress import part
from sfvisuals.scores import score_list
from sfvisuals.types import Run, StudyKind
from sfvisuals.workspace import Workspace

RESAMPLES = 1000
READING = 0.1
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
        table: the numbers, with resamples their differences to MSR.
        heads: per column.
        resamples: of the intervals, 0 for none.
        counting: what is drawn and how much each class weighs.
        left_out: what is not in the table and why, in words.
    """

    table: Table
    heads: tuple[Head, ...]
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
    found = _differences(workspace, run.name, metric, resamples, counting)
    left_out = _without_number(run, rows, table, levels=levels)
    return Shown(_compared(table, found), heads, resamples, counting, left_out)


def _compared(table: Table, found: Mapping[tuple[str, str], Interval]) -> Table:
    """The table with the differences (column, score) of one run in its cells."""

    def compared(column: Column, cell: Cell | None) -> Cell | None:
        return None if cell is None else replace(cell, against=found.get((column.study, cell.score)))

    rows = [TableRow(r.label, tuple(map(compared, table.columns, r.cells))) for r in table.rows]
    return replace(table, rows=tuple(rows))


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
    every = methods_of(workspace, report=part(report, 0.0, READING))
    methods = [m for m in every if counting.weights is None or _same_classes(workspace, run, m)]
    runs = sorted({name for method in methods for name in method.runs})
    found = joined(
        workspace,
        metrics=[metric.key],
        runs=runs,
        methods=methods,
        bootstrap=resamples,
        group_by=_known_group(workspace, runs, counting) if resamples else None,
        weights=counting.weights,
        report=part(report, READING, 1.0),
    )
    (table,) = found.tables
    heads = tuple(Head(c.dataset, c.study, _long(c.study)) for c in table.columns)
    gone = list(dict.fromkeys(m.dataset for m in every if m not in methods))
    left_out = f"Left out, since their classes are others: {', '.join(gone)}." if gone else ""
    unmarked = _not_compared(table, found.base) if resamples else ""
    return Shown(table, heads, resamples, counting, f"{left_out} {unmarked}".strip())


def _not_compared(table: Table, base: Mapping[str, str]) -> str:
    """Data sets without MSR, and rows none of whose numbers has a difference to it, with the reason."""
    bare = [d for d in dict.fromkeys(column.dataset for column in table.columns) if d not in base]
    reasons: dict[str, list[str]] = {"there is no MSR to compare with": bare} if bare else {}
    for row in table.rows:
        found = [cell.against for cell in row.cells if cell is not None and cell.against is not None]
        if found and all(difference.why for difference in found):
            reasons.setdefault(found[0].why, []).append(row.label)
    return " ".join(f"Without marks: {', '.join(labels)}, since {why}." for why, labels in reasons.items())


def _same_classes(workspace: Workspace, run: Run, method: Method) -> bool:
    return all(workspace.run(name).classes == run.classes for name in method.runs)


def _known_group(workspace: Workspace, runs: Sequence[str], counting: Counting) -> str | None:
    """The column to group by where one of the runs has it; runs without it say so in their cells."""
    name = counting.group_by
    return name if any(name in workspace.run(run).metadata.columns for run in runs) else None


def _differences(
    workspace: Workspace, run: str, metric: Metric, resamples: int, counting: Counting
) -> Mapping[tuple[str, str], Interval]:
    """(column, score) -> difference to MSR; none without resamples."""
    if not resamples:
        return {}
    return differences(
        workspace,
        run=run,
        metric=metric.key,
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
