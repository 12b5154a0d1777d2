"""A sample gets its own image or none: one offset per run, confirmed by the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fake_fdshifts import Y2022, FakeRun, write
from sfvisuals.io import discover, read_run
from sfvisuals.types import Level, Problem, Run


def read(run: FakeRun) -> Run:
    return read_run(discover(run.folder)[0])


def refusal(run: Run) -> Problem:
    assert run.image is None
    assert run.metadata.shape[1] == 0
    assert run.metadata.shape[0] == run.n
    assert "image" in run.absent
    assert "metadata" in run.absent
    (problem,) = [problem for problem in run.problems if "Image paths" in problem.title]
    assert problem.level is Level.ERROR
    return problem


@pytest.mark.parametrize("encodings", [True, False])
def test_the_offset_follows_the_training_encodings(tmp_path: Path, encodings: bool) -> None:
    run = read(write(tmp_path / "run", encodings=encodings))
    assert run.image is not None
    assert run.image.iloc[[0, 6, 13, 14, 22, 38]].tolist() == [
        "toy/validation00.png",
        "toy/toy00.png",
        "toy/toy07.png",
        "toy/toy00_brlow.png",
        "toy/toy00_brlowlow.png",
        "toy/digits03.png",
    ]


def test_a_config_without_the_key_means_no_offset(tmp_path: Path) -> None:
    run = read(write(tmp_path / "run", layout=Y2022))
    assert run.image is not None
    assert run.image.iloc[6] == "toy/toy00.png"


@pytest.mark.parametrize("encodings", [True, False])
def test_a_config_that_contradicts_the_data_leaves_no_images_and_says_where(
    tmp_path: Path, encodings: bool
) -> None:
    fake = write(tmp_path / "run", encodings=encodings)
    fake.config["test"] = {"compute_train_encodings": not encodings}
    problem = refusal(read(fake.save()))
    assert f"compute_train_encodings: {str(not encodings).lower()}" in problem.detail
    assert "attributions" in problem.detail
    assert "opposite setting all files would fit" in problem.detail


def test_one_wrong_label_in_one_csv_is_enough_to_refuse_all(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs["attributions5.csv"].loc[3, "target"] = 0
    assert (fake.outputs[fake.outputs[:, -1] == 4][3, -2]) == 1
    problem = refusal(read(fake.save()))
    assert "attributions5.csv says target 0 in row 3 where the outputs say 1" in problem.detail
    assert "(1 of 5 rows differ)" in problem.detail


def test_a_csv_shorter_than_its_set_is_refused(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs["attributions2.csv"] = fake.csvs["attributions2.csv"].iloc[:-1]
    assert "attributions2.csv has 7 rows for 8 samples" in refusal(read(fake.save())).detail


def test_a_csv_numbered_beyond_the_last_set_is_refused(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs["attributions7.csv"] = fake.csvs["attributions6.csv"]
    assert (
        "attributions7.csv would belong to index 6, and the last one is 5"
        in refusal(read(fake.save())).detail
    )


def test_files_without_labels_are_still_told_apart_by_their_number(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=True)
    fake.csvs = {name: table.drop(columns="target") for name, table in fake.csvs.items()}
    run = read(fake.save())
    assert run.image is not None
    assert any("numbers of their files alone" in problem.title for problem in run.problems)
    fake.config["test"] = {}
    refusal(read(fake.save()))


def test_a_csv_longer_than_its_set_gives_its_first_rows(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    table = fake.csvs["attributions2.csv"]
    fake.csvs["attributions2.csv"] = pd.concat([table, table.assign(target=1, filepath="toy/extra.png")])
    run = read(fake.save())
    assert run.image is not None
    assert run.image.iloc[6:14].tolist() == [f"toy/toy{row:02d}.png" for row in range(8)]
    assert run.image.iloc[14] == "toy/toy00_brlow.png"


def test_sets_without_a_csv_have_no_images_and_the_others_theirs(tmp_path: Path) -> None:
    fake = write(tmp_path / "run").without("attributions1.csv", "attributions6.csv")
    run = read(fake)
    assert run.image is not None
    assert run.image.isna().to_numpy().nonzero()[0].tolist() == [*range(6), *range(35, 39)]
    assert run.image.iloc[6] == "toy/toy00.png"


def test_a_missing_csv_of_the_training_set_does_not_move_the_others(tmp_path: Path) -> None:
    run = read(write(tmp_path / "run").without("attributions0.csv"))
    assert run.image is not None
    assert run.image.iloc[6] == "toy/toy00.png"


def test_absolute_cluster_paths_stay_as_they_are_written(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    for table in fake.csvs.values():
        table["filepath"] = "/cluster/data/" + table["filepath"]
    run = read(fake.save())
    assert run.image is not None
    assert run.image.iloc[6] == "/cluster/data/toy/toy00.png"


def test_paths_of_windows_get_slashes_and_mixed_ones_stay(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    for table in fake.csvs.values():
        table["filepath"] = "C:\\data\\" + table["filepath"].str.replace("/", "\\")
    run = read(fake.save())
    assert run.image is not None
    assert run.image.iloc[6] == "C:/data/toy/toy00.png"
    fake.csvs["attributions2.csv"].loc[1, "filepath"] = "a/b.png"
    run = read(fake.save())
    assert run.image is not None
    assert run.image.iloc[6] == "C:\\data\\toy\\toy00.png"


def test_index_columns_are_dropped_also_where_they_repeat(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    for name, table in fake.csvs.items():
        table.insert(0, "Unnamed: 0", range(len(table)))
        table.insert(1, "Unnamed: 0.1", range(len(table)))
        fake.csvs[name] = table
    assert list(read(fake.save()).metadata.columns) == ["patient_id", "age"]


def test_metadata_are_the_union_of_the_columns_without_what_the_run_already_says(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs["attributions6.csv"]["writer"] = ["a", "b", "c", "d"]
    run = read(fake.save())
    assert list(run.metadata.columns) == ["patient_id", "age", "writer"]
    assert run.metadata["writer"].isna().sum() == 35
    assert run.metadata["age"].iloc[6:14].tolist() == [50, 51, 52, 53, 54, 55, 56, 57]
    assert run.group_column == "patient_id"


def test_numbers_become_numbers_and_codes_stay_text(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    for table in fake.csvs.values():
        table["code"] = [f"{row:03d}" for row in range(len(table))]
        table["mixed"] = ["1"] * (len(table) - 1) + ["NA"]
        table["size"] = [None] + ["1.5"] * (len(table) - 1)
    metadata = read(fake.save()).metadata
    assert metadata["age"].dtype.kind in "if"
    assert metadata["size"].dtype.kind == "f"
    assert metadata["code"].iloc[7] == "001"
    assert set(metadata["mixed"]) == {"1", "NA"}


def test_a_lone_csv_belongs_to_the_only_set(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=False)
    kept = fake.outputs[:, -1] == 1
    fake.arrays = {fake.outputs_name: fake.outputs[kept]}
    fake.arrays[fake.outputs_name][:, -1] = 0
    fake.config["eval"] |= {"val_tuning": False, "query_studies": {"iid_study": "toy"}}
    fake.csvs = {"attributions.csv": fake.csvs["attributions1.csv"]}
    run = read(fake.save())
    assert run.image is not None
    assert run.image.tolist() == [f"toy/toy{row:02d}.png" for row in range(8)]


def test_a_lone_csv_with_as_many_rows_and_the_same_labels_belongs_to_all(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=False)
    fake.csvs = {
        "attributions.csv": pd.concat([fake.csvs[f"attributions{number}.csv"] for number in range(6)])
    }
    run = read(fake.save())
    assert run.image is not None
    assert run.image.iloc[38] == "toy/digits03.png"


def test_a_lone_csv_of_an_unknown_set_is_refused(tmp_path: Path) -> None:
    fake = write(tmp_path / "run", encodings=False)
    fake.csvs = {"attributions.csv": fake.csvs["attributions1.csv"]}
    assert "does not say which set" in refusal(read(fake.save())).detail


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2,3\n4\n", b"\xff\xfe\x00bad", b'a,b\n"unclosed,1\n'])
def test_a_csv_that_cannot_be_read_leaves_no_images_and_names_the_file(
    tmp_path: Path, content: bytes
) -> None:
    fake = write(tmp_path / "run")
    (fake.results / "attributions3.csv").write_bytes(content)
    run = read(fake)
    assert run.image is None
    assert "attributions3.csv" in run.absent["image"]


def test_csvs_without_a_path_column_give_metadata_alone(tmp_path: Path) -> None:
    fake = write(tmp_path / "run")
    fake.csvs = {name: table.drop(columns="filepath") for name, table in fake.csvs.items()}
    run = read(fake.save())
    assert run.image is None
    assert "filepath" in run.absent["image"]
    assert list(run.metadata.columns) == ["patient_id", "age"]


@pytest.mark.shared
def test_every_image_of_a_real_run_exists_and_has_the_label_of_its_row(shared: Path) -> None:
    """The folders of the images do not show the class, so the csvs say it: path -> target."""
    experiments = shared / "experiments"
    for ref in discover(experiments):
        run = read_run(ref)
        if run.image is None:
            assert ref.name == "current/pneumonia/dg_run1"
            continue
        files = pd.concat(
            [pd.read_csv(path) for path in sorted((ref.path / "test_results").glob("attributions*.csv"))]
        )
        target = files.drop_duplicates("filepath").set_index("filepath")["target"]
        assert run.image.notna().all()
        np.testing.assert_array_equal(target.loc[run.image].to_numpy(), run.label)
        assert all((experiments / "images" / path).is_file() for path in run.image.iloc[::97])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("confidnet_bbsmall_cnn_do1_run1_rew2.2", "dermoscopy/ISIC_0034733.jpg"),
        ("devries_bbsmall_cnn_do1_run1_rew2.2", "dermoscopy/ISIC_0034733.jpg"),
    ],
)
def test_runs_with_and_without_training_encodings_show_the_same_images(
    shared: Path, name: str, first: str
) -> None:
    run = read_run(discover(shared / "experiments/current/dermoscopyall" / name)[0])
    assert run.image is not None
    assert run.image.iloc[0] == first
    assert run.image.iloc[250] == "dermoscopy/ISIC_0035136.jpg"
