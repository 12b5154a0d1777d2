"""The top bar: run, score, threshold, theme."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from app import ids

SKIPS = (("map", ids.MAP_HOST), ("concepts", ids.CONCEPTS), ("cases", ids.CASE_GRID))
PAGES = (("explore", "Explore"), ("benchmark", "Benchmark"), ("causes", "Concepts"))


def layout() -> html.Header:
    """Brand, run picker, score picker, threshold slider, buttons."""
    return html.Header(
        className="top",
        children=[
            *(_skip(label, region) for label, region in SKIPS),
            _drawer_button(ids.SIDEBAR_TOGGLE, "☰", "sidebar", style="icon only-narrow"),
            html.Span("sfvisuals", className="brand"),
            _pages(),
            _run_picker(),
            html.Div(className="grow"),
            _score_picker(),
            _threshold(),
            html.Button("Reset", id=ids.RESET, className="quiet", title="Back to this run's first view"),
            html.Button(
                "Share",
                id=ids.SHARE,
                className="quiet",
                title="Copy the address of this view",
                **{"data-share": "1"},
            ),
            _theme(),
            _drawer_button(ids.DRAWER_TOGGLE, "Cases", "inspector", style="quiet only-narrow"),
        ],
    )


def _skip(label: str, region: str) -> html.Button:
    """Shown while the keyboard is on it: a way past what lies between."""
    return html.Button(f"Skip to the {label}", className="skip", **{"data-skip": region})


def _pages() -> html.Nav:
    """Links; the browser's model gives them the addresses of the present view (assets/pages.mjs)."""
    return html.Nav(
        [html.A(label, href="?", className="page-link", **{"data-page": page}) for page, label in PAGES],
        id=ids.PAGES,
        className="pages",
        **{"aria-label": "Pages"},
    )


def _run_picker() -> dmc.Select:
    return dmc.Select(
        id=ids.RUN,
        size="xs",
        searchable=True,
        allowDeselect=False,
        selectFirstOptionOnChange=True,
        placeholder="run",
        className="run-picker",
        nothingFoundMessage="no run of that name",
        comboboxProps={"width": 460, "position": "bottom-start"},
        **{"aria-label": "Run"},
    )


def _score_picker() -> dmc.Select:
    return dmc.Select(
        id=ids.SCORE,
        size="xs",
        w=180,
        allowDeselect=False,
        maxDropdownHeight=420,
        comboboxProps={"width": 320, "position": "bottom-end"},
        leftSection=html.Span("score", className="prefix"),
        leftSectionWidth=48,
        **{"aria-label": "Confidence score"},
    )


def _threshold() -> html.Div:
    slider = dmc.Slider(
        id=ids.THRESHOLD,
        min=0,
        max=100,
        step=0.1,
        value=95,
        size="sm",
        label=None,
        updatemode="mouseup",
        thumbSize=14,
        thumbLabel="Target coverage in percent",
        className="threshold-slider",
    )
    return html.Div(
        [html.Div(id=ids.THRESHOLD_SAYS, className="threshold-says"), slider], className="threshold"
    )


def _theme() -> dmc.ColorSchemeToggle:
    return dmc.ColorSchemeToggle(
        id=ids.THEME,
        lightIcon=html.Span("☀", **{"aria-hidden": "true"}),
        darkIcon=html.Span("☾", **{"aria-hidden": "true"}),
        size="md",
        variant="subtle",
        color="gray",
        **{"aria-label": "Light or dark"},
    )


def _drawer_button(component: str, label: str, region: str, *, style: str) -> html.Button:
    return html.Button(
        label,
        id=component,
        className=style,
        **{"aria-label": f"Show or hide the {region}", "aria-expanded": "false", "data-toggle": region},
    )
