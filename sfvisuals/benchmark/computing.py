"""The numbers of one run: every metric of every score on every column, with the draws of a bootstrap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sfvisuals.benchmark.confidences import confidence_of
from sfvisuals.benchmark.plan import Plan
from sfvisuals.benchmark.records import StudyRows
from sfvisuals.benchmark.resampling import seed_for
from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import Bootstrap, MetricValue, Need, Ranked, bootstrap, class_weights, rank
from sfvisuals.scores import class_probabilities
from sfvisuals.types import FloatArray, IntArray, Judge, Rows, Run, ScoreVector


@dataclass(frozen=True, eq=False)
class Computed:
    """One column, computed.

    Attributes:
        values: (score, metric) -> value or why there is none.
        draws: (S, K, B) the metrics in each resample, NaN where undefined; B = 0 without a bootstrap.
        units: how many units were drawn from, the fewest of any score.
    """

    values: Mapping[tuple[str, str], MetricValue]
    draws: FloatArray
    units: int


class Scored:
    """The scores of one run with what their metrics need; each made when it is first asked for.

    Args:
        run: the run.
        scores: those that could be computed.
        plan: what was asked.
        units: (N,) what is drawn together in a bootstrap, None without one.
    """

    def __init__(self, run: Run, scores: Sequence[ScoreVector], plan: Plan, units: IntArray | None) -> None:
        self.run = run
        self.scores = tuple(scores)
        self.plan = plan
        self.units = units
        self._probabilities: dict[Judge, FloatArray] = {}
        calibrated = plan.needs(Need.CONFIDENCE)
        self._confidence = {s.name: confidence_of(run, s) if calibrated else None for s in self.scores}

    def column(self, column: StudyRows) -> Computed:
        """All metrics of all scores on the samples of the column."""
        keys, metrics = self.plan.metrics, self.plan.asked
        values: dict[tuple[str, str], MetricValue] = {}
        ranked: dict[str, Ranked] = {}
        drawn: dict[str, IntArray] = {}
        for score in self.scores:
            try:
                ranked[score.name], drawn[score.name] = self._ranked(column, score)
            except SfvisualsError as error:
                rows, wrong = column.judged(score.failure)
                why = f"{error.title}. {error.detail}".strip()
                for key in keys:
                    values[score.name, key] = MetricValue(None, why, len(rows), int(wrong.sum()))
                continue
            for metric in metrics:
                values[score.name, metric.key] = metric.function(ranked[score.name])
        draws = np.full((len(self.scores), len(keys), self.plan.resamples), np.nan)
        fewest = 0
        if self.plan.resamples:
            place = {score.name: i for i, score in enumerate(self.scores)}
            found = list(self._bootstraps(ranked, drawn))
            for made in found:
                if made.draws.shape[2]:
                    draws[[place[name] for name in made.names]] = made.draws
            fewest = min((made.units for made in found), default=0)
        return Computed(values, draws, fewest)

    def _bootstraps(self, ranked: Mapping[str, Ranked], drawn: Mapping[str, IntArray]) -> Iterator[Bootstrap]:
        """One for all scores on the same samples: they see the same resamples, so differences are paired."""
        together: dict[bytes, list[str]] = {}
        for name, units in drawn.items():
            together.setdefault(units.tobytes(), []).append(name)
        for names in together.values():
            units = drawn[names[0]]
            yield bootstrap(
                {name: ranked[name] for name in names},
                self.plan.metrics,
                resamples=self.plan.resamples,
                seed=seed_for(units, self.plan.seed),
                groups=units,
            )

    def _ranked(self, column: StudyRows, score: ScoreVector) -> tuple[Ranked, IntArray]:
        """The samples of the column in order of the score, and (m,) the unit of each."""
        rows, wrong = column.judged(score.failure)
        labels = column.labels(self.run.label, rows)
        weights = self._weights(labels)
        if weights is not None and (weights == 0).any():
            kept = weights > 0
            rows, wrong, labels, weights = rows[kept], wrong[kept], labels[kept], weights[kept]
        confidence = self._confidence[score.name]
        if confidence is None:
            # left out, the scores themselves would be taken where all of a study happen to lie in 0..1
            confidence = np.full(self.run.n, -1.0)
        found = rank(
            score.values[rows],
            wrong,
            labels=labels,
            probabilities=self._of(score.judge, rows),
            confidence=confidence[rows],
            weights=weights,
        )
        return found, rows if self.units is None else self.units[rows]

    def _of(self, judge: Judge, rows: Rows) -> FloatArray | None:
        """(m, d) softmax of that prediction, None where no metric needs it."""
        if not self.plan.needs(Need.PROBABILITIES):
            return None
        if judge not in self._probabilities:
            self._probabilities[judge] = class_probabilities(self.run, judge=judge)
        return self._probabilities[judge][rows]

    def _weights(self, labels: IntArray) -> FloatArray | None:
        given = self.plan.weights
        if given is None:
            return None
        return class_weights(labels, cost=given.cost, prevalence=given.prevalence)
