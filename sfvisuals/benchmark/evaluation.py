"""Every metric of every score of every run on every column, kept in the workspace's store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfvisuals.benchmark.one_run import Evaluated, evaluate_run
from sfvisuals.benchmark.plan import Plan
from sfvisuals.benchmark.records import POSTER, Report, Row, Weights, silent
from sfvisuals.errors import NotFoundError, RunFormatError, SettingsError
from sfvisuals.metrics import Interval, find_metric

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


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
    weights: Weights | None = None,
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
        weights: cost and prevalence of classes.
        seed: of the bootstrap.
        report: told the share done (0..1) and what is next.

    Raises NotFoundError for a run or metric that is not known, or a score, study or column that no run has;
    SettingsError for a number out of range.
    """
    plan = _plan(metrics, scores, studies, bootstrap, confidence, group_by, weights, seed)
    names = tuple(workspace.run_names() if runs is None else runs)
    found: list[Evaluated | None] = []
    rows: list[Row] = []
    for number, name in enumerate(names):

        def part(share: float, words: str, number: int = number) -> None:
            report((number + share) / len(names), words)

        part(0.0, name)
        try:
            found.append(evaluate_run(workspace, workspace.run(name), plan, report=part))
        except RunFormatError as error:
            found.append(None)
            why = f"the run cannot be read: {error.title}. {error.detail}".strip()
            rows += [Row(name, "", "", None, "", key, None, None, None, 0, 0, why) for key in plan.metrics]
            continue
        rows += found[-1].rows(plan) if found[-1] is not None else []
    _check_asked(plan, [one for one in found if one is not None])
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
    weights: Weights | None = None,
    seed: int = 0,
    report: Report = silent,
) -> dict[tuple[str, str], Interval]:
    """(column, score) -> metric of the score minus that of `against`, in the same resamples of one run.

    A difference whose interval excludes 0 is significant. Aggregates are there too. In new-class columns of
    the proposed mode scores with another judge have other samples, so the difference is not paired there.

    Args are those of `evaluate`.
    """
    named = None if scores is None else tuple(dict.fromkeys((against, *scores)))
    plan = _plan((metric,), named, studies, bootstrap, confidence, group_by, weights, seed)
    evaluated = evaluate_run(workspace, workspace.run(run), plan, report=report)
    return evaluated.differences(plan, metric, against)


def _plan(
    metrics: Sequence[str],
    scores: Sequence[str] | None,
    studies: Sequence[str] | None,
    resamples: int,
    confidence: float,
    group_by: str | None,
    weights: Weights | None,
    seed: int,
) -> Plan:
    if resamples < 0:
        raise SettingsError(f"--bootstrap {resamples} is negative", hint="0 makes no intervals.")
    if not 0 < confidence < 1:
        raise SettingsError(f"A confidence of {confidence} is not between 0 and 1", hint="0.95 is usual.")
    keys = tuple(dict.fromkeys(find_metric(key).key for key in metrics))
    return Plan(
        metrics=keys,
        scores=None if scores is None else tuple(dict.fromkeys(scores)),
        studies=None if studies is None else tuple(dict.fromkeys(studies)),
        resamples=resamples,
        confidence=confidence,
        group_by=group_by if resamples else None,
        weights=weights,
        seed=seed,
    )


def _check_asked(plan: Plan, found: Sequence[Evaluated]) -> None:
    """Raises NotFoundError for a score, study or column that was asked for and is in none of the runs."""
    if not found:
        return
    known_scores = {"ext", *(name for one in found for name in one.known_scores)}
    known_studies = {*POSTER, *(name for one in found for name in one.known_studies)}
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
    if plan.group_by is not None and all(one.no_groups for one in found):
        raise NotFoundError(
            f"None of the runs has a column {plan.group_by!r} to group by", detail=found[0].no_groups
        )
