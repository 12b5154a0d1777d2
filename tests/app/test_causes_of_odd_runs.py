"""The page "Concepts and slices" on a run with an odd table: every rule that it offers means what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

from app.factory import create_app, create_workspace
from app.settings import checked_settings
from sfvisuals import ScoreColumn, write_run
from sfvisuals.recipes import FeatureLevel, parse_recipe
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

N = 600
FAILURES = {"kind": "outcome", "outcome": "failure", "score": "det_mcp", "target": 950}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Every fourth sample of 600 fails. Two of three of those have no dose, four of five a rare place."""
    root: Path = tmp_path_factory.mktemp("odd")
    rows = np.arange(N)
    wrong, random = rows % 4 == 0, np.random.default_rng(0)
    label = rows % 2
    prediction = np.where(wrong, 1 - label, label)
    table = pd.DataFrame(
        {
            "study": np.where(rows < N // 2, "iid", "other"),
            "label": label,
            "place": np.where(
                wrong & (rows % 5 > 0),
                [f"rare {row // 3}" for row in rows],
                [f"place {row % 27}" for row in rows],
            ),
            "dose": np.where(wrong & (rows % 3 > 0), np.inf, random.normal(size=N)),
            "image:brightness": np.where(wrong, "<b>high</b>", "\"low\", 'lower'"),
            "model:margin": np.where(wrong, 1.0, 0.0) + random.uniform(size=N),
        }
    )
    write_run(
        root / "run",
        samples=table,
        classes=["benign", "malignant"],
        studies={"iid": "iid", "other": "acquisition"},
        logits=np.eye(2, dtype=np.float32)[prediction] * (2 + random.uniform(size=(N, 1))),
        latents=random.normal(size=(N, 8)).astype(np.float32),
        scores={"blank": ScoreColumn(np.full(N, np.nan), "high")},
        train_latents=random.normal(size=(50, 8)).astype(np.float32),
        train_labels=random.integers(0, 2, 50),
    )
    settings = checked_settings(root, cache_dir=tmp_path_factory.mktemp("odd-cache"))
    return create_workspace(settings)


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> Run:
    (name,) = workspace.run_names()
    return workspace.run(name)


@pytest.fixture(scope="module")
def client(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = checked_settings(workspace.root, cache_dir=tmp_path_factory.mktemp("odd-answers"))
    client: FlaskClient = create_app(settings, workspace).server.test_client()
    return client


def ask(client: FlaskClient, run: Run, part: str, **query: str) -> Any:
    asked = {"score": "det_mcp", "target": "950", **query}
    return client.get(f"runs/{run.name}/causes/{part}", query_string=asked)


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)
    elif isinstance(tree, dict):
        yield tree["props"]
        yield from nodes(tree["props"].get("children"))


def rules(client: FlaskClient, run: Run) -> list[dict[str, Any]]:
    tree = ask(client, run, "explain", recipe=json.dumps(FAILURES), found="all").get_json()["tree"]
    return [json.loads(props["data-rule"]) for props in nodes(tree) if "data-rule" in props]


def test_every_rule_of_a_finding_selects_the_samples_that_it_is_about(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    rows = np.arange(N)
    found = {json.dumps(rule): workspace.resolve(run, parse_recipe(rule)) for rule in rules(client, run)}
    assert all(mask.any() and not mask.all() for mask in found.values()), list(found)
    missing = json.dumps({"kind": "level", "feature": "dose", "level": None})
    np.testing.assert_array_equal(found[missing], (rows % 4 == 0) & (rows % 3 > 0))
    (pooled,) = (mask for rule, mask in found.items() if "rarer values" in rule)
    assert pooled.sum() > 100
    assert not (pooled & ((rows % 4 > 0) | (rows % 5 == 0))).any()


def test_a_column_that_is_called_like_a_feature_of_ours_does_not_take_its_place(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    named = {rule["feature"] for rule in rules(client, run) if "feature" in rule}
    assert {"column:image:brightness", "column:model:margin", "model:margin"} <= named
    high = workspace.resolve(run, FeatureLevel("column:image:brightness", "<b>high</b>"))
    np.testing.assert_array_equal(high, np.arange(N) % 4 == 0)


@pytest.mark.parametrize("recipe", [{"feature": "dose", "level": "a"}, {"feature": "x" * 999, "level": None}])
def test_a_level_that_is_not_there_is_refused_in_words(
    client: FlaskClient, run: Run, recipe: dict[str, Any]
) -> None:
    answer = ask(client, run, "explain", recipe=json.dumps({"kind": "level", **recipe}))
    assert answer.status_code == 404
    assert "Known" in answer.get_json()["detail"]
    assert len(answer.get_json()["title"]) < 200


def test_a_tested_rule_is_named_and_can_be_cleared(client: FlaskClient, run: Run) -> None:
    rule = json.dumps({"kind": "level", "feature": "dose", "level": None})
    for selection in ("", json.dumps(FAILURES)):
        tree = ask(client, run, "hypothesis", rule=rule, recipe=selection).get_json()["tree"]
        assert [props["data-recipe-says"] for props in nodes(tree) if "data-recipe-says" in props] == [rule]
        assert [props["data-rule"] for props in nodes(tree) if "data-rule" in props] == ["null"]


@pytest.mark.parametrize(
    ("part", "setting"),
    [
        ("concepts", "basis"),
        ("concepts", "method"),
        ("slices", "outcome"),
        ("slices", "pool"),
        ("slices", "finder"),
        ("explain", "reference"),
        ("explain", "found"),
        ("hypothesis", "outcome"),
    ],
)
def test_a_setting_that_is_not_on_offer_is_refused(
    client: FlaskClient, run: Run, part: str, setting: str
) -> None:
    rows = json.dumps({"kind": "rows", "rows": [0, 1]})
    query = {"study": "iid", "studies": '["iid", "other"]', "recipe": rows, "rule": rows, setting: "x" * 999}
    answer = ask(client, run, part, **query)
    assert answer.status_code == 404
    assert len(answer.get_json()["title"]) < 100


def test_cards_do_not_wait_for_the_nearest_training_samples(
    client: FlaskClient, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_args: Any, **_more: Any) -> None:
        raise AssertionError("cards say nothing of the training samples")

    monkeypatch.setattr("sfvisuals.explain.features.train_evidence", never)
    assert ask(client, run, "concepts", study="other", studies='["iid", "other"]', k="2").status_code == 200


def test_correct_samples_that_are_all_selected_are_not_called_wrong(client: FlaskClient, run: Run) -> None:
    right = json.dumps({**FAILURES, "outcome": "correct"})
    text = ask(client, run, "explain", recipe=right).get_data(as_text=True)
    assert "No other image of benign, malignant is correct here" in text


def test_a_selection_that_is_a_whole_study_has_no_rest_in_words(client: FlaskClient, run: Run) -> None:
    whole = json.dumps({"kind": "attributes", "studies": ["other"]})
    answer = ask(client, run, "explain", recipe=whole, reference="rest")
    assert "There are no other images of other to compare with." in answer.get_data(as_text=True)


def test_a_score_that_accepts_nothing_is_the_reason_why_there_are_no_silent_failures(
    client: FlaskClient, run: Run
) -> None:
    answer = ask(client, run, "slices", score="blank", studies='["iid", "other"]')
    assert "This score accepts no sample here, so no failure is silent." in answer.get_data(as_text=True)
