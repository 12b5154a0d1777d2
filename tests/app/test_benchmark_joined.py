"""The table of all methods: differences to MSR across runs, reasons, and what one reads in the demo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

import sfvisuals
import sfvisuals.io
from app.factory import create_app, create_workspace
from app.settings import checked_settings
from bench_tree import cells, part, words
from sfvisuals.benchmark import joined
from sfvisuals.demo.shipped import write_dermoscopy
from sfvisuals.workspace import Workspace

N = 400
TOUR = Path(__file__).resolve().parents[2] / "docs" / "tour.md"
COLUMNS = ("iid", "cor", "acq", "man")
DROPOUT = ("MCD-MSR", "MCD-PE", "MCD-EE")
GAMBLERS = ("DG-MCD-MSR", "DG-RES")
Read = dict[tuple[str, str], str]


def written(root: Path, name: str, seed: int, **changes: Any) -> None:
    """Writes another network's answers to the same 400 images."""
    table = pd.DataFrame(
        {
            "study": ["iid"] * (N // 2) + ["clinic"] * (N // 2),
            "label": np.arange(N) % 2,
            "image": [f"{row}.png" for row in range(N)],
            "patient": [f"p{row // 4}" for row in range(N)],
        }
    )
    logits = np.random.default_rng(seed).normal(size=(N, 2)) + 2 * np.eye(2)[np.arange(N) % 2]
    studies = {"iid": "iid", "clinic": "acquisition"}
    given: dict[str, Any] = {"samples": table, "logits": logits, "classes": ["a", "b"], "studies": studies}
    sfvisuals.write_run(root / name, **(given | {"group": "patient"} | changes))


def dashboard(root: Path, cache: Path) -> tuple[FlaskClient, Workspace]:
    settings = checked_settings(root, cache_dir=cache)
    workspace = create_workspace(settings)
    return create_app(settings, workspace).server.test_client(), workspace


def told(client: FlaskClient, run: str, **query: str) -> Read:
    """(row, column) -> what the cell of the joined table says."""
    tree = part(client, "table", run=run, scope="methods", intervals="1", **query)["tree"]
    found = {}
    for says in cells(tree):
        label, rest = says.split(", ", 1)
        found[label, rest.split(":", 1)[0]] = says
    return found


def test_a_row_of_another_run_is_compared_with_msr_in_the_same_resamples(tmp_path: Path) -> None:
    written(tmp_path / "root", "lesions/plain", 1)
    written(tmp_path / "root", "lesions/dg", 2, external=np.zeros(N), external_name="dg")
    client, workspace = dashboard(tmp_path / "root", tmp_path / "cache")
    says = told(client, "lesions/plain")
    (table,) = joined(workspace, metrics=["aurc"], bootstrap=1000).tables
    (row,) = [row for row in table.rows if row.label == "DG-RES"]
    for column, cell in zip(table.columns, row.cells, strict=True):
        assert cell is not None
        assert cell.against is not None
        ends = (cell.against.value, cell.against.low, cell.against.high)
        value_, low, high = (f"{100 * end:.4f} %" for end in ends if end is not None)
        difference, interval = f"{value_} against MSR", f"({low} to {high}, significant)"
        assert f"{difference} {interval}" in says["DG-RES", column.study]
    answer = part(client, "table", run="lesions/plain", scope="methods", intervals="1")
    assert "▼worse than MSR" in words(answer["tree"]), "a constant score is worse"
    assert "lesions_iid_against,lesions_iid_against_low" in answer["facts"]["csv"]


def test_a_run_on_other_samples_has_no_marks_and_the_reason_in_the_cell_and_below(tmp_path: Path) -> None:
    written(tmp_path / "root", "lesions/plain", 1)
    other = pd.DataFrame({"study": ["iid"] * 50, "label": np.arange(50) % 2, "patient": ["p0"] * 50})
    chance = np.random.default_rng(0)
    written(
        tmp_path / "root", "lesions/dg", 2, samples=other, logits=chance.normal(size=(50, 2)),
        studies={"iid": "iid"}, external=chance.random(50), external_name="dg",
    )  # fmt: skip
    client, _ = dashboard(tmp_path / "root", tmp_path / "cache")
    says = told(client, "lesions/plain")["DG-RES", "iid"]
    assert "without interval: the runs were not tested on the same samples" in says
    below = words(part(client, "table", run="lesions/plain", scope="methods", intervals="1")["tree"])
    assert "Without marks: DG-RES, since the runs were not tested on the same samples." in below


def test_a_run_without_the_groups_that_are_drawn_says_so(tmp_path: Path) -> None:
    written(tmp_path / "root", "lesions/plain", 1)
    bare = pd.DataFrame({"study": ["iid"] * N, "label": np.arange(N) % 2})
    written(
        tmp_path / "root", "lesions/dg", 2, samples=bare, studies={"iid": "iid"}, group=None,
        external=np.random.default_rng(1).random(N), external_name="dg",
    )  # fmt: skip
    client, _ = dashboard(tmp_path / "root", tmp_path / "cache")
    says = told(client, "lesions/plain", group="patient")
    assert "no interval: " in says["DG-RES", "iid"]
    assert "patient" in says["DG-RES", "iid"]
    assert "against MSR (" in says["PE", "iid"]


def test_without_a_row_msr_nothing_is_marked_and_the_legend_says_why(tmp_path: Path) -> None:
    written(tmp_path / "root", "lesions/plain", 1)
    (tmp_path / "root" / "lesions" / "sfvisuals.yaml").write_text(
        "methods:\n  PE: {run: plain, score: det_pe}\n"
    )
    client, _ = dashboard(tmp_path / "root", tmp_path / "cache")
    below = words(part(client, "table", run="lesions/plain", scope="methods", intervals="1")["tree"])
    assert "Without marks: lesions, since there is no MSR to compare with." in below


def test_each_of_seven_runs_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(7):
        written(tmp_path / "root", f"lesions/plain_run{seed}", seed)
    client, _ = dashboard(tmp_path / "root", tmp_path / "cache")
    read, original = [], sfvisuals.io.read_run

    def counted(ref: Any, **rest: Any) -> Any:
        read.append(ref.name)
        return original(ref, **rest)

    monkeypatch.setattr(sfvisuals.io, "read_run", counted)
    told(client, "lesions/plain_run0")
    assert sorted(read) == [f"lesions/plain_run{seed}" for seed in range(7)]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Read]:
    """Metric -> what the joined table of the demo that ships says."""
    place = tmp_path_factory.mktemp("demo")
    client, _ = dashboard(write_dermoscopy(place / "dermoscopy"), place / "cache")
    kept: dict[str, Read] = {}

    def read(metric: str) -> Read:
        if metric not in kept:
            kept[metric] = told(client, "confidnet", metric=metric)
        return kept[metric]

    return read


def value(says: str) -> float:
    (found,) = re.findall(r"AU(?:G)?RC ([\d.]+) %", says)
    return float(found)


def mark(says: str) -> str:
    """▲ significantly better than MSR, ▼ worse, else nothing."""
    found = re.search(r"(-?[\d.]+) % against MSR \(.*, significant\)", says)
    return "" if found is None else "▲" if float(found[1]) < 0 else "▼"


@pytest.mark.parametrize("metric", ["aurc", "augrc"])
def test_in_the_demo_no_score_beats_msr_across_all_failure_sources(
    metric: str, shown: Callable[[str], Read]
) -> None:
    says = shown(metric)
    labels = {label for label, _ in says}
    assert len(labels) == 9
    for label in labels - {"MSR"}:
        better = [value(says[label, c]) < value(says["MSR", c]) for c in COLUMNS]
        assert not all(better), label
    assert not any(mark(says[label, "iid"]) == "▲" for label in labels), "not even one without any shift"


def test_in_the_demo_loss_attenuation_helps_under_shift_and_dropout_neither_helps_nor_harms(
    shown: Callable[[str], Read],
) -> None:
    for metric in ("aurc", "augrc"):
        says = shown(metric)
        assert [mark(says["DG-RES", c]) for c in ("iid", "cor", "acq")] == ["", "▲", "▲"]
        assert [mark(says["DG-MCD-MSR", c]) for c in COLUMNS] == ["", "", "▲", ""]
        assert {mark(says[label, c]) for label in DROPOUT for c in COLUMNS} == {""}
    assert mark(shown("augrc")["DG-RES", "man"]) == "▲"


def test_in_the_demo_the_best_score_is_another_under_each_shift(shown: Callable[[str], Read]) -> None:
    says = shown("aurc")
    labels = {label for label, _ in says}
    best = [min(labels, key=lambda label, c=c: value(says[label, c])) for c in COLUMNS]  # type: ignore[misc]
    assert best == ["ConfidNet", "DG-RES", "DG-MCD-MSR", "Devries et al."]
    worst = [max(labels, key=lambda label, c=c: value(says[label, c])) for c in COLUMNS]  # type: ignore[misc]
    assert worst[:3] == ["Devries et al."] * 3
    assert [mark(says["Devries et al.", c]) for c in COLUMNS] == ["▼", "▼", "▼", "▲"]


def test_the_tour_s_table_of_scores_is_that_of_the_demo(shown: Callable[[str], Read]) -> None:
    lines = re.findall(r"^\| (\S.*?) \| (.+) \|$", TOUR.read_text(encoding="utf-8"), flags=re.MULTILINE)
    table = {label: [cell.strip() for cell in cells_.split("|")] for label, cells_ in lines}
    says = shown("aurc")
    for label in {label for label, _ in says}:
        assert table[label] == [
            f"{value(says[label, c]):#.3g} {mark(says[label, c])}".strip() for c in COLUMNS
        ], label
