"""A confusion matrix as a heat map; wrong cells stand out, right ones recede."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from app.figures.frame import frame, literal
from sfvisuals.types import IntArray

LABELLED = 12
SCALE = [[0, "rgba(25,103,174,0.04)"], [1, "rgba(25,103,174,0.55)"]]


def confusion_figure(
    counts: IntArray, *, truths: Sequence[str], predictions: Sequence[str], totals: IntArray | None = None
) -> go.Figure:
    """Shares of each true class per predicted one.

    Args:
        counts: (R, d) samples of each true class (rows) per predicted class.
        truths: R names. predictions: d names.
        totals: (R,) samples of each true class, where not all predicted classes are here.
    """
    whole = counts.sum(axis=1) if totals is None else totals
    shares = counts / np.maximum(whole, 1)[:, None]
    height = int(min(640, 120 + 30 * max(4, len(truths))))
    figure = frame("predicted", "true", legend=False, height=height)
    few = len(truths) <= LABELLED and len(predictions) <= LABELLED
    figure.add_heatmap(
        z=shares.tolist(),
        x=list(range(len(predictions))),
        y=list(range(len(truths))),
        colorscale=SCALE,
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=1,
        ygap=1,
        text=[[f"{n:,}" if n else "" for n in row] for row in counts.tolist()],
        texttemplate="%{text}" if few else None,
        customdata=[
            [literal(f"{truth} as {guess}: {n:,}") for guess, n in zip(predictions, row, strict=True)]
            for truth, row in zip(truths, counts.tolist(), strict=True)
        ],
        hovertemplate="%{customdata}<br>%{z:.1%} of this class<extra></extra>",
    )
    step_x, step_y = max(1, len(predictions) // 30), max(1, len(truths) // 30)
    figure.update_xaxes(
        tickvals=list(range(0, len(predictions), step_x)),
        ticktext=[literal(name) for name in list(predictions)[::step_x]],
        showgrid=False,
    )
    figure.update_yaxes(
        tickvals=list(range(0, len(truths), step_y)),
        ticktext=[literal(name) for name in list(truths)[::step_y]],
        autorange="reversed",
        showgrid=False,
    )
    return figure
