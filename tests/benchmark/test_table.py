"""Grouping by folders and by sidecar, the layout, and how it is written."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from own_runs import parts
from sfvisuals import write_run
from sfvisuals.benchmark import Cell, Column, Method, Row, Table, TableRow, evaluate, layout, methods_of
from sfvisuals.benchmark.grouping import split_name
from sfvisuals.benchmark.progress import ProgressBar
from sfvisuals.benchmark.rendering import as_csv, as_latex, as_markdown, number
from sfvisuals.benchmark.terminal import as_text
from sfvisuals.workspace import Workspace


def write(root: Path, name: str, *, seed: int = 0, **changes: Any) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    given = {key: value for key, value in (parts(40, seed=seed) | changes).items() if value is not None}
    write_run(root / name, **given)


def opened(folder: Path, describe: Path | None = None) -> Workspace:
    return Workspace(folder / "runs", cache_dir=folder / "cache", describe=describe)


def row(run: str, study: str, value: float | None, score: str = "det_mcp") -> Row:
    why = "" if value is not None else "it is empty"
    return Row(run, study, "iid", None, score, "aurc", value, None, None, 10, 3, why)


@pytest.mark.parametrize(
    ("name", "dataset", "method"),
    [
        (
            "dermoscopyall/confidnet_bbsmall_cnn_do1_run1_rew2.2",
            "dermoscopyall",
            "confidnet_bbsmall_cnn_do1_rew2.2",
        ),
        ("dermoscopyallbutmskcc_run_1/confidnet_mcd", "dermoscopyallbutmskcc", "confidnet_mcd"),
        ("pneumonia/dg_mcd_run1", "pneumonia", "dg_mcd"),
        ("skin/confidnet_seed0", "skin", "confidnet"),
        ("skin/msr/seed-3", "skin", "msr"),
        ("confidnet_seed12", "experiments", "confidnet"),
        ("run1", "experiments", "run1"),
        ("grunt1/prune2", "grunt1", "prune2"),
    ],
)
def test_a_seed_is_read_out_of_the_names_of_folders(name: str, dataset: str, method: str) -> None:
    assert split_name(name, root="experiments") == (dataset, method)


def test_each_method_gives_its_rows_as_on_the_poster(tmp_path: Path) -> None:
    for name, head in (("confidnet", "tcp"), ("gamblers", "dg"), ("devries", "devries")):
        for seed in (1, 2):
            write(tmp_path / "runs", f"skin/{name}_run{seed}", seed=seed, external_name=head)
    scores = ("det_mcp", "det_pe", "mcd_mcp", "mcd_pe", "mcd_ee", "ext")
    methods = methods_of(opened(tmp_path), scores=scores)
    assert [(m.label, m.score, m.runs[0]) for m in methods] == [
        ("MSR", "det_mcp", "skin/confidnet_run1"),
        ("PE", "det_pe", "skin/confidnet_run1"),
        ("MCD-MSR", "mcd_mcp", "skin/confidnet_run1"),
        ("MCD-PE", "mcd_pe", "skin/confidnet_run1"),
        ("MCD-EE", "mcd_ee", "skin/confidnet_run1"),
        ("ConfidNet", "tcp", "skin/confidnet_run1"),
        ("DG-MCD-MSR", "mcd_mcp", "skin/gamblers_run1"),
        ("DG-RES", "dg", "skin/gamblers_run1"),
        ("Devries et al.", "devries", "skin/devries_run1"),
    ]
    assert {m.runs for m in methods[:6]} == {("skin/confidnet_run1", "skin/confidnet_run2")}


def test_a_plain_run_gives_the_scores_that_need_no_head(tmp_path: Path) -> None:
    write(tmp_path / "runs", "skin/plain", external=None, external_mc=None, external_name=None)
    write(tmp_path / "runs", "skin/confidnet")
    methods = methods_of(opened(tmp_path), scores=["det_mcp", "tcp"])
    assert [(m.label, m.runs) for m in methods if not m.why] == [
        ("MSR", ("skin/plain",)),
        ("ConfidNet", ("skin/confidnet",)),
    ]


def test_two_runs_that_give_the_same_row_are_told_apart(tmp_path: Path) -> None:
    for name in ("resnet", "vit"):
        write(tmp_path / "runs", f"skin/{name}")
    labels = [m.label for m in methods_of(opened(tmp_path), scores=["det_mcp"])]
    assert labels == ["MSR (resnet)", "MSR (vit)"]


def test_seeds_become_a_mean_and_a_spread(tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        write(tmp_path / "runs", f"skin/net_run{seed}", seed=seed)
    workspace = opened(tmp_path)
    rows = evaluate(workspace, metrics=["aurc"], scores=["det_mcp"])
    table = layout(rows, methods=methods_of(workspace, scores=["det_mcp"]))
    values = [r.value for r in rows if r.study == "iid"]
    cell = table.rows[0].cells[0]
    assert cell is not None
    assert cell.value == pytest.approx(np.mean(values))  # type: ignore[arg-type]
    assert cell.spread == pytest.approx(np.std(values, ddof=1))  # type: ignore[arg-type]
    assert len(cell.runs) == 3


def test_a_sidecar_states_the_rows_for_the_data_set_it_lies_in(tmp_path: Path) -> None:
    for dataset in ("skin", "chest"):
        write(tmp_path / "runs", f"{dataset}/a_run1")
        write(tmp_path / "runs", f"{dataset}/a_run2")
        write(tmp_path / "runs", f"{dataset}/b", external_name="dg")
    (tmp_path / "runs" / "skin" / "sfvisuals.yaml").write_text(
        "methods:\n"
        "  MSR: {run: 'a_*'}\n"
        "  DG-RES: skin/b\n"
        "  Ours: {run: [a_run1], score: mcd_ee}\n"
        "  Lost: {run: nowhere, score: det_pe}\n",
        encoding="utf-8",
    )
    methods = methods_of(opened(tmp_path))
    skin = [(m.label, m.runs, m.score, m.why) for m in methods if m.dataset == "skin"]
    assert skin == [
        ("MSR", ("skin/a_run1", "skin/a_run2"), "det_mcp", ""),
        ("DG-RES", ("skin/b",), "dg", ""),
        ("Ours", ("skin/a_run1",), "mcd_ee", ""),
        ("Lost", (), "det_pe", "no run matches nowhere"),
    ]
    assert ("MSR", ("chest/a_run1", "chest/a_run2"), "det_mcp", "") in [
        (m.label, m.runs, m.score, m.why) for m in methods if m.dataset == "chest"
    ]


def test_a_sidecar_given_by_hand_states_the_rows_of_every_data_set(tmp_path: Path) -> None:
    for dataset in ("skin", "chest"):
        write(tmp_path / "runs", f"{dataset}/a")
    described = tmp_path / "said.yaml"
    described.write_text("methods:\n  Softmax: {run: '*/a', score: det_mcp}\n", encoding="utf-8")
    methods = methods_of(opened(tmp_path, described))
    assert [(m.label, m.dataset, m.runs) for m in methods] == [
        ("Softmax", "chest", ("chest/a",)),
        ("Softmax", "skin", ("skin/a",)),
    ]


METHODS = tuple(Method(name, "skin", (name,), "det_mcp") for name in ("a", "b", "c"))


def test_equal_values_have_equal_ranks_and_the_lowest_risk_is_the_best() -> None:
    rows = [row("a", "iid", 0.2), row("b", "iid", 0.1), row("c", "iid", 0.1), row("a", "cor", None)]
    table = layout(rows, methods=METHODS)
    assert table.columns == (Column("skin", "iid"),)
    cells = [line.cells[0] for line in table.rows]
    assert [(cell.rank, cell.best) for cell in cells if cell] == [(3, False), (1, True), (1, True)]


def test_a_mean_over_seeds_of_which_one_is_undefined_is_undefined() -> None:
    method = Method("MSR", "skin", ("a", "b"), "det_mcp")
    other = Method("Other", "skin", ("c",), "det_mcp")
    table = layout(
        [row("a", "iid", 0.2), row("b", "iid", None), row("c", "iid", 0.3)], methods=(method, other)
    )
    cell = table.rows[0].cells[0]
    assert cell is not None
    assert (cell.value, cell.why, cell.rank) == (None, "b: it is empty", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [(15.3123, "15.3"), (0.5441, "0.544"), (49.26, "49.3"), (100.0, "100"), (0.0, "0.00"), (1234.5, "1230"),
     (0.000012345, "0.0000123"), (-0.5, "-0.500")],
)  # fmt: skip
def test_numbers_have_three_digits_as_on_the_poster(value: float, text: str) -> None:
    assert number(value) == text


def cell(value: float | None, rank: int | None, **more: Any) -> Cell:
    given = {"spread": None, "low": None, "high": None, "why": "" if value is not None else "it is empty"}
    return Cell(value=value, runs=("a",), score="det_mcp", n=10, failures=3, rank=rank, **(given | more))


TABLE = Table(
    "aurc",
    (Column("skin", "iid"), Column("skin", "cor"), Column("chest_1", "iid")),
    (
        TableRow("MSR & co", (cell(0.153, 2), cell(0.2, 1, low=0.1, high=0.3), None)),
        TableRow("PE", (cell(0.1, 1), cell(None, None), cell(0.00544, 1, spread=0.001))),
    ),
)


def test_the_text_marks_the_best_and_says_why_a_cell_is_empty() -> None:
    assert as_text([TABLE], colour=False) == (
        "AURC, %, low is better\n"
        "          skin                       chest_1\n"
        "            iid                 cor              iid\n"
        "MSR & co  15.3   20.0 [10.0, 30.0]*               -\n"
        "PE        10.0*                  -   0.544 +- 0.100*\n"
        "PE, skin cor: it is empty\n"
    )


def test_colour_goes_by_rank_from_green_to_red() -> None:
    text = as_text([TABLE], colour=True)
    assert "\x1b[1;38;5;40m10.0*\x1b[0m" in text
    assert "\x1b[38;5;202m15.3 \x1b[0m" in text
    plain = text
    for code in ("\x1b[1;38;5;40m", "\x1b[38;5;202m", "\x1b[0m"):
        plain = plain.replace(code, "")
    assert plain == as_text([TABLE], colour=False)


def test_csv_has_all_digits_in_percent() -> None:
    (first, second) = csv.DictReader(io.StringIO(as_csv([TABLE])))
    assert first["score"] == "MSR & co"
    assert float(first["skin_iid"]) == pytest.approx(15.3, rel=1e-15)
    assert (float(first["skin_cor_low"]), float(first["skin_cor_high"])) == (10, 30)
    assert (second["skin_cor"], first["chest_1_iid"]) == ("", "")
    assert float(second["chest_1_iid_spread"]) == pytest.approx(0.1)


def test_markdown_and_latex_make_the_best_bold() -> None:
    assert "| MSR & co | 15.3 | **20.0 [10.0, 30.0]** | - |" in as_markdown([TABLE])
    latex = as_latex([TABLE])
    assert r"MSR \& co & 15.3 & \textbf{20.0 [10.0, 30.0]} & - \\" in latex
    assert r" & \multicolumn{2}{c}{skin} & \multicolumn{1}{c}{chest\_1} \\" in latex
    assert r"PE & \textbf{10.0} & - & \textbf{0.544 $\pm$ 0.100} \\" in latex


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_stays_away_for_two_seconds_and_is_wiped() -> None:
    stream, now = Terminal(), [0.0]
    bar = ProgressBar(stream, clock=lambda: now[0])
    bar(0.1, "quick")
    assert stream.getvalue() == ""
    now[0] = 2.5
    bar(0.5, "slow")
    assert stream.getvalue() == "\r[############............]  50% slow"
    bar(0.6, "too soon")
    bar.close()
    assert stream.getvalue().endswith("\r")
    assert "too soon" not in stream.getvalue()


def test_a_table_wider_than_the_terminal_is_told_in_blocks() -> None:
    lines = as_text([TABLE], colour=False, width=32).split("\n")
    assert max(map(len, lines)) <= 32
    assert [line.split() for line in lines if line.startswith("MSR")] == [
        ["MSR", "&", "co", "15.3"], ["MSR", "&", "co", "20.0", "[10.0,", "30.0]*"], ["MSR", "&", "co", "-"]
    ]  # fmt: skip
    assert as_text([TABLE], colour=False, width=200) == as_text([TABLE], colour=False)


def test_names_are_shown_by_markdown_as_they_are() -> None:
    odd = replace(TABLE, rows=(replace(TABLE.rows[0], label="a|b *c* <d>"),))
    assert "| a&#124;b &#42;c&#42; &#60;d&#62; | 15.3 |" in as_markdown([odd])


@pytest.mark.parametrize(
    ("value", "told"),
    [(6.4e-14, "0.00"), (-2.2e-14, "0.00"), (0.0, "0.00"), (1.234e-5, "0.0000123"), (-0.5, "-0.500")],
)
def test_rounding_noise_is_told_as_0(value: float, told: str) -> None:
    assert number(value) == told
