"""What was asked of the benchmark, and what that means for one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sfvisuals.benchmark.records import AGGREGATES, StudyRows, Weights
from sfvisuals.errors import SettingsError
from sfvisuals.metrics import METRICS, Metric, Need, find_metric
from sfvisuals.scores import ScoreInfo, score_list
from sfvisuals.scores.catalogue import EXTERNAL_LABELS, EXTERNAL_NAME
from sfvisuals.types import Judge, Run

# raised when a number may change for the same files, so that none is found that was made otherwise
VERSION = 2


@dataclass(frozen=True)
class Plan:
    """What to compute; `scores` and `studies` None: all."""

    metrics: tuple[str, ...]
    scores: tuple[str, ...] | None
    studies: tuple[str, ...] | None
    resamples: int
    confidence: float
    group_by: str | None
    weights: Weights | None
    seed: int

    def key(self) -> tuple[object, ...]:
        """Parts of a store key; equal plans give equal keys."""
        weights = None
        if self.weights is not None:
            weights = [
                None if numbers is None else sorted((int(k), float(v)) for k, v in numbers.items())
                for numbers in (self.weights.cost, self.weights.prevalence)
            ]
        parts = {**asdict(self), "weights": weights}
        return (VERSION, parts)

    @property
    def asked(self) -> tuple[Metric, ...]:
        """The metrics."""
        return tuple(find_metric(key) for key in self.metrics)

    def needs(self, need: Need) -> bool:
        """True where one of the metrics needs it."""
        return any(need in metric.needs for metric in self.asked)

    def shows(self, column: StudyRows) -> bool:
        """True where the column itself was asked for, by its name or that of its study."""
        return self.studies is None or column.name in self.studies or column.study in self.studies

    def shows_aggregate(self, name: str) -> bool:
        """True where the aggregate was asked for."""
        return self.studies is None or name in self.studies

    def computes(self, column: StudyRows) -> bool:
        """True where the column is needed, for itself or for an aggregate."""
        return self.shows(column) or any(
            kind is column.kind and self.shows_aggregate(name) for name, kind in AGGREGATES.items()
        )


def plan_of(
    *,
    metrics: Sequence[str],
    scores: Sequence[str] | None,
    studies: Sequence[str] | None,
    bootstrap: int,
    confidence: float,
    group_by: str | None,
    weights: Weights | None,
    seed: int,
) -> Plan:
    """What was asked, checked.

    Raises NotFoundError for an unknown metric, SettingsError for a number out of range.
    """
    if bootstrap < 0:
        raise SettingsError(f"--bootstrap {bootstrap} is negative", hint="0 makes no intervals.")
    if bootstrap == 1:
        raise SettingsError(
            "--bootstrap 1 makes no interval", hint="Intervals need many resamples; 1000 is usual."
        )
    if not 0 < confidence < 1:
        raise SettingsError(f"A confidence of {confidence} is not between 0 and 1", hint="0.95 is usual.")
    return Plan(
        metrics=tuple(dict.fromkeys(find_metric(key).key for key in metrics)),
        scores=None if scores is None else tuple(dict.fromkeys(scores)),
        studies=None if studies is None else tuple(dict.fromkeys(studies)),
        resamples=bootstrap,
        confidence=confidence,
        group_by=group_by if bootstrap else None,
        weights=weights,
        seed=seed,
    )


def chosen_scores(run: Run, names: Sequence[str] | None) -> tuple[ScoreInfo, ...]:
    """The scores asked for as this run lists them; one that it does not know is unavailable."""
    listed = score_list(run)
    if names is None:
        return listed
    own = {info.name: info for info in listed}
    external = next((own[name] for name in (*EXTERNAL_LABELS, EXTERNAL_NAME) if name in own), None)
    found = {}
    for name in names:
        info = external if name == EXTERNAL_NAME else own.get(name)
        if info is None:
            info = ScoreInfo(name, name, False, f"this run has no score of the name {name}", Judge.PLAIN)
        found[info.name] = info
    return tuple(found.values())


def all_metrics() -> tuple[str, ...]:
    """Keys of every metric."""
    return tuple(metric.key for metric in METRICS)
