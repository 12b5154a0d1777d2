"""Several methods' runs in one table, each row with its difference to MSR in the same resamples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.benchmark.computing import Computed
from sfvisuals.benchmark.evaluation import check_asked, check_classes, in_run, unreadable
from sfvisuals.benchmark.grouping import methods_of
from sfvisuals.benchmark.layouts import layout
from sfvisuals.benchmark.matching import matched_rows
from sfvisuals.benchmark.one_run import Evaluated, evaluate_run
from sfvisuals.benchmark.plan import Plan, plan_of
from sfvisuals.benchmark.progress import part
from sfvisuals.benchmark.records import (
    AGGREGATES,
    POSTER,
    Cell,
    Column,
    Method,
    Report,
    Row,
    StudyRows,
    Table,
    TableRow,
    Weights,
    silent,
)
from sfvisuals.benchmark.weighing import NamedWeights
from sfvisuals.errors import NotFoundError, RunFormatError
from sfvisuals.metrics import Bootstrap, Interval
from sfvisuals.types import BoolArray, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

BASE: Final = "det_mcp"
READING: Final = 0.1


@dataclass(frozen=True, eq=False)
class Joined:
    """Methods of one or several data sets together.

    Attributes:
        tables: one per metric. With resamples each cell has its difference to the row MSR of its data set
            (`Cell.against`), or why there is none.
        base: data set -> label of the row that the others are compared with.
        rows: the numbers of every run, as `evaluate` has them.
    """

    tables: tuple[Table, ...]
    base: Mapping[str, str]
    rows: tuple[Row, ...]


@dataclass(frozen=True, eq=False)
class _Side:
    """A run that was evaluated, which of its samples the base's first run has, and its columns by name."""

    found: Evaluated
    plan: Plan
    matched: BoolArray
    numbers: Mapping[str, Computed]


def joined(
    workspace: Workspace,
    *,
    metrics: Sequence[str],
    runs: Sequence[str] | None = None,
    methods: Sequence[Method] | None = None,
    scores: Sequence[str] | None = None,
    studies: Sequence[str] = POSTER,
    bootstrap: int = 0,
    confidence: float = 0.95,
    group_by: str | None = None,
    weights: Weights | NamedWeights | None = None,
    seed: int = 0,
    report: Report = silent,
) -> Joined:
    """The poster's tables; of each run only the scores that its rows need are computed.

    The runs of one data set see the resamples of the run that gives MSR, sample by sample (`matched_rows`),
    so a difference to MSR is paired across runs too. A row of several seeds is compared by the mean over its
    runs: its interval tells how sure the difference is for these trained models, not for others.

    Args:
        workspace: where the runs are; numbers are kept in its store by content.
        metrics: their keys, a table each.
        runs: names; all by default. Those that cannot be read are in `rows` with the reason.
        methods: the rows; by default `methods_of` these runs and scores.
        scores: names of scores; all by default.
        studies: the columns, as for `evaluate`; a data set that gives several stands for all of them.
        bootstrap: resamples, 0 for none; then there are no differences.
        confidence: of the intervals; group_by, weights, seed: as for `evaluate`.
        report: told the share done (0..1) and what is next.

    Raises as `evaluate` does.
    """
    plan = plan_of(
        metrics=metrics, scores=scores, studies=studies, bootstrap=bootstrap, confidence=confidence,
        group_by=group_by, weights=None, seed=seed,
    )  # fmt: skip
    names = tuple(dict.fromkeys(workspace.run_names() if runs is None else runs))
    if methods is None:
        methods = methods_of(workspace, runs=names, scores=scores, report=part(report, 0.0, READING))
    base = {d: found for d in dict.fromkeys(m.dataset for m in methods) if (found := _base(methods, d))}
    sides, told = _evaluated(workspace, plan, names, methods, base, weights, part(report, READING, 1.0))
    wanted = _columns(told, studies)
    tables = tuple(layout(told, methods=methods, metric=key, studies=wanted) for key in plan.metrics)
    if bootstrap:
        tables = tuple(_compared(table, methods, base, sides) for table in tables)
    report(1.0, "")
    return Joined(tables, {dataset: method.label for dataset, method in base.items()}, tuple(told))


def _columns(rows: Sequence[Row], studies: Sequence[str]) -> list[str]:
    """The columns in the order asked for; a data set that gives several stands for all of them."""
    named = dict.fromkeys(row.study for row in rows if row.study)
    asked = [study for study in studies if study in named]
    return [*asked, *(name for name in named if name not in asked)]


def _base(methods: Sequence[Method], dataset: str) -> Method | None:
    """The row that the others of the data set are compared with: its first of MSR."""
    return next((m for m in methods if m.dataset == dataset and m.score == BASE and m.runs), None)


def _evaluated(
    workspace: Workspace,
    plan: Plan,
    names: Sequence[str],
    methods: Sequence[Method],
    base: Mapping[str, Method],
    weights: Weights | NamedWeights | None,
    report: Report,
) -> tuple[dict[str, _Side], list[Row]]:
    """Run -> its numbers, and all rows; runs that have none give a row that says why."""
    needed: dict[str, dict[str, None]] = {}
    for method in methods:
        for name in method.runs:
            needed.setdefault(name, {})[method.score] = None
    first = {name: base[m.dataset].runs[0] for m in methods for name in m.runs if m.dataset in base}
    sides: dict[str, _Side] = {}
    rows: dict[str, list[Row]] = {}
    known: list[Run] = []
    bases: dict[str, Run] = {}
    # backwards: the runs that were looked at last are still in memory
    for number, name in enumerate(reversed(names)):
        told = part(report, number / len(names), (number + 1) / len(names))
        told(0.0, name)
        try:
            run = workspace.run(name)
        except RunFormatError as error:
            rows[name] = unreadable(plan, name, error, "the run cannot be read: ")
            continue
        known.append(run)
        if name not in needed:
            continue
        try:
            mine = in_run(replace(plan, scores=tuple(needed[name])), weights, run)
        except NotFoundError as error:
            rows[name] = unreadable(plan, name, error, "")
            continue
        like = None
        if plan.resamples and first.get(name, name) != name:
            like = bases.setdefault(first[name], bases.get(first[name]) or workspace.run(first[name]))
        found = evaluate_run(workspace, run, mine, like=like, report=told)
        matched = np.ones(run.n, np.bool_) if like is None else matched_rows(run, like) >= 0
        sides[name] = _Side(found, mine, matched, found.by_name(mine))
        rows[name] = found.rows(mine)
    check_asked(plan, known, [side.found.no_groups for side in sides.values()])
    check_classes(weights, known)
    return sides, [row for name in names for row in rows.get(name, [])]


def _compared(
    table: Table, methods: Sequence[Method], base: Mapping[str, Method], sides: Mapping[str, _Side]
) -> Table:
    """The table with the difference to MSR in each cell."""
    by_place = {(method.label, method.dataset): method for method in methods}

    def compared(label: str, column: Column, cell: Cell | None) -> Cell | None:
        method, other = by_place.get((label, column.dataset)), base.get(column.dataset)
        if method is None or other is None or method == other or cell is None or cell.value is None:
            return cell
        return replace(cell, against=_difference(method, other, column.study, table.metric, sides))

    return replace(
        table,
        rows=tuple(
            TableRow(row.label, tuple(map(partial(compared, row.label), table.columns, row.cells)))
            for row in table.rows
        ),
    )


def _difference(
    method: Method, base: Method, study: str, metric: str, sides: Mapping[str, _Side]
) -> Interval:
    """Mean over the runs of the one minus mean over those of the other, in the same resamples."""
    points, draws, drawn, units = [], [], set(), []
    why = ""
    for one in (method, base):
        mine = [sides[run] for run in one.runs if run in sides]
        told = [_numbers(side, study, one.score, metric) for side in mine]
        if not told or len(told) < len(one.runs) or any(number is None for number in told):
            return Interval(None, None, None, f"{one.label} is undefined there", 0, 0)
        numbers = [number for number in told if number is not None]
        points.append(np.mean([number[0] for number in numbers]))
        draws.append(np.mean([number[1] for number in numbers], axis=0))
        drawn |= {number[2] for number in numbers}
        units += [number[3] for number in numbers]
        why = why or next((side.found.no_groups for side in mine if side.found.no_groups), "")
        if not all(_all_matched(side, study) for side in mine):
            why = why or "the runs were not tested on the same samples"
    if len(drawn) > 1:
        why = why or "the two scores are not judged on the same samples"
    value = float(points[0] - points[1])
    if why:
        return Interval(value, None, None, why, 0, min(units))
    both = Bootstrap(
        ("row", "base"), (metric,), np.array(points)[:, None], np.stack(draws)[:, None],
        np.empty((2, 1, 0)), {}, min(units),
    )  # fmt: skip
    return both.difference("row", "base", metric, level=sides[base.runs[0]].plan.confidence)


def _numbers(side: _Side, study: str, score: str, metric: str) -> tuple[float, np.ndarray, str, int] | None:
    """Value, draws, what was drawn, and from how many units; None where the value is undefined."""
    computed = side.numbers.get(study)
    if computed is None or score not in side.found.computed:
        return None
    value = computed.values[score, metric].value
    if value is None:
        return None
    place = side.found.computed.index(score), side.plan.metrics.index(metric)
    return value, np.asarray(computed.draws)[place], computed.drawn[score], computed.units


def _all_matched(side: _Side, study: str) -> bool:
    kind = AGGREGATES.get(study)
    inside = [column for column, _ in side.found.columns if _is_in(column, study, kind)]
    return all(bool(side.matched[column.rows].all()) for column in inside)


def _is_in(column: StudyRows, study: str, kind: object) -> bool:
    return column.name == study or column.kind is kind
