"""What the parts of the page "Concepts and slices" are built from: images that lead to their case, acts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import html

from app.addresses import image_url
from app.answers import Asked
from app.blocks import percent
from sfvisuals.case import truth_of
from sfvisuals.errors import NotFoundError
from sfvisuals.recipes import MAX_CONCEPTS, NEW_CLASS, Recipe, RowList, parse_recipe
from sfvisuals.slices import run_halves
from sfvisuals.types import BoolArray, ClusterMethod, IntArray, Judge, Rows, Run, ScoreVector, StudyKind
from sfvisuals.workspace import Workspace

MOST_CLUSTERS = MAX_CONCEPTS
BASES = ("label", "prediction")
FOUND = ("half", "all")
POOLS = ("shown", "tests")
FEWEST_UNITS = 20


@dataclass(frozen=True, eq=False)
class Judged:
    """A run under one score and threshold: what each image that is shown is.

    Attributes:
        run, score: as everywhere; target: coverage in 1/1000.
        silent: (N,) True where wrong and accepted.
        selection: whether what is shown is of the selection, which then stays when an image is opened.
    """

    run: Run
    score: ScoreVector
    target: int
    silent: BoolArray
    selection: bool = False

    @property
    def failure(self) -> BoolArray:
        """(N,) True where wrong."""
        return self.score.failure

    def view(self, recipe: dict[str, Any], studies: Sequence[str], **rest: Any) -> dict[str, Any]:
        """A view of Explore on these studies with that selection."""
        return {
            "run": self.run.name,
            "studies": list(studies),
            "sel": recipe,
            "score": self.score.name,
            "target": self.target,
            **rest,
        }

    def view_of(self, row: int) -> dict[str, Any]:
        """A view of Explore with that sample in focus; see `follow` of assets/pages.mjs for `keep`."""
        study = self.run.studies[int(self.run.study[row])].name
        if self.selection:
            return {**self.view({}, [study], row=row), "sel": None, "keep": True}
        return self.view({"kind": "attributes", "studies": [study]}, [study], row=row)


def judged(workspace: Workspace, run: Run, asked: Asked) -> Judged:
    """The run under the score and target that were asked for."""
    score = workspace.score(run, asked.text("score"))
    target = asked.target()
    accepted = workspace.accepted(run, score.name, target=target / 1000)
    return Judged(run, score, target, score.failure & accepted, bool(asked.text("recipe")))


def basis_of(asked: Asked, score: ScoreVector) -> Judge | None:
    """None for classes by true label, else the score's own prediction."""
    return score.judge if asked.one_of("basis", BASES) == "prediction" else None


def clusters_of(asked: Asked) -> tuple[ClusterMethod, int | None]:
    """How clusters are found, and how many; None lets the data choose. Refuses what is not on offer."""
    method, k = asked.one_of("method", tuple(ClusterMethod)), asked.text("k", "auto")
    if k != "auto" and not (k.isdecimal() and len(k) < 3 and 1 <= int(k) <= MOST_CLUSTERS):
        raise NotFoundError("`k` is no number of clusters", detail=f"1 to {MOST_CLUSTERS}, or auto.")
    return ClusterMethod(method), None if k == "auto" else int(k)


def recipe_of(
    asked: Asked, study: str, category: int | str, index: int, basis: Judge | None
) -> dict[str, Any]:
    """The selection of one concept, as the concept grid of Explore spells it."""
    method, k = clusters_of(asked)
    recipe = {
        "kind": "concept",
        "study": study,
        "category": category,
        "index": index,
        "k": k,
        "basis": None if basis is None else str(basis),
    }
    return {**recipe, "method": str(method)}


def named(recipe: dict[str, Any], built: str) -> html.Span:
    """A concept's name: the user's own where there is one (assets/concept-names.mjs), else the built one."""
    return html.Span(built, **{"data-name-of": json.dumps(recipe), "data-built": built})


def name_field(recipe: dict[str, Any], built: str) -> html.Span:
    """Where the user names it (assets/causes.mjs puts the field there)."""
    return html.Span(
        className="cause-name", **{"data-name-field": json.dumps(recipe), "data-label": f"Name of {built}"}
    )


def images(shown: Judged, rows: Rows | Sequence[int], *, most: int, label: str) -> html.Div:
    """Thumbnails of these rows, each a button that opens its case in Explore."""
    return html.Div(
        [_thumb(shown, int(row)) for row in list(rows)[:most]],
        className="cause-images",
        role="group",
        **{"aria-label": label},
    )


def _thumb(shown: Judged, row: int) -> html.Button:
    run = shown.run
    mark = "silent" if shown.silent[row] else "wrong" if shown.failure[row] else "right"
    words = {"silent": "silent failure", "wrong": "failure, rejected", "right": "correct"}[mark]
    predicted = run.classes[int(shown.score.prediction[row])]
    study = run.studies[int(run.study[row])].label
    title = f"{truth_of(run, row)}, predicted {predicted} ({words}), {study}"
    return html.Button(
        className=f"thumb {mark}",
        title=title,
        **{"data-go": json.dumps(shown.view_of(row)), "data-thumb-row": str(row), "aria-label": title},
        children=html.Img(src=image_url(run.name, row, size=96, version=run.fingerprint), alt=""),
    )


def acts(recipe: dict[str, Any], go: dict[str, Any], *, what: str) -> html.Div:
    """What can be done with a group of samples: select it here, explain it, see it on the map."""
    text = json.dumps(recipe)
    return html.Div(
        className="cause-acts",
        children=[
            html.Button(
                "Select",
                className="quiet",
                title=f"Select {what} everywhere",
                **{"data-recipe": text, "aria-pressed": "false"},
            ),
            html.Button(
                "Explain", className="quiet", title=f"What tells {what} from others", **{"data-explain": text}
            ),
            html.Button(
                "On the map",
                className="quiet",
                title=f"Open {what} in Explore",
                **{"data-go": json.dumps(go)},
            ),
        ],
    )


def share(k: int, n: int) -> str:
    """k of n in percent."""
    return percent(k / n if n else None)


def interval(low: float, high: float) -> str:
    """A 95 % interval of a share."""
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def rows_recipe(rows: Rows) -> dict[str, Any]:
    """A short list as a recipe."""
    return {"kind": "rows", "rows": list(RowList(tuple(int(r) for r in rows)).rows)}


def tested_studies(run: Run, asked: Asked) -> tuple[str, ...]:
    """The studies that are shown, or with `pool=tests` all that are neither validation nor train."""
    known = {s.name for s in run.studies}
    shown = tuple(name for name in asked.names("studies") if name in known)
    if asked.one_of("pool", POOLS) == "shown" and shown:
        return shown
    aside = {StudyKind.VALIDATION, StudyKind.TRAIN}
    return tuple(s.name for s in run.studies if s.kind not in aside) or tuple(s.name for s in run.studies)


def recipe_asked(asked: Asked, name: str) -> Recipe | None:
    """The recipe in that part of the query, or None where there is none; refused where it is not one."""
    raw = asked.text(name)
    if not raw or raw == "null":
        return None
    try:
        return parse_recipe(json.loads(raw))
    except (ValueError, RecursionError) as error:
        raise NotFoundError("This selection cannot be read", detail=f"Found {raw[:80]!r}.") from error


def failing_classes(
    workspace: Workspace, run: Run, studies: Sequence[str], basis: Judge | None, shown: Judged
) -> list[int | str]:
    """The classes that these studies have samples of, those with most failures first, "new" before all.

    By true label (basis None), or by that prediction.
    """
    places = [i for i, s in enumerate(run.studies) if s.name in set(studies)]
    within = np.isin(run.study, places)
    code = run.label if basis is None else workspace.judged(run, basis).prediction
    known = within & (code >= 0) & (code < run.n_classes)
    if basis is None:
        known &= ~run.new_class
    samples = np.bincount(code[known], minlength=run.n_classes)
    failures = np.bincount(code[known & shown.failure], minlength=run.n_classes)
    order = np.lexsort((np.arange(run.n_classes), -samples, -failures))
    found: list[int | str] = [int(c) for c in order if samples[c]]
    return [NEW_CLASS, *found] if basis is None and bool((within & run.new_class).any()) else found


def suggesting(run: Run, unit: IntArray, selected: BoolArray, asked: Asked) -> BoolArray | None:
    """(N,) the half that suggests what tells a selection from others; the other half is there to test it.

    None where all samples suggest: it was asked for, or the half would hold too few of the selected ones.
    `unit` (N,) says which samples belong together.
    """
    if asked.one_of("found", FOUND) == "all":
        return None
    half = run_halves(run, unit)
    enough = np.unique(unit[selected & half]).size >= FEWEST_UNITS
    return half if enough else None
