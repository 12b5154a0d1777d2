"""Which samples a part of the page "Benchmark" speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sfvisuals.benchmark import StudyRows, study_rows
from sfvisuals.benchmark.records import AGGREGATES
from sfvisuals.errors import NotFoundError
from sfvisuals.types import BoolArray, FloatArray, Run
from sfvisuals.workspace import Workspace

# risks that a guarantee is offered for: as an address has them, and as a person reads them
RISKS = tuple((f"{percent / 100:g}", f"{percent} %") for percent in (1, 2, 5, 10, 15, 20, 25, 30))


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
        members = [c for c in columns if c.kind is AGGREGATES[name]]
        return list(dict.fromkeys(c.study for c in members if c.severity != 0)), _without_level(members)
    column = next(c for c in columns if c.name == name)
    stacked = sum(other.study == column.study for other in columns) > 1
    if not stacked or column.severity is None:
        return [column.study], None
    return [column.study], {"kind": "and", "of": _level(column)}


def _level(column: StudyRows) -> list[dict[str, Any]]:
    level = str(column.severity) if column.severity else None
    return [
        {"kind": "attributes", "studies": [column.study]},
        {"kind": "value", "column": "severity", "value": level},
    ]


def _without_level(members: Sequence[StudyRows]) -> dict[str, Any] | None:
    """The samples of an aggregate where its studies hold some without a level, which are in none."""
    bare = [c for c in members if c.severity == 0]
    if not bare:
        return None
    studies = list(dict.fromkeys(c.study for c in members if c.severity != 0))
    outside = [{"kind": "and", "of": _level(c)} for c in bare]
    return {"kind": "minus", "of": [{"kind": "attributes", "studies": studies}, *outside]}
