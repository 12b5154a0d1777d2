"""What the parts of the page "Benchmark" are built from: tables, numbers, charts with their table twin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from sfvisuals.metrics import Metric

EXPORTS = (("svg", "SVG"), ("png", "PNG"), ("csv", "CSV"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what stands there: words, or a component.
        title: more about it, on hover.
        style: CSS classes.
        go: the view of Explore that it leads to, or None.
    """

    text: Any
    title: str = ""
    style: str = ""
    go: dict[str, Any] | None = None


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str | Cell]], *, texts: int = 1) -> Any:
    """A table; its first `texts` columns hold words, the others numbers."""
    return html.Table(
        className="bench-table",
        children=[
            html.Caption(caption, className="sr-only"),
            html.Thead(
                html.Tr([html.Th(h, scope="col", className=_kind(i, texts)) for i, h in enumerate(head)])
            ),
            html.Tbody([html.Tr([_cell(cell, i, texts) for i, cell in enumerate(row)]) for row in rows]),
        ],
    )


def _kind(column: int, texts: int) -> str:
    return "words" if column < texts else "number"


def _cell(cell: str | Cell, column: int, texts: int) -> Any:
    cell = Cell(cell) if isinstance(cell, str) else cell
    content: Any = cell.text if cell.go is None else link(cell.text, cell.go)
    about = {"title": cell.title} if cell.title else {}
    style = f"{_kind(column, texts)} {cell.style}".strip()
    if column == 0:
        return html.Th(content, scope="row", className=style, **about)
    return html.Td(content, className=style, **about)


def link(text: str, go: dict[str, Any], *, style: str = "go", title: str = "") -> html.Button:
    """A number or word that leads to the samples behind it."""
    about = {"title": title} if title else {}
    return html.Button(text, className=style, **{"data-go": json.dumps(go)}, **about)


def chart(key: str, title: str, *, note: str, twin: Any, wide: bool = False) -> html.Figure:
    """A place for a figure, its caption, its exports and the same as a table."""
    return html.Figure(
        className="chart wide" if wide else "chart",
        **{"data-chart": key},
        children=[
            html.Figcaption(title),
            html.Div(
                className="plot", role="img", **{"aria-label": f"{title}. The same as a table follows."}
            ),
            html.Div(
                className="chart-foot",
                children=[
                    html.Small(note, className="quiet-text"),
                    html.Span(
                        [
                            html.Button(
                                label, className="link", title=f"Save as {label}", **{"data-export": kind}
                            )
                            for kind, label in EXPORTS
                        ],
                        className="chart-exports",
                    ),
                ],
            ),
            html.Details([html.Summary("as a table"), html.Div(twin, className="twin")]),
        ],
    )


def empty(title: str, why: str) -> html.Div:
    """Why there is nothing, and what to do."""
    return html.Div([html.P(title), html.P(why, className="quiet-text")], className="empty-inline")


def view(
    run: str,
    studies: Sequence[str],
    *,
    recipe: dict[str, Any] | None = None,
    **rest: Any,
) -> dict[str, Any]:
    """A view of Explore: these studies beside the source, and of them only what the recipe means.

    Without a recipe the studies themselves are selected, since the source is always shown.
    """
    chosen = recipe or {"kind": "attributes", "studies": list(studies)}
    return {"run": run, "studies": list(studies), "sel": chosen, **rest}


def region(content: Any, label: str) -> html.Div:
    """What may be wider than the page: it scrolls by itself, by keyboard too."""
    return html.Div(content, className="bench-scroll", tabIndex=0, role="region", **{"aria-label": label})


def weighted(says: str) -> html.P | None:
    """That the numbers below are weighted, and how; nothing where every sample counts alike."""
    return html.P(says, className="bench-weighted", **{"data-weighted": "1"}) if says else None


def percent(value: float | None, digits: int = 1) -> str:
    """A share 0..1 in percent; never rounded to none or all where it is neither."""
    if value is None:
        return "–"
    least = 10.0**-digits
    if 0 < value * 100 < least / 2:
        return f"< {least:g} %"
    if 100 - least / 2 <= value * 100 < 100:
        return f"> {100 - least:g} %"
    return f"{100 * value:.{digits}f} %"


def count(value: int) -> str:
    """A whole number with separators."""
    return f"{value:,}"


def is_share(metric: Metric) -> bool:
    """True where a value of 0..1 is shown in percent, as on the poster."""
    return metric.unit in ("risk", "rate", "area")


def shown_value(value: float, metric: Metric) -> str:
    """Three significant digits, in percent for shares."""
    scaled = 100 * value if is_share(metric) else value
    if scaled == 0:
        return "0"
    text = f"{scaled:#.3g}"
    return text.rstrip(".") if "e" not in text else f"{scaled:.1e}"
