"""The failure-case inspector: ranked cases of the selection above, the focused case below."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from app import ids


def layout() -> html.Aside:
    """Tabs, the windowed grid (assets/casegrid.mjs fills it) and the focused case (panels.case does)."""
    return html.Aside(
        id=ids.INSPECTOR,
        className="inspector",
        **{"aria-label": "Inspector"},
        children=[
            html.Div(id=ids.SELECTION_SAYS, className="selection-says", role="status"),
            dmc.SegmentedControl(
                id=ids.INSPECTOR_TAB,
                value="silent",
                size="xs",
                fullWidth=True,
                data=[
                    {"value": "silent", "label": "Silent"},
                    {"value": "failures", "label": "All failures"},
                    {"value": "rejected", "label": "Wrongly rejected"},
                ],
            ),
            html.Div(
                id=ids.CASE_GRID, className="case-grid", tabIndex=0, role="listbox", **{"aria-label": "Cases"}
            ),
            html.Div(id=ids.CASE, className="case"),
        ],
    )
