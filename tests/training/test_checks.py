"""What `train` finds before the first training, also in a dry run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from app.cli import main
from sfvisuals.errors import CaptureError, SettingsError
from sfvisuals.training import FitOptions, read_train_config, train
from sfvisuals.training.devices import on_device
from toy_training import toy_experiment


@pytest.fixture
def _two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("_no_gpu")
def test_a_gpu_that_is_not_there_is_told_in_a_dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = toy_experiment(tmp_path)
    assert main(["train", str(config), "--dry-run", "--device", "cuda:4"]) == 2
    told = capsys.readouterr().err
    assert "no such device: --device cuda:4" in told
    assert "finds 0 GPUs" in told
    for accelerator in ("gpu", "mps"):
        with pytest.raises(SettingsError, match=f"training.accelerator: {accelerator}"):
            on_device(FitOptions(accelerator=accelerator), "auto")
    assert on_device(FitOptions(), "auto") == FitOptions()


@pytest.mark.usefixtures("_two_gpus")
def test_the_gpus_are_counted() -> None:
    assert on_device(FitOptions(), "cuda:1").devices == (1,)
    assert on_device(FitOptions(devices=2), "cuda").accelerator == "gpu"
    assert on_device(FitOptions(devices="auto"), "gpu").devices == "auto"
    for fitting, device in ((FitOptions(), "cuda:2"), (FitOptions(devices=3), "auto")):
        with pytest.raises(SettingsError) as caught:
            on_device(fitting, device)
        assert "finds 2 GPUs: cuda:0, cuda:1." in caught.value.detail


def test_a_folder_that_cannot_be_made_is_told_in_a_dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = toy_experiment(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["train", str(config), "--dry-run", "--out", str(tmp_path / "file" / "x")]) == 2
    assert "file is no folder" in capsys.readouterr().err


def test_a_folder_that_the_system_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = read_train_config(toy_experiment(tmp_path))

    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError("no such place")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(SettingsError, match="cannot be written") as caught:
        train(config, out=tmp_path / "there", device="cpu", progress=False, tell=lambda _: None)
    assert "no such place" in caught.value.detail


def test_hints_name_the_keys_of_the_config(tmp_path: Path) -> None:
    config = toy_experiment(tmp_path)
    (tmp_path / "images" / "val_2.png").unlink()
    with pytest.raises(CaptureError) as caught:
        train(read_train_config(config), progress=False, tell=lambda _: None)
    assert "with the config's key images" in caught.value.hint
    assert "--data-root" not in f"{caught.value}"


def test_an_interrupt_while_everything_loads_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sfvisuals.training.config.read_train_config", interrupted)
    assert main(["train", str(toy_experiment(tmp_path))]) == 130
    assert "Interrupted." in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc")
def test_a_folder_that_nobody_can_make_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(toy_experiment(tmp_path)), "--out", "/proc/x", "--dry-run"]) == 2
    assert "/proc/x/toy cannot be written\nno folder can be made in /proc" in capsys.readouterr().err
