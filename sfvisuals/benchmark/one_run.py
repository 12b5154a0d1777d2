"""One run of the benchmark: computed, or taken from the store, and told as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sfvisuals.benchmark.aggregates import aggregate_of, members, no_members
from sfvisuals.benchmark.columns import study_rows
from sfvisuals.benchmark.computing import Computed, Scored, told_in_order
from sfvisuals.benchmark.plan import Plan, chosen_scores
from sfvisuals.benchmark.progress import part
from sfvisuals.benchmark.records import AGGREGATE, AGGREGATES, IID, Report, Row, StudyRows, silent
from sfvisuals.benchmark.resampling import units_like, units_of
from sfvisuals.errors import NotFoundError, SfvisualsError
from sfvisuals.metrics import Bootstrap, Interval, MetricValue
from sfvisuals.scores import ScoreInfo, compute_scores
from sfvisuals.types import Run, ScoreVector, StudyKind

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


# the scores' share of the work, as far as one can say
SCORES_SHARE = 0.15


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The numbers of one run.

    Attributes:
        run: its name.
        columns: those computed, with their numbers.
        shown: positions of those asked for.
        scores: every score asked for, available or not.
        computed: names of those with numbers, in the order of `Computed.draws`.
        no_groups: why samples cannot be grouped as asked, else "".
    """

    run: str
    columns: tuple[tuple[StudyRows, Computed], ...]
    shown: tuple[int, ...]
    scores: tuple[ScoreInfo, ...]
    computed: tuple[str, ...]
    no_groups: str

    def rows(self, plan: Plan) -> list[Row]:
        """All rows of the run."""
        found = []
        for name, kind, severity, computed, why in self._told(plan):
            draws = None if computed is None else self._bootstrap(plan, computed)
            for info in self.scores:
                for key in plan.metrics:
                    value, interval = self._value(computed, draws, info, key, plan, why)
                    found.append(
                        Row(
                            self.run, name, kind, severity, info.name, key, value.value,
                            interval.low, interval.high, value.n, value.failures,
                            value.why or interval.why,
                        )
                    )  # fmt: skip
        return found

    def by_name(self, plan: Plan) -> dict[str, Computed]:
        """The numbers of every column and aggregate that is shown and has some."""
        return {name: computed for name, _, _, computed, _ in self._told(plan) if computed is not None}

    def differences(self, plan: Plan, metric: str, against: str) -> dict[tuple[str, str], Interval]:
        """(column, score) -> interval of the difference to `against`."""
        found = {}
        for name, _, _, computed, _ in self._told(plan):
            draws = None if computed is None else self._bootstrap(plan, computed)
            if draws is None or against not in draws.names:
                continue
            for score in draws.names:
                if score != against:
                    found[name, score] = draws.difference(score, against, metric, level=plan.confidence)
        return found

    def _told(self, plan: Plan) -> Iterator[tuple[str, str, int | None, Computed | None, str]]:
        """Name, kind, severity and numbers of every column that is shown, or why there are none."""
        told = set()
        if not any(column.name == IID for column, _ in self.columns) and plan.shows_aggregate(IID):
            told.add(IID)
            yield IID, StudyKind.IID.value, None, None, "this run has no iid study"
        for position in self.shown:
            column, computed = self.columns[position]
            told |= {column.name, column.study}
            yield column.name, column.kind.value, column.severity, computed, ""
        for name in AGGREGATES:
            if plan.shows_aggregate(name):
                told.add(name)
                inside = members([column for column, _ in self.columns], name)
                if inside:
                    mean = aggregate_of([self.columns[i] for i in inside], name)
                    yield name, AGGREGATE, None, mean, ""
                else:
                    yield name, AGGREGATE, None, None, no_members(name)
        for name in plan.studies or ():
            if name not in told:
                yield name, "", None, None, f"this run has no study {name}"

    def _bootstrap(self, plan: Plan, computed: Computed) -> Bootstrap | None:
        if not plan.resamples or not self.computed:
            return None
        keys = [(score, key) for score in self.computed for key in plan.metrics]
        values = [computed.values[key] for key in keys]
        point = np.array([np.nan if v.value is None else v.value for v in values])
        shape = (len(self.computed), len(plan.metrics))
        return Bootstrap(
            self.computed,
            plan.metrics,
            point.reshape(shape),
            np.asarray(computed.draws),
            np.empty((*shape, 0)),
            {key: v.why for key, v in zip(keys, values, strict=True) if v.value is None},
            computed.units,
        )

    def _value(
        self,
        computed: Computed | None,
        draws: Bootstrap | None,
        info: ScoreInfo,
        key: str,
        plan: Plan,
        why: str,
    ) -> tuple[MetricValue, Interval]:
        none = Interval(None, None, None, "", 0, 0)
        if computed is None or info.name not in self.computed:
            return MetricValue(None, info.why or why, 0, 0), none
        value = computed.values[info.name, key]
        if draws is None or value.value is None:
            return value, none
        if self.no_groups:
            return value, Interval(value.value, None, None, f"no interval: {self.no_groups}", 0, 0)
        made = draws.interval(info.name, key, level=plan.confidence)
        return value, made if not made.why else Interval(None, None, None, f"no interval: {made.why}", 0, 0)


def evaluate_run(
    workspace: Workspace, run: Run, plan: Plan, *, like: Run | None = None, report: Report = silent
) -> Evaluated:
    """The numbers of one run, from the store if it was computed before.

    Args:
        workspace: whose store keeps them.
        run: the run.
        plan: what was asked.
        like: a run whose resamples these shall be, as far as the samples are the same.
        report: told the share done (0..1) and what is next.
    """
    columns = [column for column in study_rows(run) if plan.computes(column)]
    infos = chosen_scores(run, plan.scores)
    no_groups, units = "", None
    if plan.resamples:
        try:
            units = units_of(run, plan.group_by) if like is None else units_like(run, like, plan.group_by)
        except NotFoundError as error:
            no_groups = f"{error.title}. {error.detail}".rstrip(". ")
    described = [(c.name, c.study, c.kind, c.severity, c.corruption) for c in columns]
    drawn = "own" if like is None or units is None else told_in_order(units)

    def make() -> tuple[dict[str, Any], dict[str, Any]]:
        vectors, failed = _scores(run, infos, part(report, 0.0, SCORES_SHARE))
        scored = Scored(run, vectors, plan, units)
        made = []
        whole = part(report, SCORES_SHARE, 1.0)
        done = np.cumsum([0, *(len(column.rows) for column in columns)]) / max(
            1, sum(len(column.rows) for column in columns)
        )
        for column, start, stop in zip(columns, done[:-1], done[1:], strict=True):
            words = f"{run.name}: {column.name}"
            made.append(scored.column(column, report=_named(part(whole, start, stop), words)))
        return _packed(made, [vector.name for vector in vectors], failed)

    available = [info.name for info in infos if info.available]
    key = workspace.store.key("benchmark", run.fingerprint, plan.key(), described, available, drawn)
    entry = workspace.store.get_or_make("benchmark", key, make)
    names, computed, failed = _unpacked(entry.arrays, entry.meta, plan)
    return Evaluated(
        run=run.name,
        columns=tuple(zip(columns, computed, strict=True)),
        shown=tuple(i for i, column in enumerate(columns) if plan.shows(column)),
        scores=tuple(_with_reason(info, failed) for info in infos),
        computed=names,
        no_groups=no_groups,
    )


def _named(report: Report, words: str) -> Report:
    return lambda share, _: report(share, words)


def _with_reason(info: ScoreInfo, failed: Mapping[str, str]) -> ScoreInfo:
    if info.name not in failed:
        return info
    return ScoreInfo(info.name, info.label, False, failed[info.name], info.judge)


def _scores(
    run: Run, infos: Sequence[ScoreInfo], report: Report
) -> tuple[tuple[ScoreVector, ...], dict[str, str]]:
    """The available scores in one pass over the run, and why others failed after all."""
    names = [info.name for info in infos if info.available]
    words = f"{run.name}: scores"
    report(0.0, words)
    try:
        return compute_scores(run, names, report=lambda share: report(share, words)), {}
    except SfvisualsError:
        vectors: list[ScoreVector] = []
        failed = {}
        for name in names:
            try:
                vectors += compute_scores(run, [name])
            except SfvisualsError as error:
                failed[name] = f"{error.title}. {error.detail}".strip()
        return tuple(vectors), failed


def _packed(
    made: Sequence[Computed], names: Sequence[str], failed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    cells = [
        [[score, key, v.value, v.why, v.n, v.failures] for (score, key), v in one.values.items()]
        for one in made
    ]
    arrays = {"draws": np.stack([one.draws for one in made])} if made and made[0].draws.size else {}
    told = {
        "units": [one.units for one in made],
        "drawn": [dict(one.drawn) for one in made],
        "failed": dict(failed),
    }
    return arrays, {"scores": list(names), "cells": cells, **told}


def _unpacked(
    arrays: Mapping[str, Any], meta: Mapping[str, Any], plan: Plan
) -> tuple[tuple[str, ...], list[Computed], dict[str, str]]:
    names = tuple(meta["scores"])
    none = np.empty((len(names), len(plan.metrics), 0))
    computed = []
    described = zip(meta["cells"], meta["units"], meta["drawn"], strict=True)
    for number, (cells, units, drawn) in enumerate(described):
        values = {(score, key): MetricValue(value, why, n, f) for score, key, value, why, n, f in cells}
        draws = arrays["draws"][number] if "draws" in arrays else none
        computed.append(Computed(values, draws, units, drawn))
    return names, computed, meta["failed"]
