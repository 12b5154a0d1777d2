"""From a URL to the values of every control: the one place that fills the page."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html, no_update

from app import ids, study_list
from app.columns import colour_names
from app.problems import as_json
from app.state import View, adrift, is_readable, phrase, query_of, view_for
from sfvisuals.errors import SfvisualsError
from sfvisuals.failures import reference_rows
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.scores import score_list
from sfvisuals.types import Level, Run
from sfvisuals.workspace import Workspace

FIELDS = (
    (ids.RUN, "data"),
    (ids.RUN, "value"),
    (ids.STUDY_LIST, "children"),
    (ids.STUDIES, "value"),
    (ids.SOURCE, "data"),
    (ids.SOURCE, "value"),
    (ids.CLASSES, "data"),
    (ids.CLASSES, "value"),
    (ids.SCORE, "data"),
    (ids.SCORE, "value"),
    (ids.THRESHOLD, "value"),
    (ids.TARGET_REST, "data"),
    (ids.COLOUR, "data"),
    (ids.COLOUR, "value"),
    (ids.PAIR_LABEL, "data"),
    (ids.PAIR_LABEL, "value"),
    (ids.PAIR_PREDICTION, "data"),
    (ids.PAIR_PREDICTION, "value"),
    (ids.PROJECTION, "value"),
    (ids.CONCEPT_BASIS, "value"),
    (ids.CONCEPT_METHOD, "value"),
    (ids.CONCEPT_K, "value"),
    (ids.CONCEPT_COLUMNS, "value"),
    (ids.NOTES, "children"),
    (ids.RUN_INFO, "data"),
)
COLOUR_LABELS = {
    "silence": "Silence",
    "domain": "Domain: source or target",
    "study": "Study",
    "class": "True class",
    "prediction": "Prediction",
    "correctness": "Correctness",
    "confusion": "Confusion",
    "confidence": "Confidence",
    "trust": "Trust in the map",
}


def load_page(workspace: Workspace, search: str) -> list[Any]:
    """Values of FIELDS for a URL; an unreadable run gives an error state and keeps the run list.

    What the URL names and is not here is listed in RUN_INFO's `adrift`: another view must not pass for it.
    """
    query = query_of(search)
    lost = [] if is_readable(search) else ["an unreadable state"]
    try:
        names = workspace.run_names()
    except SfvisualsError as error:
        return _failed([], None, error)
    name = query["run"] if query.get("run") in names else (names[0] if names else None)
    if name is None:
        return _failed([], None, _no_runs(workspace))
    if query.get("run") not in (None, *names):
        lost, query = [phrase("run", query["run"])], {}
    try:
        run = workspace.run(name)
    except SfvisualsError as error:
        return _failed(list(names), name, error, lost)
    return _filled(workspace, run, names, query, lost)


def _no_runs(workspace: Workspace) -> SfvisualsError:
    return SfvisualsError(
        "There is no experiment in this folder",
        detail=f"Looked in {workspace.root}, at any depth, for folders with test_results/ or run.json.",
        hint="Point sfvisuals at the folder that holds your experiments, or run `sfvisuals check` on it.",
    )


def _failed(
    names: list[str], name: str | None, error: SfvisualsError, lost: list[str] | None = None
) -> list[Any]:
    known: dict[tuple[str, str], Any] = {
        (ids.RUN, "data"): names,
        (ids.RUN, "value"): name,
        (ids.RUN_INFO, "data"): {"run": name, "error": as_json(error), "adrift": lost or []},
    }
    return [known.get(field, no_update) for field in FIELDS]


def _filled(
    workspace: Workspace, run: Run, names: tuple[str, ...], query: dict[str, Any], lost: list[str]
) -> list[Any]:
    scores = score_list(run)
    usable = [s.name for s in scores if s.available]
    colours = [*COLOUR_LABELS, *(f"column:{c}" for c in colour_names(workspace, run))]
    view = view_for(run, query, scores=usable, colours=colours)
    lost = [*lost, *adrift(run, query, scores=usable, colours=colours)]
    classes = [{"value": str(i), "label": c} for i, c in enumerate(run.classes)]
    studies = [{"value": s.name, "label": s.label} for s in run.studies]
    values: dict[tuple[str, str], Any] = {
        (ids.RUN, "data"): list(names),
        (ids.RUN, "value"): run.name,
        (ids.STUDY_LIST, "children"): study_list.rows(run),
        (ids.STUDIES, "value"): list(view.studies),
        (ids.SOURCE, "data"): studies,
        (ids.SOURCE, "value"): view.source,
        (ids.CLASSES, "data"): classes
        + ([{"value": NEW_CLASS, "label": "new class"}] if run.new_class.any() else []),
        (ids.CLASSES, "value"): [str(c) for c in view.classes],
        (ids.SCORE, "data"): [_score_option(s) for s in scores],
        (ids.SCORE, "value"): view.score,
        (ids.THRESHOLD, "value"): view.target / 10,
        (ids.TARGET_REST, "data"): view.target,
        (ids.COLOUR, "data"): [
            {"value": c, "label": COLOUR_LABELS.get(c, c.removeprefix("column:"))} for c in colours
        ],
        (ids.COLOUR, "value"): view.colour,
        (ids.PAIR_LABEL, "data"): classes,
        (ids.PAIR_LABEL, "value"): str(view.pair[0]),
        (ids.PAIR_PREDICTION, "data"): classes,
        (ids.PAIR_PREDICTION, "value"): str(view.pair[1]),
        (ids.PROJECTION, "value"): view.projection,
        (ids.CONCEPT_BASIS, "value"): "prediction" if view.by_prediction else "label",
        (ids.CONCEPT_METHOD, "value"): str(view.method),
        (ids.CONCEPT_K, "value"): str(view.k) if view.k else "auto",
        (ids.CONCEPT_COLUMNS, "value"): list(view.columns),
        (ids.NOTES, "children"): _notes(run),
        (ids.RUN_INFO, "data"): {**run_info(run, view), "adrift": lost},
    }
    return [values[field] for field in FIELDS]


def run_info(run: Run, view: View) -> dict[str, Any]:
    """What the browser's model must know of a run before it fetches columns."""
    reference = reference_rows(run)
    return {
        "run": run.name,
        "version": run.fingerprint,
        "n": run.n,
        "classes": list(run.classes),
        "studies": [
            {"name": s.name, "label": s.label, "kind": str(s.kind), "n": int(n)}
            for s, n in zip(run.studies, _sizes(run), strict=True)
        ],
        "reference": reference.study,
        "inSample": reference.in_sample,
        "latents": run.latents is not None,
        "whyNoLatents": run.absent.get("latents", ""),
        "images": run.image is not None,
        "whyNoImages": run.absent.get("image", ""),
        "scores": [
            {"name": s.name, "label": s.label, "judge": str(s.judge), "available": s.available}
            for s in score_list(run)
        ],
        "source": view.source,
        "classRows": view.class_rows,
    }


def _sizes(run: Run) -> list[int]:
    counts = [0] * len(run.studies)
    for position, count in zip(*_unique(run), strict=True):
        counts[int(position)] = int(count)
    return counts


def _unique(run: Run) -> tuple[Any, Any]:
    import numpy as np

    return np.unique(run.study, return_counts=True)


def _score_option(score: Any) -> dict[str, Any]:
    if score.available:
        return {"value": score.name, "label": score.label}
    return {"value": score.name, "label": f"{score.label} — {score.why}", "disabled": True}


def _notes(run: Run) -> Any:
    marks = {Level.INFO: "i", Level.WARNING: "!", Level.ERROR: "×"}
    facts = [
        f"{run.n:,} samples, {run.n_classes} classes, {run.latent_dim} latent dimensions, "
        f"{run.mc_passes} MC-dropout passes; {run.format}."
    ]
    return [
        html.P(facts, className="quiet-text"),
        html.Ul(
            [
                html.Li(
                    [html.B(marks[p.level]), html.Span(p.title), html.Small(p.detail), html.Small(p.hint)],
                    className=f"note {p.level}",
                )
                for p in run.problems
            ]
        ),
        dmc.Text(str(run.path), size="xs", c="dimmed", className="path"),
    ]
