"""A corrupted sample knows its corruption, its severity and its source image, or that they are unknown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fake_fdshifts import FakeRun, write
from sfvisuals.io import discover, read_run
from sfvisuals.io.naming import CIFAR_CORRUPTIONS, short_label
from sfvisuals.types import Run, StudyKind


def read(run: FakeRun) -> Run:
    return read_run(discover(run.folder)[0])


def shown(run: Run, study: str) -> list[tuple[str | None, int, int]]:
    """(corruption, severity, source row) of every sample of a study."""
    rows = run.rows_of(study)
    codes = run.corruption[rows]
    names = [run.corruptions[code] if code >= 0 else None for code in codes]
    return list(zip(names, run.severity[rows].tolist(), run.source_row[rows].tolist(), strict=True))


IID = range(6, 14)


def test_sets_named_by_suffix_follow_the_iid_images(tmp_path: Path) -> None:
    run = read(write(tmp_path / "run"))
    assert run.corruptions == ("brlow",)
    assert shown(run, "toycorrbrlow") == [("brlow", 1, row) for row in IID]
    assert shown(run, "toycorrbrlowlow") == [("brlow", 2, row) for row in IID]
    assert shown(run, "toy") == [(None, 0, -1)] * 8
    assert shown(run, "toyelsewhere") == [(None, 0, -1)] * 5


def test_without_images_equal_labels_confirm_the_source(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs = {}
    assert shown(read(fake.save()), "toycorrbrlow") == [("brlow", 1, row) for row in IID]


def test_without_images_different_labels_leave_the_source_unknown(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs = {}
    fake.outputs[14, -2] = 1 - fake.outputs[14, -2]
    assert shown(read(fake.save()), "toycorrbrlow") == [("brlow", 1, -1)] * 8


def test_another_size_leaves_the_source_unknown_without_file_names(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs = {}
    for name in (fake.outputs_name, "encoded_output.npz"):
        fake.arrays[name][14, -1] = 3
    run = read(fake.save())
    assert shown(run, "toycorrbrlow") == [("brlow", 1, -1)] * 7


def test_file_names_find_the_source_in_any_order(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    table = fake.csvs["attributions3.csv"]
    order = [0, 1, 2, 3, 4, 6, 5, 7]
    assert table["target"].iloc[5] == table["target"].iloc[6]
    table["filepath"] = table["filepath"].to_numpy()[order]
    assert [row for _, _, row in shown(read(fake.save()), "toycorrbrlow")] == [6, 7, 8, 9, 10, 12, 11, 13]


def test_a_file_name_without_a_source_image_is_unknown(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs["attributions3.csv"].loc[2, "filepath"] = "toy/new_brlow.png"
    assert [row for _, _, row in shown(read(fake.save()), "toycorrbrlow")] == [6, 7, -1, 9, 10, 11, 12, 13]


def test_equal_file_names_in_another_folder_confirm_the_source(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    table = fake.csvs["attributions3.csv"]
    table["filepath"] = [f"corrupted/brlow/toy{row:02d}.png" for row in range(8)]
    assert shown(read(fake.save()), "toycorrbrlow") == [("brlow", 1, row) for row in IID]


def noisy(folder: Path) -> FakeRun:
    """A run whose acquisition set is a noise study with columns of its own."""
    fake = write(folder)
    fake.config["eval"]["query_studies"] = {
        "iid_study": "toy",
        "in_class_study": ["toycorrbrlow", "toycorrbrlowlow"],
        "noise_study": {"dataset": "corrupt_cifar_toy"},
        "new_class_study": ["digits"],
    }
    fake.csvs["attributions5.csv"] = fake.csvs["attributions5.csv"].assign(
        corruption=["fog", "fog", None, "brhighhigh", "0"],
        level=[2, 3, 0, None, 4],
        source=["toy/toy03.png", "/cluster/x/toy/toy00.png", None, "toy/missing.png", None],
    )
    return fake.save()


def test_the_columns_of_the_csv_decide_row_by_row(tmp_path: Path) -> None:
    run = read(noisy(tmp_path / "run"))
    assert shown(run, "corrupt_cifar_toy") == [
        ("fog", 2, 9),
        ("fog", 3, 6),
        (None, 0, -1),
        ("brhigh", 2, -1),
        (None, 0, -1),
    ]
    assert run.corruptions == ("brhigh", "brlow", "fog")
    assert not {"corruption", "level", "source"} & set(run.metadata.columns)


@pytest.mark.parametrize("word", ["clean", "Original", "none", "False", "no", ""])
def test_words_for_an_image_as_it_was_mean_not_corrupted(tmp_path: Path, word: str) -> None:
    fake = noisy(tmp_path / "run")
    fake.csvs["attributions5.csv"]["corruption"] = ["fog", word, word, word, word]
    fake.csvs["attributions5.csv"]["level"] = 2
    run = read(fake.save())
    assert [(name, level) for name, level, _ in shown(run, "corrupt_cifar_toy")] == [
        ("fog", 2),
        *[(None, 0)] * 4,
    ]


def test_severity_is_another_name_for_level(tmp_path: Path) -> None:
    fake = noisy(tmp_path / "run")
    fake.csvs["attributions5.csv"] = fake.csvs["attributions5.csv"].rename(columns={"level": "severity"})
    assert [level for _, level, _ in shown(read(fake.save()), "corrupt_cifar_toy")] == [2, 3, 0, 2, 0]


def test_a_column_source_without_corruptions_is_metadata(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    for table in fake.csvs.values():
        table["source"] = "hospital"
        del table["corruption"]
    run = read(fake.save())
    assert set(run.metadata["source"]) == {"hospital"}
    assert shown(run, "toycorrbrlow") == [("brlow", 1, row) for row in IID]


def cifar(folder: Path, *, iid: int, per_block: int, name: str = "corrupt_cifar10") -> FakeRun:
    """iid samples and a CIFAR-C set of 75 blocks of `per_block` samples, in the writer's order."""
    label = np.arange(iid) % 3
    blocks = np.tile(label[:: iid // per_block], 75)
    labels = np.concatenate([label, blocks])
    index = np.repeat([0, 1], [iid, blocks.size])
    logits = np.random.default_rng(0).normal(0, 1, (labels.size, 3))
    studies = {"iid_study": "cifar10", "noise_study": name}
    fake = FakeRun(
        folder=folder, layout="v0.1.1", config={"eval": {"val_tuning": False, "query_studies": studies}}
    )
    fake.arrays["raw_logits.npz"] = np.column_stack([logits, labels, index])
    return fake.save()


def test_cifar_c_is_read_by_position(tmp_path: Path) -> None:
    # Block (corruption c, level s) starts at (5 c + s - 1) n: with n = 12, fog (c = 4) level 3 starts at 264.
    run = read(cifar(tmp_path / "run", iid=12, per_block=12))
    found = shown(run, "corrupt_cifar10")
    assert found[0] == ("brightness", 1, 0)
    assert found[264] == ("fog", 3, 0)
    assert found[264 + 7] == ("fog", 3, 7)
    assert found[-1] == ("zoom_blur", 5, 11)
    assert run.corruptions == CIFAR_CORRUPTIONS


def test_thinned_cifar_c_follows_every_kth_iid_sample(tmp_path: Path) -> None:
    run = read(cifar(tmp_path / "run", iid=20, per_block=5))
    assert [row for _, _, row in shown(run, "corrupt_cifar10")[:6]] == [0, 4, 8, 12, 16, 0]


def test_cifar_c_with_other_labels_has_no_sources(tmp_path: Path) -> None:
    fake = cifar(tmp_path / "run", iid=12, per_block=12)
    assert fake.outputs[12, -2] == 0
    fake.outputs[12, -2] = 2
    found = shown(read(fake.save()), "corrupt_cifar10")
    assert {row for _, _, row in found} == {-1}
    assert found[264][:2] == ("fog", 3)


def test_another_noise_set_is_not_read_by_position(tmp_path: Path) -> None:
    run = read(cifar(tmp_path / "run", iid=12, per_block=12, name="corrupt_pneu"))
    assert run.corruptions == ()
    assert set(shown(run, "corrupt_pneu")) == {(None, 0, -1)}
    assert any("structure of a corruption study is unknown" in problem.title for problem in run.problems)
    assert run.studies[1].kind is StudyKind.CORRUPTION


def test_cifar_c_of_a_size_that_is_no_multiple_of_75_is_not_read_by_position(tmp_path: Path) -> None:
    fake = cifar(tmp_path / "run", iid=12, per_block=12)
    fake.arrays["raw_logits.npz"] = fake.outputs[:-1]
    assert read(fake.save()).corruptions == ()


@pytest.mark.shared
def test_the_noise_study_of_pneumonia_is_decided_by_its_own_columns(shared: Path) -> None:
    run = read_run(discover(shared / "experiments/current/pneumonia/dg_mcd_run1")[0])
    rows = run.rows_of("corrupt_pneu")
    assert run.image is not None
    first = rows[0]
    assert (run.corruptions[run.corruption[first]], run.severity[first]) == ("brhigh", 1)
    assert run.image.iloc[run.source_row[first]] == "pneu/test/00398.png"
    codes, counts = np.unique(run.corruption[rows], return_counts=True)
    assert codes.size == 15
    assert set(counts) == {200}
    assert (run.source_row[rows] >= 0).all()
    np.testing.assert_array_equal(run.label[run.source_row[rows]], run.label[rows])


@pytest.mark.shared
def test_one_real_image_is_followed_through_all_its_corruptions(shared: Path) -> None:
    run = read_run(discover(shared / "experiments/current/dermoscopyall")[0])
    assert run.image is not None
    source = run.rows_of("dermoscopyall")[17]
    versions = np.flatnonzero(run.source_row == source)
    stem = run.image.iloc[source].removesuffix(".jpg")
    suffixes = [
        "brlow",
        "brlowlow",
        "brhigh",
        "brhighhigh",
        "gaunoilow",
        "gaunoilowlow",
        "motblrhigh",
        "motblrhighhigh",
    ]
    assert run.image.iloc[versions].tolist() == [f"{stem}_{suffix}.jpg" for suffix in suffixes]
    assert run.severity[versions].tolist() == [1, 2] * 4


def test_a_set_is_labelled_without_the_name_that_all_sets_share() -> None:
    assert short_label("xraycorrbrlow", iid="xray", corruption=True) == "brlow"
    assert short_label("xraynih14", iid="xray", corruption=False) == "nih14"
    assert short_label("xray", iid="xray", corruption=False) == "xray"
    assert short_label("elsewhere", iid="xray", corruption=False) == "elsewhere"
