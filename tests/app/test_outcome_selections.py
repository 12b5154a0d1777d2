"""Selections by outcome and by predicted class, against arrays made by hand."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient

from sfvisuals.errors import NotFoundError
from sfvisuals.failures import reference_rows
from sfvisuals.recipes import parse_recipe
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def outcome(kind: str, **rest: Any) -> dict[str, Any]:
    return {"kind": "outcome", "outcome": kind, "score": "det_mcp", "target": 900, **rest}


def test_an_outcome_follows_the_score_s_own_prediction_and_threshold(workspace: Workspace, run: Run) -> None:
    score = workspace.score(run, "det_mcp")
    reference = np.sort(score.values[reference_rows(run).rows])[::-1]
    accepted = score.values >= reference[int(np.ceil(0.9 * reference.size)) - 1]
    expected = {
        "silent": score.failure & accepted,
        "caught": score.failure & ~accepted,
        "failure": score.failure,
        "correct": ~score.failure,
    }
    for kind, mask in expected.items():
        found = workspace.resolve(run, parse_recipe(outcome(kind)))
        assert np.array_equal(found, mask), kind
        assert mask.any(), kind


def test_a_predicted_class_is_that_of_its_judge(workspace: Workspace, run: Run) -> None:
    for judge, score in (("plain", "det_mcp"), ("mc_mean", "mcd_mcp")):
        found = workspace.resolve(run, parse_recipe({"kind": "predicted", "category": 3, "judge": judge}))
        assert np.array_equal(found, workspace.score(run, score).prediction == 3)


def test_an_outcome_in_the_run_itself_is_its_own(workspace: Workspace, run: Run) -> None:
    own = workspace.resolve(run, parse_recipe(outcome("silent")))
    assert np.array_equal(workspace.resolve(run, parse_recipe(outcome("silent", run="digits"))), own)


@pytest.mark.parametrize(
    "raw",
    [
        {"kind": "outcome", "outcome": "odd", "score": "det_mcp", "target": 900},
        {"kind": "outcome", "outcome": "silent", "score": "det_mcp", "target": 1001},
        {"kind": "outcome", "outcome": "silent", "score": "det_mcp"},
        {"kind": "predicted", "category": "a"},
        {"kind": "predicted", "category": 1, "judge": "nobody"},
    ],
)
def test_what_is_no_outcome_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError, match="selection cannot be read"):
        parse_recipe(raw)


def test_an_outcome_in_another_run_is_not_kept_for_good(client: FlaskClient, run: Run) -> None:
    version = run.fingerprint[:12]
    for recipe, kept in ((outcome("silent"), "immutable"), (outcome("silent", run="digits"), "no-cache")):
        answer = client.get(f"/runs/digits/mask?recipe={quote(json.dumps(recipe))}&v={version}")
        assert kept in answer.headers["Cache-Control"]
    gone = client.get(f"/runs/digits/mask?recipe={quote(json.dumps(outcome('silent', run='gone')))}")
    assert gone.status_code == 404
