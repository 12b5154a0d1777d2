"""A sidecar says what a folder does not; every mistake in it is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_fdshifts import FakeRun, write
from sfvisuals.errors import SettingsError
from sfvisuals.io import discover, read_run
from sfvisuals.types import Level, Run, Study, StudyKind

FULL = """
classes: [no finding, pneumonia]
group: age
source: validation
studies:
  toyelsewhere: {kind: manifestation, label: Another hospital}
  toycorrbrlow: {corruption: darker, severity: 4}
  digits: {kind: corruption, corruption: fog}
  toycorrbrlowlow: {kind: acquisition}
methods: {MSR: run, MCD-PE: {run: run, score: mcd_pe}}
"""


def read(fake: FakeRun, text: str, *, place: str = "run") -> Run:
    root = fake.folder.parents[1]
    (root / place / "sfvisuals.yaml").write_text(text, encoding="utf-8")
    return read_run(next(ref for ref in discover(root)), root=root)


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    return write(tmp_path / "run" / "one")


def study(run: Run, name: str) -> Study:
    return next(study for study in run.studies if study.name == name)


def test_everything_a_sidecar_says_is_used(fake: FakeRun) -> None:
    run = read(fake, FULL)
    assert run.classes == ("no finding", "pneumonia")
    assert run.group_column == "age"
    assert run.source == "validation"
    elsewhere = study(run, "toyelsewhere")
    assert (elsewhere.kind, elsewhere.label, elsewhere.assumed) == (
        StudyKind.MANIFESTATION,
        "Another hospital",
        False,
    )
    dark = study(run, "toycorrbrlow")
    assert (dark.corruption, dark.severity) == ("darker", 4)
    rows = run.rows_of("toycorrbrlow")
    assert {run.corruptions[code] for code in run.corruption[rows]} == {"darker"}
    assert set(run.severity[rows].tolist()) == {4}
    assert run.source_row[rows].tolist() == list(range(6, 14))
    assert study(run, "digits").kind is StudyKind.CORRUPTION
    assert not run.new_class.any()


def test_assumptions_that_a_sidecar_replaces_are_no_longer_listed(fake: FakeRun) -> None:
    titles = [problem.title for problem in read(fake, FULL).problems]
    assert "Class names are assumed" not in titles
    assert "The group column is assumed" not in titles
    assert "Kinds of studies are assumed" not in titles


def test_without_a_sidecar_each_assumption_is_an_info(fake: FakeRun) -> None:
    run = read_run(discover(fake.folder)[0])
    assert run.classes == ("class 0", "class 1")
    found = {problem.title: problem for problem in run.problems}
    assert {problem.level for problem in run.problems} == {Level.INFO}
    assert set(found) == {
        "Class names are assumed",
        "Kinds of studies are assumed",
        "The group column is assumed",
    }
    for name in ("toycorrbrlow: corruption brlow, severity 1", "toyelsewhere: acquisition"):
        assert name in found["Kinds of studies are assumed"].detail


def test_a_sidecar_above_the_run_counts_up_to_the_root(fake: FakeRun, tmp_path: Path) -> None:
    assert read(fake, "classes: [a, b]", place=".").classes == ("a", "b")
    inner = read_run(discover(tmp_path / "run")[0], root=tmp_path / "run")
    assert inner.classes == ("class 0", "class 1")


def test_the_nearest_sidecar_is_used(fake: FakeRun) -> None:
    read(fake, "classes: [far, away]", place=".")
    assert read(fake, "classes: [a, b]", place="run/one").classes == ("a", "b")


def test_a_described_run_uses_that_file_alone(fake: FakeRun, tmp_path: Path) -> None:
    read(fake, "classes: [far, away]")
    mine = tmp_path / "mine.yaml"
    mine.write_text("classes: [x, y]")
    assert read_run(discover(fake.folder)[0], root=tmp_path, describe=mine).classes == ("x", "y")


def test_an_unknown_study_is_a_warning_that_lists_the_known(fake: FakeRun) -> None:
    run = read(fake, "studies: {toyelswhere: {kind: acquisition}}\nsource: nowhere")
    warnings = {problem.title: problem.detail for problem in run.problems if problem.level is Level.WARNING}
    assert "toyelswhere" in warnings["sfvisuals.yaml describes studies this run lacks"]
    assert "toyelsewhere" in warnings["sfvisuals.yaml describes studies this run lacks"]
    assert "nowhere" in warnings["sfvisuals.yaml names a source study this run lacks"]
    assert run.source == "toy"


def test_a_wrong_number_of_classes_is_a_warning_and_not_used(fake: FakeRun) -> None:
    run = read(fake, "classes: [a, b, c]")
    assert run.classes == ("class 0", "class 1")
    assert any("names 3 classes, the outputs have 2" in problem.title for problem in run.problems)


def test_an_unknown_group_column_is_a_warning_and_the_usual_one_is_used(fake: FakeRun) -> None:
    run = read(fake, "group: nodule")
    assert run.group_column == "patient_id"
    (warning,) = [problem for problem in run.problems if problem.level is Level.WARNING]
    assert "patient_id" in warning.detail


BROKEN = [
    ("classes: [a, b", "is not YAML", ""),
    ("- a", "does not follow its schema", "top level"),
    ("klasses: [a, b]", "does not follow its schema", "klasses"),
    ("classes: [no, yes]", "does not follow its schema", "classes.0"),
    ("studies: {toy: {kind: shifted}}", "does not follow its schema", "studies.toy.kind"),
    ("studies: {toy: {severity: 0}}", "does not follow its schema", "studies.toy.severity"),
    ("studies: [toy]", "does not follow its schema", "studies"),
]


def test_columns_that_are_the_answer_are_left_out_by_name_or_pattern(fake: FakeRun) -> None:
    run = read(fake, "leave_out: [age, 's*']")
    columns = list(run.metadata.columns)
    assert run.leave_out == tuple(c for c in columns if c == "age" or c.startswith("s"))
    assert "age" in run.leave_out
    assert "age" in columns


def test_a_column_to_leave_out_that_is_not_there_is_a_warning_with_the_known(fake: FakeRun) -> None:
    run = read(fake, "leave_out: [diagnosis]")
    assert run.leave_out == ()
    found = next(p for p in run.problems if "leaves out columns this run lacks" in p.title)
    assert found.level is Level.WARNING
    assert "diagnosis" in found.detail
    assert "age" in found.detail


@pytest.mark.parametrize(("text", "title", "place"), BROKEN)
def test_a_broken_sidecar_is_an_error_with_its_place_and_the_run_opens_without_it(
    fake: FakeRun, text: str, title: str, place: str
) -> None:
    run = read(fake, text)
    (error,) = [problem for problem in run.problems if problem.level is Level.ERROR]
    assert title in error.title
    assert place in error.detail
    assert "sfvisuals.yaml" in error.detail
    assert run.classes == ("class 0", "class 1")


@pytest.mark.parametrize(("text", "title", "place"), BROKEN)
def test_a_broken_described_file_is_refused(
    fake: FakeRun, tmp_path: Path, text: str, title: str, place: str
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    with pytest.raises(SettingsError, match=title) as refused:
        read_run(discover(fake.folder)[0], describe=mine)
    assert place in refused.value.detail


def test_a_described_file_that_is_missing_is_refused(fake: FakeRun, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be opened"):
        read_run(discover(fake.folder)[0], describe=tmp_path / "missing.yaml")


def test_an_empty_sidecar_says_nothing(fake: FakeRun) -> None:
    assert read(fake, "# nothing yet\n").classes == ("class 0", "class 1")
