"""On the demo each planted attribute leads its explanation, and each planted cause wins its triage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sfvisuals.demo.shipped import write_dermoscopy
from sfvisuals.explain import CAUSES, Cause, Reference, explain_selection, triage_of
from sfvisuals.types import BoolArray, Run
from sfvisuals.workspace import Workspace

RUNS = ("confidnet", "deep_gamblers", "devries")
SCORE, TARGET = "det_mcp", 0.95
FIRST = 3
GROUPS: dict[str, tuple[str, str, set[str]]] = {
    "acquisition": (
        "cause_acquisition",
        "clinic_b",
        {"device", "site", "image:brightness", "image:contrast"},
    ),
    "ruler": ("cause_ruler", "clinic_c", {"ruler", "image:straight_lines"}),
    "amelanotic": ("cause_amelanotic", "amelanotic", {"subclass"}),
    "wrong label": ("cause_wrong_label", "clinic_a", {"atypia"}),
}
CAUSE_OF_GROUP = {
    "acquisition": Cause.SHIFT,
    "ruler": Cause.SHORTCUT,
    "amelanotic": Cause.UNSEEN,
    "wrong label": Cause.LABEL_SUSPECT,
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("demo")
    return Workspace(write_dermoscopy(folder / "dermoscopy"), cache_dir=folder / "cache")


def without_answers(workspace: Workspace, name: str) -> Run:
    """The run with the columns left out that say why a case fails."""
    run = workspace.run(name)
    answers = [c for c in run.metadata.columns if c.startswith("cause") or c in ("true_class", "true_label")]
    return replace(run, leave_out=tuple(answers), fingerprint=f"{run.fingerprint}-answers")


def silent(workspace: Workspace, run: Run) -> BoolArray:
    failure = workspace.score(run, SCORE).failure
    found: BoolArray = failure & workspace.accepted(run, SCORE, target=TARGET)
    return found


def in_study(run: Run, name: str) -> BoolArray:
    found: BoolArray = run.study == [study.name for study in run.studies].index(name)
    return found


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("group", GROUPS)
def test_the_planted_attribute_is_among_the_first_three_findings(
    workspace: Workspace, name: str, group: str
) -> None:
    run = without_answers(workspace, name)
    column, study, attributes = GROUPS[group]
    selected = run.metadata[column].to_numpy(bool) & in_study(run, study) & silent(workspace, run)
    told = explain_selection(workspace, run, selected, reference=Reference.TRUE_CLASS, score=SCORE)
    assert attributes & {one.name for one in told.holding[:FIRST]}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("study", ["brightness_down", "brightness_up"])
def test_brightness_is_told_of_the_failures_it_makes(workspace: Workspace, name: str, study: str) -> None:
    run = without_answers(workspace, name)
    selected = in_study(run, study) & (run.severity >= 3) & silent(workspace, run)
    told = explain_selection(workspace, run, selected, reference=Reference.TRUE_CLASS, score=SCORE)
    expected = {"severity", "corruption", "image:brightness"}
    assert expected & {one.name for one in told.holding[:FIRST]}


@pytest.mark.parametrize("name", RUNS)
def test_the_triage_tells_each_planted_cause_of_most_of_its_failures(workspace: Workspace, name: str) -> None:
    run = without_answers(workspace, name)
    found = triage_of(workspace, run, np.flatnonzero(silent(workspace, run)), score=SCORE, target=TARGET)
    told = np.array(CAUSES)[found.cause]
    clean = run.corruption[found.rows] < 0
    for group, (column, study, _) in GROUPS.items():
        of_group = run.metadata[column].to_numpy(bool)[found.rows] & in_study(run, study)[found.rows] & clean
        assert (told[of_group] == CAUSE_OF_GROUP[group]).mean() >= 0.75, group


def test_the_answers_would_lead_if_they_were_not_left_out(workspace: Workspace) -> None:
    run = workspace.run("confidnet")
    bare: Any = replace(run, leave_out=(), fingerprint=f"{run.fingerprint}-bare")
    selected = run.metadata["cause_ruler"].to_numpy(bool) & silent(workspace, run)
    told = explain_selection(workspace, bare, selected, reference=Reference.TRUE_CLASS, score=SCORE)
    assert any(one.name.startswith("cause") for one in told.findings) or any(
        "cause" in words for one in told.findings for words in one.also
    )
