"""The concepts of one study: what is in each, how it fails, and what tells it from the rest of its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dash import html

from app.answers import Answer, Asked
from app.blocks import count, empty, percent
from app.cause_blocks import (
    Judged,
    acts,
    basis_of,
    clusters_of,
    failing_classes,
    images,
    interval,
    judged,
    name_field,
    named,
    recipe_of,
)
from sfvisuals.errors import NotFoundError
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import Judge, Run
from sfvisuals.workspace import Workspace

if TYPE_CHECKING:
    from sfvisuals.concepts import ConceptCard

CLASSES = 6
IMAGES = 6
FEW = 6
FINDINGS = 3
OTHERS = 4


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Cards of one study, class by class, the class with most failures first."""
    if run.latents is None:
        return Answer(
            empty("No concepts for this run", run.absent.get("latents", "This run has no latents."))
        )
    study, shown = asked.text("study"), judged(workspace, run, asked)
    basis = basis_of(asked, shown.score)
    categories = _categories(workspace, run, study, asked.text("category"), basis, shown)
    if not categories:
        return Answer(empty("No samples of this class here", "Choose another class or study above."))
    method, k = clusters_of(asked)
    blocks: list[Any] = []
    for category in categories[:CLASSES]:
        cards = workspace.concept_cards(
            run,
            study=study,
            category=category,
            basis=basis,
            method=method,
            k=k,
            score=shown.score.name,
            target=shown.target / 1000,
        )
        blocks.append(_class(shown, asked, study, cards))
    left = len(categories) - CLASSES
    if left > 0:
        blocks.append(html.P(f"{count(left)} more classes: choose one above.", className="quiet-text"))
    return Answer(blocks)


def _categories(
    workspace: Workspace, run: Run, study: str, asked: str, basis: Judge | None, shown: Judged
) -> list[int | str]:
    """The class that was asked for, else those of the study, the most failures first."""
    found = next((s for s in run.studies if s.name == study), None)
    if found is None:
        raise NotFoundError(f"There is no study {study[:60]!r}", detail="Choose one of the list.")
    known = [str(c) for c in range(run.n_classes)]
    if asked and asked not in (*known, NEW_CLASS):
        raise NotFoundError(f"There is no class {asked[:40]!r}", detail=f"The run has {run.n_classes}.")
    if asked:
        wanted: int | str = NEW_CLASS if asked == NEW_CLASS else int(asked)
        return [wanted] if workspace.members_of(run, study, wanted, basis).size else []
    return failing_classes(workspace, run, (study,), basis, shown)


def _class(shown: Judged, asked: Asked, study: str, cards: Sequence[ConceptCard]) -> html.Section:
    first = cards[0]
    said = [html.Span("predicted", className="quiet-text")] if first.basis is not None else []
    stable = "" if first.stability is None else f"stability {first.stability:.2f} (adjusted Rand over seeds)"
    return html.Section(
        className="concept-block",
        children=[
            html.H3(
                [
                    *said,
                    first.class_name,
                    html.Small(f"{len(cards)} concepts" if len(cards) > 1 else "1 concept"),
                    html.Small(stable),
                ]
            ),
            html.Div([_card(shown, asked, study, card) for card in cards], className="cause-cards"),
        ],
    )


def _card(shown: Judged, asked: Asked, study: str, card: ConceptCard) -> html.Article:
    recipe = recipe_of(asked, study, card.category, card.index, card.basis)
    return html.Article(
        className="cause-card",
        children=[
            html.Header(
                [html.H4(named(recipe, card.name)), name_field(recipe, card.name)], className="cause-head"
            ),
            _numbers(card),
            _images("typical", images(shown, card.representatives, most=IMAGES, label="Typical images")),
            _images("failures", images(shown, card.failures, most=FEW, label="Failures, the silent first")),
            _images("at the border", images(shown, card.boundary, most=FEW, label="Images at the border")),
            *_findings(card),
            html.P(_elsewhere(shown, card), className="quiet-text"),
            acts(recipe, shown.view(recipe, [study]), what="this concept"),
        ],
    )


def _images(title: str, shown: html.Div) -> html.Div | None:
    if not shown.children:
        return None
    return html.Div([html.Small(title), shown], className="labelled-images")


def _numbers(card: ConceptCard) -> html.Dl:
    rate = card.silent_rate
    facts: list[tuple[str, Any, str]] = [
        ("samples", count(card.size), ""),
        ("accuracy", percent(card.accuracy), ""),
        (
            "silent failures",
            html.Span(
                [f"{count(rate.k)} ", html.Small(f"{percent(rate.value)}, {interval(rate.low, rate.high)}")],
                className="is-silent" if rate.k else "",
            ),
            "share of the concept with its exact 95 % interval",
        ),
        (
            "conf. − acc.",
            "–" if card.gap is None else f"{card.gap:+.3f}",
            card.gap_why or "mean confidence minus accuracy; positive: surer than right",
        ),
    ]
    return html.Dl(
        [
            html.Div([html.Dt(name), html.Dd(value, **({"title": why} if why else {}))])
            for name, value, why in facts
        ],
        className="cause-facts",
    )


def _findings(card: ConceptCard) -> list[Any]:
    if not card.findings:
        return [html.P(card.findings_why, className="quiet-text")] if card.findings_why else []
    return [html.Ul([html.Li(found.words) for found in card.findings[:FINDINGS]], className="cause-findings")]


def _elsewhere(shown: Judged, card: ConceptCard) -> str:
    labels = {s.name: s.label for s in shown.run.studies}
    others = [(labels[name], n) for name, n in card.sizes if name != card.study and n]
    if not others:
        return "No other study has samples of this class within its reach."
    others.sort(key=lambda other: -other[1])
    more = f" and {len(others) - OTHERS} more studies" if len(others) > OTHERS else ""
    listed = ", ".join(f"{count(n)} of {label}" for label, n in others[:OTHERS])
    return f"Also within its reach: {listed}{more}."
