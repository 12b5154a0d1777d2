"""The 3-D view: mounted only while it is looked at, since it needs WebGL."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, dcc, html

from app import ids
from app.figures.space import POINTS, drawn_rows, space_figure
from app.state import View, view_from
from sfvisuals.case import truth_of
from sfvisuals.recipes import Attributes
from sfvisuals.workspace import Workspace, target_studies


def register(app: Dash, workspace: Workspace) -> None:
    """Ready and view -> the figure, or nothing."""

    @app.callback(Output(ids.SPACE, "children"), Input(ids.SPACE_READY, "data"), State(ids.VIEW, "data"))
    def show(ready: dict[str, Any] | None, store: dict[str, Any] | None) -> Any:
        return render(workspace, view_from(store)) if ready and store else []


def render(workspace: Workspace, view: View) -> list[Any]:
    """The graph with a line that says how many points it draws."""
    run = workspace.run(view.run)
    coordinates = workspace.coordinates(run, "umap3")
    score = workspace.score(run, view.score)
    accepted = workspace.accepted(run, view.score, target=view.target / 1000)
    shown = workspace.resolve(run, Attributes(view.studies, view.classes))
    rows = drawn_rows(shown, score.failure)
    targets = [
        i for i, s in enumerate(run.studies) if s.name in target_studies(run, view.studies, view.source)
    ]
    words = [f"{run.classes[int(score.prediction[r])]}, truth {truth_of(run, int(r))}, row {r}" for r in rows]
    figure = space_figure(
        coordinates,
        rows,
        failure=score.failure,
        silent=score.failure & accepted,
        target=np.isin(run.study, targets),
        words=words,
    )
    note = f"{rows.size:,} of {int(shown.sum()):,} points (at most {POINTS:,}, failures first)"
    return [
        dcc.Graph(
            id=ids.SPACE_GRAPH,
            figure=figure,
            config={"displaylogo": False, "responsive": True},
            className="space-graph",
        ),
        html.P(note, className="space-note quiet-text"),
    ]
