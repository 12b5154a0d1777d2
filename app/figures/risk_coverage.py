"""Risk-coverage curves: records in, plotly figure out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from app.figures.frame import frame, line_of, literal
from app.figures.thinning import Thinned, thin
from sfvisuals.metrics import RiskCoverage
from sfvisuals.types import FloatArray

Kind = Literal["selective", "generalized"]
TITLES: dict[Kind, str] = {"selective": "selective risk", "generalized": "generalized risk"}


@dataclass(frozen=True, eq=False)
class Curve:
    """One score's curves: what it is called, its place in the run's list, and where the threshold stands."""

    label: str
    place: int
    found: RiskCoverage
    coverage: float | None = None

    def risk(self, kind: Kind) -> FloatArray:
        """(G + 1,) the risk of that kind."""
        return self.found.selective if kind == "selective" else self.found.generalized

    def thinned(self, kind: Kind) -> Thinned:
        """Which points of that curve are drawn."""
        return thin(self.found.coverage, self.risk(kind))


def curves_figure(curves: Sequence[Curve], kind: Kind) -> go.Figure:
    """A line per score; a marker where its threshold stands."""
    figure = frame("coverage", TITLES[kind], percent=(True, True))
    for curve in curves:
        if curve.found.why:
            continue
        at = curve.thinned(kind).at
        x, y = curve.found.coverage[at], curve.risk(kind)[at]
        figure.add_scatter(
            x=x.tolist(),
            y=y.tolist(),
            mode="lines",
            name=literal(curve.label),
            legendgroup=curve.label,
            line=line_of(curve.place),
            hovertemplate=f"{literal(curve.label)}<br>coverage %{{x:.1%}}<br>"
            f"{TITLES[kind]} %{{y:.2%}}<extra></extra>",
        )
        _threshold(figure, curve, kind)
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(rangemode="tozero")
    return figure


def _threshold(figure: go.Figure, curve: Curve, kind: Kind) -> None:
    if curve.coverage is None:
        return
    # at most one level: the curve has a point at every coverage that a threshold can give
    place = int(abs(curve.found.coverage - curve.coverage).argmin())
    figure.add_scatter(
        x=[float(curve.found.coverage[place])],
        y=[float(curve.risk(kind)[place])],
        mode="markers",
        marker={"size": 9, "symbol": "circle", "color": line_of(curve.place)["color"]},
        legendgroup=curve.label,
        showlegend=False,
        cliponaxis=False,
        hovertemplate=(
            f"{literal(curve.label)} at the threshold<br>coverage %{{x:.1%}}<br>"
            f"{TITLES[kind]} %{{y:.2%}}<extra></extra>"
        ),
    )
