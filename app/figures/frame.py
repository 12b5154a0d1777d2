"""What all charts of the page "Benchmark" share. The page gives them its own text and line colours."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

# Okabe and Ito's set without its reds, and three more; told apart by dashes as well.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#9467bd", "#8c6d31", "#6d7c8a")
DASHES = ("solid", "dash", "dot", "dashdot")
SILENT, CAUGHT, RIGHT, QUIET = "#c62b27", "#d08a00", "#8fa5ba", "#7d8b98"
HEIGHT = 300


def literal(text: str) -> str:
    """A name as plotly shows it letter by letter: it takes tags, entities and %{...} in a text as its own."""
    for letter, spelled in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("{", "&#123;"), ("$", "&#36;")):
        text = text.replace(letter, spelled)
    return text


def line_of(place: int) -> dict[str, Any]:
    """Colour and dash of the score at this place in the run's list: the same in every chart."""
    return {
        "color": COLOURS[place % len(COLOURS)],
        "dash": DASHES[place // len(COLOURS) % len(DASHES)],
        "width": 2,
    }


def frame(
    x: str, y: str, *, legend: bool = True, height: int = HEIGHT, percent: tuple[bool, bool] = (False, False)
) -> go.Figure:
    """An empty chart with named axes; `percent` tells which axes hold shares 0..1."""
    axes = [
        {
            "title": {"text": literal(name), "standoff": 8},
            "zeroline": False,
            "showgrid": True,
            "gridcolor": "rgba(125,139,152,0.22)",
            "linecolor": QUIET,
            "ticks": "outside",
            "ticklen": 4,
            "tickcolor": QUIET,
            "automargin": True,
            **({"tickformat": ".2~%"} if shares else {}),
        }
        for name, shares in zip((x, y), percent, strict=True)
    ]
    return go.Figure(
        layout={
            "template": "none",
            "height": height,
            "margin": {"l": 52, "r": 20, "t": 8, "b": 44},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 11, "color": QUIET},
            "xaxis": axes[0],
            "yaxis": axes[1],
            "showlegend": legend,
            "legend": {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"},
            "hovermode": "closest",
            "hoverlabel": {"font": {"size": 11}},
        }
    )


def plain(figure: go.Figure) -> dict[str, Any]:
    """The figure as JSON holds it: lists, no packed arrays."""
    made: dict[str, Any] = figure.to_plotly_json()
    return made
