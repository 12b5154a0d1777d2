"""Samples of one patient, and copies of one image, are one unit in every room."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from sfvisuals.units import contradicting, units_of, units_of_run, units_with_warning

CONTRADICTED = np.where(np.arange(16) < 8, np.arange(16) // 2, (np.arange(16) + 1) // 2 + 20)
"""Of four images with three copies each: in half of the rows 0 and 1 are one, in the other 1 and 2."""
COPIES = np.concatenate([np.full(4, -1), np.tile(np.arange(4), 3)])


def test_images_of_one_patient_and_copies_of_one_image_are_one_unit() -> None:
    """Rows 0, 1 of patient a, 2 of b, 3 unknown; 4 is a copy of 1, 5 one of 3."""
    groups = np.array([0, 0, 1, -1, -1, -1])
    source = np.array([-1, -1, -1, -1, 1, 3])
    assert units_of(groups, source, 6).tolist() == [0, 0, 1, 2, 0, 2]


def test_without_patients_and_copies_every_sample_is_a_unit() -> None:
    assert units_of(None, None, 7).tolist() == list(range(7))
    assert units_of(np.full(3, -1), np.full(3, -1), 3).tolist() == [0, 1, 2]
    assert units_of(np.empty(0, np.int64), None, 0).size == 0


def test_a_copy_belongs_to_its_image_and_an_image_to_its_patient() -> None:
    run = SimpleNamespace(
        n=5,
        source_row=np.array([-1, -1, -1, 0, 2]),
        group_column="patient",
        metadata=pd.DataFrame({"patient": ["a", "a", None, None, None]}),
    )
    assert units_of_run(run).tolist() == [0, 0, 1, 0, 1]  # type: ignore[arg-type]
    alone = SimpleNamespace(n=3, source_row=np.array([-1, 0, -1]), group_column=None)
    assert units_of_run(alone).tolist() == [0, 0, 1]  # type: ignore[arg-type]


def test_patients_that_contradict_the_copies_are_left_aside_and_it_is_said() -> None:
    unit, warning = units_with_warning(CONTRADICTED, COPIES, 16)
    assert unit.tolist() == [0, 1, 2, 3] * 4
    assert "contradict" in warning
    sound, nothing = units_with_warning(np.tile(np.arange(4), 4), COPIES, 16)
    assert sound.tolist() == [0, 1, 2, 3] * 4
    assert nothing == ""


def test_what_contradicts_is_a_copy_of_another_patient_than_its_image() -> None:
    groups, source = np.array([0, 1, 0, 0, -1]), np.array([-1, -1, 0, 1, 1])
    assert contradicting(groups, source).tolist() == [False, False, False, True, False]


def test_a_run_of_one_patient_is_one_unit_though_its_images_have_copies() -> None:
    """Nothing contradicts, so nothing may be left aside: the images of one patient are not independent."""
    unit, warning = units_with_warning(np.zeros(16, np.int64), COPIES, 16)
    assert set(unit) == {0}
    assert warning == ""


def test_a_run_is_told_apart_as_its_slices_are() -> None:
    run = SimpleNamespace(
        n=16, source_row=COPIES, group_column="patient", metadata=pd.DataFrame({"patient": CONTRADICTED})
    )
    expected, _ = units_with_warning(CONTRADICTED, COPIES, 16)
    assert units_of_run(run).tolist() == expected.tolist()  # type: ignore[arg-type]
