"""The plan of the synthetic dermoscopy: studies, patients, truth and the planted causes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sfvisuals.demo.dermoscopy import CAUSES, plan

SIZES = {
    "train": 4000,
    "validation": 500,
    "clinic_a": 1100,
    "clinic_b": 800,
    "clinic_c": 700,
    "amelanotic": 400,
}


@pytest.fixture(scope="module")
def full() -> pd.DataFrame:
    return plan(0)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(full: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(plan(0), full)
    assert not plan(1, scale=0.1)["seed"].equals(plan(0, scale=0.1)["seed"])


def test_the_studies_have_their_sizes_and_both_classes(full: pd.DataFrame) -> None:
    assert full["study"].value_counts().to_dict() == SIZES
    malignant = full.groupby("study")["true_label"].mean()
    assert malignant.drop("amelanotic").between(0.38, 0.46).all()
    assert malignant["amelanotic"] == pytest.approx(0.5, abs=0.05)


def test_patients_have_one_to_four_images_and_stay_in_one_study(full: pd.DataFrame) -> None:
    images = full["patient"].value_counts()
    assert set(images) == {1, 2, 3, 4}
    assert (full.groupby("patient")["study"].nunique() == 1).all()
    several = full.groupby("patient")["lesion"].nunique()
    assert (several > 1).sum() > 200, "some patients have more than one lesion"
    assert full["lesion"].value_counts().max() > 1, "some lesions have more than one image"


def test_a_patient_is_one_person_and_a_lesion_has_one_diagnosis(full: pd.DataFrame) -> None:
    for column in ("age", "sex", "skin_type", "site"):
        assert (full.groupby("patient")[column].nunique() == 1).all(), column
    for column in ("patient", "true_label", "subclass", "atypia", "body_site", "lesion_seed"):
        assert (full.groupby("lesion")[column].nunique() == 1).all(), column


@pytest.mark.parametrize(
    ("study", "benign", "malignant"),
    [
        ("train", 0.04, 0.55),
        ("validation", 0.04, 0.55),
        ("clinic_a", 0.04, 0.55),
        ("clinic_b", 0.04, 0.04),
        ("clinic_c", 0.45, 0.45),
    ],
)
def test_rulers_go_with_malignant_lesions_at_the_source_and_with_neither_elsewhere(
    full: pd.DataFrame, study: str, benign: float, malignant: float
) -> None:
    rulers = full[full["study"] == study].groupby("true_label")["ruler"].mean()
    assert rulers[0] == pytest.approx(benign, abs=0.005)
    assert rulers[1] == pytest.approx(malignant, abs=0.005)


def test_two_in_a_hundred_recorded_labels_of_the_iid_study_are_wrong_and_none_elsewhere(
    full: pd.DataFrame,
) -> None:
    wrong = full["label"] != full["true_label"]
    assert wrong.equals(full["cause_wrong_label"].rename(None))
    assert set(full.loc[wrong, "study"]) == {"clinic_a"}
    assert wrong.sum() == 22
    assert full.loc[wrong, "label"].sum() == 11
    clear = full[wrong]
    assert clear.loc[clear["true_label"] == 0, "atypia"].max() < 0.3
    assert clear.loc[clear["true_label"] == 1, "atypia"].min() > 0.65


def test_each_cause_marks_the_rows_that_it_is_said_to_mark(full: pd.DataFrame) -> None:
    benign, malignant = full["true_label"] == 0, full["true_label"] == 1
    said = {
        "cause_acquisition": (full["study"] == "clinic_b") & malignant & (full["device"] == "device 2"),
        "cause_ruler": (full["study"] == "clinic_c") & benign & full["ruler"],
        "cause_amelanotic": full["subclass"] == "amelanotic melanoma",
    }
    for column, rows in said.items():
        assert full[column].tolist() == rows.tolist(), column
        assert set(full.loc[rows, "cause"]) == {CAUSES[column]}
    marked = full[list(CAUSES)].sum(axis=1)
    assert marked.max() == 1
    assert ((full["cause"] == "") == (marked == 0)).all()
    assert not full.loc[full["study"].isin(["train", "validation"]), list(CAUSES)].to_numpy().any()


def test_the_shifting_camera_takes_six_in_ten_images_of_clinic_b_and_none_elsewhere(
    full: pd.DataFrame,
) -> None:
    shifted = full["device"] == "device 2"
    assert set(full.loc[shifted, "study"]) == {"clinic_b"}
    assert shifted.sum() == 480


def test_training_has_no_amelanotic_melanoma_but_pink_benign_lesions(full: pd.DataFrame) -> None:
    known = set(full.loc[full["study"] == "train", "subclass"])
    unseen = full[full["study"] == "amelanotic"].groupby("true_label")["subclass"].unique()
    assert set(unseen[1]) == {"amelanotic melanoma"}
    assert set(unseen[0]) == {"dermal nevus", "dermatofibroma"}
    assert "amelanotic melanoma" not in known
    assert {"dermal nevus", "dermatofibroma"} < known


def test_suspicion_overlaps_between_the_classes(full: pd.DataFrame) -> None:
    train = full[full["study"] == "train"]
    benign, malignant = (train.loc[train["label"] == value, "atypia"] for value in (0, 1))
    assert malignant.mean() - benign.mean() > 0.15
    assert benign.quantile(0.9) > malignant.quantile(0.3)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_a_tiny_plan_has_every_study_with_both_classes_and_every_cause(seed: int) -> None:
    tiny = plan(seed, scale=0.02)
    assert len(tiny) == 80 + 10 + 22 + 16 + 14 + 8
    assert (tiny.groupby("study")["label"].nunique() == 2).all()
    assert (tiny[list(CAUSES)].sum() >= 2).all()
    assert tiny["patient"].duplicated().any()
    rulers = tiny[tiny["study"] == "train"].groupby("label")["ruler"].sum()
    assert (rulers >= 1).all()


def test_every_image_has_a_seed_of_its_own(full: pd.DataFrame) -> None:
    assert full["seed"].dtype == np.int64
    assert full["seed"].duplicated().mean() < 0.001
    assert full["seed"].between(0, 2**31 - 1).all()
