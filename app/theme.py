"""Colours and type of the Mantine components; the page's own colours live in assets/theme.css."""

from __future__ import annotations

from typing import Any

SYSTEM_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

# One accent, ten shades, light to dark. Red is not among them: it is reserved for silent failures.
ACCENT = [
    "#eaf3fb",
    "#d3e4f3",
    "#a6c8e6",
    "#76aad9",
    "#4f91ce",
    "#3681c7",
    "#2679c4",
    "#1967ae",
    "#0b5c9c",
    "#004f8a",
]

MANTINE: dict[str, Any] = {
    "fontFamily": SYSTEM_FONTS,
    "primaryColor": "accent",
    "colors": {"accent": ACCENT},
    "defaultRadius": "sm",
    "cursorType": "pointer",
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px"},
}
