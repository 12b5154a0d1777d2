"""Where concepts lie on a map, over HTTP: for the labels and outlines of assets/concept-labels.mjs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from flask import Response, request

from app.answers import json_answer
from sfvisuals.concepts.match_words import class_words
from sfvisuals.concepts.outline import outline_of
from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.recipes import ConceptMembers, parse_recipe
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

MOST_CELLS = 96
MOST_DIGITS = 5


def register(route: Callable[..., Any], opened: Callable[[str], Run], workspace: Workspace) -> None:
    """Add the route to those of app/media.py."""

    @route("/runs/<path:name>/projections/<kind>/concepts")
    def concepts_on_map(name: str, kind: str) -> Response:
        run = opened(name)
        return json_answer(concept_places(workspace, run, kind, wanted_cells(request.args.get("cells", ""))))


def wanted_cells(raw: str) -> list[ConceptMembers]:
    """The classes and studies that an address names: a JSON list of concepts' recipes, any of each cell.

    Raises NotFoundError where it is none or too long.
    """
    try:
        listed = json.loads(raw)
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list) or len(listed) > MOST_CELLS:
        raise NotFoundError(
            "These concepts cannot be read",
            detail=f"`cells` is a JSON list of at most {MOST_CELLS} concepts.",
        )
    cells = []
    for entry in listed:
        recipe = parse_recipe(entry)
        if not isinstance(recipe, ConceptMembers):
            raise NotFoundError("These are no concepts", detail=f"Found {str(entry)[:80]!r}.")
        cells.append(recipe)
    return cells


def concept_places(
    workspace: Workspace, run: Run, kind: str, cells: list[ConceptMembers]
) -> list[dict[str, Any]]:
    """All concepts of these cells on a flat map: recipe, label, size, centre and hull in its coordinates.

    A cell whose concepts cannot be had is left out: the cards say why.
    """
    xy = workspace.coordinates(run, kind)
    if xy.shape[1] != 2:
        raise NotFoundError(f"There is no flat map {kind!r}", detail="Known: pca, umap.")
    return workspace.remember(
        (run.fingerprint, "concept places", kind, tuple(cells)),
        lambda: [place for cell in cells for place in _places(workspace, run, np.asarray(xy), cell)],
    )


def _places(
    workspace: Workspace, run: Run, xy: np.ndarray[Any, Any], cell: ConceptMembers
) -> list[dict[str, Any]]:
    try:
        found = workspace.concepts(
            run, cell.study, cell.category, k=cell.k, basis=cell.basis, method=cell.method
        )
    except UnavailableError:
        return []
    places = []
    for index, concept in enumerate(found):
        outline = outline_of(xy[concept.rows])
        if outline is None:
            continue
        size = float(np.ptp(outline.hull, axis=0).max()) or float(np.abs(outline.centre).max()) or 1.0
        digits = MOST_DIGITS - int(np.floor(np.log10(size)))
        places.append(
            {
                "study": cell.study,
                "category": cell.category,
                "index": index,
                "label": f"{class_words(run, cell.category)} {index + 1}",
                "size": concept.size,
                "centre": np.round(outline.centre, digits).tolist(),
                "hull": np.round(outline.hull, digits).tolist(),
            }
        )
    return places
