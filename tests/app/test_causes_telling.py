"""What a slice's card tells of it: effect, AUC and q of its best attributes, asked for after the list."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from app.causes_findings import effect, probability, sides
from app.panels.causes_telling import chosen
from sfvisuals.explain import Explanation, FeatureOrigin, Finding, Reference, explain_selection
from sfvisuals.explain.units import Design
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

RUN = "runs/digits/causes"
ASKED = {
    "score": "det_mcp",
    "target": "950",
    "studies": '["digits", "faint", "noise", "motion", "thick_pen"]',
    "outcome": "failure",
    "pool": "shown",
}


def finding(name: str, *, holds: bool = True, **changes: Any) -> Finding:
    """A level with an odds ratio of 24, unless it says otherwise."""
    usual = Finding(
        name=name,
        label=name,
        origin=FeatureOrigin.METADATA,
        unit="",
        level="yes",
        stratum="",
        higher=True,
        auc=0.93,
        delta=0.86,
        difference=None,
        selected=0.9,
        reference=0.04,
        odds_ratio=(24.2, 8.0, 71.0),
        p=1e-9,
        q=1e-7 if holds else 0.3,
        holds=holds,
        cut=None,
        missing=(0.0, 0.0),
        words=f"{name} is yes more often",
    )
    return replace(usual, **changes)


def explanation(*findings: Finding) -> Explanation:
    return Explanation(
        findings=findings,
        model=(),
        n_selected=9,
        n_reference=99,
        units_selected=9,
        units_reference=99,
        design=Design.APART,
        tested=len(findings),
        level=0.05,
        reference="correct benign images",
    )


def names(found: Explanation, rule: tuple[str, ...]) -> list[str]:
    return [one.name for one in chosen(found, rule)]


def test_a_card_tells_three_attributes_that_hold_the_strongest_first() -> None:
    five = explanation(*(finding(name) for name in "abcde"))
    assert names(five, ()) == ["a", "b", "c"]
    assert names(five, ("a", "b")) == ["a", "b", "c"]


def test_one_attribute_beyond_a_rule_of_three_is_told_and_none_where_there_is_none() -> None:
    five = explanation(*(finding(name) for name in "abcde"))
    assert names(five, ("a", "b", "c", "d")) == ["a", "b", "e"]
    assert names(explanation(*(finding(name) for name in "abc")), ("a", "b", "c")) == ["a", "b", "c"]


def test_where_nothing_holds_the_strongest_alone_is_told() -> None:
    weak = explanation(*(finding(name, holds=False) for name in "ab"))
    assert names(weak, ()) == ["a"]
    assert names(explanation(finding("a"), finding("b", holds=False)), ()) == ["a"]
    assert names(explanation(), ()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "OR 24"),
        ({"odds_ratio": (3805.6, 227.0, 6e4)}, "OR > 1,000"),
        ({"odds_ratio": (0.0312, 0.01, 0.09)}, "OR 0.031"),
        ({"odds_ratio": (0.004, 0.0, 0.02)}, "OR < 0.01"),
        ({"odds_ratio": None, "level": None, "difference": 1.42}, "d 1.4"),
        ({"odds_ratio": None, "level": None, "difference": -3.197}, "d −3.2"),
        ({"odds_ratio": None, "level": None, "difference": -0.01}, "d 0.0"),
        ({"odds_ratio": None, "level": None, "difference": 10.4}, "d > 10"),
        ({"odds_ratio": None, "level": None, "difference": -114.7}, "d < −10"),
        ({"odds_ratio": None, "level": None, "difference": float("nan"), "delta": -1.0}, "δ −1.0"),
    ],
)
def test_the_effect_is_a_standardised_difference_or_an_odds_ratio(
    changes: dict[str, Any], words: str
) -> None:
    assert effect(finding("a", **changes))[0] == words


def test_both_sides_are_told_as_shares_or_medians_and_tiny_p_as_less() -> None:
    assert sides(finding("a")) == "90 % vs 4 %"
    assert sides(finding("a", level=None, selected=0.31, reference=0.04, unit="mm")) == "0.31 vs 0.04 mm"
    assert (probability(2e-9), probability(0.0532)) == ("< 0.0001", "0.053")


def parts(tree: Any) -> list[dict[str, Any]]:
    """Every component of a tree, with its tag."""
    if isinstance(tree, list):
        return [one for part in tree for one in parts(part)]
    if not isinstance(tree, dict):
        return []
    return [tree["props"], *parts(tree["props"].get("children"))]


def text_of(tree: Any) -> str:
    if isinstance(tree, list):
        return " ".join(text_of(part) for part in tree)
    return (
        text_of(tree["props"].get("children"))
        if isinstance(tree, dict)
        else ""
        if tree is None
        else str(tree)
    )


@pytest.fixture(scope="module")
def cards(client: FlaskClient) -> list[dict[str, Any]]:
    tree = client.get(f"{RUN}/slices", query_string=ASKED).get_json()["tree"]
    return [one for one in parts(tree) if one.get("className") == "slice"]


def test_a_card_has_p_and_q_and_says_that_its_attributes_are_being_compared(
    cards: list[dict[str, Any]],
) -> None:
    for card in cards:
        assert re.search(r"p (< )?[\d.e-]+ · q (< )?[\d.e-]+ · \d+ independent", text_of(card["children"]))
        (place,) = [one for one in parts(card["children"]) if "data-telling" in one]
        assert "Comparing" in text_of(place["children"])
        assert json.loads(place["data-telling"])["kind"] == "slice"


def test_what_a_card_tells_is_what_explains_its_samples(
    client: FlaskClient, cards: list[dict[str, Any]], workspace: Workspace, run: Run
) -> None:
    (place,) = [one for one in parts(cards[0]["children"]) if "data-telling" in one]
    recipe = json.loads(place["data-telling"])
    answer = client.get(f"{RUN}/telling", query_string={"recipe": place["data-telling"]})
    lines = [one for one in parts(answer.get_json()["tree"]) if "data-feature" in one]

    head = client.get(f"{RUN}/explain", query_string={**ASKED, "recipe": place["data-telling"]})
    assert head.status_code == 200
    selected = np.frombuffer(
        client.get("runs/digits/mask", query_string={"recipe": place["data-telling"]}).data, np.uint8
    )
    mask = np.unpackbits(selected, bitorder="little")[: run.n].astype(bool)
    assert mask.sum() == recipe["n"]
    found = explain_selection(workspace, run, mask, reference=Reference.TRUE_CLASS, score="det_mcp")
    by_name = {one.name: one for one in found.findings}
    assert 0 < len(lines) <= 3
    for line in lines:
        one = by_name[line["data-feature"]]
        shown = text_of(line["children"])
        assert f"{one.auc:.2f}"[1:] in shown or one.auc > 0.99
        assert effect(one)[0] in shown
        assert probability(one.q) in shown


def test_only_slices_are_told(client: FlaskClient) -> None:
    for recipe in ('{"kind": "rows", "rows": [1]}', "null", "{", '{"kind": "slice"}'):
        answer = client.get(f"{RUN}/telling", query_string={"recipe": recipe})
        assert answer.status_code == 404, recipe
        assert answer.get_json()["title"]
