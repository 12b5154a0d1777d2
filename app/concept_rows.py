"""The numbers behind the concept grid: which classes, which studies, and what each card says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.state import COLUMNS, View, concept_basis
from app.targets import target_studies
from sfvisuals.case import truth_of
from sfvisuals.errors import UnavailableError
from sfvisuals.recipes import NEW_CLASS, Attributes
from sfvisuals.types import BoolArray, Judge, Rows, Run, ScoreVector
from sfvisuals.workspace import Workspace

CARDS = 12
IMAGES = 4

Column = tuple[str, str, bool]
Cell = tuple[str, list["ConceptCard"], str]


@dataclass(frozen=True, slots=True)
class ConceptCard:
    """One cluster, as far as its samples are shown: position among its class's concepts, number of shown
    samples, accuracy (always 0 for new class), mean confidence, silent failures, and its representatives as
    (row, title, "silent" | "wrong" | "right")."""

    index: int
    size: int
    accuracy: float
    confidence: float | None
    silent: int
    images: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class across the columns."""

    category: int | str
    title: str
    basis: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ConceptGrid:
    """The whole grid.

    Attributes:
        columns: (study, label, is_source).
        rows: the class rows that are shown.
        hidden: how many more classes there are.
        why: why there is nothing, if so.
    """

    columns: list[Column]
    rows: list[ClassRow]
    hidden: int = 0
    why: str = ""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What each sample of a run is under a view, (N,): shown, silent failure; and the score's own record.

    What is shown follows the chosen studies and *true* classes, as everywhere on the page.
    """

    shown: BoolArray
    silent: BoolArray
    score: ScoreVector


def concept_columns(run: Run, view: View) -> list[Column]:
    """At most four studies, the source first: then the chosen ones asked for, else the first targets."""
    asked = [name for name in view.columns if name in view.studies and name != view.source]
    others = asked or target_studies(run, view.studies, view.source)
    labels = {s.name: s.label for s in run.studies}
    wanted = (view.source, *others)[:COLUMNS]
    return [(name, labels[name], name == view.source) for name in wanted if name in labels]


def concept_grid(workspace: Workspace, run: Run, view: View) -> ConceptGrid:
    """One row per shown class, the largest first, "new class" last; only the rows asked for are computed."""
    if run.latents is None:
        return ConceptGrid([], [], why=run.absent.get("latents", "This run has no latents."))
    columns = concept_columns(run, view)
    score = workspace.score(run, view.score)
    basis = concept_basis(view, score.judge)
    accepted = workspace.accepted(run, view.score, target=view.target / 1000)
    shown = workspace.resolve(run, Attributes(view.studies, view.classes))
    outcome = Outcome(shown, score.failure & accepted, score)
    categories = _categories(workspace, run, columns, basis, shown)
    found = [
        ClassRow(
            category,
            "new class" if category == NEW_CLASS else run.classes[int(category)],
            None if basis is None else str(basis),
            tuple(_cell(workspace, run, view, name, category, basis, outcome) for name, _, _ in columns),
        )
        for category in _leading(categories, view.class_rows)
    ]
    return ConceptGrid(columns, found, max(0, len(categories) - view.class_rows))


def _leading(categories: list[int | str], count: int) -> list[int | str]:
    """The first `count`, but always with "new class", which stays last."""
    if len(categories) > count and categories[-1] == NEW_CLASS:
        return [*categories[: count - 1], NEW_CLASS]
    return categories[:count]


def _categories(
    workspace: Workspace, run: Run, columns: list[Column], basis: Judge | None, shown: BoolArray
) -> list[int | str]:
    """The classes, by label or by prediction, of which some sample is shown in the columns."""
    positions = [i for i, s in enumerate(run.studies) if s.name in {name for name, _, _ in columns}]
    inside = shown & np.isin(run.study, positions)
    code = run.label if basis is None else workspace.judged(run, basis).prediction
    own = inside if basis is not None else inside & ~run.new_class
    known = own & (code >= 0) & (code < run.n_classes)
    counts = np.bincount(code[known], minlength=run.n_classes)
    order: list[int | str] = [int(c) for c in np.argsort(-counts, kind="stable") if counts[c]]
    new = basis is None and bool((inside & run.new_class).any())
    return [*order, NEW_CLASS] if new else order


def _cell(
    workspace: Workspace,
    run: Run,
    view: View,
    study: str,
    category: int | str,
    basis: Judge | None,
    outcome: Outcome,
) -> Cell:
    try:
        found = workspace.concepts(run, study, category, k=view.k, basis=basis, method=view.method)
    except UnavailableError as error:
        return study, [], error.title
    cards = [_card(run, outcome, i, concept) for i, concept in enumerate(found)]
    some = [card for card in cards if card.size][:CARDS]
    return study, some, "" if some else "no samples"


def _card(run: Run, outcome: Outcome, index: int, concept: Any) -> ConceptCard:
    """The card of a concept; where no representative is shown, its first shown samples stand in."""
    score, shown = outcome.score, outcome.shown
    rows: Rows = concept.rows[shown[concept.rows]]
    values = score.values[rows]
    finite = values[np.isfinite(values)]
    images = concept.representatives[shown[concept.representatives]]
    return ConceptCard(
        index=index,
        size=int(rows.size),
        accuracy=float(1 - score.failure[rows].mean()) if rows.size else 0.0,
        confidence=float(finite.mean()) if finite.size else None,
        silent=int(outcome.silent[rows].sum()),
        images=tuple(_image(run, outcome, int(row)) for row in (images if images.size else rows)[:IMAGES]),
    )


def _image(run: Run, outcome: Outcome, row: int) -> tuple[int, str, str]:
    score = outcome.score
    mark = "silent" if outcome.silent[row] else "wrong" if score.failure[row] else "right"
    predicted = run.classes[int(score.prediction[row])]
    return row, f"{truth_of(run, row)}, predicted {predicted} ({mark})", mark
