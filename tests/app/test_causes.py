"""The parts of the page "Concepts and slices" over HTTP, on the digits demo."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from app.panels import causes
from sfvisuals.explain import REFERENCE_LABELS
from sfvisuals.recipes import parse_recipe
from sfvisuals.slices import FINDERS
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

RUN = "runs/digits/causes"
JUDGED = {"score": "det_mcp", "target": "950"}
CLUSTERS = {
    "basis": "label",
    "method": "kmeans",
    "k": "auto",
    "source": "digits",
    "studies": '["digits", "thick_pen"]',
}
THICK = {"kind": "attributes", "studies": ["thick_pen"]}
WRONG = {
    "kind": "and",
    "of": [THICK, {"kind": "outcome", "outcome": "failure", "score": "det_mcp", "target": 950}],
}


def ask(client: FlaskClient, part: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"{RUN}/{part}", query_string={**JUDGED, **query})
    assert answer.status_code == 200, answer.get_json()
    content: dict[str, Any] = answer.get_json()
    return content


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every component of a tree."""
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)
    elif isinstance(tree, dict):
        yield tree["props"] | {"tag": tree["type"]}
        yield from nodes(tree["props"].get("children"))


def text_of(tree: Any) -> str:
    if isinstance(tree, list):
        return "".join(text_of(part) for part in tree)
    if isinstance(tree, dict):
        return text_of(tree["props"].get("children")) + " "
    return "" if tree is None else str(tree)


def recipes(tree: Any, attribute: str = "data-recipe") -> list[Any]:
    return [json.loads(props[attribute]) for props in nodes(tree) if attribute in props]


def test_the_page_offers_the_finders_and_references_that_there_are() -> None:
    finders = [(str(finder.name), finder.label) for finder in FINDERS]
    assert list(causes.FINDERS_OFFERED) == [("all", "all methods"), *finders]
    assert list(causes.REFERENCES) == [(str(one), words) for one, words in REFERENCE_LABELS.items()]


def test_the_first_page_does_not_wait_for_what_explains() -> None:
    code = "import sys, app.factory; print([m for m in sys.modules if m.startswith('sfvisuals.slices')])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_each_target_concept_stands_beside_its_nearest_source_concept(client: FlaskClient) -> None:
    tree = ask(client, "matches", **CLUSTERS)["tree"]
    rows = [props for props in nodes(tree) if props.get("className") == "match"]
    assert rows
    assert all(props["data-flag"] in ("moved", "alone", "none") for props in rows)
    assert "spreads" in text_of(tree)


def test_what_is_selected_from_a_card_is_the_concept_that_the_card_counts(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    tree = ask(client, "concepts", study="thick_pen", **CLUSTERS)["tree"]
    cards = [props for props in nodes(tree) if props.get("className") == "cause-card"]
    assert cards
    for card in cards[:4]:
        (recipe,) = recipes(card["children"])
        shown = int(next(p["children"] for p in nodes(card["children"]) if p["tag"] == "Dd").replace(",", ""))
        assert workspace.resolve(run, parse_recipe(recipe)).sum() == shown


def test_a_selection_is_told_from_correct_images_of_its_class(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    tree = ask(client, "explain", recipe=json.dumps(WRONG))["tree"]
    n = int(workspace.resolve(run, parse_recipe(WRONG)).sum())
    assert f"{n:,} samples" in text_of(tree)
    findings = [props["data-feature"] for props in nodes(tree) if "data-feature" in props]
    assert "study" in findings, "all of them are of one study, the correct ones of several"


def test_the_rule_of_a_finding_selects_samples_and_can_be_tested(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    tree = ask(client, "explain", recipe=json.dumps(WRONG))["tree"]
    for rule in recipes(tree, "data-rule"):
        mask = workspace.resolve(run, parse_recipe(rule))
        assert mask.any(), rule
        assert not mask.all(), rule


def test_a_slice_leads_to_its_samples_and_says_what_was_trained_on_beside_it(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    studies = json.dumps(["digits", "faint", "noise", "motion", "thick_pen"])
    tree = ask(client, "slices", studies=studies, outcome="failure", pool="shown")["tree"]
    cards = [props for props in nodes(tree) if props.get("className") == "slice"]
    assert cards
    assert "confirmed in 5 studies" in text_of(tree)
    for card in cards[:3]:
        (recipe,) = recipes(card["children"])
        assert workspace.resolve(run, parse_recipe(recipe)).sum() == recipe["n"]
        assert run.train_latents is None or "nearest training samples" in text_of(card["children"])


def test_without_a_selection_the_page_says_what_to_do(client: FlaskClient) -> None:
    tree = ask(client, "explain", studies='["digits", "thick_pen"]')["tree"]
    assert "Nothing is selected" in text_of(tree)
    (offered,) = recipes(tree, "data-explain")
    parse_recipe(offered)
    assert "Nothing is selected" in text_of(ask(client, "triage")["tree"])


def test_every_failure_gets_one_cause(client: FlaskClient, workspace: Workspace, run: Run) -> None:
    tree = ask(client, "triage", recipe=json.dumps(WRONG))["tree"]
    picked = [parse_recipe(recipe) for recipe in recipes(tree)]
    masks = np.stack([workspace.resolve(run, recipe) for recipe in picked])
    assert np.array_equal(masks.sum(axis=0) == 1, workspace.resolve(run, parse_recipe(WRONG)))
    assert masks.sum(axis=0).max() == 1


def test_correct_samples_have_no_cause(client: FlaskClient) -> None:
    right = {"kind": "outcome", "outcome": "correct", "score": "det_mcp", "target": 950}
    assert "No failure is selected" in text_of(ask(client, "triage", recipe=json.dumps(right))["tree"])


@pytest.mark.parametrize(
    ("part", "query", "says"),
    [
        ("matches", {**CLUSTERS, "method": "guess"}, "guess"),
        ("matches", {**CLUSTERS, "k": "99"}, "number of clusters"),
        ("concepts", {**CLUSTERS, "study": "nowhere"}, "nowhere"),
        ("concepts", {**CLUSTERS, "study": "digits", "category": "77"}, "77"),
        ("explain", {"recipe": "{", "reference": "rest"}, "selection"),
        ("explain", {"recipe": json.dumps(THICK), "reference": "moon"}, "moon"),
        (
            "explain",
            {"recipe": json.dumps({"kind": "range", "feature": "image:none", "low": 1})},
            "image:none",
        ),
        ("nothing", {}, "nothing"),
    ],
)
def test_what_does_not_exist_is_refused_in_words(
    client: FlaskClient, part: str, query: dict[str, str], says: str
) -> None:
    answer = client.get(f"{RUN}/{part}", query_string={**JUDGED, **query})
    assert answer.status_code == 404
    problem = answer.get_json()
    assert says in problem["title"] + problem["detail"]
