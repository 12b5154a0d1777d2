"""Slices of a run: what they are kept under, and what is said where something is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sfvisuals import write_run
from sfvisuals.errors import NotFoundError
from sfvisuals.slices import SliceReport, slices_of
from sfvisuals.workspace import Workspace

N = 600


def parts(*, d: int = 2, failing: float = 0.7, columns: bool = True, latents: bool = True) -> dict[str, Any]:
    """Arguments of `write_run`: a validation study, then two studies; device b fails, confidently."""
    rng = np.random.default_rng(3)
    label, device = rng.integers(0, d, N), rng.choice(["a", "b", "c"], N)
    wrong = (device == "b") & (rng.random(N) < failing)
    predicted = np.where(wrong, (label + 1) % d, label)
    samples = pd.DataFrame({"study": np.repeat(["validation", "iid", "clinic"], N // 3), "label": label})
    if columns:
        samples["device"], samples["patient"] = device, [f"p{row // 2}" for row in range(N)]
    made: dict[str, Any] = {
        "samples": samples,
        "classes": [f"class {k}" for k in range(d)],
        "studies": {"validation": "validation", "iid": "iid", "clinic": "acquisition"},
        "logits": (4 * np.eye(d)[predicted] + rng.normal(scale=0.1, size=(N, d))).astype(np.float32),
    }
    if columns:
        made["group"] = "patient"
    if latents:
        made["latents"] = (rng.normal(size=(N, 8)) + 3 * (device == "b")[:, None]).astype(np.float32)
    return made


def workspace_of(tmp_path: Path, **options: Any) -> Workspace:
    write_run(tmp_path / "runs" / "one", **parts(**options))
    return Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")


def asked(workspace: Workspace, **options: Any) -> SliceReport:
    return slices_of(workspace, workspace.run("one"), **{"score": "det_mcp", "outcome": "failure", **options})


def test_the_cause_is_found_and_validation_is_not_looked_at(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    report = asked(workspace)
    run = workspace.run("one")
    assert report.rows.tolist() == np.flatnonzero(run.study > 0).tolist()
    assert report.slices[0].confirmed
    assert report.slices[0].title == "device = b"


def test_what_the_store_keeps_is_what_was_found(tmp_path: Path) -> None:
    first = asked(workspace_of(tmp_path))
    again = asked(Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache"), progress=refused)
    assert len(first.slices) == len(again.slices)
    for one, other in zip(first.slices, again.slices, strict=True):
        for name, value in vars(one).items():
            np.testing.assert_array_equal(value, getattr(other, name), err_msg=name)
    assert (first.tested, first.why, first.n_target) == (again.tested, again.why, again.n_target)


def refused(_share: float, _words: str) -> None:
    pytest.fail("slices were looked for again")


def test_other_studies_seeds_and_finders_are_other_entries(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path)
    whole = asked(workspace)
    part = asked(workspace, studies=["clinic"])
    assert part.rows.size == N // 3
    assert any("One study" in why for why in part.why)
    assert (asked(workspace, seed=1).discovery != whole.discovery).any()
    assert {one.method for one in asked(workspace, by="rules").slices} == {"rules"}


def test_a_run_without_metadata_and_patients_says_so(tmp_path: Path) -> None:
    report = asked(workspace_of(tmp_path, columns=False))
    said = " ".join(report.why)
    assert "no metadata" in said
    assert "No column names patients" in said


def test_a_run_without_latents_has_rules(tmp_path: Path) -> None:
    report = asked(workspace_of(tmp_path, latents=False))
    assert report.confirmed
    assert any("Without latents" in why for why in report.why)


def test_a_run_without_failures_says_so(tmp_path: Path) -> None:
    report = asked(workspace_of(tmp_path, failing=0.0))
    assert report.slices == ()
    assert report.why[0].startswith("There are 0 failures")


def test_a_thousand_classes_are_no_obstacle(tmp_path: Path) -> None:
    assert asked(workspace_of(tmp_path, d=1139)).slices[0].title == "device = b"


@pytest.mark.parametrize(
    ("wrong", "known"),
    [
        ({"studies": ["nowhere"]}, "validation, iid, clinic"),
        ({"outcome": "luck"}, "silent, failure"),
        ({"by": "astrology"}, "rules, failures, mixture"),
    ],
)
def test_unknown_names_are_refused_and_the_known_ones_listed(
    tmp_path: Path, wrong: dict[str, Any], known: str
) -> None:
    with pytest.raises(NotFoundError, match=known):
        asked(workspace_of(tmp_path), **wrong)
