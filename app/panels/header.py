"""The top bar: run, score, threshold, theme."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from app import ids


def layout() -> html.Header:
    """Brand, run picker, score picker, threshold slider, buttons."""
    return html.Header(
        className="top",
        children=[
            html.Button(
                "☰",
                id=ids.SIDEBAR_TOGGLE,
                className="icon only-narrow",
                title="Controls",
                **{"aria-label": "Show or hide the controls", "data-toggle": "sidebar"},
            ),
            html.Span("sfvisuals", className="brand"),
            dmc.Select(
                id=ids.RUN,
                size="xs",
                w=280,
                searchable=True,
                allowDeselect=False,
                placeholder="run",
                className="run-picker",
                nothingFoundMessage="no run of that name",
                **{"aria-label": "Run"},
            ),
            html.Div(className="grow"),
            dmc.Select(
                id=ids.SCORE,
                size="xs",
                w=180,
                allowDeselect=False,
                maxDropdownHeight=420,
                comboboxProps={"width": 320, "position": "bottom-end"},
                leftSection=html.Span("score", className="prefix"),
                leftSectionWidth=48,
                **{"aria-label": "Confidence score"},
            ),
            html.Div(
                className="threshold",
                children=[
                    html.Div(id=ids.THRESHOLD_SAYS, className="threshold-says"),
                    dmc.Slider(
                        id=ids.THRESHOLD,
                        min=0,
                        max=100,
                        step=0.1,
                        value=95,
                        size="sm",
                        label=None,
                        updatemode="drag",
                        thumbSize=14,
                        thumbLabel="Target coverage in percent",
                        className="threshold-slider",
                    ),
                ],
            ),
            html.Button("Reset", id=ids.RESET, className="quiet", title="Back to this run's first view"),
            html.Button(
                "Share",
                id=ids.SHARE,
                className="quiet",
                title="Copy the address of this view",
                **{"data-share": "1"},
            ),
            dmc.ColorSchemeToggle(
                id=ids.THEME,
                lightIcon=html.Span("☀", **{"aria-hidden": "true"}),
                darkIcon=html.Span("☾", **{"aria-hidden": "true"}),
                size="md",
                variant="subtle",
                color="gray",
                **{"aria-label": "Light or dark"},
            ),
            html.Button(
                "Cases",
                id=ids.DRAWER_TOGGLE,
                className="quiet only-narrow",
                **{"aria-label": "Show or hide the inspector", "data-toggle": "inspector"},
            ),
        ],
    )
