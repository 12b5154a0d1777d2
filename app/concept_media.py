"""Where concepts lie on a map, over HTTP: for the labels and outlines of assets/concept-labels.mjs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, request

from app.answers import json_answer
from sfvisuals.errors import NotFoundError
from sfvisuals.recipes import ConceptMembers, parse_recipe
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

MOST_CELLS = 96


def register(route: Callable[..., Any], opened: Callable[[str], Run], workspace: Workspace) -> None:
    """Add the route to those of app/media.py."""

    @route("/runs/<path:name>/projections/<kind>/concepts")
    def concepts_on_map(name: str, kind: str) -> Response:
        run = opened(name)
        cells = wanted_cells(request.args.get("cells", ""))
        return json_answer(workspace.concept_places(run, kind, cells))


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
