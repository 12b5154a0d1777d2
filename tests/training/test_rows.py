from __future__ import annotations

from pathlib import Path

import yaml

from sfvisuals.io.sidecar import read_sidecar
from sfvisuals.training.methods import Method
from sfvisuals.training.rows import ROWS, merged, rows_of, rows_of_folder, write_rows

# The poster's nine rows from above to below.
POSTER = ["MSR", "PE", "MCD-MSR", "MCD-PE", "MCD-EE", "ConfidNet", "DG-MCD-MSR", "DG-RES", "Devries et al."]


def test_the_rows_are_the_posters() -> None:
    assert [row for row, _, _ in ROWS] == POSTER


def test_all_methods_give_all_rows() -> None:
    rows = rows_of({(method, 0): f"a/{method}_seed0" for method in Method})
    assert list(rows) == POSTER
    assert rows["MSR"] == {"run": "a/cross_entropy_seed0", "score": "det_mcp"}
    assert rows["ConfidNet"] == {"run": "a/confidnet_seed0", "score": "tcp"}
    assert rows["DG-MCD-MSR"] == {"run": "a/deep_gamblers_seed0", "score": "mcd_mcp"}
    assert rows["Devries et al."] == {"run": "a/devries_seed0", "score": "devries"}


def test_confidnet_alone_gives_the_plain_rows_too() -> None:
    rows = rows_of({(Method.CONFIDNET, 0): "a/confidnet_seed0"})
    assert list(rows) == POSTER[:6]
    assert {entry["run"] for entry in rows.values()} == {"a/confidnet_seed0"}


def test_further_seeds_are_told_by_their_number() -> None:
    rows = rows_of({(Method.DEVRIES, 4): "a/devries_seed4", (Method.DEVRIES, 7): "a/devries_seed7"})
    assert rows == {
        "Devries et al.": {"run": "a/devries_seed4", "score": "devries"},
        "Devries et al., seed 7": {"run": "a/devries_seed7", "score": "devries"},
    }


def test_rows_of_other_experiments_and_all_else_stay() -> None:
    content = {"group": "patient", "methods": {"MSR": {"run": "b/x", "score": "det_mcp"}, "PE": "a/old"}}
    whole = merged(content, {"MSR": {"run": "a/new", "score": "det_mcp"}}, experiment="a")
    assert whole == {
        "group": "patient",
        "methods": {
            "MSR": {"run": "b/x", "score": "det_mcp"},
            "a: MSR": {"run": "a/new", "score": "det_mcp"},
        },
    }


def test_a_run_without_dropout_passes_gives_no_row_under_dropout(tmp_path: Path) -> None:
    run = tmp_path / "toy" / "deep_gamblers_seed0"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}", encoding="utf-8")
    assert list(rows_of_folder(tmp_path / "toy")) == ["DG-RES"]
    (run / "mc_logits.npy").touch()
    assert list(rows_of_folder(tmp_path / "toy")) == ["DG-MCD-MSR", "DG-RES"]


def test_the_sidecar_names_the_runs_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "sfvisuals.yaml").write_text("group: patient\n", encoding="utf-8")
    for name in ("devries_seed10", "devries_seed9", "devries_seed", "other"):
        (tmp_path / "toy" / name).mkdir(parents=True)
        (tmp_path / "toy" / name / "run.json").write_text("{}", encoding="utf-8")
    sidecar = write_rows(tmp_path / "toy")
    assert sidecar == tmp_path / "sfvisuals.yaml"
    assert read_sidecar(sidecar).group == "patient"
    assert read_sidecar(sidecar).methods == {
        "Devries et al.": {"run": "toy/devries_seed9", "score": "devries"},
        "Devries et al., seed 10": {"run": "toy/devries_seed10", "score": "devries"},
    }
    assert yaml.safe_load(sidecar.read_text(encoding="utf-8"))["methods"]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
