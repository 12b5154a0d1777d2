"""The 3-D view: mounted only while it is looked at, since it needs WebGL.

Its graph and note have pattern ids: a callback whose outputs are not on the page is not called at all, so
selecting and focusing cost nothing while the flat map is shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import ALL, Dash, Input, Output, Patch, State, dcc, html, no_update

from app import ids
from app.figures.frame import literal
from app.figures.space import POINTS, drawn_rows, empty_figure, space_figure
from app.state import View, view_from
from app.targets import target_studies
from sfvisuals.case import truth_of
from sfvisuals.recipes import Attributes, parse_recipe
from sfvisuals.types import BoolArray, Run
from sfvisuals.workspace import Workspace

PROJECTION = "umap3"


def register(app: Dash, workspace: Workspace) -> None:
    """Ready -> an empty graph, or nothing; view, selection and focus -> its figure."""
    graph, note = {"type": ids.SPACE_GRAPH, "run": ALL}, {"type": ids.SPACE_NOTE, "run": ALL}

    @app.callback(Output(ids.SPACE, "children"), Input(ids.SPACE_READY, "data"))
    def mount(ready: dict[str, Any] | None) -> Any:
        return frame(f"{ready['run']} {ready['version']}") if ready else []

    @app.callback(
        # A click is taken back once it is answered, so that the same point can be clicked again.
        [Output(graph, "figure"), Output(graph, "clickData"), Output(note, "children")],
        [Input(ids.VIEW, "data"), Input(ids.SELECTION, "data"), Input(ids.FOCUS, "data")],
        State(ids.SPACE_READY, "data"),
    )
    def draw(store: Any, selection: Any, focus: Any, ready: Any) -> Any:
        drawn = answer(workspace, store, selection, focus, ready)
        return [[no_update]] * 3 if drawn is None else [[data_of(drawn[0])], [None], [drawn[1]]]


def frame(key: str) -> list[Any]:
    """The graph without a point, and the line below it."""
    return [
        dcc.Graph(
            id={"type": ids.SPACE_GRAPH, "run": key},
            figure=empty_figure(),
            config={"displaylogo": False, "responsive": True},
            className="space-graph",
        ),
        html.P(id={"type": ids.SPACE_NOTE, "run": key}, className="space-note quiet-text"),
    ]


def data_of(figure: Any) -> Patch:
    """The figure's points alone: the layout on the page holds the camera, and stays."""
    change = Patch()
    change["data"] = figure.to_dict()["data"]
    return change


def answer(
    workspace: Workspace, store: Any, selection: Any, focus: Any, ready: Any
) -> tuple[Any, str] | None:
    """Figure and note; None where the stores are on their way to another run or projection."""
    if not store or not ready or ready["run"] != store.get("run"):
        return None
    view = view_from(store)
    if view.projection != PROJECTION:
        return None
    run = workspace.run(view.run, version=view.version)
    return render(workspace, run, view, _selected(workspace, run, selection), _focused(run, focus))


def _selected(workspace: Workspace, run: Run, selection: Any) -> BoolArray | None:
    if not selection or selection.get("run") != run.name:
        return None
    return workspace.resolve(run, parse_recipe(selection.get("recipe")))


def _focused(run: Run, focus: Any) -> int | None:
    row = focus.get("row") if focus and focus.get("run") == run.name else None
    return row if isinstance(row, int) and 0 <= row < run.n else None


def render(
    workspace: Workspace, run: Run, view: View, selected: BoolArray | None = None, focused: int | None = None
) -> tuple[Any, str]:
    """The figure and a line that says how many points it draws."""
    coordinates = workspace.coordinates(run, PROJECTION)
    score = workspace.score(run, view.score)
    accepted = workspace.accepted(run, view.score, target=view.target / 1000)
    shown = workspace.resolve(run, Attributes(view.studies, view.classes))
    rows = drawn_rows(shown, score.failure, np.zeros_like(shown) if selected is None else selected)
    chosen = target_studies(run, view.studies, view.source)
    targets = [i for i, s in enumerate(run.studies) if s.name in chosen]

    def words(row: int) -> str:
        return literal(f"{run.classes[int(score.prediction[row])]}, truth {truth_of(run, row)}, row {row}")

    figure = space_figure(
        coordinates,
        rows,
        failure=score.failure,
        silent=score.failure & accepted,
        target=np.isin(run.study, targets),
        words=[words(int(row)) for row in rows],
        selected=selected,
        focus=None if focused is None else (focused, words(focused)),
    )
    first = "failures first" if selected is None else "selected and failures first"
    most = f"at most {POINTS:,}, {first}"
    return figure, f"{rows.size:,} of {int(shown.sum()):,} points ({most}), coloured by silence"
