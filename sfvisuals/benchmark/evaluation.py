"""Every metric of every score of every run on every column, kept in the workspace's store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sfvisuals.benchmark.columns import study_rows
from sfvisuals.benchmark.one_run import Evaluated, evaluate_run
from sfvisuals.benchmark.plan import Plan, plan_of
from sfvisuals.benchmark.progress import part
from sfvisuals.benchmark.records import POSTER, Report, Row, Weights, silent
from sfvisuals.benchmark.weighing import NamedWeights
from sfvisuals.errors import NotFoundError, RunFormatError, SfvisualsError
from sfvisuals.metrics import Interval
from sfvisuals.scores import score_list
from sfvisuals.types import Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

MOST_LISTED: Final = 20


def evaluate(
    workspace: Workspace,
    *,
    runs: Sequence[str] | None = None,
    metrics: Sequence[str] = ("aurc", "augrc"),
    scores: Sequence[str] | None = None,
    studies: Sequence[str] | None = None,
    bootstrap: int = 0,
    confidence: float = 0.95,
    group_by: str | None = None,
    weights: Weights | NamedWeights | None = None,
    seed: int = 0,
    report: Report = silent,
) -> tuple[Row, ...]:
    """The rows of the benchmark, run by run, column by column, score by score, metric by metric.

    Each score is judged against its own prediction. What is undefined is a row with a reason: a score that
    the run lacks, an aggregate without studies, a run that cannot be read.

    Args:
        workspace: where the runs are; numbers are kept in its store by content.
        runs: names; all by default.
        metrics: keys of the metrics (sfvisuals.metrics.METRICS).
        scores: fd-shifts' names; `ext` means the run's own confidence. All by default.
        studies: columns, studies (all columns of them) or aggregates. All by default.
        bootstrap: resamples for percentile intervals, 0 for none.
        confidence: of the intervals, between 0 and 1.
        group_by: column whose groups are drawn as a whole; images are by default, with their corrupted
            versions.
        weights: cost and prevalence of classes, by position (`Weights`) or by name (`NamedWeights`).
        seed: of the bootstrap.
        report: told the share done (0..1) and what is next.

    Raises NotFoundError for a run or metric that is not known, or a score, study, column or class that no
    run has; SettingsError for a number out of range.
    """
    plan = plan_of(
        metrics=metrics, scores=scores, studies=studies, bootstrap=bootstrap, confidence=confidence,
        group_by=group_by, weights=None, seed=seed,
    )  # fmt: skip
    names = tuple(dict.fromkeys(workspace.run_names() if runs is None else runs))
    found: list[Evaluated] = []
    known: list[Run] = []
    rows: list[Row] = []
    for number, name in enumerate(names):
        told = part(report, number / len(names), (number + 1) / len(names))
        told(0.0, name)
        try:
            run = workspace.run(name)
        except RunFormatError as error:
            rows += unreadable(plan, name, error, "the run cannot be read: ")
            continue
        known.append(run)
        try:
            weighed = in_run(plan, weights, run)
        except NotFoundError as error:
            rows += unreadable(plan, name, error, "")
            continue
        found.append(evaluate_run(workspace, run, weighed, report=told))
        rows += found[-1].rows(weighed)
    check_asked(plan, known, [one.no_groups for one in found])
    check_classes(weights, known)
    report(1.0, "")
    return tuple(rows)


def differences(
    workspace: Workspace,
    *,
    run: str,
    metric: str,
    against: str = "det_mcp",
    scores: Sequence[str] | None = None,
    studies: Sequence[str] | None = None,
    bootstrap: int = 1000,
    confidence: float = 0.95,
    group_by: str | None = None,
    weights: Weights | NamedWeights | None = None,
    seed: int = 0,
    report: Report = silent,
) -> dict[tuple[str, str], Interval]:
    """(column, score) -> metric of the score minus that of `against`, in the same resamples of one run.

    A difference whose interval excludes 0 is significant. Aggregates are there too. In new-class columns of
    the proposed mode scores with another judge have other samples, so the difference is not paired there.

    Args are those of `evaluate`.
    """
    named = None if scores is None else tuple(dict.fromkeys((against, *scores)))
    opened = workspace.run(run)
    plan = plan_of(
        metrics=(metric,), scores=named, studies=studies, bootstrap=bootstrap, confidence=confidence,
        group_by=group_by, weights=None, seed=seed,
    )  # fmt: skip
    plan = in_run(plan, weights, opened)
    evaluated = evaluate_run(workspace, opened, plan, report=report)
    return evaluated.differences(plan, metric, against)


def in_run(plan: Plan, weights: Weights | NamedWeights | None, run: Run) -> Plan:
    """The plan with the weights in this run's classes.

    Raises NotFoundError where the run lacks a class whose prevalence was stated.
    """
    return replace(plan, weights=weights.of(run) if isinstance(weights, NamedWeights) else weights)


def unreadable(plan: Plan, name: str, error: SfvisualsError, words: str) -> list[Row]:
    """The rows of a run that has no numbers: one per metric, without study and score."""
    why = f"{words}{error.title}. {error.detail}".strip()
    return [Row(name, "", "", None, "", key, None, None, None, 0, 0, why) for key in plan.metrics]


def check_asked(plan: Plan, runs: Sequence[Run], no_groups: Sequence[str]) -> None:
    """Raises NotFoundError for a score, study or column that was asked for and is in none of these runs.

    Args:
        plan: what was asked.
        runs: those that could be read.
        no_groups: of those that were computed, why samples cannot be grouped as asked, else "".
    """
    if not runs:
        return
    listed = [study_rows(run) for run in runs]
    known_scores = {"ext", *(info.name for run in runs for info in score_list(run))}
    known_studies = {*POSTER, *(n for columns in listed for c in columns for n in (c.name, c.study))}
    for what, asked, known in (
        ("score", plan.scores, known_scores),
        ("study", plan.studies, known_studies),
    ):
        for name in asked or ():
            if name not in known:
                raise NotFoundError(
                    f"There is no {what} {name!r} in any of the runs",
                    detail=f"Known: {', '.join(sorted(known))}.",
                )
    if plan.group_by is not None and no_groups and all(no_groups):
        raise NotFoundError(
            f"None of the runs has a column {plan.group_by!r} to group by", detail=no_groups[0]
        )


def check_classes(weights: Weights | NamedWeights | None, runs: Sequence[Run]) -> None:
    """Raises NotFoundError for a class with a cost or a prevalence that none of the runs has."""
    name = weights.unknown(runs) if isinstance(weights, NamedWeights) and runs else None
    if name is not None:
        classes = dict.fromkeys(known for run in runs for known in run.classes)
        shown = [*classes][:MOST_LISTED]
        more = f" and {len(classes) - len(shown):,} more" if len(classes) > len(shown) else ""
        raise NotFoundError(
            f"There is no class {name!r} in any of the runs",
            detail=f"Known: {', '.join(shown)}{more}; or a position from 0 on, or `new` for new classes.",
        )
