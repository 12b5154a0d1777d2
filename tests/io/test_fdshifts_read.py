"""A faultless fd-shifts folder of every layout becomes the Run its arrays say."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from fake_fdshifts import CURRENT, LAYOUTS, NAMES, SIZES, V0_1_1, Y2022, FakeRun, write
from sfvisuals.io import discover, read_run
from sfvisuals.types import Level, Run, RunFormat, StudyKind


def read(run: FakeRun) -> Run:
    return read_run(discover(run.folder)[0])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_faultless_run_has_no_problem_above_info_and_a_reason_for_all_it_lacks(
    tmp_path: Path, layout: str
) -> None:
    run = read(write(tmp_path / "run", layout=layout))
    assert [problem for problem in run.problems if problem.level is not Level.INFO] == []
    lacking = {
        "logits": run.logits,
        "probabilities": run.probabilities,
        "mc": run.mc_logits if run.mc_logits is not None else run.mc_probabilities,
        "external": run.external,
        "external_mc": run.external_mc,
        "external_name": run.external_name,
        "latents": run.latents,
        "train_latents": run.train_latents,
        "last_layer": run.last_layer,
        "image": run.image,
        "group": run.group_column,
        "source": run.source,
    }
    assert set(run.absent) == {name for name, value in lacking.items() if value is None}
    assert all(run.absent.values())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_studies_have_names_kinds_and_sizes(tmp_path: Path, layout: str) -> None:
    run = read(write(tmp_path / "run", layout=layout))
    assert [(study.name, study.kind, study.assumed) for study in run.studies] == [
        ("validation", StudyKind.VALIDATION, False),
        ("toy", StudyKind.IID, False),
        ("toycorrbrlow", StudyKind.CORRUPTION, True),
        ("toycorrbrlowlow", StudyKind.CORRUPTION, True),
        ("toyelsewhere", StudyKind.ACQUISITION, True),
        ("digits", StudyKind.NEW_CLASS, False),
    ]
    assert [run.rows_of(name).size for name in NAMES] == list(SIZES.values())
    assert run.source == "toy"


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (CURRENT, RunFormat.FD_SHIFTS_CURRENT),
        (V0_1_1, RunFormat.FD_SHIFTS_V0_1_1),
        (Y2022, RunFormat.FD_SHIFTS_2022),
    ],
)
def test_arrays_come_through_unchanged_and_read_only(
    tmp_path: Path, layout: str, expected: RunFormat
) -> None:
    fake = write(tmp_path / "run", layout=layout)
    run = read(fake)
    assert run.format is expected
    values = run.probabilities if layout == Y2022 else run.logits
    passes = run.mc_probabilities if layout == Y2022 else run.mc_logits
    assert values is not None
    assert passes is not None
    assert run.external is not None
    assert run.external_mc is not None
    assert run.latents is not None
    np.testing.assert_array_equal(values, fake.outputs[:, :-2])
    np.testing.assert_array_equal(run.label, fake.outputs[:, -2])
    np.testing.assert_array_equal(run.study, fake.outputs[:, -1])
    np.testing.assert_array_equal(passes, fake.arrays[fake.mc_name])
    np.testing.assert_array_equal(run.external, fake.arrays["external_confids.npz"])
    np.testing.assert_array_equal(run.external_mc, fake.arrays["external_confids_dist.npz"])
    np.testing.assert_array_equal(run.latents, fake.arrays["encoded_output.npz"][:, :-1])
    assert run.label.dtype == np.int64
    assert values.dtype in (np.float32, np.float64)
    arrays = (
        values,
        passes,
        run.external,
        run.external_mc,
        run.latents,
        run.label,
        run.study,
        run.source_row,
    )
    for array in arrays:
        assert not array.flags.writeable


def test_training_features_and_last_layer_are_read(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    run = read(fake)
    assert run.train_latents is not None
    assert run.train_labels is not None
    assert run.last_layer is not None
    np.testing.assert_array_equal(run.train_latents, fake.arrays["train_features.npz"][:, :-1])
    np.testing.assert_array_equal(run.train_labels, np.tile([0, 1], 5))
    np.testing.assert_array_equal(run.last_layer[0], fake.arrays["last_layer.npz"]["w"])


def test_a_last_layer_of_deep_gamblers_has_one_more_row(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.arrays["last_layer.npz"] = {"w": np.ones((3, 3)), "b": np.ones(3)}
    run = read(fake.save())
    assert run.last_layer is not None
    assert run.last_layer[0].shape == (3, 3)


def test_float16_logits_do_not_saturate_in_the_softmax(tmp_path: Path) -> None:
    # exp(-8) / (1 + exp(-8)) is 3.35e-4; float16 softmax would round the other class to 0.9995 or 1.
    fake = write(tmp_path / "run")
    fake.outputs[0, :2] = [8, 0]
    run = read(fake.save())
    assert run.logits is not None
    p = softmax(run.logits[0].astype(np.float64))
    assert p[1] == pytest.approx(np.exp(-8) / (1 + np.exp(-8)), rel=1e-12)


def test_an_external_confidence_of_shape_n_by_1_is_flattened(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.arrays["external_confids.npz"] = fake.arrays["external_confids.npz"][:, None]
    run = read(fake.save())
    assert run.external is not None
    assert run.external.shape == (39,)


def test_an_uncompressed_archive_is_mapped_and_equal(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    index = fake.outputs[:, -1:]
    wide = np.hstack([np.random.default_rng(1).normal(size=(39, 20_000)), index]).astype(np.float16)
    fake.arrays["encoded_output.npz"] = wide
    fake = fake.without("train_features.npz", "last_layer.npz")
    fake.compressed = False
    run = read(fake.save())
    assert isinstance(run.latents, np.memmap)
    np.testing.assert_array_equal(run.latents, wide[:, :-1])


def test_rows_in_another_order_keep_their_csv_rows(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    for name in (fake.outputs_name, fake.mc_name, "encoded_output.npz"):
        fake.arrays[name] = np.roll(fake.arrays[name], 9, axis=0)
    run = read(fake.save())
    assert run.image is not None
    # The last nine rows (five of toyelsewhere, four digits) now come first.
    assert run.image[[0, 4, 5, 8, 9]].tolist() == [
        "toy/toyelsewhere00.png",
        "toy/toyelsewhere04.png",
        "toy/digits00.png",
        "toy/digits03.png",
        "toy/validation00.png",
    ]


def test_without_val_tuning_index_0_is_the_iid_set(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=False)
    kept = fake.outputs[:, -1] > 0
    for name, array in fake.arrays.items():
        fake.arrays[name] = array[kept]
    for name in (fake.outputs_name, "encoded_output.npz"):
        fake.arrays[name][:, -1] -= 1
    fake.csvs = {
        f"attributions{number}.csv": fake.csvs[f"attributions{number + 1}.csv"] for number in range(5)
    }
    fake.config["eval"]["val_tuning"] = False
    run = read(fake.save())
    assert [study.name for study in run.studies] == list(NAMES[1:])
    assert run.image is not None
    assert run.image[0] == "toy/toy00.png"
    assert [problem.title for problem in run.problems if problem.level is Level.WARNING] == [
        "The validation set is missing"
    ]
    assert "validation" in run.absent


def test_where_the_config_is_silent_about_validation_the_indices_tell(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    del fake.config["eval"]["val_tuning"]
    run = read(fake.save())
    assert run.studies[0].kind is StudyKind.VALIDATION


def test_studies_of_one_name_are_told_apart(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.config["eval"]["query_studies"]["in_class_study"] = ["toycorrbrlow", "toycorrbrlow", "toy"]
    run = read(fake.save())
    assert [study.name for study in run.studies][1:5] == [
        "toy",
        "toycorrbrlow",
        "toycorrbrlow (2)",
        "toy (2)",
    ]


def test_a_run_without_a_config_opens_with_a_warning(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=False)
    (fake.folder / fake.config_place).unlink()
    run = read(fake)
    assert [study.name for study in run.studies] == [f"study {index}" for index in range(6)]
    assert [study.kind for study in run.studies][:2] == [StudyKind.IID, StudyKind.ACQUISITION]
    assert all(study.assumed for study in run.studies)
    assert "The run does not name its studies" in [problem.title for problem in run.problems]
    assert run.image is not None


def test_equal_folders_have_one_fingerprint_and_a_changed_file_another(tmp_path: Path) -> None:
    first = read(write(tmp_path / "one")).fingerprint
    assert read(write(tmp_path / "two")).fingerprint == first
    fake = write(tmp_path / "two")
    fake.csvs["attributions3.csv"].loc[0, "age"] = 99
    assert read(fake.save()).fingerprint != first
    fake = write(tmp_path / "two")
    fake.config["eval"]["ext_confid_name"] = "dg"
    assert read(fake.save()).fingerprint != first
    fake = write(tmp_path / "two", seed=1)
    assert read(fake).fingerprint != first


def test_the_sidecar_counts_into_the_fingerprint(tmp_path: Path) -> None:
    fake = write(tmp_path / "one")
    plain = read(fake).fingerprint
    sidecar = tmp_path / "mine.yaml"
    sidecar.write_text("classes: [a, b]")
    ref = discover(fake.folder)[0]
    first = read_run(ref, describe=sidecar).fingerprint
    sidecar.write_text("classes: [a, c]")
    assert len({plain, first, read_run(ref, describe=sidecar).fingerprint}) == 3


# -- real folders ------------------------------------------------------------------------------------------


def accuracies(run: Run) -> dict[str, float]:
    values = run.logits if run.logits is not None else run.probabilities
    assert values is not None
    right = values.argmax(axis=1) == run.label
    return {study.name: float(right[run.rows_of(study.name)].mean()) for study in run.studies}


@pytest.mark.shared
def test_every_real_folder_reads_without_a_warning(shared: Path) -> None:
    for ref in discover(shared / "experiments"):
        run = read_run(ref)
        assert [problem for problem in run.problems if problem.level is not Level.INFO] == [], ref.name


@pytest.mark.shared
def test_accuracies_of_the_real_folders_are_those_of_their_readme(shared: Path) -> None:
    runs = {ref.name: read_run(ref) for ref in discover(shared / "experiments")}
    dermoscopy = {name: run for name, run in runs.items() if name.startswith("current/dermoscopyall/")}
    for name, run in dermoscopy.items():
        assert 0.63 <= accuracies(run)["dermoscopyall"] <= 0.67, name
    gamblers = dermoscopy["current/dermoscopyall/dg_bbsmall_cnn_do1_run1_rew1.5"]
    assert round(accuracies(gamblers)["dermoscopyallvidirmolemax"], 2) == 0.12
    xray = runs["current/xray_chestall/confidnet_bbsmall_cnn_do1_run1_rew2.2"]
    assert round(accuracies(xray)["xray_chestall"], 2) == 0.93
    assert round(accuracies(xray)["xray_chestallnih14"], 2) == 0.47


@pytest.mark.shared
def test_the_2022_folder_is_the_softmax_of_the_current_one(shared: Path) -> None:
    name = "dermoscopyall/dg_bbsmall_cnn_do1_run1_rew1.5"
    current = read_run(discover(shared / "experiments/current" / name)[0])
    old = read_run(discover(shared / "experiments/miccai" / name)[0])
    assert current.logits is not None
    assert old.probabilities is not None
    np.testing.assert_allclose(
        softmax(current.logits.astype(np.float64), axis=1), old.probabilities, atol=1e-12
    )
    assert (old.format, old.source, old.mc_passes) == (RunFormat.FD_SHIFTS_2022, "dermoscopyall", 10)


@pytest.mark.shared
def test_sizes_of_the_pneumonia_run_are_those_of_its_readme_and_it_reads_in_under_a_second(
    shared: Path,
) -> None:
    ref = discover(shared / "experiments/current/pneumonia/dg_mcd_run1")[0]
    read_run(ref)
    # Time of this process alone, the best of three: other tests may run on the same cores.
    seconds = []
    for _ in range(3):
        start = time.process_time()
        run = read_run(ref)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 1.0
    assert run.n == 16_468
    sizes = [run.rows_of(study.name).size for study in run.studies]
    assert sizes == [1000, 468, 3000, *[468] * 25, 300]
    assert run.studies[-1].kind is StudyKind.NEW_CLASS
    assert run.last_layer is not None
    assert run.last_layer[0].shape[0] == 3
