"""What makes the first page quick: its modules are named at once, and its run is read before it asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import assets_folder, create_workspace, modules
from app.settings import checked_settings
from app.warming import warm
from sfvisuals.workspace import Workspace


def test_the_page_names_every_module_that_it_imports_at_once_and_none_that_waits_to_be_asked_for(
    client: FlaskClient,
) -> None:
    page = client.get("/").get_data(as_text=True)
    named = re.findall(r'<link rel="modulepreload" href="/assets/([^"]+)">', page)
    assert named == list(modules())
    assert {"main.mjs", "model.mjs", "pointmap.mjs", "pointmap-lasso.mjs"} <= set(named)
    assert "benchmark.mjs" not in named
    for name in named:
        imported = re.findall(r'\bfrom "\./([^"]+)"', (assets_folder() / name).read_text(encoding="utf-8"))
        assert set(imported) <= set(named), name
        with client.get(f"/assets/{name}") as answer:
            assert answer.status_code == 200


def test_warming_makes_what_the_first_page_asks_for(digits_root: Path, tmp_path: Path) -> None:
    workspace = create_workspace(checked_settings(digits_root, cache_dir=tmp_path))
    warm(workspace)
    run = workspace.run("digits")
    assert workspace.score_at_hand(run, "det_mcp")


@pytest.mark.parametrize("what", ["nothing", "damaged"])
def test_a_folder_that_cannot_be_opened_is_told_by_the_page_and_not_by_the_warming(
    what: str, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "run").mkdir(parents=True)
    if what == "damaged":
        (root / "run/run.json").write_text("{")
    warm(Workspace(root, cache_dir=tmp_path / "cache"))
