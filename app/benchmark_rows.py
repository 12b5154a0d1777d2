"""Which samples a part of the page "Benchmark" speaks of."""

from __future__ import annotations

from typing import Any

from sfvisuals.benchmark import StudyRows, study_rows
from sfvisuals.benchmark.records import AGGREGATES
from sfvisuals.errors import NotFoundError
from sfvisuals.types import BoolArray, FloatArray, Run
from sfvisuals.workspace import Workspace


def named_column(run: Run, name: str) -> StudyRows:
    """The column of that name; the first (iid where there is one) for no name."""
    columns = study_rows(run)
    if not name:
        return next((c for c in columns if c.name == "iid"), columns[0])
    found = next((c for c in columns if c.name == name), None)
    if found is None:
        known = ", ".join(c.name for c in columns)
        raise NotFoundError(f"There is no column {name!r}", detail=f"Columns of this run: {known}.")
    return found


def judged(workspace: Workspace, run: Run, column: StudyRows, score: str) -> tuple[FloatArray, BoolArray]:
    """(m,) scores and (m,) failures of the samples that count in this column."""
    vector = workspace.score(run, score)
    rows, failure = column.judged(vector.failure)
    return vector.values[rows], failure


def samples_of(run: Run, name: str) -> tuple[list[str], dict[str, Any] | None]:
    """The run's studies behind a column or an aggregate, and the recipe that narrows them, if one does."""
    columns = study_rows(run)
    if name in AGGREGATES:
        return list(dict.fromkeys(c.study for c in columns if c.kind is AGGREGATES[name])), None
    column = next(c for c in columns if c.name == name)
    stacked = sum(other.study == column.study for other in columns) > 1
    if not stacked or column.severity is None:
        return [column.study], None
    level = str(column.severity) if column.severity else None
    narrowed = [
        {"kind": "attributes", "studies": [column.study]},
        {"kind": "value", "column": "severity", "value": level},
    ]
    return [column.study], {"kind": "and", "of": narrowed}
