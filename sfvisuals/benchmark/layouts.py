"""The poster's layout: rows are scores, columns iid, cor, acq, man per data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sfvisuals.benchmark.records import POSTER, Cell, Column, Method, Row, Table, TableRow
from sfvisuals.metrics import find_metric


def layout(
    rows: Sequence[Row],
    *,
    methods: Sequence[Method],
    metric: str = "aurc",
    studies: Sequence[str] = POSTER,
) -> Table:
    """One metric as a table.

    Args:
        rows: what `evaluate` returned.
        methods: which runs and score give which row (`methods_of`); several runs of one are its seeds, whose
            mean and spread a cell shows.
        metric: its key.
        studies: columns per data set. Those of which a data set has no number at all are left out.
    """
    found = {(row.run, row.study, row.score): row for row in rows if row.metric == metric}
    datasets = tuple(dict.fromkeys(method.dataset for method in methods))
    columns = [Column(dataset, study) for dataset in datasets for study in studies]
    by_place = {(method.label, method.dataset): method for method in methods}
    labels = tuple(dict.fromkeys(method.label for method in methods))
    grid = [
        [_cell(found, by_place.get((label, column.dataset)), column.study) for column in columns]
        for label in labels
    ]
    used = [j for j in range(len(columns)) if any(_has_value(line[j]) for line in grid)]
    ranks = {j: _ranks([line[j] for line in grid], find_metric(metric).better == "high") for j in used}
    return Table(
        metric=metric,
        columns=tuple(columns[j] for j in used),
        rows=tuple(
            TableRow(label, tuple(_ranked(grid[i][j], ranks[j][i]) for j in used))
            for i, label in enumerate(labels)
        ),
        left_out=_left_out(labels, columns, grid) if not used else (),
    )


def _left_out(
    labels: Sequence[str], columns: Sequence[Column], grid: Sequence[Sequence[Cell | None]]
) -> tuple[str, ...]:
    """Why a table has no number at all, each reason once."""
    found: dict[str, str] = {}
    for label, line in zip(labels, grid, strict=True):
        for column, cell in zip(columns, line, strict=True):
            if cell is not None and cell.value is None:
                found.setdefault(cell.why, f"{label}, {column.dataset} {column.study}: {cell.why}")
    return tuple(found.values())


def _cell(found: Mapping[tuple[str, str, str], Row], method: Method | None, study: str) -> Cell | None:
    if method is None:
        return None
    rows = [found.get((run, study, method.score)) for run in method.runs]
    there = [row for row in rows if row is not None]
    if not there:
        why = method.why or f"there is no {study} of {method.score}"
        return Cell(None, None, None, None, method.runs, method.score, 0, 0, why)
    values = [row.value for row in there if row.value is not None]
    largest = max(there, key=lambda row: row.n)
    why = next((f"{row.run}: {row.why}" for row in there if row.value is None), "")
    one = there[0] if len(there) == 1 else None
    return Cell(
        value=None if why else float(np.mean(values)),
        spread=float(np.std(values, ddof=1)) if len(values) > 1 and not why else None,
        low=None if one is None else one.low,
        high=None if one is None else one.high,
        runs=method.runs,
        score=method.score,
        n=largest.n,
        failures=largest.failures,
        why=why,
        no_interval=one.why if one is not None and one.value is not None else "",
    )


def _has_value(cell: Cell | None) -> bool:
    return cell is not None and cell.value is not None


def _ranks(cells: Sequence[Cell | None], high_is_good: bool) -> list[int | None]:
    """1 for the best; values that agree to 12 digits have the same rank, and the next ones are skipped."""
    values = [
        None if c is None or c.value is None else (-c.value if high_is_good else c.value) for c in cells
    ]
    known = sorted(value for value in values if value is not None)
    return [
        None if value is None else 1 + sum(other < value - 1e-12 * max(1.0, abs(value)) for other in known)
        for value in values
    ]


def _ranked(cell: Cell | None, rank: int | None) -> Cell | None:
    from dataclasses import replace

    return None if cell is None else replace(cell, rank=rank)
