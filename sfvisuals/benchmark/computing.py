"""The numbers of one run: every metric of every score on every column, with the draws of a bootstrap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sfvisuals.benchmark.confidences import confidence_of
from sfvisuals.benchmark.plan import Plan
from sfvisuals.benchmark.progress import part
from sfvisuals.benchmark.records import UNKNOWN_CLASS, Report, StudyRows, silent
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
        drawn: score -> what tells the resamples of its samples: equal where they are the same.
    """

    values: Mapping[tuple[str, str], MetricValue]
    draws: FloatArray
    units: int
    drawn: Mapping[str, str] = field(default_factory=dict)


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

    def column(self, column: StudyRows, *, report: Report = silent) -> Computed:
        """All metrics of all scores on the samples of the column."""
        keys, metrics = self.plan.metrics, self.plan.asked
        values: dict[tuple[str, str], MetricValue] = {}
        ranked: dict[str, Ranked] = {}
        drawn: dict[str, IntArray] = {}
        # without resamples the metrics are all the work, with them hardly any
        metrics_done = 0.1 if self.plan.resamples else 1.0
        for number, score in enumerate(self.scores):
            report(metrics_done * number / len(self.scores), "")
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
            found = list(self._bootstraps(ranked, drawn, part(report, metrics_done, 1.0)))
            for made in found:
                if made.draws.shape[2]:
                    draws[[place[name] for name in made.names]] = made.draws
            fewest = min((made.units for made in found), default=0)
        return Computed(values, draws, fewest, {name: told_by(units) for name, units in drawn.items()})

    def _bootstraps(
        self, ranked: Mapping[str, Ranked], drawn: Mapping[str, IntArray], report: Report
    ) -> Iterator[Bootstrap]:
        """One for all scores on the same samples: they see the same resamples, so differences are paired."""
        together: dict[bytes, list[str]] = {}
        for name, units in drawn.items():
            together.setdefault(units.tobytes(), []).append(name)
        for number, names in enumerate(together.values()):

            def told(share: float, number: int = number) -> None:
                report((number + share) / len(together), "")

            units = drawn[names[0]]
            yield bootstrap(
                {name: ranked[name] for name in names},
                self.plan.metrics,
                resamples=self.plan.resamples,
                seed=seed_for(units, self.plan.seed),
                groups=units,
                report=told,
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
        if given.prevalence is not None:
            without = [int(k) for k in np.unique(labels) if int(k) not in given.prevalence]
            if without:
                raise SfvisualsError(
                    "A class has no prevalence",
                    detail=f"There are samples of {self._name(without[0])}, for which none was given.",
                )
        return class_weights(labels, cost=given.cost, prevalence=given.prevalence)

    def _name(self, label: int) -> str:
        if label == UNKNOWN_CLASS:
            return "a new class"
        known = 0 <= label < self.run.n_classes
        return f"class {self.run.classes[label] if known else label}"


def told_by(units: IntArray) -> str:
    """Equal for samples that are drawn alike: the same units, with as many samples each, in any order."""
    return told_in_order(np.sort(units))


def told_in_order(units: IntArray) -> str:
    """Equal for equal units of equal rows."""
    return hashlib.blake2b(units.astype("<i8").tobytes(), digest_size=8).hexdigest()
