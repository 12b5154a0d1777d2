"""cor, acq, man: the mean of a metric over all columns of one kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sfvisuals.benchmark.computing import Computed
from sfvisuals.benchmark.records import AGGREGATES, StudyRows
from sfvisuals.metrics import MetricValue


def members(columns: Sequence[StudyRows], aggregate: str) -> list[int]:
    """Positions of the columns that the aggregate is the mean over: those of its kind.

    Samples of a stacked set that have no level are no corruption and count in none.
    """
    kind = AGGREGATES[aggregate]
    return [i for i, column in enumerate(columns) if column.kind is kind and column.severity != 0]


def aggregate_of(columns: Sequence[tuple[StudyRows, Computed]], aggregate: str) -> Computed:
    """Mean over these columns, empty ones left out; undefined where it is undefined in one of them.

    A mean over fewer columns for one score than for another would compare nothing. `n` and `failures` are
    sums.
    """
    if not columns:
        raise AssertionError("an aggregate needs columns")
    values = {}
    for key in columns[0][1].values:
        found = [(column.name, computed.values[key]) for column, computed in columns]
        values[key] = _mean([(name, value) for name, value in found if value.n], aggregate)
    drawn = [computed for column, computed in columns if len(column.rows)]
    draws = np.mean([c.draws for c in drawn], axis=0) if drawn else columns[0][1].draws
    scores = columns[0][1].drawn
    told = {score: " ".join(one.drawn.get(score, "-") for one in drawn) for score in scores}
    return Computed(values, draws, min((c.units for c in drawn), default=0), told)


def no_members(aggregate: str) -> str:
    """Why there is no such aggregate."""
    return f"this run has no {AGGREGATES[aggregate].value} study"


def _mean(found: Sequence[tuple[str, MetricValue]], aggregate: str) -> MetricValue:
    n, failures = sum(v.n for _, v in found), sum(v.failures for _, v in found)
    if not found:
        return MetricValue(None, f"every {AGGREGATES[aggregate].value} study is empty", 0, 0)
    undefined = [(name, value) for name, value in found if value.value is None]
    if undefined:
        name, value = undefined[0]
        more = f" (and in {len(undefined) - 1} more)" if len(undefined) > 1 else ""
        return MetricValue(None, f"it is undefined in {name}{more}: {value.why}", n, failures)
    numbers = [value.value for _, value in found if value.value is not None]
    return MetricValue(float(np.mean(numbers)), "", n, failures)
