"""One rule on the samples that did not suggest it, with it and without it, in each class and study."""

from __future__ import annotations

import numpy as np
from dash import html

from app.answers import Answer, Asked
from app.blocks import Cell, count, empty, percent, region, table
from app.cause_blocks import interval, judged, recipe_asked, suggesting, tested_studies
from app.causes_findings import probability
from sfvisuals.recipes import SLICED
from sfvisuals.slices.hypothesis import RuleTest, Side, rule_tests
from sfvisuals.types import BoolArray, IntArray, Run
from sfvisuals.units import units
from sfvisuals.workspace import Workspace

SIDE = ("failures", "95 % interval", "mean score")
HEAD = ("", "samples with it", *SIDE, "without it", *SIDE, "p")
KINDS = {"all": "all", "class": "true class", "study": "study"}


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Failure rates with the rule and without it, on samples that share nothing with the selection."""
    rule = recipe_asked(asked, "rule")
    if rule is None:
        why = (
            "Press “test” beside a finding above: its rule is counted here on samples outside the selection."
        )
        return Answer(empty("No rule chosen", why))
    shown, studies = judged(workspace, run, asked), tested_studies(run, asked)
    outcome = asked.one_of("outcome", SLICED)
    target = shown.silent if outcome == "silent" else shown.failure
    unit = units(workspace, run)
    eligible, where = _unseen(workspace, run, asked, unit)
    holds = workspace.resolve(run, rule)
    tests = rule_tests(
        run, holds, target=target, values=shown.score.values, eligible=eligible, unit=unit, studies=studies
    )
    pooled = tests[0]
    if not pooled.having.n or not pooled.lacking.n:
        side = "follow" if not pooled.having.n else "break"
        return Answer([_rule(asked), empty(f"No samples left that {side} this rule", where)])
    rows = [_row(one) for one in tests]
    name = "silent failures" if outcome == "silent" else "failures"
    body = region(
        table(f"How often the rule goes with {name}", _head(name), rows), "The rule, with and without"
    )
    return Answer([_rule(asked), _verdict(pooled, name), body, html.P(where, className="quiet-text")])


def _head(name: str) -> tuple[str, ...]:
    return tuple(name if words == "failures" else words for words in HEAD)


def _unseen(workspace: Workspace, run: Run, asked: Asked, unit: IntArray) -> tuple[BoolArray, str]:
    """(N,) the samples that did not suggest the rule, and what they are in words."""
    chosen = recipe_asked(asked, "recipe")
    if chosen is None:
        return np.ones(run.n, bool), "Nothing is selected, so the rule is counted on all test samples."
    selected = workspace.resolve(run, chosen)
    half = suggesting(run, unit, selected, asked)
    if half is not None:
        return ~half, (
            "Counted on the half of the patients or images that the findings above were not made on, whether "
            "selected or not."
        )
    return ~np.isin(unit, np.unique(unit[selected])), (
        f"Counted without the {count(int(selected.sum()))} selected samples and without all images of their "
        "patients, so the failures that suggested the rule do not speak for it again. Where failures were "
        "selected, the rates here are lower than those of all samples; that can hide an effect, not make one."
    )


def _rule(asked: Asked) -> html.P:
    """The rule in words, which assets/causes.mjs puts there as it does for selections."""
    says = html.B("", **{"data-recipe-says": asked.text("rule")})
    clear = html.Button("clear", className="link", **{"data-rule": "null"})
    return html.P(["Rule: ", says, " ", clear], className="bench-sentence")


def _verdict(pooled: RuleTest, name: str) -> html.P:
    more = _share(pooled.having) > _share(pooled.lacking)
    held = pooled.p is not None and pooled.p < 0.05 and more
    words = "The rule holds on samples that did not suggest it" if held else "Not confirmed on these samples"
    rates = f"{percent(_share(pooled.having))} {name} with it, {percent(_share(pooled.lacking))} without it"
    told = _p(pooled.p) if _p(pooled.p).startswith("<") else f"= {_p(pooled.p)}"
    return html.P([html.B(words), f": {rates}, p {told}."], className="bench-sentence")


def _share(side: Side) -> float:
    return side.k / side.n if side.n else 0.0


def _p(value: float | None) -> str:
    return "–" if value is None else probability(value)


def _row(one: RuleTest) -> list[str | Cell]:
    head = KINDS[one.kind] if one.kind == "all" else f"{one.group}"
    return [
        Cell([head, html.Small("" if one.kind == "all" else KINDS[one.kind], className="quiet-text")]),
        *_side(one.having),
        *_side(one.lacking),
        _p(one.p),
    ]


def _side(side: Side) -> list[str | Cell]:
    rate = f"{count(side.k)} · {percent(_share(side) if side.n else None)}"
    mean = "–" if side.confidence is None else f"{side.confidence:.3f}"
    return [count(side.n), rate, interval(side.low, side.high), mean]
