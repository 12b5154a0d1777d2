"""`sfvisuals benchmark`: what it prints and the status it ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from own_runs import parts
from sfvisuals import write_run
from sfvisuals.benchmark.command import wants_colour

KEYS = ["run", "study", "kind", "severity", "score", "metric", "value", "low", "high", "n", "failures", "why"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(tmp_path / "runs" / "skin" / "net_run1", **parts(40))
    return tmp_path / "runs"


def asked(root: Path, *options: str) -> int:
    return main(["benchmark", str(root), "--cache-dir", str(root.parent / "cache"), *options])


def rows(text: str) -> list[dict[str, Any]]:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    document = json.loads(text, parse_constant=refuse)
    assert list(document) == ["rows"]
    return list(document["rows"])


def test_json_has_every_column_of_every_score(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(root, "--format", "json", "--metric", "aurc", "--metric", "failauc") == 0
    said = capsys.readouterr()
    found = rows(said.out)
    assert all(line.startswith("[") for line in said.err.splitlines())  # a bar, where it took long
    assert all(list(row) == KEYS for row in found)
    assert {row["run"] for row in found} == {"skin/net_run1"}
    studies = dict.fromkeys(row["study"] for row in found)
    assert list(studies) == [
        "validation", "iid", "fog", "digits_original", "digits_proposed", "cor", "acq", "man",
    ]  # fmt: skip
    fog = next(row for row in found if row["study"] == "fog")
    assert (fog["kind"], fog["severity"], fog["n"]) == ("corruption", 2, 10)
    assert {"det_mcp", "mcd_ee", "tcp", "maha"} <= {row["score"] for row in found}


def test_the_table_has_the_posters_rows_and_columns(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(root, "--metric", "augrc") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "AUGRC, %, low is better"
    assert lines[2].split() == ["iid", "cor"]
    assert [line[:10].strip() for line in lines[3:]] == [
        "MSR",
        "PE",
        "MCD-MSR",
        "MCD-PE",
        "MCD-EE",
        "ConfidNet",
    ]
    assert sum("*" in line for line in lines[3:]) >= 1
    assert asked(root, "--metric", "augrc", "--score", "all", "--study", "fog") == 0
    assert "Deep kNN" in capsys.readouterr().out


@pytest.mark.parametrize("style", ["table", "csv", "markdown", "latex", "json"])
def test_out_writes_the_same_as_is_printed(
    root: Path, style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = root.parent / "told.txt"
    assert asked(root, "--format", style, "--bootstrap", "20", "--group-by", "patient") == 0
    printed = capsys.readouterr().out
    assert (
        asked(root, "--format", style, "--bootstrap", "20", "--group-by", "patient", "--out", str(out)) == 0
    )
    assert capsys.readouterr().out == ""
    assert out.read_text(encoding="utf-8") == printed
    assert [file.name for file in root.parent.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--metric", "auroc"], "There is no metric 'auroc'"),
        (["--score", "msr"], "There is no score 'msr'"),
        (["--study", "nowhere"], "There is no study 'nowhere'"),
        (["--run", "other"], "There is no run 'other'"),
        (["--describe", "none.yaml"], "--describe none.yaml is not a file"),
        (["--bootstrap", "-3"], "--bootstrap -3 is negative"),
        (["--bootstrap", "1"], "--bootstrap 1 makes no interval"),
        (["--group-by", "patient"], "--group-by patient changes nothing without intervals"),
        (["--group-by", "ward", "--bootstrap", "5"], "None of the runs has a column 'ward'"),
        (["--confidence", "95", "--bootstrap", "5"], "95.0 is not between 0 and 1"),
        (["--out", "no/such/folder/file"], "lies in no folder"),
    ],
)
def test_what_makes_no_sense_is_refused_with_status_2(
    root: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(root, *options) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err


def test_a_folder_without_runs_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert asked(tmp_path / "empty") == 2
    assert "There is no run below" in capsys.readouterr().err
    assert asked(tmp_path / "nowhere") == 2


def test_a_broken_run_is_a_warning_and_the_table_is_there(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "broken").mkdir()
    (root / "broken" / "run.json").write_text("{", encoding="utf-8")
    assert asked(root, "--metric", "aurc") == 0
    said = capsys.readouterr()
    assert "warning: broken: the run cannot be read" in said.err
    assert "MSR" in said.out


class Terminal:
    def isatty(self) -> bool:
        return True


def test_no_color_and_dumb_terminals_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert wants_colour(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(Terminal())


def test_with_resamples_a_table_says_what_differs_from_msr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # the run's own confidence knows what is right, so it beats MSR; its negative is worse
    given = parts(120)
    wrong = given["logits"].argmax(axis=1) != given["samples"]["label"]
    write_run(tmp_path / "runs" / "skin" / "good", **(given | {"external": 1.0 - wrong}))
    for style, words in (("table", "*^"), ("markdown", "▲"), ("latex", r"$^\uparrow$")):
        assert asked(tmp_path / "runs", "--metric", "augrc", "--bootstrap", "200", "--format", style) == 0
        said = capsys.readouterr().out
        (line,) = (line for line in said.splitlines() if "ConfidNet" in line)
        assert words in line
        assert "better" in said
    assert asked(tmp_path / "runs", "--metric", "augrc", "--bootstrap", "200", "--format", "csv") == 0
    head, *lines = (line.split(",") for line in capsys.readouterr().out.splitlines())
    msr, own = (next(line for line in lines if line[2] == name) for name in ("MSR", "ConfidNet"))
    place = head.index("skin_iid_against")
    assert head[place : place + 3] == ["skin_iid_against", "skin_iid_against_low", "skin_iid_against_high"]
    value = head.index("skin_iid")
    assert msr[place] == ""
    assert float(own[place]) == pytest.approx(float(own[value]) - float(msr[value]))
    assert float(own[place + 1]) <= float(own[place]) <= float(own[place + 2]) < 0


def test_a_folder_of_broken_runs_is_refused_as_a_table_and_told_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "runs" / "broken").mkdir(parents=True)
    (tmp_path / "runs" / "broken" / "run.json").write_text("{", encoding="utf-8")
    assert asked(tmp_path / "runs") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "There is nothing to show" in said.err
    assert "run.json is not JSON" in said.err
    assert asked(tmp_path / "runs", "--format", "json") == 0
    assert [row["value"] for row in rows(capsys.readouterr().out)] == [None, None]


def test_a_score_that_no_run_has_and_a_study_without_samples_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path / "runs" / "skin" / "net", **(parts(40) | {"mc_logits": None, "external_mc": None}))
    assert asked(tmp_path / "runs", "--metric", "aurc", "--score", "mcd_mcp") == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "(no values)", "MCD-MSR, skin iid: skin/net: needs mc_logits.npy, which this run lacks"
    ]  # fmt: skip
    assert asked(tmp_path / "runs", "--metric", "aurc", "--study", "cor", "--study", "acq") == 0
    said = capsys.readouterr()
    assert "warning: no acq: skin/net: this run has no acquisition study" in said.err
    assert "cor" in said.out


def test_a_run_named_twice_is_no_seed_of_itself(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once, twice = ["--run", "skin/net_run1"], ["--run", "skin/net_run1"] * 2
    told = []
    for options in (once, twice):
        assert asked(root, *options) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]


def test_ctrl_c_ends_it_without_a_traceback(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sfvisuals.benchmark.command._answer", interrupted)
    assert asked(root) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("stopped")


def test_a_single_sample_has_no_interval_and_the_table_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = parts(40)
    given["samples"]["study"] = ["validation"] * 20 + ["iid"] + ["fog"] * 9 + ["digits"] * 10
    write_run(tmp_path / "runs" / "skin" / "net", **given)
    assert asked(tmp_path / "runs", "--metric", "aurc", "--bootstrap", "20") == 0
    assert "MSR, skin iid: no interval: there is only one unit to draw from" in capsys.readouterr().out
