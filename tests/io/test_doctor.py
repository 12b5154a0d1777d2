"""The folder doctor says what a folder holds, finds planted faults, and sums it up in an exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from own_runs import parts, softmax
from report_shape import in_shape
from sfvisuals import ScoreColumn, write_run
from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.io.doctor import check
from sfvisuals.io.report import Report
from sfvisuals.types import Level, Problem


def healthy(folder: Path, **changes: Any) -> Path:
    """A run in which nothing is wrong, images included."""
    given = parts() | changes
    for text in given["samples"]["image"].dropna():
        (folder / text).parent.mkdir(parents=True, exist_ok=True)
        (folder / text).write_bytes(b"not looked into")
    write_run(folder / "run", **given)
    return folder


def only_problem(report: Report) -> Problem:
    (run,) = report.runs
    (problem,) = run.problems
    return problem


def test_a_healthy_folder_is_clean(tmp_path: Path) -> None:
    report = check(healthy(tmp_path))
    (run,) = in_shape(report)["runs"]
    assert run["problems"] == []
    assert report.exit_code == 0
    assert (run["run"], run["format"]) == ("run", "sfvisuals")
    assert (run["samples"], run["classes"], run["latent_dim"], run["mc_passes"]) == (12, 3, 5, 4)
    assert run["images"] == {"found": 12, "missing": 0}
    assert all(score["available"] and score["why"] == "" for score in run["scores"])


def test_accuracy_is_that_of_the_plain_argmax_and_none_for_new_classes(tmp_path: Path) -> None:
    # Labels are 0 1 2 0 1 2 ...; the plain argmax says always 0, the Monte-Carlo mean always 1.
    logits = np.tile([2.0, 1.0, 0.0], (12, 1))
    mc_logits = np.tile([[1.0], [2.0], [0.0]], (12, 1, 4))
    report = check(healthy(tmp_path, logits=logits, mc_logits=mc_logits))
    (run,) = in_shape(report)["runs"]
    assert run["studies"] == [
        {"name": "validation", "kind": "validation", "samples": 3, "accuracy": 1 / 3},
        {"name": "iid", "kind": "iid", "samples": 3, "accuracy": 1 / 3},
        {"name": "fog", "kind": "corruption", "samples": 3, "accuracy": 1 / 3},
        {"name": "digits", "kind": "new_class", "samples": 3, "accuracy": None},
    ]


def test_a_run_at_the_root_goes_by_its_folder(tmp_path: Path) -> None:
    healthy(tmp_path)
    assert [run.run for run in check(tmp_path / "run", data_roots=[tmp_path]).runs] == ["run"]


def test_a_score_that_is_not_available_says_why(tmp_path: Path) -> None:
    given = parts()
    del given["mc_logits"], given["external_mc"]
    write_run(tmp_path / "run", **given)
    (run,) = check(tmp_path).runs
    why = {score.name: score.why for score in run.scores if not score.available}
    assert {"mcd_mcp", "mcd_pe", "ext_mcd"} <= set(why)
    assert "mc_logits.npy" in why["mcd_mcp"]
    assert "external_mc.npy" in why["ext_mcd"]


def planted(folder: Path, name: str, change: Callable[[np.ndarray], object]) -> None:
    """Change an array of the run on disk, past the checks of write_run."""
    array = np.load(folder / "run" / f"{name}.npy")
    change(array)
    np.save(folder / "run" / f"{name}.npy", array)


def spoil(row: int, value: float) -> Callable[[np.ndarray], object]:
    return lambda array: array.__setitem__(row, value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["logits", "mc_logits", "latents", "external", "external_mc"])
def test_a_number_that_is_not_finite_is_found(tmp_path: Path, name: str, value: float) -> None:
    planted(healthy(tmp_path), name, spoil(4, value))
    report = check(tmp_path)
    in_shape(report)
    problem = only_problem(report)
    assert (problem.title, problem.level) == (f"{name}.npy holds NaN or infinity", Level.ERROR)
    assert "1 of 12 rows, the first is row 4 (study 'iid')" in problem.detail
    assert problem.hint
    assert report.exit_code == 2


def test_an_undefined_score_is_a_note(tmp_path: Path) -> None:
    values = np.arange(12.0)
    values[4] = np.nan
    report = check(healthy(tmp_path, scores={"mine": ScoreColumn(values, "high")}))
    problem = only_problem(report)
    assert problem.title == "Score 'mine' of scores.parquet holds NaN or infinity"
    assert problem.level is Level.INFO
    assert report.exit_code == 0


def test_a_label_without_class_is_found_outside_new_class_studies(tmp_path: Path) -> None:
    healthy(tmp_path)
    table = tmp_path / "run" / "samples.parquet"
    samples = parts()["samples"]
    samples.loc[7, "label"] = 3
    samples.to_parquet(table)
    report = check(tmp_path)
    problem = only_problem(report)
    assert problem.title == "Labels outside the classes"
    assert "1 samples, the first is row 7 (study 'fog') with the label 3" in problem.detail
    assert report.exit_code == 2


def test_probabilities_in_logits_are_found(tmp_path: Path) -> None:
    healthy(tmp_path, logits=softmax(parts()["logits"]))
    problem = only_problem(check(tmp_path))
    assert problem.title == "logits.npy looks like probabilities"
    assert "probabilities.npy" in problem.hint
    assert problem.level is Level.WARNING


def test_the_class_part_of_softmax_in_logits_is_found(tmp_path: Path) -> None:
    # Deep Gamblers keeps a quarter of each row as its reservation.
    healthy(tmp_path, logits=softmax(parts()["logits"]) * 0.75, external_name="dg")
    assert only_problem(check(tmp_path)).title == "logits.npy looks like probabilities"


@pytest.mark.parametrize(("head", "found"), [("tcp", True), ("dg", False)])
def test_probabilities_that_do_not_sum_to_1_are_found(tmp_path: Path, head: str, found: bool) -> None:
    given = parts() | {"external_name": "dg"}
    given["probabilities"] = softmax(given.pop("logits"))
    given["probabilities"][4] = [0.25, 0.25, 0.25]
    for text in given["samples"]["image"]:
        (tmp_path / text).parent.mkdir(exist_ok=True)
        (tmp_path / text).touch()
    folder = write_run(tmp_path / "run", **given)
    document = (folder / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_text(document.replace('"dg"', f'"{head}"'), encoding="utf-8")
    (run,) = check(tmp_path).runs
    sums = [(p.level, p.detail) for p in run.problems]
    assert sums == ([(Level.WARNING, "Row 4 sums to 0.75.")] if found else [])


def test_logits_in_probabilities_cannot_be_read(tmp_path: Path) -> None:
    healthy(tmp_path)
    (tmp_path / "run" / "logits.npy").rename(tmp_path / "run" / "probabilities.npy")
    report = check(tmp_path)
    (run,) = in_shape(report)["runs"]
    assert [problem["title"] for problem in run["problems"]] == ["probabilities.npy holds no probabilities"]
    assert (run["samples"], run["studies"], run["scores"]) == (None, [], [])
    assert run["images"] == {"found": None, "missing": None}
    assert report.exit_code == 2


def test_logits_in_monte_carlo_probabilities_are_found(tmp_path: Path) -> None:
    healthy(tmp_path)
    (tmp_path / "run" / "mc_logits.npy").rename(tmp_path / "run" / "mc_probabilities.npy")
    problem = only_problem(check(tmp_path))
    assert problem.title == "mc_probabilities.npy holds no probabilities"


def test_ties_by_saturation_are_found(tmp_path: Path) -> None:
    probabilities = np.tile(np.array([0.9, 0.06, 0.04], np.float16), (12, 1))
    probabilities[:6] = [1, 0, 0]
    given = parts()
    del given["logits"]
    for text in given["samples"]["image"]:
        (tmp_path / text).parent.mkdir(exist_ok=True)
        (tmp_path / text).touch()
    write_run(tmp_path / "run", **given, probabilities=probabilities)
    problem = only_problem(check(tmp_path))
    assert problem.title == "Ties by saturation: many samples share one maximal softmax"
    assert "6 of 12 samples" in problem.detail
    assert problem.level is Level.WARNING


def test_a_missing_validation_set_is_found(tmp_path: Path) -> None:
    given = parts()
    given["studies"]["validation"] = "manifestation"
    problem = only_problem(check(healthy(tmp_path, studies=given["studies"])))
    assert problem.title == "The validation set is missing"
    assert problem.level is Level.WARNING


def test_a_study_without_samples_is_found_and_counts_as_missing(tmp_path: Path) -> None:
    given = parts()
    given["samples"]["study"] = given["samples"]["study"].replace({"validation": "fog", "iid": "fog"})
    given["studies"]["rain"] = "acquisition"
    report = check(healthy(tmp_path, samples=given["samples"], studies=given["studies"]))
    (run,) = report.runs
    assert [(problem.title, problem.level) for problem in run.problems] == [
        ("Studies without samples", Level.WARNING),
        ("The validation set is missing", Level.WARNING),
        ("There is no iid study", Level.WARNING),
    ]
    assert run.problems[0].detail == "validation, iid, rain: no row of the table names them."


def test_missing_images_are_found_and_the_hint_names_the_option(tmp_path: Path) -> None:
    healthy(tmp_path)
    (tmp_path / "images" / "3.png").unlink()
    (tmp_path / "images" / "8.png").unlink()
    report = check(tmp_path)
    assert in_shape(report)["runs"][0]["images"] == {"found": 10, "missing": 2}
    problem = only_problem(report)
    assert problem.title == "Images are missing"
    assert "2 of 12 samples" in problem.detail
    assert "images/3.png, images/8.png" in problem.detail
    assert "--data-root" in problem.hint
    assert "--path-map OLD=NEW" in problem.hint
    assert report.exit_code == 1


def test_images_are_found_below_data_roots_and_through_path_maps(tmp_path: Path) -> None:
    given = parts()
    given["samples"]["image"] = [f"/cluster/user/images/{row}.png" for row in range(11)] + [None]
    write_run(tmp_path / "runs" / "run", **given)
    (tmp_path / "pictures").mkdir()
    for row in range(11):
        (tmp_path / "pictures" / f"{row}.png").touch()
    lost = check(tmp_path / "runs")
    found = check(
        tmp_path / "runs",
        data_roots=[tmp_path / "pictures"],
        path_maps=[("/cluster/user/images", str(tmp_path / "pictures"))],
    )
    assert in_shape(lost)["runs"][0]["images"] == {"found": 0, "missing": 11}
    assert in_shape(found)["runs"][0]["images"] == {"found": 11, "missing": 0}
    assert found.exit_code == 0


def test_a_run_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    healthy(tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{}", encoding="utf-8")
    report = check(tmp_path)
    broken, whole = in_shape(report)["runs"]
    assert (broken["run"], broken["problems"][0]["level"]) == ("broken", "error")
    assert (whole["run"], whole["problems"]) == ("run", [])
    assert report.exit_code == 2


def test_an_unforeseen_exception_exits_with_2_and_its_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def astray(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr("sfvisuals.io.doctor.read_run", astray)
    assert main(["check", str(healthy(tmp_path))]) == 2
    assert "ZeroDivisionError: nobody thought of this" in capsys.readouterr().err


def test_a_run_without_permission_is_an_error_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "latents.npy")

    monkeypatch.setattr("sfvisuals.io.doctor.read_run", refused)
    problem = only_problem(check(healthy(tmp_path)))
    assert problem.title == "The run cannot be opened"
    assert "latents.npy" in problem.detail


def test_a_folder_without_runs_says_what_was_looked_for(tmp_path: Path) -> None:
    report = check(tmp_path)
    (run,) = in_shape(report)["runs"]
    assert run["problems"][0]["title"] == "No runs found"
    assert "test_results" in run["problems"][0]["detail"]
    assert "run.json" in run["problems"][0]["detail"]
    assert report.exit_code == 2


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        check(tmp_path / "nowhere")
    with pytest.raises(NotFoundError, match="nowhere"):
        check(healthy(tmp_path), data_roots=[tmp_path / "nowhere"])


def test_a_description_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("clases: [A]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="clases"):
        check(healthy(tmp_path), describe=tmp_path / "mine.yaml")


def test_the_exit_code_is_the_worst_over_all_runs(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_run(tmp_path / name, **parts() | {"samples": parts()["samples"].drop(columns="image")})
    assert check(tmp_path).exit_code == 0
    (tmp_path / "b" / "sfvisuals.yaml").write_text("source: rain\n", encoding="utf-8")
    assert check(tmp_path).exit_code == 1
    (tmp_path / "a" / "logits.npy").unlink()
    assert check(tmp_path).exit_code == 2


def test_the_text_names_everything_and_keeps_to_its_width(tmp_path: Path) -> None:
    healthy(tmp_path)
    (tmp_path / "images" / "3.png").unlink()
    text = check(tmp_path).render(width=80)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "run  (sfvisuals)" in text
    assert "12 samples, 3 classes, latents 5 wide, 4 Monte-Carlo passes" in text
    assert "digits      new_class         3         -" in text
    assert "Images: 11 found, 1 missing." in text
    assert "  warning  Images are missing" in text
    assert "           -> Name the folder" in text
    assert text.endswith("1 run: 0 errors, 1 warning, 0 notes.\n")


def test_problems_come_worst_first(tmp_path: Path) -> None:
    healthy(tmp_path)
    (tmp_path / "images" / "3.png").unlink()
    planted(tmp_path, "latents", spoil(0, np.nan))
    (run,) = check(tmp_path).runs
    assert [problem.level for problem in run.problems] == [Level.ERROR, Level.WARNING]


@pytest.mark.shared
def test_every_real_folder_is_readable_with_all_its_images(shared: Path) -> None:
    report = check(shared / "experiments", data_roots=[shared / "experiments" / "images"])
    in_shape(report)
    assert len(report.runs) == 9
    assert report.exit_code == 0
    by_name = {run.run: run for run in report.runs}
    pneumonia = by_name["current/pneumonia/dg_mcd_run1"]
    assert pneumonia.samples == 16_468
    assert pneumonia.images is not None
    assert (pneumonia.images.found, pneumonia.images.missing) == (16_468, 0)


@pytest.mark.shared
def test_without_a_data_root_real_images_are_missing_with_a_hint(shared: Path) -> None:
    report = check(shared / "experiments" / "current" / "xray_chestall")
    assert report.exit_code == 1
    for run in report.runs:
        assert run.images is not None
        assert (run.images.found, run.images.missing) == (0, 3_744)
        assert any("--data-root" in problem.hint for problem in run.problems)
