"""Measuring a run in the background: shared, resumed, cancelled, and told of what is missing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from corrupted_runs import corrupted_parts, write_images
from own_runs import parts
from sfvisuals import write_run
from sfvisuals.background import StatusReporter, processes
from sfvisuals.errors import SfvisualsError, UnavailableError
from sfvisuals.image_attributes import (
    NAMES,
    cancel,
    export_table,
    measure,
    start,
    status_of,
    table_of,
)
from sfvisuals.image_attributes import measuring as chunks
from sfvisuals.image_attributes.plan import Shown, plan_of
from sfvisuals.io.corrupted import pixels_of, recipe_of
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

PATIENCE = 120.0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two runs over the same six images, corrupted on the fly."""
    folder = tmp_path / "root"
    for name in ("one", "two"):
        write_run(folder / name, **corrupted_parts())
    write_images(folder / "images")
    return folder


@pytest.fixture
def workspace(root: Path, tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(root, cache_dir=tmp_path / "cache")
    yield made
    made.measuring.cancel_all()


def settled(workspace: Workspace, run: Run) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while (status := status_of(workspace, run))["state"] == "running":
        assert time.monotonic() < end, status
        time.sleep(0.05)
    return status


def test_a_row_is_measured_as_the_model_saw_it_and_runs_over_the_same_images_share_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = workspace.run("one"), workspace.run("two")
    assert status_of(workspace, run)["state"] == "absent"
    assert table_of(workspace, run) is None
    assert start(workspace, run)["state"] == "running"
    assert settled(workspace, run) == {"state": "ready", "progress": 1.0, "message": ""}
    table = table_of(workspace, run)
    assert table is not None
    assert table.shape == (run.n, len(NAMES))
    assert not table.flags.writeable
    for row in (0, 5, 30, run.n - 1):
        file = workspace.images.resolve(workspace.image_text(run, row), base=run.path)
        assert file is not None
        seen = pixels_of(file, recipe_of(run, row))
        np.testing.assert_allclose(table[row], measure(seen).astype(np.float32), rtol=1e-6)
    monkeypatch.setattr(processes, "start_module", lambda *_, **__: pytest.fail("measured again"))
    assert start(workspace, other)["state"] == "ready"
    np.testing.assert_array_equal(table, table_of(workspace, other))


def test_another_image_is_measured_anew(workspace: Workspace, root: Path) -> None:
    run = workspace.run("one")
    before = plan_of(workspace, run)
    assert plan_of(workspace, run).key == before.key
    Image.fromarray(np.zeros((31, 31), np.uint8)).save(root / "images" / "grey.png")
    assert plan_of(workspace, run).key != before.key


def test_a_plan_holds_each_picture_once_and_a_line_gives_it_back(workspace: Workspace) -> None:
    run = workspace.run("one")
    plan = plan_of(workspace, run)
    assert len(plan.pictures) == 6 + 6 * 6 * 5  # six images, as they are and in six corruptions x five
    assert plan.missing == 0
    assert [Shown.from_line(picture.as_line()) for picture in plan.pictures] == list(plan.pictures)
    clean = np.flatnonzero(run.corruption < 0)
    assert np.unique(plan.of_row[clean]).size == 6


def test_a_job_goes_on_where_it_was_ended_and_a_broken_part_is_measured_again(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 40)
    plan = plan_of(workspace, workspace.run("one"))
    lines = "".join(f"{picture.as_line()}\n" for picture in plan.pictures)
    (tmp_path / chunks.PICTURES_FILE).write_text(lines)
    count = len(plan.pictures)
    whole = chunks.measured(tmp_path, count=count, report=StatusReporter(tmp_path))
    parts = sorted(tmp_path.glob("part-*.npy"))
    assert len(parts) == -(-count // 40)
    parts[1].write_bytes(parts[1].read_bytes()[:50])
    seen: list[float] = []
    again = chunks.measured(tmp_path, count=count, report=lambda share, _: seen.append(share))
    assert len(seen) == 40
    np.testing.assert_array_equal(again, whole)
    chunks.without_parts(tmp_path)
    assert not [*tmp_path.glob("part-*"), *tmp_path.glob("pictures*")]


def test_an_image_that_changes_while_it_is_measured_ends_the_job_in_words(
    workspace: Workspace, tmp_path: Path
) -> None:
    shown = plan_of(workspace, workspace.run("one")).pictures[0]
    stale = replace(shown, stamp=(shown.stamp[0], shown.stamp[1] - 1))
    (tmp_path / chunks.PICTURES_FILE).write_text(f"{stale.as_line()}\n")
    with pytest.raises(SfvisualsError, match="changed while"):
        chunks.measured(tmp_path, count=1, report=lambda *_: None)


def test_a_cancelled_job_can_be_started_again(workspace: Workspace) -> None:
    run = workspace.run("one")
    start(workspace, run)
    assert cancel(workspace, run)["state"] in ("cancelled", "ready")
    start(workspace, run)
    assert settled(workspace, run)["state"] == "ready"


def test_missing_and_damaged_images_are_rows_of_nan_and_are_counted(workspace: Workspace, root: Path) -> None:
    (root / "images" / "grey.png").unlink()
    (root / "images" / "large.png").write_bytes(b"no image")
    run = workspace.run("one")
    start(workspace, run)
    status = settled(workspace, run)
    n = run.n // 6
    assert status["message"] == (
        f"{n} of {run.n} images were not found; {n} of {run.n} images could not be read"
    )
    table = table_of(workspace, run)
    assert table is not None
    assert int(np.isnan(table).all(axis=1).sum()) == 2 * n


def test_a_run_without_images_says_why(tmp_path: Path) -> None:
    given = parts()
    samples = given.pop("samples")
    write_run(tmp_path / "root" / "bare", samples=samples.drop(columns="image"), **given)
    write_run(tmp_path / "root" / "lost", samples=samples, **given)
    workspace = Workspace(tmp_path / "root", cache_dir=tmp_path / "cache")
    for name, words in (("bare", "image"), ("lost", "None of the 12 images was found")):
        run = workspace.run(name)
        status = status_of(workspace, run)
        assert status["state"] == "unavailable"
        assert words in status["message"]
        assert table_of(workspace, run) is None
        with pytest.raises(UnavailableError):
            start(workspace, run)
        assert cancel(workspace, run)["state"] == "unavailable"


def test_a_table_that_travels_with_its_images_is_taken_over_and_one_of_other_images_is_not(
    workspace: Workspace, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workspace.run("one")
    with pytest.raises(UnavailableError, match="not measured yet"):
        export_table(workspace, run, root)
    start(workspace, run)
    settled(workspace, run)
    table = table_of(workspace, run)
    first = export_table(workspace, run, root).read_bytes()
    assert export_table(workspace, run, root).read_bytes() == first
    monkeypatch.setattr(processes, "start_module", lambda *_, **__: pytest.fail("measured again"))
    elsewhere = root.rename(tmp_path / "elsewhere")
    for file in elsewhere.rglob("*.png"):
        file.touch()
    moved = Workspace(elsewhere, cache_dir=tmp_path / "other")
    np.testing.assert_array_equal(table, table_of(moved, moved.run("two")))
    Image.fromarray(np.zeros((31, 31), np.uint8)).save(elsewhere / "images" / "grey.png")
    changed = Workspace(elsewhere, cache_dir=tmp_path / "third")
    assert table_of(changed, changed.run("two")) is None


def test_the_command_measures_and_says_so(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    asked = ["attributes", str(root), "--run", "one", "--cache-dir", str(tmp_path / "cache")]
    assert main(asked) == 0
    told = capsys.readouterr()
    assert told.out.startswith("one: ready: the images of ")
    (root / "images").rename(root / "gone")
    assert main(asked) == 1
    assert "There is no image to measure" in capsys.readouterr().out
