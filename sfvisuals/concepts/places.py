"""Where the concepts of some classes and studies lie on a map, as numbers that a browser draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sfvisuals.concepts.match_words import class_words
from sfvisuals.concepts.outline import outline_of
from sfvisuals.errors import NotFoundError, UnavailableError
from sfvisuals.recipes import ConceptMembers
from sfvisuals.types import Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

MOST_DIGITS: Final = 5


def concept_places(
    workspace: Workspace, run: Run, kind: str, cells: Sequence[ConceptMembers]
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
