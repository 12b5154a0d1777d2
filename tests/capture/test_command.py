"""`sfvisuals capture` from end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from app.cli import main
from capturing import CLASSES, SmallNet, array
from sfvisuals.capture import CaptureStudy, Preprocessing, capture, export, read_manifest
from sfvisuals.io import discover, read_run
from sfvisuals.io.doctor import check
from sfvisuals.types import StudyKind


@pytest.fixture
def place(net: SmallNet, studies: list[CaptureStudy], tmp_path: Path) -> Path:
    """A folder with images, a csv of them and an exported model."""
    tables = [
        study.samples.assign(study=study.name, label=[CLASSES[i] for i in study.samples["label"]])
        for study in studies
    ]
    pd.concat(tables).to_csv(tmp_path / "images.csv", index=False)
    ready = Preprocessing(size=(16, 20))
    export(net, torch.zeros(1, 3, 16, 20), out=tmp_path / "model.pt2", classes=CLASSES, preprocessing=ready)
    return tmp_path


def arguments(place: Path, *more: str) -> list[str]:
    return [
        "capture", "--manifest", str(place / "images.csv"), "--model", str(place / "model.pt2"),
        "--out", str(place / "run"), "--data-root", str(place / "images"), "--device", "cpu",
        "--studies", "clinic B=acquisition", "--no-progress", *more,
    ]  # fmt: skip


def test_the_command_writes_what_python_writes(
    place: Path, net: SmallNet, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(
        arguments(
            place,
            "--group",
            "patient",
            "--corruptions",
            "motion_blur",
            "--severities",
            "2,5",
            "--subset",
            "3",
        )
    )
    assert status == 0, capsys.readouterr().err
    run = read_run(discover(place / "run")[0])
    assert run.classes == CLASSES
    assert {s.name: s.kind for s in run.studies} == {
        "val": StudyKind.VALIDATION,
        "iid": StudyKind.IID,
        "clinic B": StudyKind.ACQUISITION,
        "motion_blur": StudyKind.CORRUPTION,
    }
    assert len(run.rows_of("motion_blur")) == 6
    assert run.mc_passes == 10
    assert run.group_column == "patient"
    assert check(place / "run", data_roots=[place / "images"]).exit_code == 0
    studies = read_manifest(
        place / "images.csv",
        data_roots=[place / "images"],
        classes=CLASSES,
        studies={"clinic B": "acquisition"},
    )
    folder = capture(net, studies, out=place / "python", classes=CLASSES, device="cpu", progress=False)
    for name in ("logits", "latents", "mc_logits"):
        expected = array(folder, name)
        np.testing.assert_allclose(
            array(place / "run", name)[: len(expected)], expected, rtol=1e-4, atol=1e-4
        )


def test_a_fault_is_told_and_the_exit_status_is_two(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments(place, "--classes", "mole,wart")) == 2
    assert "unknown label in row" in capsys.readouterr().err
    assert not (place / "run").exists()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--size", "big", "not of the form HxW"),
        ("--mean", "0.5,0.5", "2 numbers for 3 channels"),
        ("--severities", "1,x", "no list of numbers"),
        ("--corruptions", "snow", "snow"),
        ("--studies", "clinic", "not of the form NAME=KIND"),
        ("--workers", "-1", "workers -1 makes no sense"),
        ("--batch-size", "0", "--batch-size"),
        ("--mc-passes", "-2", "mc_passes -2 makes no sense"),
        ("--std", "0", "finite numbers above 0"),
        ("--mean", "nan", "finite numbers"),
        ("--device", "cuda:97", "There is no device cuda:97"),
    ],
)
def test_an_option_that_makes_no_sense_is_told(
    option: str, value: str, words: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--corruptions", "all", option, value] if option == "--severities" else [option, value]
    assert main(arguments(place, *more)) == 2
    assert words in capsys.readouterr().err


def test_an_interrupt_while_the_program_loads_is_told(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sfvisuals.capture.program.load_program", interrupted)
    assert main(arguments(place)) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_without_torch_the_command_says_what_to_install(place: Path) -> None:
    code = (
        "import importlib.util, sys\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *a: None if name == 'torch' else real(name, *a)\n"
        "import app.cli\n"
        f"sys.exit(app.cli.main({arguments(place)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'sfvisuals[torch]'" in done.stderr


def test_an_interrupted_capture_says_so_once(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sfvisuals.capture.session.keep", interrupted)
    assert main(arguments(place, "--no-progress")) == 130
    said = [line for line in capsys.readouterr().err.splitlines() if "Interrupted" in line]
    assert said == ["Interrupted after 0 samples. Call it again with the same arguments to go on."]
