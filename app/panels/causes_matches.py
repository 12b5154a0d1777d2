"""Each concept of a target study beside the source concepts that it lies nearest to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from app.answers import Answer, Asked
from app.blocks import count, empty
from app.cause_blocks import (
    Judged,
    acts,
    basis_of,
    clusters_of,
    failing_classes,
    images,
    judged,
    name_field,
    named,
    recipe_of,
)
from app.targets import target_studies
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

if TYPE_CHECKING:
    from sfvisuals.concepts import ConceptMatch, SourceConcept

IMAGES = 6
ROWS = 40
CLASSES = 12
OTHERS = 4


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Rows of target concept, nearest source concept, and nearest of its own class."""
    if run.latents is None:
        return Answer(
            empty("No concepts for this run", run.absent.get("latents", "This run has no latents."))
        )
    source, shown = asked.text("source"), judged(workspace, run, asked)
    targets = target_studies(run, asked.names("studies"), source)
    if not targets:
        return Answer(empty("Only the source is shown", "Choose a target study in Explore, on the left."))
    method, k = clusters_of(asked)
    basis = basis_of(asked, shown.score)
    found = workspace.concept_matches(
        run,
        source=source,
        targets=targets,
        categories=failing_classes(workspace, run, targets, basis, shown)[:CLASSES],
        basis=basis,
        method=method,
        k=k,
        score=shown.score.name,
        target=shown.target / 1000,
    )
    if not found:
        return Answer(empty("No concepts in these studies", "They hold no samples of a class of the source."))
    rows = [_row(shown, asked, match) for match in found[:ROWS]]
    return Answer([_summary(found), *rows, *_rest(len(found) - ROWS)])


def _summary(found: tuple[ConceptMatch, ...]) -> html.P:
    moved = sum(match.moved for match in found)
    alone = sum(match.alone for match in found)
    return html.P(
        [
            html.B(count(moved)),
            f" of {count(len(found))} target concepts moved into the cluster of another class, ",
            html.B(count(alone)),
            " have no partner in the source. One spread is how far its own samples lie from their centres.",
        ],
        className="bench-sentence",
    )


def _rest(left: int) -> list[html.P]:
    return (
        [html.P(f"{count(left)} more, without a flag or smaller.", className="quiet-text")]
        if left > 0
        else []
    )


def _row(shown: Judged, asked: Asked, match: ConceptMatch) -> html.Article:
    nearest = match.nearest[0] if match.nearest else None
    own = next((near for near in match.nearest if near.category == match.category), None)
    beside = [_source(shown, asked, match, near) for near in (nearest,) if near is not None]
    if own is not None and own is not nearest:
        beside.append(_source(shown, asked, match, own))
    return html.Article(
        className="match",
        **{"data-flag": match.flag.name.lower()},
        children=[
            _head(shown, asked, match),
            html.P(match.words, className="match-words"),
            html.Div([_target(shown, match), *beside], className="match-line"),
            *_others(match, (nearest, own)),
        ],
    )


def _head(shown: Judged, asked: Asked, match: ConceptMatch) -> html.Header:
    run = shown.run
    study = next(s.label for s in run.studies if s.name == match.study)
    built = f"{match.class_name}, {study}, concept {match.index + 1}"
    recipe = recipe_of(asked, match.study, match.category, match.index, basis_of(asked, shown.score))
    go = shown.view(recipe, [match.source, match.study])
    flag = html.Span(str(match.flag), className="match-flag") if match.flag else None
    return html.Header(
        className="cause-head",
        children=[
            html.H3(named(recipe, built)),
            flag,
            html.Span(f"{count(match.size)} samples", className="quiet-text"),
            _silent(match.n_silent),
            name_field(recipe, built),
            acts(recipe, go, what="this concept"),
        ],
    )


def _silent(n: int) -> html.Span:
    words = f"{count(n)} silent failures" if n else "no silent failures"
    return html.Span(words, className="is-silent" if n else "quiet-text")


def _target(shown: Judged, match: ConceptMatch) -> html.Div:
    label = f"Images of this concept of {match.study}"
    return html.Div(
        className="match-side",
        children=[
            html.Small("target"),
            images(shown, match.representatives, most=IMAGES, label=label),
        ],
    )


def _source(shown: Judged, asked: Asked, match: ConceptMatch, near: SourceConcept) -> html.Div:
    recipe = recipe_of(asked, match.source, near.category, near.index, basis_of(asked, shown.score))
    title = f"source, {near.class_name}, concept {near.index + 1}"
    other = near.category != match.category
    return html.Div(
        className="match-side other" if other else "match-side",
        children=[
            html.Small([named(recipe, title), f" · {near.distance:.2g} spreads away"]),
            images(shown, near.representatives, most=IMAGES, label=f"Images of the concept: {title}"),
        ],
    )


def _others(match: ConceptMatch, told: tuple[SourceConcept | None, ...]) -> list[html.P]:
    """The distances to the classes whose images are not shown."""
    rest = [near for near in match.nearest if near not in told][:OTHERS]
    if not rest:
        return []
    words = ", ".join(f"{near.class_name} {near.distance:.2g}" for near in rest)
    return [html.P(f"Further: {words} spreads.", className="quiet-text")]
