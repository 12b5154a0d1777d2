"""What stronger corruption does: one line per corruption over its severities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from app.figures.frame import HEIGHT, frame, line_of, literal

MOST_OF_A_SHARE = 1.04  # 100 % and room for its marker; without a line to scale by, an axis would go to 400 %


def severity_figure(
    lines: Mapping[str, Sequence[tuple[int, float | None]]], *, name: str, percent: bool, clean: float | None
) -> go.Figure:
    """Severity 0 is the iid study. The legend is one for several charts, beside them; `meta` says so.

    Args:
        lines: corruption -> (severity, value) rising; a missing value leaves a gap.
        name: what is drawn. percent: whether it is a share.
        clean: its value on the iid study, or None.
    """
    figure = frame("severity", "", legend=False, height=HEIGHT - 40, percent=(False, percent))
    figure.update_layout(meta={"legend": "shared"})
    spelled = ".2%" if percent else ".1f"
    for place, (corruption, points) in enumerate(lines.items()):
        whole = points if clean is None else [(0, clean), *points]
        figure.add_scatter(
            x=[severity for severity, _ in whole],
            y=[value for _, value in whole],
            mode="lines+markers",
            name=literal(corruption),
            meta=corruption,
            line=line_of(place),
            marker={"size": 6},
            hovertemplate=f"{literal(corruption)}, severity %{{x}}<br>"
            f"{literal(name)} %{{y:{spelled}}}<extra></extra>",
        )
    last = max((severity for points in lines.values() for severity, _ in points), default=5)
    figure.update_xaxes(tickvals=list(range(last + 1)), range=[-0.2, last + 0.2])
    figure.update_yaxes(rangemode="tozero", minallowed=0, maxallowed=MOST_OF_A_SHARE if percent else None)
    return figure
