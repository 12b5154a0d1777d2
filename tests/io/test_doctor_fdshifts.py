"""The folder doctor on folders of fd-shifts: what the reader notices is reported, each fault once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fake_fdshifts
from report_shape import in_shape
from sfvisuals.io import discover, read_run
from sfvisuals.io.convert import convert
from sfvisuals.io.doctor import check
from sfvisuals.workspace import Workspace


def spoilt_outputs(row: int, column: int, value: float) -> Callable[[fake_fdshifts.FakeRun], object]:
    return lambda run: run.outputs.__setitem__((row, column), value)


def saturated(run: fake_fdshifts.FakeRun) -> None:
    run.outputs[:30, :2] = [60, 0]


def shorter(name: str) -> Callable[[fake_fdshifts.FakeRun], object]:
    return lambda run: run.arrays.update({name: run.arrays[name][:-1]})


# In a run of 39 samples: 6 validation, 8 iid, 8 + 8 corrupted, 5 elsewhere, 4 of a new class.
FD_SHIFTS_FAULTS: tuple[tuple[str, Callable[[fake_fdshifts.FakeRun], object], str, int], ...] = (
    ("rows differ", shorter("encoded_output.npz"), "encoded_output.npz", 2),
    ("unknown index", spoilt_outputs(7, -1, 9), "Unknown dataset index", 2),
    ("NaN", spoilt_outputs(7, 0, np.nan), "NaN", 2),
    ("inf", spoilt_outputs(7, 0, np.inf), "inf", 2),
    ("label", spoilt_outputs(30, -2, 5), "Labels outside the classes", 2),
    ("saturation", saturated, "Ties by saturation", 1),
)


@pytest.mark.parametrize(("fault", "plant", "title", "code"), FD_SHIFTS_FAULTS)
def test_a_fault_of_an_fd_shifts_folder_is_reported_once(
    tmp_path: Path, fault: str, plant: Callable[[fake_fdshifts.FakeRun], object], title: str, code: int
) -> None:
    made = fake_fdshifts.write(tmp_path / "toy")
    plant(made)
    made.save()
    report = check(tmp_path)
    (run,) = in_shape(report)["runs"]
    titles = [problem["title"] for problem in run["problems"] if problem["level"] != "info"]
    assert len([found for found in titles if title in found]) == 1
    assert len(titles) == len(set(titles))
    assert report.exit_code == code


@pytest.mark.parametrize("layout", fake_fdshifts.LAYOUTS)
def test_a_healthy_fd_shifts_folder_lacks_nothing_but_its_images(tmp_path: Path, layout: str) -> None:
    fake_fdshifts.write(tmp_path / "toy", layout=layout)
    (run,) = in_shape(check(tmp_path))["runs"]
    serious = [problem["title"] for problem in run["problems"] if problem["level"] != "info"]
    assert serious == ["Images are missing"]
    assert run["samples"] == 39
    assert [study["accuracy"] is None for study in run["studies"]] == [False] * 5 + [True]


@pytest.mark.parametrize("converted", [False, True])
def test_the_doctor_counts_the_images_that_the_page_shows(tmp_path: Path, converted: bool) -> None:
    # The images lie in the run's own folder, which is looked into for our own format alone.
    fake_fdshifts.write(tmp_path / "toy")
    if converted:
        (ref,) = discover(tmp_path)
        convert(read_run(ref), tmp_path / "copy")
        shutil.rmtree(tmp_path / "toy")
        (tmp_path / "copy").rename(tmp_path / "toy")
    picture = tmp_path / "toy" / "toy" / "toy03.png"
    picture.parent.mkdir()
    Image.new("L", (4, 4), 200).save(picture)
    (run,) = check(tmp_path).runs
    workspace = Workspace(tmp_path, cache_dir=tmp_path / "cache")
    shown = workspace.image(workspace.run("toy"), 6 + 3)
    assert run.images is not None
    assert run.images.found == int(converted)
    assert shown.found == converted


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("hydra/config.yaml", b"eval: [unclosed"),
        ("test_results/raw_logits.npz", b"PK\x03\x04 cut off"),
    ],
)
def test_an_fd_shifts_folder_that_cannot_be_read_is_reported(
    tmp_path: Path, file: str, content: bytes
) -> None:
    fake_fdshifts.write(tmp_path / "toy")
    (tmp_path / "toy" / file).write_bytes(content)
    report = check(tmp_path)
    (run,) = in_shape(report)["runs"]
    assert (run["run"], run["samples"]) == ("toy", None)
    assert [problem["level"] for problem in run["problems"]] == ["error"]
    assert Path(file).name in run["problems"][0]["title"]
    assert report.exit_code == 2
