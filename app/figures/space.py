"""The 3-D view of a projection: arrays in, plotly figure out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from sfvisuals.types import BoolArray, FloatArray, Rows

POINTS = 20_000
SILENT, CAUGHT, RIGHT = "#c62b27", "#d08a00", "#8fa5ba"


def drawn_rows(shown: BoolArray, failure: BoolArray, *, limit: int = POINTS, seed: int = 0) -> Rows:
    """At most `limit` shown rows: failures first, the rest drawn at random with that seed; ascending."""
    failures, others = np.flatnonzero(shown & failure), np.flatnonzero(shown & ~failure)
    rng = np.random.default_rng(seed)
    failures = rng.permutation(failures)[:limit]
    others = rng.permutation(others)[: limit - failures.size]
    return np.sort(np.concatenate([failures, others])).astype(np.int64)


def space_figure(
    coordinates: FloatArray,
    rows: Rows,
    *,
    failure: BoolArray,
    silent: BoolArray,
    target: BoolArray,
    words: list[str],
) -> go.Figure:
    """Scatter of `rows`; circles are source, crosses target, silent failures red and last.

    Args:
        coordinates: (N, 3).
        rows: which rows to draw.
        failure: (N,) wrong predictions.
        silent: (N,) silent failures.
        target: (N,) True for target samples.
        words: hover text per drawn row.
    """
    groups: list[tuple[str, str, BoolArray]] = [
        ("correct", RIGHT, ~failure[rows]),
        ("failure, rejected", CAUGHT, failure[rows] & ~silent[rows]),
        ("silent failure", SILENT, silent[rows]),
    ]
    text = np.array(words, dtype=object)
    figure = go.Figure()
    for name, colour, mask in groups:
        at = rows[mask]
        x, y, z = coordinates[at].T
        symbol = np.where(target[at], "cross", "circle").tolist()
        figure.add_scatter3d(
            x=x,
            y=y,
            z=z,
            mode="markers",
            name=name,
            text=text[mask],
            hoverinfo="text",
            marker={"size": 3, "color": colour, "opacity": 0.9, "line": {"width": 0}, "symbol": symbol},
        )
    axis = {"visible": False, "showspikes": False}
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={"xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "data"},
        paper_bgcolor="rgba(0,0,0,0)",
        legend={"x": 0, "y": 0, "bgcolor": "rgba(0,0,0,0)", "font": {"color": "#7d8b98", "size": 11}},
        uirevision="keep",
    )
    return figure
