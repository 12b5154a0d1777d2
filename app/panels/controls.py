"""The sidebar, and the one callback that fills every control from the URL."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, html

from app import ids
from app.loading import FIELDS, load_page
from sfvisuals.workspace import Workspace


def layout() -> html.Nav:
    """Studies, classes, colour, projection, points."""
    return html.Nav(
        id=ids.SIDEBAR,
        className="sidebar",
        **{"aria-label": "Controls"},
        children=[
            _studies(),
            _section("Source", _select(ids.SOURCE, "Source study")),
            _classes(),
            _colour(),
            _projection(),
            _section(
                "Points",
                _slider(ids.POINT_SIZE, "size", minimum=1, maximum=12, step=0.5, value=5),
                _slider(ids.POINT_OPACITY, "opacity", minimum=0.1, maximum=1, step=0.05, value=0.85),
            ),
            html.Details(
                className="notes",
                children=[html.Summary("About this run"), html.Div(id=ids.NOTES)],
            ),
        ],
    )


def register(app: Dash, workspace: Workspace) -> None:
    """URL -> every control's value."""

    @app.callback([Output(*field) for field in FIELDS], Input(ids.URL, "data"))
    def load(url: dict[str, Any] | None) -> list[Any]:
        return load_page(workspace, (url or {}).get("search", ""))


def _studies() -> html.Section:
    rows = html.Div(id=ids.STUDY_LIST)
    return _section(
        "Studies", dmc.CheckboxGroup(id=ids.STUDIES, children=rows, value=[], **{"aria-label": "Studies"})
    )


def _classes() -> html.Section:
    picker = dmc.MultiSelect(
        id=ids.CLASSES,
        size="xs",
        placeholder="all classes",
        searchable=True,
        clearable=True,
        limit=200,
        selectFirstOptionOnChange=True,
        value=[],
        **{"aria-label": "Classes"},
    )
    return _section("Classes", picker)


def _colour() -> html.Section:
    pair = html.Div(
        className="pair",
        children=[
            _select(ids.PAIR_LABEL, "Label of the pair"),
            html.Span("taken for", className="quiet-text"),
            _select(ids.PAIR_PREDICTION, "Prediction of the pair"),
        ],
    )
    return _section("Colour by", _select(ids.COLOUR, "Colour by"), pair)


def _projection() -> html.Section:
    kinds = [("pca", "PCA"), ("umap", "UMAP"), ("umap3", "UMAP 3-D")]
    data = [{"value": value, "label": label} for value, label in kinds]
    picker = dmc.SegmentedControl(id=ids.PROJECTION, size="xs", fullWidth=True, value="pca", data=data)
    return _section("Projection", picker)


def _section(title: str, *children: Any) -> html.Section:
    return html.Section([html.H2(title), *children], className="control")


def _select(component: str, label: str) -> dmc.Select:
    return dmc.Select(
        id=component, size="xs", allowDeselect=False, searchable=True, limit=300, **{"aria-label": label}
    )


def _slider(
    component: str, label: str, *, minimum: float, maximum: float, step: float, value: float
) -> html.Div:
    return html.Div(
        className="labelled",
        children=[
            html.Span(label),
            dmc.Slider(
                id=component,
                min=minimum,
                max=maximum,
                step=step,
                value=value,
                size="xs",
                label=None,
                updatemode="mouseup",
                thumbLabel=f"Point {label}",
                thumbSize=12,
                persistence=True,
                flex=1,
            ),
        ],
    )
