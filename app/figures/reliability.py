"""A reliability diagram: does a confidence of 0.8 mean 80 % right?"""

from __future__ import annotations

import plotly.graph_objects as go

from app.figures.frame import COLOURS, QUIET, frame
from sfvisuals.metrics import Reliability


def reliability_figure(found: Reliability) -> go.Figure:
    """Accuracy over mean confidence per bin; a circle's area is the bin's share of the samples."""
    figure = frame("mean confidence", "accuracy", legend=False, percent=(True, True))
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET, "dash": "dot", "width": 1}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=found.confidence.tolist(),
        y=found.accuracy.tolist(),
        mode="lines+markers",
        line={"color": COLOURS[0], "width": 1.5},
        marker={
            "color": COLOURS[0],
            "size": [5 + 22 * float(share) ** 0.5 for share in found.share],
            "opacity": 0.75,
            "line": {"width": 0},
        },
        cliponaxis=False,
        customdata=[float(share) for share in found.share],
        hovertemplate=(
            "confidence %{x:.1%}<br>accuracy %{y:.1%}<br>%{customdata:.1%} of samples<extra></extra>"
        ),
    )
    figure.update_xaxes(range=[-0.03, 1.03])
    figure.update_yaxes(range=[-0.03, 1.03])
    return figure
