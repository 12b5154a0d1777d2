"""The page: its stores, its regions, and the wiring of every panel."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from flask_caching import Cache

from app import ids
from app.panels import (
    benchmark,
    case,
    causes,
    concepts,
    controls,
    header,
    inspector,
    latent_map,
    space,
    wiring,
)
from app.theme import MANTINE
from sfvisuals.workspace import Workspace

STORES = (
    ids.RUN_INFO, ids.VIEW, ids.SELECTION, ids.FOCUS, ids.TARGET_REST, ids.URL, ids.PROBLEM,
    ids.ECHO_VIEW, ids.ECHO_RUN, ids.ECHO_TAB, ids.ECHO_RESET,
    ids.ECHO_CONCEPTS, ids.ECHO_CASE, ids.ECHO_PROBLEM, ids.ECHO_SPACE,
    ids.SPACE_READY, ids.CONCEPT_TREE, ids.CASE_TREE,
)  # fmt: skip


def layout() -> dmc.MantineProvider:
    """The whole page; everything in it exists from the first paint."""
    return dmc.MantineProvider(
        id=ids.PROVIDER,
        theme=MANTINE,
        defaultColorScheme="auto",
        children=html.Div(
            id=ids.PAGE,
            className="page",
            children=[
                *(dcc.Store(id=store) for store in STORES),
                dcc.Store(id=ids.BOOT, data=1),
                header.layout(),
                html.Div(
                    className="body",
                    children=[
                        controls.layout(),
                        html.Main(
                            id=ids.MAIN,
                            className="middle",
                            children=[
                                html.H1("Silent failures", className="sr-only"),
                                html.Div(id=ids.STATS, className="stats", role="status"),
                                latent_map.layout(),
                                html.Div(
                                    className="splitter",
                                    role="separator",
                                    tabIndex=0,
                                    **{
                                        "aria-orientation": "horizontal",
                                        "aria-label": "Height of the map",
                                        "aria-valuenow": "55",
                                        "data-splitter": "1",
                                    },
                                ),
                                concepts.layout(),
                            ],
                        ),
                        inspector.layout(),
                    ],
                ),
                benchmark.layout(),
                causes.layout(),
                html.Div(id=ids.TOAST, className="toasts", role="alert", **{"aria-live": "assertive"}),
            ],
        ),
    )


def register(app: Dash, workspace: Workspace, cache: Cache) -> None:
    """Wire every panel."""
    wiring.register(app)
    controls.register(app, workspace)
    concepts.register(app, workspace, cache)
    case.register(app, workspace)
    space.register(app, workspace)
