"""Run folders are found at any depth, each once, and nothing else is taken for one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fake_fdshifts import CURRENT, V0_1_1, Y2022, write
from sfvisuals.io import discover
from sfvisuals.types import RunFormat


def names(root: Path) -> list[str]:
    return [ref.name for ref in discover(root)]


def test_runs_are_found_at_any_depth_and_sorted_by_name(tmp_path: Path) -> None:
    for place in ("z/run", "a/b/c/run", "a/run", "m"):
        (tmp_path / place / "test_results").mkdir(parents=True)
    assert names(tmp_path) == ["a/b/c/run", "a/run", "m", "z/run"]


def test_a_root_that_is_the_run_gives_one_run_named_after_its_folder(tmp_path: Path) -> None:
    run = write(tmp_path / "group" / "run_1")
    (ref,) = discover(run.folder)
    assert (ref.name, ref.path) == ("run_1", run.folder)


def test_a_root_that_is_the_folder_of_the_outputs_gives_its_run(tmp_path: Path) -> None:
    run = write(tmp_path / "group" / "run_1")
    (ref,) = discover(run.results)
    assert (ref.name, ref.path) == ("run_1", run.folder)


def test_a_relative_root_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "run_1")
    monkeypatch.chdir(tmp_path)
    assert names(Path()) == ["run_1"]


def test_the_formats_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "current", layout=CURRENT)
    write(tmp_path / "v011", layout=V0_1_1)
    write(tmp_path / "y2022", layout=Y2022)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "run.json").write_text("{}")
    assert {ref.name: ref.format for ref in discover(tmp_path)} == {
        "current": RunFormat.FD_SHIFTS_CURRENT,
        "v011": RunFormat.FD_SHIFTS_V0_1_1,
        "y2022": RunFormat.FD_SHIFTS_2022,
        "own": RunFormat.SFVISUALS,
    }


def test_the_spelling_of_the_old_readme_is_the_2022_format(tmp_path: Path) -> None:
    run = write(tmp_path / "run", layout=Y2022)
    (run.results / "raw_output.npz").rename(run.results / "raw_outputs.npz")
    assert discover(tmp_path)[0].format is RunFormat.FD_SHIFTS_2022


def test_a_folder_with_only_a_config_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "sample" / "hydra").mkdir(parents=True)
    (tmp_path / "sample" / "hydra" / "config.yaml").write_text("config: {}")
    assert names(tmp_path) == []


def test_hidden_folders_and_what_lies_below_a_run_are_not_searched(tmp_path: Path) -> None:
    for place in (".trash/run", "run", "run/version_0/run"):
        (tmp_path / place / "test_results").mkdir(parents=True)
    assert names(tmp_path) == ["run"]


def test_a_stray_empty_folder_of_outputs_hides_no_run_below_it(tmp_path: Path) -> None:
    (tmp_path / "test_results").mkdir()
    (tmp_path / "group" / "test_results").mkdir(parents=True)
    write(tmp_path / "group" / "run_1")
    (tmp_path / "group" / "run_2" / "test_results").mkdir(parents=True)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "run.json").write_text("{}")
    assert names(tmp_path) == ["group/run_1", "group/run_2", "own"]


def test_a_root_called_test_results_may_hold_runs_itself(tmp_path: Path) -> None:
    write(tmp_path / "test_results" / "run_1")
    assert names(tmp_path / "test_results") == ["run_1"]
    assert names(tmp_path) == ["test_results/run_1"]


def test_a_run_that_lacks_its_outputs_is_reported_where_nothing_is_below(tmp_path: Path) -> None:
    (tmp_path / "run" / "test_results").mkdir(parents=True)
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run" / "test_results") == ["run"]


def test_a_file_called_test_results_makes_no_run(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "test_results").write_text("")
    assert names(tmp_path) == []


def test_links_are_followed_once_and_a_loop_ends(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "run")
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    (root / "lab").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (root / "deep" / "loop").symlink_to(root)
    (root / "nowhere").symlink_to(tmp_path / "missing")
    assert names(root) == ["again/run"]


def test_a_folder_that_may_not_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "open" / "run")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        found = names(tmp_path)
    assert found == ["open/run"]


def test_a_root_that_does_not_exist_has_no_runs(tmp_path: Path) -> None:
    assert discover(tmp_path / "missing") == ()


@pytest.mark.shared
def test_all_real_runs_are_found_and_no_config_sample(shared: Path) -> None:
    found = {ref.name: ref.format for ref in discover(shared / "experiments")}
    current, old = RunFormat.FD_SHIFTS_CURRENT, RunFormat.FD_SHIFTS_2022
    assert found == {
        "current/dermoscopyall/confidnet_bbsmall_cnn_do1_run1_rew2.2": current,
        "current/dermoscopyall/devries_bbsmall_cnn_do1_run1_rew2.2": current,
        "current/dermoscopyall/dg_bbsmall_cnn_do1_run1_rew1.5": current,
        "current/pneumonia/dg_mcd_run1": current,
        "current/pneumonia/dg_run1": current,
        "current/xray_chestall/confidnet_bbsmall_cnn_do1_run1_rew2.2": current,
        "current/xray_chestall/dg_bbsmall_cnn_do1_run1_rew1.5": current,
        "miccai/dermoscopyall/dg_bbsmall_cnn_do1_run1_rew1.5": old,
        "miccai/pneumonia/dg_mcd_run1": old,
    }
