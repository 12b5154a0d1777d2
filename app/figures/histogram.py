"""How a score of correct and of wrong predictions is distributed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from app.figures.frame import RIGHT, frame
from sfvisuals.types import BoolArray, FloatArray, IntArray

WRONG = "#d08a00"
BINS = 40


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts per bin: `edges` (B + 1,), `right` and `wrong` (B,); `missing` samples have no score."""

    edges: FloatArray
    right: IntArray
    wrong: IntArray
    missing: int


def histogram(values: FloatArray, failure: BoolArray, *, bins: int = BINS) -> Histogram:
    """Bins of equal width from the lowest to the highest score; the last holds its upper edge.

    Args:
        values: (n,) scores, NaN where there is none. failure: (n,) True where wrong.
        bins: how many.
    """
    scored = np.isfinite(values)
    kept, wrong = values[scored], failure[scored]
    low, high = (float(kept.min()), float(kept.max())) if kept.size else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    right = np.histogram(kept[~wrong], edges)[0]
    return Histogram(edges, right, np.histogram(kept[wrong], edges)[0], int((~scored).sum()))


def histogram_figure(found: Histogram, *, name: str, threshold: float | None) -> go.Figure:
    """Shares of the correct and of the wrong per bin, as steps, and the threshold as a line."""
    figure = frame(name, "share of each", percent=(False, True))
    for label, counts, colour, fill in (
        (f"correct ({found.right.sum():,})", found.right, RIGHT, "tozeroy"),
        (f"wrong ({found.wrong.sum():,})", found.wrong, WRONG, None),
    ):
        total = max(1, int(counts.sum()))
        heights = np.append(counts, counts[-1]) / total
        figure.add_scatter(
            x=found.edges.tolist(),
            y=heights.tolist(),
            mode="lines",
            line={"shape": "hv", "color": colour, "width": 2},
            fill=fill,
            name=label,
            hovertemplate="from %{x:.4g}: %{y:.1%}<extra></extra>",
        )
    if threshold is not None and np.isfinite(threshold):
        figure.add_vline(
            x=float(threshold), line={"color": "#1967ae", "width": 1.5, "dash": "dash"}, annotation_text="t"
        )
    return figure
