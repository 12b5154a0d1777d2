"""What tells one slice from correct samples of its class: asked for when its card comes into view."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.blocks import count
from app.cause_blocks import recipe_asked
from app.causes_findings import EFFECT_SAYS, effect, probability, sides
from sfvisuals.errors import NotFoundError
from sfvisuals.explain import Explanation, Finding, Reference, area_words, explain_selection
from sfvisuals.recipes import SliceMembers
from sfvisuals.selection import slice_meant
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

LINES = 3
HEADS = (
    ("slice vs correct", "median, or share with the level"),
    ("AUC", "of the rule made of this attribute alone"),
    ("effect", EFFECT_SAYS),
    ("q", "after Benjamini and Hochberg over all attributes that were compared"),
)


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """At most three attributes of the slice's samples against correct ones of the same true classes."""
    recipe = recipe_asked(asked, "recipe")
    if not isinstance(recipe, SliceMembers):
        raise NotFoundError("This is no slice", detail="`recipe` is the selection of a slice.")
    meant = slice_meant(workspace, run, recipe)
    selected = workspace.resolve(run, recipe)
    found = explain_selection(workspace, run, selected, reference=Reference.TRUE_CLASS, score=recipe.score)
    return Answer(_tells(found, meant.conditions, asked.text("recipe")))


def chosen(found: Explanation, rule: Collection[str]) -> tuple[Finding, ...]:
    """Those that hold, the strongest first, one of them beyond the slice's own rule where there is one.

    Without any that holds the strongest, which the page shows as not told from chance.
    """
    holding = found.holding
    first = holding[:LINES]
    beyond = next((one for one in holding[LINES:] if one.name not in rule), None)
    if beyond is not None and all(one.name in rule for one in first):
        first = (*first[:-1], beyond)
    return first or found.findings[:1]


def _tells(found: Explanation, rule: Collection[str], recipe: str) -> list[Any]:
    lines = chosen(found, rule)
    if not lines:
        why = " ".join(found.why) or "There is nothing to compare."
        return [html.P(["What tells it from correct samples: ", why], className="quiet-text")]
    heads = [html.Span(words, title=title) for words, title in HEADS]
    head = html.Div([_against(found, recipe), *heads], className="tells-line tells-head")
    return [head, *(_line(one, rule) for one in lines)]


def _against(found: Explanation, recipe: str) -> html.Span:
    title = "All that tells this slice from others, with distributions"
    more = html.Button("more", className="link", title=title, **{"data-explain": recipe})
    compared = f"{count(found.n_selected)} samples compared with {count(found.n_reference)} {found.reference}"
    return html.Span([f"Against {count(found.n_reference)} correct images ", more], title=compared)


def _line(one: Finding, rule: Collection[str]) -> html.Div:
    size, size_says = effect(one)
    own = "its rule" if one.name in rule else "" if one.holds else "may be chance"
    return html.Div(
        className="tells-line" if one.holds else "tells-line weak",
        **{"data-feature": one.name},
        children=[
            html.Span([one.brief, html.Small(own) if own else None], title="; ".join((one.words, *one.also))),
            html.Span(sides(one)),
            html.Span(area_words(one.auc)),
            html.Span(size, title=size_says),
            html.Span(probability(one.q), title=f"p {probability(one.p)}"),
        ],
    )
