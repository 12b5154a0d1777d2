"""Cost and prevalence of classes by name, in the library and in the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.cli import main
from own_runs import parts
from sfvisuals import write_run
from sfvisuals.benchmark import NamedWeights, Row, evaluate
from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.metrics import METRICS
from sfvisuals.workspace import Workspace

# benign, benign, benign, malignant, malignant: one benign and one malignant are wrong
LABELS = [0, 0, 0, 1, 1]
CONFIDENT = [0.9, 0.8, 0.7, 0.95, 0.6]
PREDICTED = [0, 0, 1, 0, 1]


def skin(folder: Path, name: str = "skin", classes: tuple[str, str] = ("benign", "malignant")) -> None:
    table = [[c, 1 - c] if p == 0 else [1 - c, c] for c, p in zip(CONFIDENT, PREDICTED, strict=True)]
    write_run(
        folder / name,
        samples=pd.DataFrame({"study": ["iid"] * 5, "label": LABELS}),
        classes=list(classes),
        studies={"iid": "iid"},
        probabilities=np.array(table),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    skin(tmp_path / "runs")
    return tmp_path / "runs"


def values(root: Path, weights: NamedWeights, *metrics: str) -> list[float | None]:
    workspace = Workspace(root, cache_dir=root.parent / "cache")
    rows = evaluate(workspace, metrics=metrics, scores=["det_mcp"], studies=["iid"], weights=weights)
    return [row.value for row in rows]


def test_a_mistake_on_a_class_of_cost_10_counts_like_ten(root: Path) -> None:
    # weights 1 1 1 10 10: wrong are one of 1 and one of 10, of 23 in all
    (found,) = values(root, NamedWeights(cost={"malignant": 10}), "accuracy")
    assert found == pytest.approx(1 - 11 / 23)


def test_classes_without_a_prevalence_share_what_is_left(root: Path) -> None:
    # 2 % malignant, half of them wrong; 98 % benign, a third of them wrong
    for prevalence in ({"malignant": 0.02}, {"1": 0.02}, {"benign": 98, "malignant": 2}):
        (found,) = values(root, NamedWeights(prevalence=prevalence), "accuracy")
        assert found == pytest.approx(1 - 0.02 / 2 - 0.98 / 3)


def test_cost_and_prevalence_multiply(root: Path) -> None:
    weights = NamedWeights(cost={"malignant": 10}, prevalence={"malignant": 0.5})
    (found,) = values(root, weights, "accuracy")
    assert found == pytest.approx(1 - (5 / 2 + 0.5 / 3) / 5.5)


def test_weights_enter_every_metric_as_repeated_samples_do(tmp_path: Path) -> None:
    given = parts(40)
    given["samples"]["study"] = ["iid"] * 40
    given["samples"]["label"] = np.arange(40) % 3
    write_run(tmp_path / "runs" / "once", **(given | {"studies": {"iid": "iid"}}))
    again = np.repeat(np.arange(40), np.where(np.arange(40) % 3 == 1, 3, 1))
    for key in ("logits", "latents", "mc_logits", "external", "external_mc"):
        given[key] = given[key][again]
    given["samples"] = given["samples"].iloc[again].reset_index(drop=True)
    write_run(tmp_path / "runs" / "thrice", **(given | {"studies": {"iid": "iid"}}))
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    keys = [metric.key for metric in METRICS]
    asked: dict[str, Any] = {"metrics": keys, "scores": ["det_mcp", "mcd_mcp"], "studies": ["iid"]}
    weighted = evaluate(workspace, runs=["once"], weights=NamedWeights(cost={"malignant": 3}), **asked)
    repeated = evaluate(workspace, runs=["thrice"], **asked)
    for ours, theirs in zip(weighted, repeated, strict=True):
        assert theirs.value is not None or "no threshold" in theirs.why
        assert ours.value == (None if theirs.value is None else pytest.approx(theirs.value)), ours.metric


def test_shares_above_1_and_classes_named_twice_are_refused(root: Path) -> None:
    with pytest.raises(SettingsError, match=r"add up to 1\.5"):
        values(root, NamedWeights(prevalence={"malignant": 1.5}), "aurc")
    with pytest.raises(SettingsError, match="malignant of skin is named twice"):
        values(root, NamedWeights(cost={"malignant": 2, "1": 3}), "aurc")
    with pytest.raises(NotFoundError, match="no class 'malign'") as caught:
        values(root, NamedWeights(cost={"malign": 2}), "aurc")
    assert "benign, malignant" in caught.value.detail


def test_a_run_without_the_class_says_so_and_the_others_have_numbers(root: Path) -> None:
    skin(root, "chest", ("healthy", "ill"))
    workspace = Workspace(root, cache_dir=root.parent / "cache")
    by_prevalence = evaluate(
        workspace, metrics=["aurc"], scores=["det_mcp"], studies=["iid"],
        weights=NamedWeights(prevalence={"ill": 0.1}),
    )  # fmt: skip
    found: dict[str, Row] = {row.run: row for row in by_prevalence}
    assert found["chest"].value is not None
    assert found["skin"].why.startswith("This run has no class ill, whose prevalence was stated")
    by_cost = evaluate(
        workspace, metrics=["accuracy"], scores=["det_mcp"], studies=["iid"],
        weights=NamedWeights(cost={"ill": 10}),
    )  # fmt: skip
    assert {row.run: row.value for row in by_cost} == {
        "skin": pytest.approx(3 / 5),
        "chest": pytest.approx(12 / 23),
    }


def test_new_classes_need_a_prevalence_of_their_own(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "run", **parts(40))
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    asked: dict[str, Any] = {
        "metrics": ["accuracy"], "scores": ["det_mcp"], "studies": ["digits_original"]
    }  # fmt: skip
    (without,) = evaluate(workspace, weights=NamedWeights(prevalence={"malignant": 0.1}), **asked)
    assert without.value is None
    assert "samples of a new class" in without.why
    (stated,) = evaluate(workspace, weights=NamedWeights(prevalence={"malignant": 0.1, "new": 0.25}), **asked)
    # iid samples all count as correct in this mode, new ones as wrong
    assert stated.value == pytest.approx(0.75)


# -- the command -------------------------------------------------------------------------------------------


def asked_for(root: Path, *options: str) -> int:
    return main(["benchmark", str(root), "--cache-dir", str(root.parent / "cache"), *options])


def test_json_says_the_weights_beside_the_rows(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--metric", "accuracy", "--format", "json", "--cost", "malignant=10")
    assert asked_for(root, *options, "--prevalence", "malignant=0.5") == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["rows", "weights"]
    assert document["weights"] == {"cost": {"malignant": 10.0}, "prevalence": {"malignant": 0.5}}
    row = next(row for row in document["rows"] if row["study"] == "iid" and row["score"] == "det_mcp")
    assert row["value"] == pytest.approx(1 - (5 / 2 + 0.5 / 3) / 5.5)


@pytest.mark.parametrize("style", ["table", "csv", "markdown", "latex"])
def test_every_format_says_the_weights(root: Path, style: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked_for(root, "--format", style, "--cost", "malignant=10", "--prevalence", "1=0.02") == 0
    assert "cost malignant=10; prevalence 1=0.02" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cost", "malignant"], "--cost malignant is no class with a number"),
        (["--cost", "malignant=x"], "--cost malignant=x is no class"),
        (["--cost", "malignant=-1"], "at least 0"),
        (["--cost", "malignant=nan"], "--cost malignant=nan is no class"),
        (["--cost", "malignant=inf"], "--cost malignant=inf is no class"),
        (["--cost", "=3"], "--cost =3 is no class"),
        (["--cost", "malignant=1", "--cost", "malignant=2"], "--cost names malignant twice"),
        (["--cost", "malign=2"], "There is no class 'malign' in any of the runs"),
        (["--cost", "2=2"], "There is no class '2' in any of the runs"),
        (["--prevalence", "malignant=2"], "The prevalences add up to 2, more than 1"),
    ],
)
def test_what_is_no_weight_is_refused_with_status_2(
    root: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked_for(root, *options) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
