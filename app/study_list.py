"""The studies of a run as grouped check boxes, each with a bar that the browser's model fills."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from sfvisuals.types import Run, StudyKind

TITLES = {
    StudyKind.IID: "iid",
    StudyKind.ACQUISITION: "acquisition shift",
    StudyKind.MANIFESTATION: "manifestation shift",
    StudyKind.NEW_CLASS: "new class",
    StudyKind.CORRUPTION: "corruption",
    StudyKind.VALIDATION: "validation",
    StudyKind.TRAIN: "train",
}


def rows(run: Run) -> list[Any]:
    """One group per kind of study, in the order of TITLES; groups of several get all/none buttons."""
    groups = []
    for kind, title in TITLES.items():
        members = [s for s in run.studies if s.kind is kind]
        if not members:
            continue
        head: list[Any] = [html.Span(title)]
        if len(members) > 1:
            head += [
                html.Button("all", className="link", **{"data-kind": str(kind), "data-choose": "all"}),
                html.Button("none", className="link", **{"data-kind": str(kind), "data-choose": "none"}),
            ]
        groups.append(html.Div(head, className="study-kind"))
        groups.extend(_row(s.name, s.label) for s in members)
    return groups


def _row(name: str, label: str) -> html.Div:
    return html.Div(
        className="study-row",
        children=[
            dmc.Checkbox(value=name, label=label, size="xs", className="study-check"),
            html.Span(className="study-count", title="silent failures", **{"data-study-count": name}),
            html.Span(className="study-bar", **{"data-study-bar": name, "aria-hidden": "true"}),
        ],
    )
