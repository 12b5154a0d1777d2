"""A case does not make a person wait for scores that nobody chose."""

from __future__ import annotations

from pathlib import Path

import sfvisuals
from own_runs import parts
from sfvisuals.case import UNFITTED, describe_case
from sfvisuals.workspace import Workspace


def test_a_score_that_must_be_fitted_first_is_shown_once_it_was_chosen(tmp_path: Path) -> None:
    given = parts(120)
    sfvisuals.write_run(tmp_path / "runs" / "one", **given)
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    run = workspace.run("one")

    def shown(score: str) -> dict[str, tuple[float | None, str]]:
        return {s.name: (s.value, s.why) for s in describe_case(workspace, run, 3, score=score).scores}

    assert shown("det_mcp")["dknn"] == (None, UNFITTED)
    assert shown("det_mcp")["det_pe"][0] is not None
    chosen = shown("dknn")["dknn"]
    assert chosen[0] == workspace.score(run, "dknn").values[3]
    assert shown("det_mcp")["dknn"] == chosen, "it is at hand from now on"
