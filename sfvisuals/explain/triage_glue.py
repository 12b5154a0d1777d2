"""Cause triage of failures of a run: the evidence is gathered here, the rules are in `triage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.explain.causes import Attribute, Signs, Triage
from sfvisuals.explain.evidence import K, nearest_labels, percentile_among
from sfvisuals.explain.features import (
    clean_images,
    feature_table,
    known_labels,
    train_evidence_of,
)
from sfvisuals.explain.shared_attributes import FEWEST, MOST_GROUPS, Held, attributes_of_group
from sfvisuals.explain.triage import triage
from sfvisuals.failures.thresholds import reference_rows
from sfvisuals.types import BoolArray, FloatArray, IntArray, Rows, Run, ScoreVector, StudyKind
from sfvisuals.units import units

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

MOST_KIN: Final = 4_000
STANDS_FOR_TRAINING: Final = (StudyKind.IID, StudyKind.VALIDATION)
OF_NEW_CONCEPTS: Final = (StudyKind.MANIFESTATION, StudyKind.NEW_CLASS)


def triage_of(workspace: Workspace, run: Run, rows: Rows, *, score: str, target: float = 0.95) -> Triage:
    """The causes of these failures; kept in memory. Rows that are no failures are left out.

    Args:
        rows: of the run.
        score: whose prediction counts, and whose confidence.
        target: coverage of validation at which the score accepts.
    """
    judged = workspace.score(run, score)
    failures = np.unique(np.asarray(rows, np.int64))
    failures = failures[judged.failure[failures]]
    key = (run.fingerprint, "triage", score, target, feature_table(workspace, run).measured)
    return workspace.remember(
        (*key, failures.tobytes()), lambda: _made(workspace, run, failures, judged, target)
    )


def _made(workspace: Workspace, run: Run, rows: Rows, judged: ScoreVector, target: float) -> Triage:
    signs, why = _signs(workspace, run, rows, judged, target)
    # what a copy inherits from its clean image is judged there
    base = np.where(signs.clean == 0, _source(run)[rows], rows)
    if (base != rows).any():
        of_base, _ = _signs(workspace, run, base, judged, target)
        signs = Signs(**{**vars(of_base), "clean": signs.clean})
    held, of_row = _attributes(workspace, run, base, judged)
    shortcut, unseen, moved = (np.full(len(rows), -1) for _ in range(3))
    # the strongest comes first in each group, so the last word is given to it
    for position in range(len(held) - 1, -1, -1):
        has = (of_row == held[position][0]) & held[position][1].mask[base]
        shortcut[has & held[position][1].goes_along] = position
        unseen[has & held[position][1].absent] = position
        moved[has & held[position][1].moved] = position
    records: tuple[Attribute, ...] = tuple(one.record for _, one in held)
    kinds = tuple(run.studies[code].kind for code in run.study[base])
    return triage(rows, signs, kinds, records, shortcut, unseen, moved, why=why)


def _signs(
    workspace: Workspace, run: Run, rows: Rows, judged: ScoreVector, target: float
) -> tuple[Signs, tuple[str, ...]]:
    """What is known of these failures, and what could not be looked at."""
    alike = reference_rows(run).rows
    correct = alike[~judged.failure[alike]]
    confidence = percentile_among(judged.values[rows], judged.values[correct])
    margins = next(
        (f.numbers for f in feature_table(workspace, run).features if f.name == "model:margin"), None
    )
    nothing = np.full(len(rows), np.nan)
    margin = nothing if margins is None else percentile_among(margins[rows], margins[correct])
    near = train_evidence_of(workspace, run)
    distance, own, share, limits = nothing, nothing, nothing, (np.nan, np.nan)
    why: tuple[str, ...] = ()
    if isinstance(near, str):
        why = (f"How far the failures are from the training samples is not known: {near}.",)
    else:
        distance = percentile_among(near.distance[rows], near.distance[alike])
        own = _percentiles_by_class(near.own, known_labels(run), rows, alike)
        shares = near.share(judged.prediction)
        share, known = shares[rows], shares[correct]
        known = known[np.isfinite(known)]
        if known.size:
            limits = (float(np.quantile(known, 0.25)), float(np.quantile(known, 0.05)))
        else:
            why = ("The classes of the nearest training samples are not known.",)
    source = _source(run)[rows]
    clean = np.where(source < 0, -1, np.where(judged.failure[source], 0, 1))
    accepted = workspace.accepted(run, judged.name, target=target)[rows]
    kin = _kin(run, rows, judged.failure)
    return Signs(confidence, margin, distance, own, share, limits, accepted, clean, kin), why


def _percentiles_by_class(values: FloatArray, label: IntArray, rows: Rows, alike: Rows) -> FloatArray:
    """(n,) percentile of each row's value among the reference samples of its class."""
    found = np.full(len(rows), np.nan)
    for category in np.unique(label[rows]):
        mine = label[rows] == category
        found[mine] = percentile_among(values[rows[mine]], values[alike[label[alike] == category]])
    return found


def _kin(run: Run, rows: Rows, failure: BoolArray) -> FloatArray:
    """(n,) share of the K nearest images of study and source that are failures of the study.

    Looked at in studies of new manifestations and classes only, among at most MOST_KIN images of each side.
    """
    found = np.full(len(rows), np.nan)
    if run.latents is None:
        return found
    source = np.empty(0, np.int64) if run.source is None else run.rows_of(run.source)
    for code in np.unique(run.study[rows]):
        if run.studies[code].kind not in OF_NEW_CONCEPTS:
            continue
        mine = np.flatnonzero(run.study[rows] == code)
        bank = np.concatenate((_spaced(np.flatnonzero(run.study == code)), _spaced(source)))
        is_kin = (failure[bank] & (run.study[bank] == code)).astype(np.int32)
        # the nearest one is the sample itself
        near = nearest_labels(run.latents[rows[mine]], run.latents[bank], is_kin, k=K + 1)[:, 1:]
        found[mine] = near.mean(axis=1) if near.shape[1] else np.nan
    return found


def _attributes(
    workspace: Workspace, run: Run, rows: Rows, judged: ScoreVector
) -> tuple[list[tuple[int, Held]], IntArray]:
    """What the largest groups of these failures have: (group, attribute), and (n,) the group of each row."""
    features = feature_table(workspace, run).features
    label = known_labels(run)
    size = max(run.n_classes, int(label.max(initial=0)) + 1)
    group = (run.study.astype(np.int64) * size + label) * size + judged.prediction
    group = np.where(label < 0, -1, group)
    codes, counts = np.unique(group[rows][group[rows] >= 0], return_counts=True)
    largest = codes[np.lexsort((codes, -counts))][:MOST_GROUPS]
    standing = np.array([study.kind in STANDS_FOR_TRAINING for study in run.studies])[run.study]
    standing &= clean_images(run)
    sources = " and ".join(s.label for s in run.studies if s.kind in STANDS_FOR_TRAINING)
    held: list[tuple[int, Held]] = []
    for code in largest.tolist() if standing.any() else ():
        failures = judged.failure & (group == code)
        row = int(np.flatnonzero(failures)[0])
        here = (run.study == run.study[row]) & (label == label[row])
        correct = here & ~judged.failure
        if correct.sum() < FEWEST:
            correct = correct | (standing & (label == label[row]) & ~judged.failure)
        if min(failures.sum(), correct.sum()) < FEWEST:
            continue
        found = attributes_of_group(
            features,
            failures,
            correct,
            here=here,
            true=standing & (label == label[row]),
            predicted=standing & (label == judged.prediction[row]),
            groups=units(workspace, run),
            sources=sources,
        )
        held += [(code, one) for one in found]
    return held, group[rows]


def _source(run: Run) -> IntArray:
    return run.source_row if run.source_row.size else np.full(run.n, -1, np.int64)


def _spaced(rows: Rows) -> Rows:
    return rows if rows.size <= MOST_KIN else rows[np.linspace(0, rows.size - 1, MOST_KIN).astype(np.int64)]
