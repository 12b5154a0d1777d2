"""The numbers behind the concept grid: which classes, which studies, and what each card says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.state import View, concept_basis
from sfvisuals.case import truth_of
from sfvisuals.errors import UnavailableError
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import BoolArray, Judge, Rows, Run, ScoreVector
from sfvisuals.workspace import Workspace, target_studies

COLUMNS = 4
CARDS = 12
IMAGES = 4

Column = tuple[str, str, bool]
Cell = tuple[str, list["ConceptCard"], str]


@dataclass(frozen=True, slots=True)
class ConceptCard:
    """One cluster: position among its class's concepts, size, accuracy (None for new class: always 0), mean
    confidence, silent failures, and its representatives as (row, title, "silent" | "wrong" | "right")."""

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


def concept_columns(run: Run, view: View) -> list[Column]:
    """At most four studies: those asked for, else the source and the first targets."""
    targets = target_studies(run, view.studies, view.source)
    wanted = view.columns or (view.source, *targets)[:COLUMNS]
    labels = {s.name: s.label for s in run.studies}
    return [(name, labels[name], name == view.source) for name in wanted if name in labels]


def concept_grid(workspace: Workspace, run: Run, view: View) -> ConceptGrid:
    """One row per shown class, the largest first; only the rows asked for are computed."""
    if run.latents is None:
        return ConceptGrid([], [], why=run.absent.get("latents", "This run has no latents."))
    columns = concept_columns(run, view)
    score = workspace.score(run, view.score)
    basis = concept_basis(view, score.judge)
    silent = score.failure & workspace.accepted(run, view.score, target=view.target / 1000)
    categories = _categories(workspace, run, view, columns, basis)
    found = [
        ClassRow(
            category,
            "new class" if category == NEW_CLASS else run.classes[int(category)],
            None if basis is None else str(basis),
            tuple(
                _cell(workspace, run, view, name, category, basis, score, silent) for name, _, _ in columns
            ),
        )
        for category in categories[: view.class_rows]
    ]
    return ConceptGrid(columns, found, max(0, len(categories) - view.class_rows))


def _categories(
    workspace: Workspace, run: Run, view: View, columns: list[Column], basis: Judge | None
) -> list[int | str]:
    known: list[int | str] = list(range(run.n_classes))
    if basis is None and run.new_class.any():
        known.append(NEW_CLASS)
    asked = [c for c in known if not view.classes or c in view.classes]
    positions = [i for i, s in enumerate(run.studies) if s.name in {name for name, _, _ in columns}]
    inside = np.isin(run.study, positions)
    code = run.label if basis is None else workspace.judged(run, basis).prediction
    own = inside if basis is not None else inside & ~run.new_class
    counts = np.bincount(np.clip(code[own], 0, run.n_classes - 1), minlength=run.n_classes)
    sizes: dict[int | str, int] = {c: int(counts[c]) for c in range(run.n_classes)}
    sizes[NEW_CLASS] = int((inside & run.new_class).sum())
    return sorted((c for c in asked if sizes[c]), key=lambda c: (-sizes[c], str(c)))


def _cell(
    workspace: Workspace,
    run: Run,
    view: View,
    study: str,
    category: int | str,
    basis: Judge | None,
    score: ScoreVector,
    silent: BoolArray,
) -> Cell:
    try:
        found = workspace.concepts(run, study, category, k=view.k, basis=basis)
    except UnavailableError as error:
        return study, [], error.title
    cards = [_card(run, score, silent, i, concept) for i, concept in enumerate(found[:CARDS])]
    return study, cards, "" if cards else "no samples of this class"


def _card(run: Run, score: ScoreVector, silent: BoolArray, index: int, concept: Any) -> ConceptCard:
    rows: Rows = concept.rows
    values = score.values[rows]
    finite = values[np.isfinite(values)]
    return ConceptCard(
        index=index,
        size=int(rows.size),
        accuracy=float(1 - score.failure[rows].mean()),
        confidence=float(finite.mean()) if finite.size else None,
        silent=int(silent[rows].sum()),
        images=tuple(_image(run, score, silent, int(row)) for row in concept.representatives[:IMAGES]),
    )


def _image(run: Run, score: ScoreVector, silent: BoolArray, row: int) -> tuple[int, str, str]:
    mark = "silent" if silent[row] else "wrong" if score.failure[row] else "right"
    predicted = run.classes[int(score.prediction[row])]
    return row, f"{truth_of(run, row)}, predicted {predicted} ({mark})", mark
