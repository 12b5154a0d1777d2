"""The 3-D view of a projection: arrays in, plotly figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from app.theme import ACCENT
from sfvisuals.types import BoolArray, FloatArray, Rows

POINTS = 20_000
SILENT, CAUGHT, RIGHT = "#c62b27", "#d08a00", "#8fa5ba"
STRONG, FAINT = 0.9, 0.12
FOOT = 26
RING, QUIET = ACCENT[7], "#7d8b98"


def drawn_rows(
    shown: BoolArray, failure: BoolArray, selected: BoolArray, *, limit: int = POINTS, seed: int = 0
) -> Rows:
    """At most `limit` shown rows, ascending: selected failures first, then selected, then failures.

    Among equals the seed's one order of all rows decides, so that a selection changes as few as it can.
    """
    order = np.random.default_rng(seed).permutation(shown.size)
    order = order[shown[order]]
    rank = 3 - 2 * selected[order].astype(np.int8) - failure[order]
    return np.sort(order[np.argsort(rank, kind="stable")[:limit]]).astype(np.int64)


def space_figure(
    coordinates: FloatArray,
    rows: Rows,
    *,
    failure: BoolArray,
    silent: BoolArray,
    target: BoolArray,
    words: list[str],
    selected: BoolArray | None = None,
    focus: tuple[int, str] | None = None,
) -> go.Figure:
    """Scatter of `rows`; circles are source, crosses target, silent failures red and last.

    The traces are always the same ten (three outcomes faint, strong and as the legend's key; the ring), some
    of them empty, so that what the legend hides outlasts a change.

    Args:
        coordinates: (N, 3).
        rows: which rows to draw.
        failure: (N,) wrong predictions.
        silent: (N,) silent failures.
        target: (N,) True for target samples.
        words: hover text per drawn row.
        selected: (N,) what stands out, None for everything.
        focus: the row that gets a ring, with its hover text.
    """
    groups: list[tuple[str, str, BoolArray]] = [
        ("correct", RIGHT, ~failure[rows]),
        ("failure, rejected", CAUGHT, failure[rows] & ~silent[rows]),
        ("silent failure", SILENT, silent[rows]),
    ]
    text = np.array(words, dtype=object)
    strong = np.ones(rows.size, dtype=bool) if selected is None else selected[rows]
    figure = empty_figure()
    for kind, opacity, part in (("faint", FAINT, ~strong), ("strong", STRONG, strong)):
        for name, colour, mask in groups:
            at = rows[mask & part]
            symbol = np.where(target[at], "cross", "circle").tolist()
            marker = {"size": 3, "color": colour, "opacity": opacity, "symbol": symbol}
            _add(figure, coordinates, at, text[mask & part], marker, uid=_uid(kind, name), legendgroup=name)
    for name, colour, _ in groups:
        _add_key(figure, name, colour)
    _add_ring(figure, coordinates, focus)
    return figure


def empty_figure() -> go.Figure:
    """Axes that do not show, a legend at the foot, and no trace."""
    axis = {"visible": False, "showspikes": False}
    flat = {"visible": False, "fixedrange": True}
    return go.Figure(
        layout={
            "margin": {"l": 0, "r": 0, "t": 0, "b": FOOT},
            "scene": {"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "data"},
            "xaxis": flat,
            "yaxis": flat,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "template": "none",
            "legend": {
                "orientation": "h",
                "x": 0.01,
                "y": 0,
                "xanchor": "left",
                "yanchor": "bottom",
                "itemsizing": "constant",
                "bgcolor": "rgba(0,0,0,0)",
                "font": {"color": QUIET, "size": 11},
            },
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": QUIET, "activecolor": RING},
            "uirevision": "keep",
        }
    )


def _uid(kind: str, name: str) -> str:
    """plotly makes a CSS class of it."""
    return f"{kind}-{name.split()[-1]}"


def _add_key(figure: go.Figure, name: str, colour: str) -> None:
    """The legend's entry of an outcome, which stays where no sample has it: one point nowhere."""
    marker = {"size": 3, "color": colour, "opacity": STRONG, "symbol": "circle"}
    nowhere = {"x": [None], "y": [None], "z": [None]}
    figure.add_scatter3d(
        **nowhere, mode="markers", marker=marker, name=name, legendgroup=name, uid=_uid("key", name)
    )


def _add_ring(figure: go.Figure, coordinates: FloatArray, focus: tuple[int, str] | None) -> None:
    at = np.array([] if focus is None else [focus[0]], dtype=np.int64)
    text = np.array([] if focus is None else [focus[1]], dtype=object)
    marker = {"size": 12, "color": RING, "symbol": "circle-open", "line": {"width": 3, "color": RING}}
    _add(figure, coordinates, at, text, marker, uid="focus")


def _add(
    figure: go.Figure,
    coordinates: FloatArray,
    at: Rows,
    text: object,
    marker: dict[str, object],
    **rest: object,
) -> None:
    x, y, z = coordinates[at].T
    figure.add_scatter3d(
        x=x,
        y=y,
        z=z,
        mode="markers",
        text=text,
        hoverinfo="text",
        customdata=at.reshape(-1, 1).tolist(),  # as plain lists: Dash's click cannot read a packed array
        marker={"line": {"width": 0}, **marker},
        showlegend=False,
        **rest,
    )
