"""A page made of parts: contents on the left, sections one below the other, each filled when scrolled to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a page: the id of its element, its name in addresses, its words and its controls."""

    component: str
    name: str
    title: str
    words: str
    controls: tuple[Any, ...] = ()


def page_of_parts(
    parts: Sequence[Part], *, component: str, title: str, title_id: str, beside: Sequence[Any] = ()
) -> html.Main:
    """The whole page; `beside` stands below the contents."""
    return html.Main(
        id=component,
        className="bench",
        hidden=True,
        **{"aria-labelledby": title_id},
        children=[
            html.Nav(
                [*(_entry(part) for part in parts), *beside],
                className="bench-contents",
                **{"aria-label": "Contents"},
            ),
            html.Div(
                className="bench-parts",
                children=[
                    html.H1(title, id=title_id, className="sr-only"),
                    *(_section(part) for part in parts),
                ],
            ),
        ],
    )


def _entry(part: Part) -> html.Button:
    return html.Button(part.title, className="bench-entry", **{"data-part-link": part.component})


def _section(part: Part) -> html.Section:
    heading = f"{part.component}-title"
    return html.Section(
        className="bench-part",
        **{"aria-labelledby": heading, "data-part": part.name},
        children=[
            html.Div(
                className="bench-head",
                children=[
                    html.H2(part.title, id=heading),
                    html.P(part.words, className="quiet-text"),
                    html.Div(list(part.controls), className="bench-controls") if part.controls else None,
                ],
            ),
            html.Div(className="bench-waits", hidden=True, role="status"),
            html.Div(id=part.component, className="bench-body", **{"aria-live": "off", "aria-busy": "false"}),
        ],
    )


def setting(name: str, label: str, options: Sequence[tuple[str, str]] = ()) -> html.Label:
    """A plain select whose value is the setting `name`; what depends on the run comes from the browser."""
    listed = [html.Option(words, value=value) for value, words in options]
    picker = html.Select(listed, className="bench-select", **{"data-setting": name, "aria-label": label})
    return html.Label([html.Span(label), picker], className="bench-choice")
