"""`sfvisuals convert` finds the sidecar that a person sees above the run, and says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import fake_fdshifts
from app.cli import main
from own_runs import opened


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run two folders below a root, with a sidecar in the root and another above it."""
    (tmp_path / "sfvisuals.yaml").write_text("classes: [wrong, worse]\n", encoding="utf-8")
    root = tmp_path / "root"
    folder = fake_fdshifts.write(root / "group" / "run").folder
    (root / "sfvisuals.yaml").write_text("classes: [benign, malignant]\n", encoding="utf-8")
    return folder


def test_the_sidecar_is_looked_for_up_to_the_given_root(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(run), str(tmp_path / "copy"), "--root", str(run.parents[1])]) == 0
    assert opened(tmp_path / "copy").classes == ("benign", "malignant")
    assert "Class names are assumed" not in capsys.readouterr().err


def test_without_a_root_only_the_folder_of_the_run_counts_and_stderr_says_what_is_assumed(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(run), str(tmp_path / "copy")]) == 0
    assert opened(tmp_path / "copy").classes == ("class 0", "class 1")
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'copy'}\n"
    assert "info: Class names are assumed." in said.err


def test_a_root_that_is_not_above_the_run_is_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert main(["convert", str(run), str(tmp_path / "copy"), "--root", str(tmp_path / "elsewhere")]) == 2
    assert "is not above the run" in capsys.readouterr().err
    assert not (tmp_path / "copy").exists()
