"""What kind of cause each selected failure looks like, with the evidence for it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from dash import html

from app.answers import Answer, Asked
from app.blocks import count, empty
from app.cause_blocks import Judged, images, judged, recipe_asked, rows_recipe
from sfvisuals.explain import CAUSE_LABELS, CAUSES, Cause, Triage, evidence_on, train_evidence_of, triage_of
from sfvisuals.recipes import MAX_ROWS
from sfvisuals.types import Rows, Run
from sfvisuals.workspace import Workspace

CASES = 12
MEANS = {
    Cause.UNSEEN: "far from the training samples of its class, among others like it",
    Cause.SHIFT: "far from all training samples, or its clean image is recognised",
    Cause.SHORTCUT: "has what goes with the predicted class where the model was trained",
    Cause.AMBIGUOUS: "between the classes, for its outputs and its neighbours",
    Cause.LABEL_SUSPECT: "sure, and its training neighbours agree with the model: is the label right?",
    Cause.NOT_CLEAR: "no rule is met: the evidence is weak",
}


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Counts per cause, and the most silent failures with the evidence on each."""
    recipe = recipe_asked(asked, "recipe")
    if recipe is None:
        return Answer(empty("Nothing is selected", "Select failures, a concept or a slice."))
    shown = judged(workspace, run, asked)
    rows = np.flatnonzero(workspace.resolve(run, recipe) & shown.failure).astype(np.int64)
    if not rows.size:
        return Answer(empty("No failure is selected", "Every selected sample is predicted rightly."))
    train_evidence_of(workspace, run, progress=asked.report)
    found = triage_of(workspace, run, rows, score=shown.score.name, target=shown.target / 1000)
    notes = [html.P(why, className="quiet-text") for why in found.why]
    return Answer([_counts(shown, found), *notes, _cases(shown, found)])


def _counts(shown: Judged, found: Triage) -> html.Div:
    n = len(found.rows)
    lines = []
    for position, cause in enumerate(CAUSES):
        rows = found.rows[found.cause == position]
        if rows.size:
            lines.append(_line(shown, cause, rows, n))
    return html.Div(lines, className="triage-lines", **{"data-triage": str(found.pooled)})


def _line(shown: Judged, cause: Cause, rows: Rows, n: int) -> html.Div:
    pick: Any = count(rows.size)
    if rows.size <= MAX_ROWS:
        pick = html.Button(
            count(rows.size),
            className="go",
            title="Select these failures",
            **{"data-recipe": json.dumps(rows_recipe(rows)), "aria-pressed": "false"},
        )
    return html.Div(
        className="triage-line",
        **{"data-cause": str(cause)},
        children=[
            html.B(CAUSE_LABELS[cause]),
            html.Span(html.Span(style={"width": f"{100 * rows.size / n:.1f}%"}), className="track"),
            html.Span([pick, html.Small(f" · {100 * rows.size / n:.0f} %")], className="number"),
            html.Span(MEANS[cause], className="quiet-text"),
        ],
    )


def _cases(shown: Judged, found: Triage) -> html.Div:
    """The most silent failures: silent first, then the most confident."""
    values = np.nan_to_num(shown.score.values[found.rows], nan=-np.inf)
    order = np.lexsort((found.rows, -values, ~shown.silent[found.rows]))[:CASES]
    return html.Div([_case(shown, found, int(i)) for i in order], className="triage-cases")


def _case(shown: Judged, found: Triage, i: int) -> html.Article:
    cause = CAUSES[int(found.cause[i])]
    told = evidence_on(found, i)
    own = [one.words for one in told if one.cause is cause]
    other = [f"{CAUSE_LABELS[one.cause]}: {one.words}" for one in told if one.cause is not cause]
    return html.Article(
        className="triage-case",
        children=[
            images(shown, [int(found.rows[i])], most=1, label="This failure"),
            html.Div(
                [
                    html.B(CAUSE_LABELS[cause]),
                    *(html.P(f"{words[0].upper()}{words[1:]}.") for words in own if words),
                    html.Details(
                        [html.Summary("all evidence"), html.Ul([html.Li(words) for words in other])],
                        className="skipped",
                    ),
                ]
            ),
        ],
    )
