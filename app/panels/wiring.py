"""The joints between Dash's components and the browser's model (assets/bridge.js): no logic here."""

from __future__ import annotations

from dash import ALL, ClientsideFunction, Dash, Input, Output, State

from app import ids


def register(app: Dash) -> None:
    """Every clientside callback; each writes one store of its own."""

    def join(name: str, output: Output, inputs: list[Input], states: list[State] | None = None) -> None:
        app.clientside_callback(ClientsideFunction("sfv", name), output, inputs, states or [])

    join("boot", Output(ids.URL, "data"), [Input(ids.BOOT, "data")])
    join(
        "view",
        Output(ids.VIEW, "data"),
        [
            Input(ids.RUN_INFO, "data"),
            Input(ids.SOURCE, "value"),
            Input(ids.STUDIES, "value"),
            Input(ids.CLASSES, "value"),
            Input(ids.SCORE, "value"),
            Input(ids.TARGET_REST, "data"),
            Input(ids.COLOUR, "value"),
            Input(ids.PAIR_LABEL, "value"),
            Input(ids.PAIR_PREDICTION, "value"),
            Input(ids.PROJECTION, "value"),
            Input(ids.CONCEPT_BASIS, "value"),
            Input(ids.CONCEPT_METHOD, "value"),
            Input(ids.CONCEPT_K, "value"),
            Input(ids.CONCEPT_COLUMNS, "value"),
        ],
    )
    join("openRun", Output(ids.ECHO_RUN, "data"), [Input(ids.RUN, "value")])
    join("reset", Output(ids.ECHO_RESET, "data"), [Input(ids.RESET, "n_clicks")])
    join("tab", Output(ids.ECHO_TAB, "data"), [Input(ids.INSPECTOR_TAB, "value")])
    join("concepts", Output(ids.ECHO_CONCEPTS, "data"), [Input(ids.CONCEPT_TREE, "data")])
    join("case", Output(ids.ECHO_CASE, "data"), [Input(ids.CASE_TREE, "data")])
    clicks = Input({"type": ids.SPACE_GRAPH, "run": ALL}, "clickData")  # a list: the graph comes and goes
    join("spaceClick", Output(ids.ECHO_SPACE, "data"), [clicks])
    join("problem", Output(ids.ECHO_PROBLEM, "data"), [Input(ids.PROBLEM, "data")])
