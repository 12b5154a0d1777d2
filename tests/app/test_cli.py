"""The command `sfvisuals`: what it prints, where it prints it, and the status it ends with."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from app.cli import main
from own_runs import assert_same_run, opened, parts
from report_shape import SHAPE
from serving import served
from sfvisuals import write_run


def healthy(folder: Path, name: str = "run", **changes: Any) -> Path:
    """A run in which nothing is wrong, images included; returns the root above it."""
    given = parts() | changes
    for text in given["samples"]["image"]:
        (folder / text).parent.mkdir(parents=True, exist_ok=True)
        (folder / text).write_bytes(b"not looked into")
    write_run(folder / name, **given)
    return folder


def spoil(folder: Path, value: float) -> None:
    """One latent of the run becomes that value: NaN is an error to the doctor."""
    latents = np.load(folder / "latents.npy")
    latents[0, 0] = value
    np.save(folder / "latents.npy", latents)


def strict(text: str) -> Any:
    """The text as JSON, in which NaN and Infinity do not exist."""

    def refuse(word: str) -> NoReturn:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


def error_of(captured: pytest.CaptureFixture[str]) -> tuple[str, str, str]:
    """Title, detail and hint on stderr; nothing else is there, and nothing on stdout."""
    said = captured.readouterr()
    assert said.out == ""
    title, detail, hint = said.err.removesuffix("\n").split("\n")
    assert title.startswith("error: ")
    return title.removeprefix("error: "), detail, hint


def test_check_prints_json_of_the_promised_shape_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(healthy(tmp_path)), "--json"]) == 0
    said = capsys.readouterr()
    report = strict(said.out)
    Draft202012Validator(SHAPE).validate(report)
    assert said.err == ""
    (run,) = report["runs"]
    assert (run["run"], run["samples"], run["classes"]) == ("run", 12, 3)
    assert run["images"] == {"found": 12, "missing": 0}
    assert [study["accuracy"] for study in run["studies"] if study["kind"] == "new_class"] == [None]


def test_json_stays_strict_where_the_arrays_hold_nan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy(tmp_path)
    spoil(tmp_path / "run", np.nan)
    assert main(["check", str(tmp_path), "--json"]) == 2
    report = strict(capsys.readouterr().out)
    Draft202012Validator(SHAPE).validate(report)
    (problem,) = report["runs"][0]["problems"]
    assert problem["level"] == "error"
    assert all(problem[part] for part in ("title", "detail", "hint"))


def test_check_ends_with_the_worst_over_all_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    healthy(tmp_path, "a clean")
    assert main(["check", str(tmp_path)]) == 0
    without_validation = parts()["samples"].replace({"study": {"validation": "iid"}})
    studies = {name: study for name, study in parts()["studies"].items() if name != "validation"}
    healthy(tmp_path, "b without validation", samples=without_validation, studies=studies)
    assert main(["check", str(tmp_path)]) == 1
    healthy(tmp_path, "c with NaN")
    spoil(tmp_path / "c with NaN", np.nan)
    healthy(tmp_path, "d clean")
    assert main(["check", str(tmp_path)]) == 2
    capsys.readouterr()
    assert main(["check", str(tmp_path), "--json"]) == 2
    levels = [
        {problem["level"] for problem in run["problems"]} for run in strict(capsys.readouterr().out)["runs"]
    ]
    assert ["error" in found for found in levels] == [False, False, True, False]
    assert "warning" in levels[1]


def test_check_for_people_names_the_run_and_is_no_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(healthy(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert "run" in said
    with pytest.raises(ValueError):
        strict(said)


def test_images_are_looked_for_where_the_command_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy(tmp_path / "a")
    run = str(tmp_path / "a/run")
    assert main(["check", run, "--json"]) == 1
    assert strict(capsys.readouterr().out)["runs"][0]["images"] == {"found": 0, "missing": 12}
    assert main(["check", run, "--data-root", str(tmp_path / "a"), "--json"]) == 0
    assert strict(capsys.readouterr().out)["runs"][0]["images"] == {"found": 12, "missing": 0}


def test_convert_writes_the_same_run_and_prints_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy(tmp_path)
    assert main(["convert", str(tmp_path / "run"), str(tmp_path / "copy")]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == (f"{tmp_path / 'copy'}\n", "")
    assert_same_run(opened(tmp_path / "run"), opened(tmp_path / "copy"))


def test_convert_does_not_write_over_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy(tmp_path)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/notes.txt").write_text("mine")
    assert main(["convert", str(tmp_path / "run"), str(tmp_path / "copy")]) == 2
    title, detail, _ = error_of(capsys)
    assert (title, detail) == ("copy exists already", "It is a folder with something in it.")
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["notes.txt"]


def test_convert_takes_one_run_and_lists_those_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy(tmp_path, "one")
    healthy(tmp_path, "two")
    assert main(["convert", str(tmp_path), str(tmp_path / "copy")]) == 2
    title, detail, hint = error_of(capsys)
    assert title == f"{tmp_path} is not one run"
    assert detail == "Runs found there: one, two."
    assert hint.startswith("Name the folder of one run")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("command", [["serve", "--no-browser"], ["check"], ["check", "--json"]])
def test_a_folder_that_is_missing_is_named_on_stderr_with_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    missing = tmp_path / "nowhere"
    assert main([*command, str(missing)]) == 2
    assert error_of(capsys) == (
        f"ROOT {missing} is not a folder",
        "Found: nothing is there.",
        "Check the spelling.",
    )


def test_a_file_in_place_of_a_folder_is_called_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["serve", "--no-browser", str(tmp_path), "--data-root", str(tmp_path / "file")]) == 2
    title, detail, _ = error_of(capsys)
    assert title == f"--data-root {tmp_path / 'file'} is not a folder"
    assert detail == "Found: it is a file."


def test_a_path_map_without_an_equals_sign_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path), "--path-map", "nonsense"]) == 2
    title, _, hint = error_of(capsys)
    assert title == "--path-map 'nonsense' is not of the form OLD=NEW"
    assert hint.startswith("For example --path-map ")


@pytest.mark.parametrize("name", ["dermoscopy", "digits"])
@pytest.mark.parametrize("option", ["--out", "--cache-dir"])
def test_a_demo_that_cannot_be_written_ends_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["demo", name, "--no-browser", option, str(tmp_path / "file/below")]) == 2
    title, detail, hint = error_of(capsys)
    assert title.startswith(f"Cannot write the demo into {tmp_path / 'file/below'}")
    assert detail
    assert option in hint


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["digits", "--rebuild"], "The digits demo is always made anew"),
        (["--rebuild", "--scale", "0"], "The demo cannot be made in this size"),
        (["--rebuild", "--epochs", "0"], "The demo cannot be made in this size"),
    ],
)
def test_a_demo_that_cannot_be_made_anew_says_why(
    capsys: pytest.CaptureFixture[str], words: list[str], title: str
) -> None:
    assert main(["demo", "--no-browser", *words]) == 2
    assert error_of(capsys)[0] == title


def test_an_unknown_command_or_option_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["explode"], [], ["check"], ["serve", ".", "--colour", "red"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
        assert capsys.readouterr().err.startswith("usage: sfvisuals")


def test_the_process_itself_ends_with_the_status_and_without_a_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--no-browser", str(tmp_path / "nowhere")],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ROOT ")
    assert "Traceback" not in done.stderr


BROWSER = """
import os, sys, urllib.request
with urllib.request.urlopen(sys.argv[2], timeout=30) as answer:
    said = f"{sys.argv[2]} {answer.status}"
with open(sys.argv[1] + ".part", "w") as file:
    file.write(said)
os.rename(sys.argv[1] + ".part", sys.argv[1])
"""


def test_the_browser_is_opened_on_a_page_that_answers(tmp_path: Path) -> None:
    root, program, seen = healthy(tmp_path / "root"), tmp_path / "browser.py", tmp_path / "seen"
    program.write_text(BROWSER)
    browser = shlex.join([sys.executable, str(program), str(seen), "%s"])
    command = [sys.executable, "-m", "app.cli", "serve", str(root), "--port", "0"]
    command += ["--cache-dir", str(tmp_path / "cache")]
    with served(command, cwd=Path(__file__).resolve().parents[2], environment={"BROWSER": browser}) as url:
        end = time.monotonic() + 60
        while not seen.exists():
            assert time.monotonic() < end, "no browser was opened"
            time.sleep(0.1)
    assert seen.read_text() == f"{url.replace('127.0.0.1', 'localhost')}/ 200"
