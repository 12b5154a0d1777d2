"""The latent map's frame; assets/pointmap.mjs draws inside it and assets/model.mjs feeds it."""

from __future__ import annotations

from dash import html

from app import ids

TOOLS = (
    ("pan", "Move", "Drag to move, wheel to zoom (P)"),
    ("lasso", "Lasso", "Draw around points to select them (L). Shift adds, Alt takes away"),
)


def layout() -> html.Section:
    """Canvas host, tools, legend, empty state."""
    return html.Section(
        className="map",
        **{"aria-label": "Latent map"},
        children=[
            html.Div(id=ids.MAP_HOST, className="map-host"),
            html.Div(id=ids.SPACE, className="map-space", hidden=True),
            html.Div(
                id=ids.MAP_TOOLS,
                className="map-tools",
                role="toolbar",
                **{"aria-label": "Map tools"},
                children=[
                    *(
                        html.Button(
                            label,
                            className="tool",
                            title=hint,
                            **{"data-mode": mode, "aria-pressed": "true" if mode == "pan" else "false"},
                        )
                        for mode, label, hint in TOOLS
                    ),
                    html.Button("Fit", className="tool", title="Show everything (0)", **{"data-fit": "1"}),
                    html.Button(
                        "Images",
                        className="tool",
                        title="Show the concepts' representative images on the map where there is room",
                        **{"data-images": "1", "aria-pressed": "false"},
                    ),
                    html.Button(
                        "Labels",
                        className="tool",
                        title="Name the concepts on the map where there is room; zoom in for more",
                        **{"data-labels": "1", "aria-pressed": "false"},
                    ),
                    html.Button(
                        "Clear selection",
                        className="tool",
                        title="Select nothing (Escape)",
                        hidden=True,
                        **{"data-clear": "1"},
                    ),
                ],
            ),
            html.Div(id=ids.MAP_LEGEND, className="legend", role="group", **{"aria-label": "Legend"}),
            html.Div(id=ids.PROJECTION_STATUS, className="projection-status", role="status"),
            html.Div(
                id=ids.MAP_EMPTY,
                className="empty",
                children=html.P("Reading the run …", className="quiet-text"),
            ),
        ],
    )
