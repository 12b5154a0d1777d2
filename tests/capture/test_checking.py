"""Columns of a study's table whose names mean something else in the table of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from capturing import CLASSES, SmallNet
from sfvisuals.capture import CaptureStudy, CorruptionPlan, capture
from sfvisuals.errors import CaptureError
from sfvisuals.io import discover, read_run
from sfvisuals.types import StudyKind

QUIET = {"progress": False, "device": "cpu", "classes": CLASSES, "mc_passes": 0}


def given(study: CaptureStudy, /, **columns: Any) -> CaptureStudy:
    return replace(study, samples=study.samples.assign(**columns))


@pytest.mark.parametrize(
    "columns",
    [
        {"severity": "mild"},
        {"severity": 1, "corruption": "fog"},
        {"source": "clinic", "corruption_seed": 3},
        {"study": "other"},
    ],
)
def test_columns_with_the_names_of_the_format_are_refused_with_these_names(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path, columns: dict[str, Any]
) -> None:
    with pytest.raises(CaptureError, match="study 'iid' has columns whose names are taken") as caught:
        capture(net, [given(studies[2], **columns)], out=tmp_path / "run", **QUIET)
    assert sorted(caught.value.title.partition("taken: ")[2].split(", ")) == sorted(columns)
    assert "Rename" in caught.value.hint


@pytest.mark.parametrize("severity", [0, -1, 1.5, True, "mild"])
def test_a_severity_of_a_corruption_study_is_a_whole_number_from_1(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path, severity: Any
) -> None:
    study = given(replace(studies[3], kind=StudyKind.CORRUPTION), severity=severity, corruption="fog")
    with pytest.raises(CaptureError, match="taken: severity"):
        capture(net, [studies[2], study], out=tmp_path / "run", **QUIET)


@pytest.mark.parametrize("elsewhere", [{}, {"severity": None, "corruption": None}])
@pytest.mark.parametrize("plan", [None, CorruptionPlan(names=["gaussian_noise"], severities=[4], subset=2)])
def test_corruption_and_severity_of_a_corruption_study_are_kept(
    net: SmallNet,
    studies: list[CaptureStudy],
    tmp_path: Path,
    elsewhere: dict[str, Any],
    plan: CorruptionPlan | None,
) -> None:
    severities: Sequence[int] = [1, 2, 3, 4, 5] * 2
    study = given(replace(studies[3], kind=StudyKind.CORRUPTION), severity=severities, corruption="fog")
    plain = given(studies[2], study="iid", **elsewhere)
    folder = capture(net, [plain, study], out=tmp_path / "run", corruptions=plan, **QUIET)
    run = read_run(discover(folder)[0])
    rows = run.rows_of("clinic B")
    assert run.severity[rows].tolist() == severities
    assert {run.corruptions[code] for code in run.corruption[rows]} == {"fog"}
    assert run.severity[run.rows_of("iid")].tolist() == [0] * 13
    assert run.corruption[run.rows_of("iid")].tolist() == [-1] * 13


def test_columns_without_any_value_are_no_fault(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    empty = given(studies[2], severity=None, corruption=None, source=None)
    run = read_run(discover(capture(net, [empty], out=tmp_path / "run", **QUIET))[0])
    assert run.severity.tolist() == [0] * 13


def test_a_kind_that_is_none_is_told_in_terms_of_the_study(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    kind: Any = "acquisition"
    with pytest.raises(CaptureError, match="The kind of study 'iid' is 'acquisition'") as caught:
        capture(net, [replace(studies[2], kind=kind)], out=tmp_path / "run", **QUIET)
    assert "StudyKind.ACQUISITION" in caught.value.detail


def test_a_missing_group_column_is_told_in_terms_of_the_study(
    net: SmallNet, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    plain = replace(studies[2], samples=studies[2].samples[["label"]])
    with pytest.raises(CaptureError, match="study 'iid' lacks the group column 'person'") as caught:
        capture(net, [plain], out=tmp_path / "run", group="person", **QUIET)
    assert caught.value.detail == "Columns found: label."


def test_two_training_studies_are_refused(net: SmallNet, studies: list[CaptureStudy], tmp_path: Path) -> None:
    train = [replace(studies[2], name=name, kind=StudyKind.TRAIN) for name in ("first", "second")]
    with pytest.raises(CaptureError, match="several training studies") as caught:
        capture(net, [studies[2], *train], out=tmp_path / "run", **QUIET)
    assert "'first', 'second'" in caught.value.detail
