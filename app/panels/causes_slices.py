"""Groups of failures with a shared cause, each as it holds on samples that were not used to find it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.blocks import count, empty, percent
from app.cause_blocks import Judged, acts, images, interval, judged, tested_studies
from app.causes_findings import probability
from sfvisuals.explain import Feature, features_of, train_evidence_of, training_words
from sfvisuals.recipes import SLICED
from sfvisuals.slices import FINDERS, Slice, SliceReport, slices_of
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

SHOWN = 12
UNCONFIRMED = 6
IMAGES = 8
ALL = "all"
CHOSEN = " of the chosen studies"
WORDS = {"silent": "silent failures", "failure": "failures"}


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """The confirmed slices, each next one for what the ones before leave over; then what did not hold."""
    shown = judged(workspace, run, asked)
    outcome, finder = asked.one_of("outcome", SLICED), asked.text("finder", ALL)
    studies = tested_studies(run, asked)
    train_evidence_of(workspace, run, progress=asked.report)
    report = slices_of(
        workspace,
        run,
        studies=studies,
        score=shown.score.name,
        target=shown.target / 1000,
        outcome=outcome,
        by=finder,
        progress=asked.report,
    )
    if not report.slices:
        why = " ".join(report.why) or "No group was found that is worth testing."
        return Answer(empty(f"No slices of {WORDS[outcome]}", why))
    features = features_of(workspace, run)
    lists = _lists(shown, report, outcome, studies, finder, features)
    return Answer([_summary(report, outcome, len(studies)), *lists])


def _lists(
    shown: Judged,
    report: SliceReport,
    outcome: str,
    studies: Sequence[str],
    finder: str,
    features: Sequence[Feature],
) -> list[Any]:
    places = list(enumerate(report.slices))
    held = [(i, one) for i, one in places if one.confirmed]
    other = [(i, one) for i, one in places if not one.confirmed]

    def card(i: int, one: Slice) -> html.Article:
        recipe = {
            "kind": "slice",
            "index": i,
            "studies": list(studies),
            "score": shown.score.name,
            "target": shown.target,
            "outcome": outcome,
            "finder": finder,
            "half": "tested",
            "n": int(one.rows.size),
        }
        nearest = training_words(features, one.examples)
        return _card(shown, one, recipe, outcome, place=i + 1, nearest=nearest)

    blocks: list[Any] = [card(i, one) for i, one in held[:SHOWN]]
    if not held:
        blocks.append(html.P("No slice held on the other half.", className="bench-sentence"))
    if other:
        rest = [card(i, one) for i, one in other[:UNCONFIRMED]]
        words = f"Not confirmed: {count(len(other))} groups that looked alike on the first half only"
        blocks.append(html.Details([html.Summary(words), *rest], className="unconfirmed"))
    return blocks


def _summary(report: SliceReport, outcome: str, studies: int) -> html.Div:
    n = len(report.confirmed)
    place = f"{studies} studies" if studies > 1 else "one study"
    words = [
        html.B(count(n)),
        f" of {count(report.tested)} groups confirmed in {place}, at a false discovery rate of "
        f"{100 * report.level:.0f} %. Found on one half of {count(report.units)} patients or images; every "
        "number below is of the other half.",
    ]
    notes = [html.P(why, className="quiet-text") for why in report.why]
    return html.Div([html.P(words, className="bench-sentence"), *notes], **{"data-confirmed-slices": str(n)})


def _card(
    shown: Judged, one: Slice, recipe: dict[str, Any], outcome: str, *, place: int, nearest: str
) -> html.Article:
    many = WORDS[outcome]
    state = "confirmed" if one.confirmed else "not confirmed"
    return html.Article(
        className="slice",
        **{"data-confirmed": str(int(one.confirmed)), "data-slice": str(place)},
        children=[
            html.Header(
                className="cause-head",
                children=[
                    html.H3(f"{place}. {one.title}"),
                    html.Span(state, className="slice-state", title=_tested(one)),
                    html.Span(str(_finder(one)), className="quiet-text"),
                    acts(recipe, shown.view(recipe, recipe["studies"]), what="this slice"),
                ],
            ),
            html.P([one.words, *_caution(one)], className="slice-words"),
            html.Div([_rates(one, outcome), _telling(recipe)], className="slice-numbers"),
            html.Div(
                [
                    images(shown, one.examples, most=IMAGES, label=f"{many} of this slice".capitalize()),
                    html.P(nearest, className="quiet-text") if nearest else None,
                ],
                className="slice-examples",
            ),
        ],
    )


def _finder(one: Slice) -> str:
    return next(finder.label for finder in FINDERS if finder.name == one.method)


def _caution(one: Slice) -> list[Any]:
    if not one.uses_label:
        return []
    words = " It compares the recorded label with what the model sees: read it as doubt about the label."
    return [html.Span(words, className="quiet-text")]


def _tested(one: Slice) -> str:
    return f"p: {probability(one.p)}, one-sided; q: {probability(one.q)}, after Benjamini and Hochberg"


def _rates(one: Slice, outcome: str) -> html.Div:
    low, high = one.interval
    red = outcome == "silent"
    lift = "" if one.lift != one.lift else f"lift {one.lift:.1f} ×" if one.lift < 1e6 else "none in the rest"
    return html.Div(
        className="slice-rates",
        children=[
            html.Span(f"{count(one.k)} of {count(one.n)}"),
            _track(one.rate, (low, high), red=red),
            html.Span([html.B(percent(one.rate)), html.Small(f" {interval(low, high)}")]),
            html.Span(one.rest_words.removesuffix(CHOSEN), className="quiet-text", title=one.rest_words),
            _track(one.rest_rate, None, red=False),
            html.Span(
                percent(None if one.rest_rate != one.rest_rate else one.rest_rate), className="quiet-text"
            ),
            html.Span(lift, title="its rate divided by that of the rest"),
            html.Span(
                f"p {probability(one.p)} · q {probability(one.q)} · {count(one.units)} independent",
                className="slice-tested quiet-text",
                title=_tested(one),
            ),
        ],
    )


def _track(rate: float, bounds: tuple[float, float] | None, *, red: bool) -> html.Span:
    width = 0.0 if rate != rate else 100 * rate
    parts: list[Any] = [html.I(className="is-silent" if red else "", style={"width": f"{width:.1f}%"})]
    if bounds is not None:
        low, high = (100 * end for end in bounds)
        parts.append(html.B(style={"left": f"{low:.1f}%", "width": f"{max(high - low, 0.5):.1f}%"}))
    return html.Span(parts, className="rate-track")


def _telling(recipe: dict[str, Any]) -> html.Div:
    """Where assets/slice-telling.mjs puts what tells it from others, once the card comes into view."""
    return html.Div(
        html.P("Comparing with correct samples of the same class …", className="quiet-text"),
        className="slice-telling",
        **{"data-telling": json.dumps(recipe), "aria-busy": "true"},
    )
