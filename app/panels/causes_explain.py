"""What tells the selected samples from others: ranked findings, their distributions, rules to test."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from dash import html

from app.answers import Answer, Asked
from app.blocks import count, empty
from app.cause_blocks import FOUND, Judged, images, judged, recipe_asked, suggesting
from app.causes_findings import EFFECT_SAYS, effect, probability
from sfvisuals.explain import (
    MISSING,
    Distribution,
    Explanation,
    FeatureOrigin,
    Finding,
    Reference,
    area_words,
    explain_selection,
    train_evidence_of,
)
from sfvisuals.types import BoolArray, FloatArray, Rows, Run
from sfvisuals.units import units
from sfvisuals.workspace import Workspace

IMAGES = 12
FINDINGS = 12
MODEL_FINDINGS = 4
TALLEST = 20


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Findings about the selection against the reference that was asked for."""
    recipe = recipe_asked(asked, "recipe")
    if recipe is None:
        return Answer(_nothing(run, asked))
    shown = judged(workspace, run, asked)
    selected = workspace.resolve(run, recipe)
    if not selected.any():
        return Answer(empty("This selection holds no sample", "Choose another in Explore, or a slice above."))
    train_evidence_of(workspace, run, progress=asked.report)
    half = suggesting(run, units(workspace, run), selected, asked)
    found = explain_selection(
        workspace,
        run,
        selected,
        within=half,
        reference=Reference(asked.one_of("reference", tuple(Reference))),
        score=shown.score.name,
    )
    return Answer([_head(shown, selected, found, _half_words(half, asked)), *_body(run, found)])


def _nothing(run: Run, asked: Asked) -> html.Div:
    """What to do first, with one thing to begin with."""
    studies = [name for name in asked.names("studies") if any(s.name == name for s in run.studies)]
    outcome = {"kind": "outcome", "outcome": "silent", "score": asked.text("score"), "target": asked.target()}
    recipe = {"kind": "and", "of": [outcome, {"kind": "attributes", "studies": studies}]}
    return html.Div(
        className="empty-inline",
        children=[
            html.P("Nothing is selected"),
            html.P(
                "Draw a lasso in Explore, or press “Explain” beside a concept or a slice.",
                className="quiet-text",
            ),
            html.Button(
                "Explain all silent failures of the studies shown",
                className="link",
                **{"data-explain": json.dumps(recipe)},
            ),
        ],
    )


def _head(shown: Judged, selected: BoolArray, found: Explanation, half: str) -> html.Div:
    rows = np.flatnonzero(selected)
    silent, wrong = int(shown.silent[rows].sum()), int(shown.failure[rows].sum())
    return html.Div(
        className="explained",
        children=[
            html.P(
                [
                    html.B("", **{"data-selection-says": "1"}),
                    f" · {count(rows.size)} samples, {count(wrong)} failures, ",
                    html.Span(f"{count(silent)} silent", className="is-silent" if silent else ""),
                    f" · {count(found.n_selected)} of them compared with "
                    f"{count(found.n_reference)} {found.reference}",
                ],
                className="bench-sentence",
            ),
            images(
                shown, _examples(shown, rows), most=IMAGES, label="Selected samples, silent failures first"
            ),
            *(html.P(why, className="quiet-text") for why in (*found.why, half)),
        ],
    )


def _half_words(half: BoolArray | None, asked: Asked) -> str:
    if half is not None:
        return "Compared on one half of the patients or images; “Test” counts a rule on the other half."
    if asked.one_of("found", FOUND) == "all":
        return "Compared on all samples; what “Test” counts on is therefore not independent of the finding."
    return "Too few are selected to keep a half of them for testing, so all samples are compared."


def _examples(shown: Judged, rows: Rows) -> Rows:
    """Silent failures first, then failures; the most confident first."""
    values = np.nan_to_num(shown.score.values[rows], nan=-np.inf)
    order = np.lexsort((rows, -values, ~shown.failure[rows], ~shown.silent[rows]))
    examples: Rows = rows[order][:IMAGES]
    return examples


def _body(run: Run, found: Explanation) -> list[Any]:
    if not found.findings and not found.model:
        return []
    key = html.Span([html.Span("selected"), html.Span("compared with")], className="bars-key quiet-text")
    blocks: list[Any] = [
        html.Div(
            className="finding-list",
            **{"data-findings": str(len(found.holding))},
            children=[
                _columns(key),
                *(_finding(run, i + 1, one) for i, one in enumerate(found.findings[:FINDINGS])),
            ],
        )
    ]
    if found.model:
        inner = html.Div([_finding(run, i + 1, one) for i, one in enumerate(found.model[:MODEL_FINDINGS])])
        blocks.append(html.H3("What the model says of them", className="sub"))
        blocks.append(html.Div(inner, className="finding-list"))
    blocks.append(html.P(_tested(found), className="quiet-text"))
    if found.skipped:
        blocks.append(_skipped(found))
    return blocks


def _columns(key: html.Span) -> html.Div:
    heads: list[Any] = ["", "", key, "AUC", "effect", "q", ""]
    area, size = "of the rule made of this feature alone", EFFECT_SAYS
    titles = ["", "", "", area, size, "after Benjamini and Hochberg", ""]
    styles = ["", "", "", "number", "number", "number q", ""]
    return html.Div(
        [html.Span(h, title=t or None, className=s) for h, t, s in zip(heads, titles, styles, strict=True)],
        className="finding head",
    )


def _finding(run: Run, place: int, one: Finding) -> html.Div:
    size, size_says = effect(one)
    also = [html.Small(f"also: {', '.join(one.also)}")] if one.also else []
    return html.Div(
        className="finding" if one.holds else "finding weak",
        **{"data-feature": one.name},
        children=[
            html.Span(str(place), className="number quiet-text"),
            html.Span([one.words, *also], className="words"),
            _bars(one),
            html.Span(area_words(one.auc), className="number"),
            html.Span(size, className="number", title=size_says),
            html.Span(probability(one.q), className="number q"),
            _acts(run, one),
        ],
    )


def _bars(one: Finding) -> html.Div | None:
    """Two small histograms back to back: the selection above, the reference below."""
    shape = one.distribution
    if shape is None:
        return None
    most = max(float(shape.selected.max(initial=0)), float(shape.reference.max(initial=0)), 1e-9)
    sides = [_side(shape.selected, most), _side(shape.reference, most)]
    return html.Div(
        sides, className="small-bars", title=_range(shape), role="img", **{"aria-label": _range(shape)}
    )


def _side(parts: FloatArray, most: float) -> html.Div:
    return html.Div([html.I(style={"height": f"{TALLEST * float(part) / most:.1f}px"}) for part in parts])


def _range(shape: Distribution) -> str:
    if shape.labels:
        return "levels: " + ", ".join(shape.labels)
    return f"from {shape.edges[0]:.3g} to {shape.edges[-1]:.3g}"


def _acts(run: Run, one: Finding) -> html.Div:
    rule = rule_of(run, one)
    if rule is None:
        return html.Div()
    text = json.dumps(rule)
    return html.Div(
        className="cause-acts",
        children=[
            html.Button(
                "Test",
                className="quiet",
                title="Count this rule on samples outside the selection",
                **{"data-rule": text},
            ),
            html.Button(
                "Select",
                className="quiet",
                title="Select all samples with this",
                **{"data-recipe": text, "aria-pressed": "false"},
            ),
        ],
    )


def rule_of(run: Run, one: Finding) -> dict[str, Any] | None:
    """The one-feature rule as a selection: at least the cut where the selection is higher; or the level."""
    if one.level is None:
        if one.cut is None:
            return None
        below = float(np.nextafter(one.cut, -np.inf))
        bound = {"low": one.cut, "high": None} if one.higher else {"low": None, "high": below}
        return {"kind": "range", "feature": one.name, **bound}
    if one.origin is FeatureOrigin.SHIFT and one.name == "study":
        names = [s.name for s in run.studies if one.level in (s.label, s.name)]
        return {"kind": "attributes", "studies": names} if names else None
    return {"kind": "level", "feature": one.name, "level": None if one.level == MISSING else one.level}


def _tested(found: Explanation) -> str:
    return (
        f"{count(found.tested)} comparisons, q after Benjamini and Hochberg over all of them. p and q count "
        f"{count(found.units_selected)} and {count(found.units_reference)} independent patients or images, "
        "medians and AUC count samples. Grey: not told from chance."
    )


def _skipped(found: Explanation) -> html.Details:
    lines = [html.Li(f"{name}: {why}") for name, why in found.skipped.items()]
    return html.Details(
        [html.Summary(f"{len(lines)} not compared"), html.Ul(lines)], className="skipped quiet-text"
    )
