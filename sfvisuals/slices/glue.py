"""Slices of a run at a score and a threshold, kept in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.errors import NotFoundError
from sfvisuals.explain.features import feature_table, known_labels
from sfvisuals.explain.records import Feature
from sfvisuals.slices.conditions import USES_LABEL
from sfvisuals.slices.discover import LEVEL, Progress, discover
from sfvisuals.slices.finders import ALL_METHODS, finders_of
from sfvisuals.slices.records import SliceReport
from sfvisuals.slices.stored import VERSION, from_entry, to_entry
from sfvisuals.types import Run, StudyKind
from sfvisuals.units import group_codes

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

ALL: Final = "all"
OUTCOMES: Final = {"silent": "silent failures", "failure": "failures"}
NEVER: Final = (StudyKind.VALIDATION, StudyKind.TRAIN)


def slices_of(
    workspace: Workspace,
    run: Run,
    *,
    studies: Sequence[str] = (),
    score: str,
    target: float = 0.95,
    outcome: str = "silent",
    by: str = ALL,
    seed: int = 0,
    level: float = LEVEL,
    progress: Progress | None = None,
) -> SliceReport:
    """Groups of failures of a run with a shared cause (see `discover`); kept in the store.

    Takes seconds where it is not in the store. Without image attributes, which join the features once they
    are measured, it is looked for again when they are there.

    Args:
        workspace: where the run is from.
        run: the run.
        studies: names of the studies that are looked at together; all but validation and train by default.
        score: confidence score.
        target: coverage on validation (0..1) that gives the threshold of silent failures.
        outcome: "silent" or "failure".
        by: name of one finder, or "all".
        seed: of the halves and all draws.
        level: false discovery rate.
        progress: called with a share done and words.

    Raises NotFoundError for studies, outcomes and finders that do not exist.
    """
    if outcome not in OUTCOMES:
        raise NotFoundError(f"There is no outcome {outcome[:40]!r}", detail=f"Known: {', '.join(OUTCOMES)}.")
    methods = ALL_METHODS if by == ALL else tuple(finder.name for finder in finders_of((by,)))
    chosen = _positions(run, studies)
    table = feature_table(workspace, run)
    key = (
        *(run.fingerprint, "slices", VERSION, chosen, score, target, outcome, [*methods], seed, level),
        *([feature.name for feature in table.features], table.measured),
    )

    def make() -> SliceReport:
        entry = workspace.store.get_or_make(
            "slices",
            workspace.store.key(*key),
            lambda: to_entry(
                _found(workspace, run, chosen, score, target, outcome, methods, seed, level, progress)
            ),
        )
        return from_entry(entry.arrays, entry.meta)

    return workspace.remember(("slices", workspace.store.key(*key)), make)


def _positions(run: Run, studies: Sequence[str]) -> tuple[int, ...]:
    names = [study.name for study in run.studies]
    if unknown := sorted(set(studies) - set(names)):
        raise NotFoundError(f"There is no study {unknown[0]!r}", detail=f"Studies: {', '.join(names)}.")
    if studies:
        return tuple(sorted(names.index(name) for name in set(studies)))
    return tuple(i for i, study in enumerate(run.studies) if study.kind not in NEVER)


def _found(
    workspace: Workspace,
    run: Run,
    chosen: tuple[int, ...],
    score: str,
    target: float,
    outcome: str,
    methods: tuple[str, ...],
    seed: int,
    level: float,
    progress: Progress | None,
) -> SliceReport:
    judged = workspace.score(run, score)
    accepted = workspace.accepted(run, score, target=target)
    wanted = judged.failure & accepted if outcome == "silent" else judged.failure
    none = "This score accepts no sample here, so no failure is silent."
    unaccepted = (none,) if outcome == "silent" and not accepted.any() else ()
    table = feature_table(workspace, run)
    report = discover(
        run.latents,
        features_for_rules(run, table.features),
        wanted,
        known_labels(run),
        judged.prediction,
        None,
        group_codes(run),
        run.source_row if run.source_row.size else None,
        classes=run.classes,
        strata=run.study,
        silence=judged.values,
        rows=np.flatnonzero(np.isin(run.study, chosen)).astype(np.int64),
        level=level,
        seed=seed,
        methods=methods,
        noun=OUTCOMES[outcome],
        progress=progress,
    )
    return replace(report, why=(*unaccepted, *report.why, *_missing(run, table.left_out, chosen)))


def features_for_rules(run: Run, features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features, those that speak against the label known only in studies like training.

    Under a shift the training samples near a sample are no witnesses against its label.
    """
    alike = np.array([s.kind in (StudyKind.IID, StudyKind.VALIDATION) for s in run.studies], np.bool_)[
        run.study
    ]
    return tuple(
        replace(one, numbers=np.where(alike, one.numbers, np.nan), label=f"{one.label}, without shift")
        if one.name in USES_LABEL
        else one
        for one in features
    )


def _missing(run: Run, left_out: Mapping[str, str], chosen: tuple[int, ...]) -> list[str]:
    """What would help and is not there."""
    why = []
    if run.group_column is None:
        why.append(
            "No column names patients, so samples count as independent, apart from copies of one image."
        )
    if "image:*" in left_out:
        why.append(f"Rules know nothing of the images: {left_out['image:*']}.")
    if len(chosen) == 1:
        why.append("One study was looked at, so slices are compared with the rest of it.")
    if run.metadata.empty:
        why.append("The run has no metadata.")
    return why
