"""An UpSet plot: how large each exclusive intersection of sets is, and which sets take part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from app.figures.frame import QUIET, SILENT, frame, literal
from sfvisuals.failures import Intersection

BARS = 200
FAINT = "rgba(125,139,152,0.28)"


def upset_figure(
    pieces: Sequence[Intersection], *, labels: Mapping[str, str], sizes: Mapping[str, int]
) -> go.Figure:
    """Bars above, dots below; the intersection of all sets is the red one.

    Args:
        pieces: intersections, the largest first.
        labels: set -> what a person reads, in the order of the rows.
        sizes: set -> its size.
    """
    names = list(labels)
    figure = frame("", "silent failures", legend=False, height=int(BARS + 20 * len(names)))
    universal = [len(piece.names) == len(names) for piece in pieces]
    figure.add_bar(
        x=list(range(len(pieces))),
        y=[piece.n for piece in pieces],
        marker={"color": [SILENT if every else QUIET for every in universal], "line": {"width": 0}},
        text=[f"{piece.n:,}" for piece in pieces],
        textposition="outside",
        cliponaxis=False,
        customdata=[", ".join(literal(labels[name]) for name in piece.names) for piece in pieces],
        hovertemplate="%{y:,} missed by exactly<br>%{customdata}<extra></extra>",
    )
    _dots(figure, pieces, names, universal)
    share = 20 * len(names) / (BARS + 20 * len(names))
    figure.update_layout(
        yaxis={"domain": [share + 0.06, 1], "rangemode": "tozero"},
        yaxis2={
            "domain": [0, share],
            "tickvals": list(range(len(names))),
            "ticktext": [f"{literal(labels[name])}  {sizes[name]:,}" for name in names],
            "range": [len(names) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "ticks": "",
        },
        xaxis={"showticklabels": False, "showgrid": False, "ticks": "", "anchor": "y2"},
        bargap=0.4,
        margin={"l": 52, "r": 12, "t": 20, "b": 8},
    )
    return figure


def _dots(
    figure: go.Figure, pieces: Sequence[Intersection], names: Sequence[str], universal: Sequence[bool]
) -> None:
    place = {name: row for row, name in enumerate(names)}
    everywhere = [(column, row) for column in range(len(pieces)) for row in range(len(names))]
    dots = {"yaxis": "y2", "hoverinfo": "skip"}
    figure.add_scatter(
        x=[column for column, _ in everywhere],
        y=[row for _, row in everywhere],
        mode="markers",
        marker={"size": 8, "color": FAINT},
        **dots,
    )
    for column, (piece, every) in enumerate(zip(pieces, universal, strict=True)):
        rows = sorted(place[name] for name in piece.names)
        colour = SILENT if every else QUIET
        figure.add_scatter(
            x=[column] * len(rows),
            y=rows,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 8, "color": colour},
            **dots,
        )
