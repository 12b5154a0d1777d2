"""An address that names what is not here: the page says so, and shows what there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app import ids
from app.loading import FIELDS, load_page
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def loaded(workspace: Workspace, search: str) -> dict[tuple[str, str], Any]:
    return dict(zip(FIELDS, load_page(workspace, search), strict=True))


def info_of(workspace: Workspace, **state: Any) -> dict[str, Any]:
    found: dict[str, Any] = loaded(workspace, "?s=" + quote(json.dumps(state)))[(ids.RUN_INFO, "data")]
    return found


def test_an_address_that_is_met_leaves_nothing_adrift(workspace: Workspace, run: Run) -> None:
    assert info_of(workspace)["adrift"] == []
    assert info_of(workspace, run=run.name, score="mcd_ee", studies=["digits"])["adrift"] == []


def test_an_unknown_run_is_named_beside_the_run_that_is_opened_instead(
    workspace: Workspace, run: Run
) -> None:
    info = info_of(workspace, run="nope/none", score="det_xyz")
    assert info["run"] == run.name
    assert info["adrift"] == ["run nope/none"]


def test_an_unknown_score_and_study_are_named_and_the_defaults_shown(workspace: Workspace, run: Run) -> None:
    values = loaded(workspace, "?s=" + quote(json.dumps({"score": "det_xyz", "studies": ["foo"]})))
    assert values[(ids.RUN_INFO, "data")]["adrift"] == ["score det_xyz", "study foo"]
    assert values[(ids.SCORE, "value")] == "det_mcp"


def test_a_broken_address_is_said_to_be_unreadable(workspace: Workspace) -> None:
    assert loaded(workspace, "?s=%7Bbroken")[(ids.RUN_INFO, "data")]["adrift"] == ["an unreadable state"]


@pytest.mark.shared
def test_a_score_that_cannot_be_computed_here_is_adrift_too(shared: Path, tmp_path: Path) -> None:
    root = shared / "experiments" / "current" / "pneumonia" / "dg_run1"
    info = info_of(Workspace(root, cache_dir=tmp_path), score="mcd_mcp")
    assert info["adrift"] == ["score mcd_mcp"]


def test_a_folder_without_runs_has_nothing_adrift_but_an_error(tmp_path: Path) -> None:
    info = info_of(Workspace(tmp_path, cache_dir=tmp_path / "cache"), run="gone")
    assert info["adrift"] == []
    assert "no experiment" in info["error"]["title"]


def test_the_number_of_class_rows_survives_a_reload(workspace: Workspace) -> None:
    assert info_of(workspace)["classRows"] == 8
    assert info_of(workspace, classRows=24)["classRows"] == 24
