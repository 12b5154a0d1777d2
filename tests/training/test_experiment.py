from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from sfvisuals.errors import CaptureError, SettingsError
from sfvisuals.io import discover, read_run
from sfvisuals.io.doctor import check
from sfvisuals.io.sidecar import read_sidecar
from sfvisuals.scores import compute_score
from sfvisuals.training import read_train_config
from sfvisuals.training.experiment import train
from sfvisuals.types import Level, Run, StudyKind
from toy_training import toy_experiment

POSTER = ["MSR", "PE", "MCD-MSR", "MCD-PE", "MCD-EE", "ConfidNet", "DG-MCD-MSR", "DG-RES", "Devries et al."]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy experiment with all methods trained and captured; the folder of its config."""
    folder = tmp_path_factory.mktemp("finished")
    train(read_train_config(toy_experiment(folder)), progress=False, tell=lambda _: None)
    return folder


def runs_of(folder: Path) -> dict[str, Run]:
    root = folder / "runs"
    found = [read_run(ref, root=root) for ref in discover(root)]
    return {run.name: run for run in found}


def test_the_captured_runs_pass_the_folder_doctor(finished: Path) -> None:
    report = check(finished / "runs", data_roots=(finished / "images",))
    assert report.exit_code == 0
    runs = runs_of(finished)
    assert sorted(runs) == [
        "toy/confidnet_seed0",
        "toy/cross_entropy_seed0",
        "toy/deep_gamblers_seed0",
        "toy/devries_seed0",
    ]
    assert [p for run in runs.values() for p in run.problems if p.level is not Level.INFO] == []


def test_they_give_the_posters_nine_scores_over_all_kinds_of_studies(finished: Path) -> None:
    methods, runs = read_sidecar(finished / "runs" / "sfvisuals.yaml").methods, runs_of(finished)
    assert list(methods) == POSTER
    for row, entry in methods.items():
        vector = compute_score(runs[entry["run"]], entry["score"])
        assert vector.label == row
        assert bool(np.isfinite(vector.values).all())
    one = runs["toy/devries_seed0"]
    kinds = {StudyKind.VALIDATION, StudyKind.IID, StudyKind.ACQUISITION, StudyKind.CORRUPTION}
    assert {study.kind for study in one.studies} == kinds
    assert one.mc_passes == 3
    assert one.group_column == "patient"
    assert one.train_latents is not None
    assert one.train_latents.shape == (80, 128)


def test_latents_times_the_last_layer_are_the_logits(finished: Path) -> None:
    for run in runs_of(finished).values():
        assert run.last_layer is not None
        assert run.latents is not None
        assert run.logits is not None
        weights, biases = run.last_layer
        outputs = np.asarray(run.latents) @ np.asarray(weights).T + biases
        np.testing.assert_allclose(outputs[:, :2], run.logits, atol=1e-4)


def test_the_networks_learned_what_the_toy_images_show(finished: Path) -> None:
    for run in runs_of(finished).values():
        rows = run.rows_of("test")
        assert np.mean(np.argmax(np.asarray(run.logits)[rows], 1) == run.label[rows]) > 0.8


def test_a_second_call_keeps_what_is_there_and_makes_what_is_missing(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    gone = folder / "runs" / "toy" / "devries_seed0"
    shutil.rmtree(gone)
    kept = folder / "runs" / "toy" / "confidnet_seed0" / "run.json"
    before, told = kept.stat().st_mtime_ns, list[str]()
    train(read_train_config(folder / "config.yaml"), progress=False, tell=told.append)
    assert kept.stat().st_mtime_ns == before
    assert (gone / "run.json").is_file()
    assert any(line.startswith("confidnet, seed 0: is there and kept") for line in told)
    # What was trained is only captured again, to the same numbers.
    same = np.load(gone / "logits.npy") == np.load(finished / "runs" / "toy" / "devries_seed0" / "logits.npy")
    assert bool(same.all())


def test_runs_and_checkpoints_of_other_settings_are_not_mixed(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    toy_experiment(folder, lines=["deep_gamblers: {reward: 1.4, pretraining_epochs: 1}"])
    config = read_train_config(folder / "config.yaml")
    with pytest.raises(SettingsError, match="other settings") as error:
        train(config, progress=False, tell=lambda _: None)
    assert "options.deep_gamblers.reward: then 1.5, now 1.4" in error.value.detail
    shutil.rmtree(folder / "runs" / "toy" / "checkpoints")
    with pytest.raises(SettingsError, match="cross_entropy_seed0 was made with other settings"):
        train(config, progress=False, tell=lambda _: None)


def test_where_a_training_runs_changes_nothing(finished: Path) -> None:
    document = json.loads((finished / "runs" / "toy" / "devries_seed0" / "run.json").read_text("utf-8"))
    assert document["provenance"]["method"] == "devries"
    told = list[str]()
    train(
        read_train_config(finished / "config.yaml"),
        device="cpu",
        progress=False,
        dry_run=True,
        tell=told.append,
    )
    assert sum("is there and kept" in line for line in told) == 4


def test_a_dry_run_checks_everything_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = toy_experiment(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main(["train", str(config), "--dry-run", "--seeds", "0", "3", "--methods", "devries"]) == 0
    assert sorted(tmp_path.rglob("*")) == before
    told = capsys.readouterr().err
    assert "study train (train): 80 images, per class [40, 40]" in told
    assert "devries, seed 3: to be trained" in told
    assert "cross_entropy" not in told


def test_a_bad_manifest_is_told_by_file_and_row_before_any_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = toy_experiment(tmp_path, lines=["classes: [benign, malignant]"])
    csv = tmp_path / "images.csv"
    whole = csv.read_text("utf-8")
    csv.write_text(whole.replace("test_3.png,malignant", "test_3.png,malign"), "utf-8")
    assert main(["train", str(config)]) == 2
    told = capsys.readouterr().err
    # The header is row 1, then 80 training and 40 validation images; test_3 is the fourth of its study.
    assert "images.csv" in told
    assert "row 125" in told
    assert "'malign'" in told
    csv.write_text(whole, "utf-8")
    (tmp_path / "images" / "val_2.png").unlink()
    with pytest.raises(CaptureError) as error:
        train(read_train_config(config), progress=False, tell=lambda _: None)
    assert "row 84" in f"{error.value}"
    assert "val_2.png" in f"{error.value}"
    assert not (tmp_path / "runs").exists()


def test_a_class_without_training_images_is_told_since_it_may_be_misspelt(tmp_path: Path) -> None:
    config = toy_experiment(tmp_path)
    csv = tmp_path / "images.csv"
    csv.write_text(csv.read_text("utf-8").replace("test_3.png,malignant", "test_3.png,malign"), "utf-8")
    with pytest.raises(SettingsError, match="'malign' has no training images") as error:
        train(read_train_config(config), progress=False, tell=lambda _: None)
    assert "{'benign': 40, 'malign': 0, 'malignant': 40}" in error.value.detail


@pytest.mark.parametrize(
    ("studies", "message"),
    [
        ("{train: iid, clinic_b: acquisition}", "exactly one study of kind train"),
        ("{val: iid, clinic_b: acquisition}", "exactly one study of kind validation"),
        ("{test: acquisition, clinic_b: acquisition}", "no iid study"),
    ],
)
def test_training_needs_a_train_a_validation_and_an_iid_study(
    tmp_path: Path, studies: str, message: str
) -> None:
    config = toy_experiment(tmp_path, lines=[f"studies: {studies}"])
    with pytest.raises(SettingsError, match=message) as error:
        train(read_train_config(config), progress=False, tell=lambda _: None)
    assert "clinic_b (acquisition)" in error.value.detail


def test_an_unknown_device_is_told_with_the_known_ones(tmp_path: Path) -> None:
    config = read_train_config(toy_experiment(tmp_path))
    with pytest.raises(SettingsError, match="no device 'tpu'"):
        train(config, device="tpu", progress=False, tell=lambda _: None)
