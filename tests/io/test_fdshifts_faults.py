"""Every planted fault has its own message; only what cannot be read at all refuses the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fake_fdshifts import CURRENT, V0_1_1, Y2022, FakeRun, softmax, write
from sfvisuals.errors import RunFormatError
from sfvisuals.io import discover, read_run
from sfvisuals.types import Level, Problem, Run

E, W = Level.ERROR, Level.WARNING


def read(run: FakeRun) -> Run:
    return read_run(discover(run.folder)[0])


def found(run: Run) -> list[tuple[Level, str]]:
    return [(problem.level, problem.title) for problem in run.problems if problem.level is not Level.INFO]


def named(run: Run, title: str) -> Problem:
    return next(problem for problem in run.problems if title in problem.title)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[80] ^= 0xFF  # within the first array's numbers
    path.write_bytes(bytes(content))


def pickled(path: Path) -> None:
    np.savez(path, arr_0=np.array([{"a": 1}], dtype=object))


def words(path: Path) -> None:
    np.savez(path, arr_0=np.array(["a", "b"]))


def nonsense(path: Path) -> None:
    path.write_bytes(b"<html>404</html>")


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGE = [truncated, flipped, pickled, words, nonsense, empty]


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_outputs_refuse_the_run_and_name_the_file(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    run = write(tmp_path / "run")
    damage(run.results / "raw_logits.npz")
    with pytest.raises(RunFormatError) as refused:
        read(run)
    assert "raw_logits.npz" in refused.value.title
    assert refused.value.detail
    assert refused.value.hint


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize(
    ("name", "feature"),
    [
        ("raw_logits_dist.npz", "mc"),
        ("external_confids.npz", "external"),
        ("external_confids_dist.npz", "external_mc"),
        ("encoded_output.npz", "latents"),
        ("train_features.npz", "train_latents"),
        ("last_layer.npz", "last_layer"),
    ],
)
def test_a_damaged_optional_file_is_an_error_and_its_feature_says_why(
    tmp_path: Path, damage: Callable[[Path], None], name: str, feature: str
) -> None:
    fake = write(tmp_path / "run")
    damage(fake.results / name)
    run = read(fake)
    assert [(level, name in title) for level, title in found(run)] == [(E, True)]
    assert name in run.absent[feature]


@pytest.mark.parametrize(
    ("name", "feature"),
    [
        ("raw_logits_dist.npz", "mc"),
        ("external_confids.npz", "external"),
        ("external_confids_dist.npz", "external_mc"),
        ("encoded_output.npz", "latents"),
        ("train_features.npz", "train_latents"),
        ("last_layer.npz", "last_layer"),
        ("raw_output_dist.npz", None),
    ],
)
def test_a_missing_optional_file_is_no_problem_but_has_a_reason(
    tmp_path: Path, name: str, feature: str | None
) -> None:
    run = read(write(tmp_path / "run").without(name))
    assert found(run) == []
    if feature is not None:
        assert run.absent[feature] == f"needs {name}, which this run lacks"


def test_a_run_with_its_outputs_alone_opens(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.arrays = {fake.outputs_name: fake.outputs}
    fake.csvs = {}
    run = read(fake.save())
    assert found(run) == []
    assert {
        "mc",
        "external",
        "external_mc",
        "latents",
        "train_latents",
        "last_layer",
        "image",
        "group",
    } <= set(run.absent)


def test_a_run_without_outputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError, match="has no outputs"):
        read(write(tmp_path / "run").without("raw_logits.npz"))


@pytest.mark.parametrize(
    "name", ["raw_logits_dist.npz", "external_confids.npz", "external_confids_dist.npz", "encoded_output.npz"]
)
def test_fewer_rows_than_the_outputs_are_an_error_that_counts_both(tmp_path: Path, name: str) -> None:
    fake = write(tmp_path / "run")
    fake.arrays[name] = fake.arrays[name][:-1]
    run = read(fake.save())
    problem = named(run, f"{name} and raw_logits.npz differ in their number of rows")
    assert problem.level is E
    assert "38 rows" in problem.detail
    assert "39" in problem.detail


def test_latents_of_other_sets_are_refused(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.arrays["encoded_output.npz"][:, -1] = np.roll(fake.arrays["encoded_output.npz"][:, -1], 1)
    run = read(fake.save())
    assert run.latents is None
    assert "disagree about the test sets" in run.absent["latents"]


def test_an_unknown_dataset_index_is_an_error_and_its_samples_stay(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.outputs[-2:, -1] = 17
    fake.arrays["encoded_output.npz"][-2:, -1] = 17
    run = read(fake.without("attributions6.csv").save())
    problem = named(run, "Unknown dataset index")
    assert problem.level is E
    assert "17 (2 samples)" in problem.detail
    assert run.n == 39
    assert run.rows_of("study 17").tolist() == [37, 38]


@pytest.mark.parametrize(
    ("value", "word"), [(np.nan, "holds NaN"), (np.inf, "holds inf"), (-np.inf, "holds inf")]
)
@pytest.mark.parametrize(
    "name",
    [
        "raw_logits.npz",
        "raw_logits_dist.npz",
        "external_confids.npz",
        "external_confids_dist.npz",
        "encoded_output.npz",
        "train_features.npz",
    ],
)
def test_nan_and_inf_are_errors_that_name_file_and_row(
    tmp_path: Path, name: str, value: float, word: str
) -> None:
    fake = write(tmp_path / "run")
    array = fake.arrays[name]
    array[(7,) + (0,) * (array.ndim - 1)] = value
    run = read(fake.save())
    problem = named(run, f"{name} {word}")
    assert problem.level is E
    assert "the first is row 7" in problem.detail


def test_labels_that_are_no_whole_numbers_refuse_the_run(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.outputs[4, -2] = 0.5
    with pytest.raises(RunFormatError, match="no whole numbers"):
        read(fake.save())


def test_labels_outside_the_classes_are_an_error_but_not_in_new_class_sets(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs = {}
    fake.outputs[8, -2] = 2
    run = read(fake.save())
    problem = named(run, "Labels outside the classes")
    assert problem.level is E
    assert "1 samples" in problem.detail
    assert "toy (1)" in problem.detail
    assert "digits" not in problem.detail


def test_another_number_of_classes_than_the_config_says_is_an_error(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.config["data"]["num_classes"] = 5
    assert found(read(fake.save())) == [(E, "Outputs and config differ in the number of classes")]


def test_softmax_in_a_file_of_logits_is_told_and_not_softmaxed_again(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=V0_1_1)
    # Deep Gamblers: the class part of a softmax over d + 1 outputs sums to less than 1.
    outputs, passes = fake.arrays["raw_logits.npz"], fake.arrays["raw_logits_dist.npz"]
    outputs[:, :2] = 0.8 * softmax(outputs[:, :2])
    fake.arrays["raw_logits_dist.npz"] = 0.8 * softmax(passes)
    run = read(fake.save())
    assert named(run, "raw_logits.npz holds softmax values").level is W
    assert run.logits is None
    assert run.probabilities is not None
    np.testing.assert_array_equal(run.probabilities, outputs[:, :2])
    assert run.mc_probabilities is not None
    assert "logits" in run.absent


def test_logits_in_a_file_of_softmax_are_told_and_used_as_logits(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=Y2022)
    fake.outputs[:, :2] = np.log(fake.outputs[:, :2])
    run = read(fake.save())
    assert named(run, "raw_output.npz holds logits").level is W
    assert run.probabilities is None
    assert run.logits is not None
    np.testing.assert_array_equal(run.logits, fake.outputs[:, :2])


def test_softmax_rounded_to_float16_is_still_softmax(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=Y2022)
    fake.arrays["raw_output.npz"] = fake.outputs.astype(np.float16)
    assert found(read(fake.save())) == []


def test_ties_by_float16_saturation_are_a_warning_with_their_number(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=Y2022)
    fake.outputs[:12, :2] = [1.0, 0.0]
    fake.arrays["raw_output.npz"] = fake.outputs.astype(np.float16)
    problem = named(read(fake.save()), "Ties by saturation: many samples share one maximal softmax")
    assert problem.level is W
    assert "12 of 39" in problem.detail


def test_saturated_logits_tie_too(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=CURRENT)
    fake.outputs[:12, :2] = [60000.0, -60000.0]
    assert "12 of 39" in named(read(fake.save()), "Ties by saturation").detail


def test_a_validation_set_that_the_config_promises_and_the_outputs_lack_is_a_warning(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    kept = fake.outputs[:, -1] > 0
    for name in (fake.outputs_name, fake.mc_name, "encoded_output.npz", "external_confids.npz"):
        fake.arrays[name] = fake.arrays[name][kept]
    fake.arrays["external_confids_dist.npz"] = fake.arrays["external_confids_dist.npz"][kept]
    run = read(fake.save())
    assert found(run) == [(W, "The validation set is missing")]
    assert "dataset_idx 0" in named(run, "The validation set is missing").detail
    assert run.image is not None
    assert run.image[0] == "toy/toy00.png"


def test_a_study_without_samples_is_a_warning(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.config["eval"]["query_studies"]["new_class_study"] = ["digits", "svhn"]
    assert "svhn" in named(read(fake.save()), "Studies of the config have no samples").detail


def test_without_a_config_the_validation_set_is_missing_until_a_sidecar_names_it(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=False)
    (fake.folder / fake.config_place).unlink()
    run = read(fake)
    assert named(run, "The validation set is missing").level is W
    assert "Nothing says which set" in named(run, "The validation set is missing").detail
    assert run.absent["validation"]
    (fake.folder / "sfvisuals.yaml").write_text(
        "studies: {study 0: {kind: validation}, study 1: {kind: iid}}\n", encoding="utf-8"
    )
    assert "The validation set is missing" not in [problem.title for problem in read(fake).problems]


def test_a_label_beyond_all_whole_numbers_is_refused_with_its_row(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=V0_1_1)
    fake.outputs[7, -2] = 1e300
    with pytest.raises(RunFormatError, match="no whole numbers in its column label") as refused:
        read(fake.save())
    assert "row 7 holds 1e+300" in refused.value.detail


def test_a_file_of_zeros_is_an_error_and_its_name_says_what_it_holds(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", layout=Y2022)
    fake.outputs[:, :2] = 0
    run = read(fake.save())
    assert (run.logits is None, run.probabilities is None) == (True, False)
    assert (E, "raw_output.npz holds nothing but zeros") in found(run)
    assert not any("holds logits" in title for _, title in found(run))


def test_a_broken_config_refuses_the_run(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    (fake.folder / "hydra" / "config.yaml").write_text("a: [")
    with pytest.raises(RunFormatError, match="is not YAML"):
        read(fake)


def test_outputs_of_the_wrong_shape_are_refused(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.arrays["raw_logits.npz"] = fake.arrays["raw_logits_dist.npz"]
    with pytest.raises(RunFormatError, match="wrong shape"):
        read(fake.save())


@pytest.mark.parametrize(
    ("name", "feature", "shape"),
    [
        ("raw_logits_dist.npz", "mc", (39, 3, 4)),
        ("raw_logits_dist.npz", "mc", (39, 2)),
        ("external_confids.npz", "external", (39, 2)),
        ("external_confids_dist.npz", "external_mc", (39,)),
        ("encoded_output.npz", "latents", (39,)),
        ("train_features.npz", "train_latents", (10, 9)),
    ],
)
def test_a_wrong_shape_is_an_error_that_says_found_and_expected(
    tmp_path: Path, name: str, feature: str, shape: tuple[int, ...]
) -> None:
    fake = write(tmp_path / "run")
    fake.arrays[name] = np.zeros(shape, np.float32)
    run = read(fake.save())
    assert "expected" in run.absent[feature]
    assert str(shape) in run.absent[feature]


def test_rounded_labels_of_many_classes_are_a_warning(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.outputs[-1, -2] = 4096
    fake.csvs = {}
    assert named(read(fake.save()), "may be rounded").level is W
