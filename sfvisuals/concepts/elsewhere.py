"""A concept among the rest of its class: what tells it apart, and what it holds of other studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sfvisuals.concepts.kmeans import nearest_centre
from sfvisuals.concepts.match_words import class_words
from sfvisuals.concepts.of_run import VERSION, Cell, latents_of, source_rows, space_of
from sfvisuals.concepts.record import Concept
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import BoolArray, IntArray, Rows, Run

if TYPE_CHECKING:
    from sfvisuals.explain import Finding
    from sfvisuals.workspace import Workspace

WITHIN: Final = 0.99
FINDINGS: Final = 6


def findings_of(
    workspace: Workspace, run: Run, cell: Cell, concept: Concept
) -> tuple[tuple[Finding, ...], str]:
    """What tells a concept's members from the same class elsewhere, strongest first; and why nothing does.

    Elsewhere are the other concepts of its study and the run's source study. The study itself, which the card
    names anyway, and what only describes the model's outputs are left out.
    """
    from sfvisuals.explain import explain
    from sfvisuals.explain.features import described_features
    from sfvisuals.units import units

    selected = _mask(run, concept.rows)
    reference = _mask(run, workspace.members_of(run, cell.study, cell.category, cell.basis))
    if cell.category != NEW_CLASS:
        own = run.label if cell.basis is None else workspace.judged(run, cell.basis).prediction
        rows = source_rows(run)
        reference[rows[(own[rows] == cell.category) & ~run.new_class[rows]]] = True
    features = [one for one in described_features(workspace, run) if one.name != "study"]
    if not features:
        return (), "This run has no metadata, and its images are not measured."
    found = explain(
        features,
        selected,
        reference & ~selected,
        groups=units(workspace, run),
        limit=FINDINGS,
        words=f"{class_words(run, cell.category)} samples elsewhere",
    )
    why = "" if found.holding else " ".join(found.why) or "Nothing tells them apart."
    return found.holding, why


def sizes_of(workspace: Workspace, run: Run, cell: Cell) -> IntArray:
    """(concepts, S) samples of the class in every study that lie in each concept; kept in the store.

    In the concepts' own study these are its members. A sample of the same class in another study lies in the
    concept whose centre is nearest, if it is no farther from it than 99 % of the members.
    """
    concepts = cell.clustering(workspace, run).concepts
    key = workspace.store.key(
        run.fingerprint, "concept sizes", VERSION, cell.study, cell.category, cell.k, cell.basis, cell.method
    )

    def make() -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
        columns = [_held(workspace, run, cell, concepts, study.name) for study in run.studies]
        return {"sizes": np.stack(columns, axis=1)}, {}

    return np.array(workspace.store.get_or_make("concept-sizes", key, make).arrays["sizes"])


def _held(workspace: Workspace, run: Run, cell: Cell, concepts: Sequence[Concept], study: str) -> IntArray:
    """(concepts,) samples of the class in this study that lie in each."""
    if study == cell.study:
        return np.array([one.size for one in concepts], dtype=np.int64)
    rows = workspace.members_of(run, study, cell.category, cell.basis)
    if not rows.size:
        return np.zeros(len(concepts), np.int64)
    points = space_of(workspace, run).place(latents_of(run), rows)
    centres = np.array([one.centre for one in concepts])
    reach = np.array([np.quantile(one.distances, WITHIN) for one in concepts])
    nearest = nearest_centre(points, centres)
    difference = points - centres[nearest]
    inside = np.sqrt(np.einsum("ij,ij->i", difference, difference)) <= reach[nearest]
    return np.bincount(nearest[inside], minlength=len(concepts)).astype(np.int64)


def _mask(run: Run, rows: Rows) -> BoolArray:
    mask = np.zeros(run.n, dtype=np.bool_)
    mask[rows] = True
    return mask
