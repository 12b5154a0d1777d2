"""The concept grid: clusters of the latents per class and study, source and target side by side."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, html
from flask_caching import Cache

from app import ids
from app.addresses import image_url
from app.concept_rows import ClassRow, ConceptCard, ConceptGrid, concept_grid
from app.state import COLUMNS, METHODS, View, view_from
from sfvisuals.workspace import Workspace

TREE_VERSION = 7


def layout() -> html.Section:
    """Tools of the grid and the grid itself."""
    return html.Section(
        className="concepts",
        **{"aria-label": "Concepts"},
        children=[
            html.Div(
                className="concept-tools",
                children=[
                    html.H2("Concepts"),
                    dmc.SegmentedControl(
                        id=ids.CONCEPT_BASIS,
                        size="xs",
                        value="label",
                        data=[
                            {"value": "label", "label": "by true class"},
                            {"value": "prediction", "label": "by prediction"},
                        ],
                    ),
                    dmc.SegmentedControl(
                        id=ids.CONCEPT_METHOD,
                        size="xs",
                        value=METHODS[0][0],
                        data=[{"value": value, "label": label} for value, label in METHODS],
                        **{"aria-label": "How clusters are found"},
                    ),
                    dmc.Select(
                        id=ids.CONCEPT_K,
                        size="xs",
                        w=124,
                        allowDeselect=False,
                        value="auto",
                        leftSection=html.Span("clusters", className="prefix"),
                        leftSectionWidth=60,
                        data=[
                            {"value": "auto", "label": "auto"},
                            *({"value": str(k), "label": str(k)} for k in range(1, 13)),
                        ],
                        **{"aria-label": "Clusters per class"},
                    ),
                    dmc.MultiSelect(
                        id=ids.CONCEPT_COLUMNS,
                        size="xs",
                        maxValues=COLUMNS - 1,
                        value=[],
                        placeholder="columns: automatic",
                        searchable=True,
                        clearable=True,
                        className="concept-columns",
                        **{"aria-label": "Studies shown beside the source, at most three"},
                    ),
                ],
            ),
            html.Div(id=ids.CONCEPTS, className="concept-rows"),
        ],
    )


def register(app: Dash, workspace: Workspace, cache: Cache) -> None:
    """View -> cards, as a tree for assets/plain.mjs; rendered answers are cached by content and view."""

    @app.callback(Output(ids.CONCEPT_TREE, "data"), Input(ids.VIEW, "data"))
    def show(store: dict[str, Any] | None) -> Any:
        return _cached(workspace, cache, view_from(store)) if store else []

    @app.callback(
        Output(ids.CONCEPT_COLUMNS, "data"),
        Input(ids.RUN_INFO, "data"),
        Input(ids.SOURCE, "value"),
        Input(ids.STUDIES, "value"),
    )
    def offer(info: dict[str, Any] | None, source: str | None, chosen: list[str] | None) -> Any:
        return column_options(info or {}, source, chosen or [])


def column_options(info: dict[str, Any], source: str | None, chosen: list[str]) -> list[dict[str, str]]:
    """What may stand beside the source: the other chosen studies, in the run's order."""
    others = [s for s in info.get("studies", []) if s["name"] in chosen and s["name"] != source]
    return [{"value": s["name"], "label": s["label"]} for s in others]


def _cached(workspace: Workspace, cache: Cache, view: View) -> Any:
    run = workspace.run(view.run, version=view.version)
    asked = [
        view.source,
        view.studies,
        view.classes,
        view.score,
        view.target,
        view.by_prediction,
        view.method,
        view.k,
        view.columns,
        view.class_rows,
    ]
    text = f"{run.name}|{run.fingerprint}|{json.dumps(asked)}"
    key = f"concepts {TREE_VERSION}:" + hashlib.blake2b(text.encode(), digest_size=20).hexdigest()
    kept = cache.get(key)
    if kept is None:
        cards = render(view, concept_grid(workspace, run, view), version=run.fingerprint)
        kept = json.dumps(cards, cls=_ComponentEncoder)
        cache.set(key, kept)
    return json.loads(kept)


class _ComponentEncoder(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return o.to_plotly_json()


def render(view: View, grid: ConceptGrid, *, version: str) -> list[Any]:
    """Cards for the page."""
    if grid.why:
        said = [html.P("No concepts for this run"), html.P(grid.why, className="quiet-text")]
        return [html.Div(said, className="empty-inline")]
    head = html.Div(
        className="concept-line concept-head",
        style={"--columns": str(len(grid.columns))},
        children=[
            html.Div([html.Span("source" if is_source else "target", className="domain"), html.Span(label)])
            for _, label, is_source in grid.columns
        ],
    )
    lines = [_class_line(view, row, version) for row in grid.rows]
    if grid.hidden:
        words = f"Show more classes ({grid.hidden:,} left)"
        lines.append(html.Button(words, className="link more", **{"data-more-classes": "1"}))
    return [head, *lines]


def _class_line(view: View, row: ClassRow, version: str) -> html.Div:
    cells = []
    for study, cards, why in row.cells:
        content: list[Any] = [_card(view, row, study, card, version) for card in cards]
        cells.append(html.Div(content or html.P(why, className="quiet-text"), className="concept-cell"))
    return html.Div(
        className="concept-class",
        children=[
            html.H3(
                [html.Span("predicted " if view.by_prediction else "", className="quiet-text"), row.title]
            ),
            html.Div(cells, className="concept-line", style={"--columns": str(len(cells))}),
        ],
    )


def _card(view: View, row: ClassRow, study: str, card: ConceptCard, version: str) -> html.Div:
    recipe = {
        "kind": "concept",
        "study": study,
        "category": row.category,
        "index": card.index,
        "k": view.k,
        "basis": row.basis,
        "method": str(view.method),
    }
    spelled = json.dumps(recipe)
    counts = f"{card.size} samples, {card.silent} silent failures"
    label = f"Concept {card.index + 1} of {row.title} in {study}: {counts}"
    return html.Div(
        className="concept-card" + (" has-silent" if card.silent else ""),
        children=[
            html.Button(
                className="concept-pick",
                title="Select these samples everywhere",
                **{
                    "data-concept": spelled,
                    "data-named-label": label,
                    "aria-label": label,
                    "aria-pressed": "false",
                },
                children=[
                    # the user's own name of it (assets/concept-names.mjs)
                    html.Span("", className="concept-name", **{"data-name-of": spelled, "data-built": ""}),
                    html.Span([html.B(f"{card.size:,}"), " samples"]),
                    html.Span(
                        f"{card.silent:,} silent" if card.silent else "none silent",
                        className="is-silent" if card.silent else "quiet-text",
                        title="silent failures at this threshold",
                    ),
                    html.Span(f"accuracy {_share(card.accuracy)}", className="quiet-text"),
                    html.Span(
                        f"conf. {_confidence(card.confidence)}",
                        className="quiet-text",
                        title="mean confidence",
                    ),
                ],
            ),
            html.Div(
                className="concept-images",
                children=[
                    html.Button(
                        className="thumb"
                        + (" silent" if mark == "silent" else " wrong" if mark == "wrong" else ""),
                        title=title,
                        **{"data-row": str(sample), "data-representative": "1", "aria-label": title},
                        children=html.Img(src=image_url(view.run, sample, size=96, version=version), alt=""),
                    )
                    for sample, title, mark in card.images
                ],
            ),
        ],
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"


def _confidence(value: float | None) -> str:
    if value is None:
        return "no score"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
