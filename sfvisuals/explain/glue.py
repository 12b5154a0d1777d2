"""Explanations of selections of a run, kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.explain.enrichment import explain
from sfvisuals.explain.features import feature_table
from sfvisuals.explain.findings import Explanation
from sfvisuals.explain.reference import Reference, reference_of
from sfvisuals.types import BoolArray, Run
from sfvisuals.units import units

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

MOST_STRATA: Final = 4


def explain_selection(
    workspace: Workspace,
    run: Run,
    selected: BoolArray,
    *,
    reference: Reference,
    score: str,
    studies: Sequence[str] | None = None,
    leave_out: Sequence[str] = (),
    within: BoolArray | None = None,
    limit: int = 20,
    level: float = 0.05,
) -> Explanation:
    """What tells the selected samples from the reference; kept in memory.

    Args:
        selected: (N,) True where selected.
        reference: what they are compared with (see `reference_of`).
        score: the score whose prediction says what is correct.
        studies: names of the studies of the reference; see `reference_of` for what is taken without them.
        leave_out: names of features not to look at, beside those that the sidecar leaves out.
        within: (N,) samples to look at, on both sides; all by default. What the others say stays unseen, so
            that a finding can be tested on them.
        limit: how many findings are kept.
        level: false discovery rate.
    """
    table = feature_table(workspace, run)
    chosen = None if studies is None else tuple(studies)
    key = (
        *(run.fingerprint, "explain", digest(selected), reference, score, chosen, tuple(leave_out)),
        None if within is None else digest(within),
        *(table.measured, limit, level),
    )

    def make() -> Explanation:
        against = reference_of(workspace, run, selected, reference, score, studies=chosen)
        found = explain(
            [one for one in table.features if one.name not in leave_out],
            selected if within is None else selected & within,
            against.mask if within is None else against.mask & within,
            groups=units(workspace, run),
            limit=limit,
            level=level,
            words=against.words,
            strata=true_classes(run, selected) if reference is Reference.TRUE_CLASS else {},
        )
        if not against.why:
            return found
        return replace(found, why=(*found.why, f"{against.why[0].upper()}{against.why[1:]}."))

    return workspace.remember(key, make)


def true_classes(run: Run, selected: BoolArray) -> dict[str, BoolArray]:
    """True class -> (N,) its samples, for the classes of the selection; none where they are many."""
    known = ~run.new_class
    classes = np.unique(run.label[selected & known])
    if classes.size > MOST_STRATA:
        return {}
    return {run.classes[k]: known & (run.label == k) for k in classes}


def digest(mask: BoolArray) -> str:
    """A key of which samples are meant."""
    return hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).hexdigest()
