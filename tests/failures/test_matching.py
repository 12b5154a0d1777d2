"""Two runs over the same samples in another order, over fewer of them, over others: pairs found by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sfvisuals
from own_runs import opened
from sfvisuals.failures import match_samples
from sfvisuals.types import Run

STUDIES = {"validation": "validation", "iid": "iid", "noise": "corruption"}


def run_of(folder: Path, lines: list[tuple[Any, ...]], **columns: list[Any]) -> Run:
    """A run of (study, label, image) lines with more columns."""
    table = pd.DataFrame(lines, columns=["study", "label", "image"]).assign(**columns)
    sfvisuals.write_run(
        folder,
        samples=table if table["image"].notna().any() else table.drop(columns="image"),
        classes=["a", "b"],
        studies={name: STUDIES[name] for name in dict.fromkeys(table["study"])},
        logits=np.zeros((len(table), 2), np.float32),
    )
    return opened(folder)


LINES = [("validation", 0, "v.png"), ("iid", 0, "x.png"), ("iid", 1, "y.png"), ("noise", 1, "y.png")]


def test_the_same_samples_in_the_same_order_are_paired_row_by_row(tmp_path: Path) -> None:
    found = match_samples(run_of(tmp_path / "one", LINES), run_of(tmp_path / "two", LINES))
    assert (found.by, found.why, found.left_out) == ("row", "", "")
    assert found.there.tolist() == [0, 1, 2, 3]
    assert found.whole


def test_another_order_is_paired_by_image_within_the_study(tmp_path: Path) -> None:
    turned = [LINES[3], LINES[0], LINES[2], LINES[1]]
    found = match_samples(run_of(tmp_path / "one", LINES), run_of(tmp_path / "two", turned))
    # y.png is in two studies: the one of iid is row 2 there, the noisy one row 0
    assert (found.by, found.there.tolist()) == ("image", [1, 3, 2, 0])
    assert found.whole
    assert found.left_out == ""


def test_samples_that_only_one_run_has_are_left_out_and_counted(tmp_path: Path) -> None:
    other = [LINES[1], LINES[0], ("iid", 0, "z.png")]
    found = match_samples(run_of(tmp_path / "one", LINES), run_of(tmp_path / "two", other))
    assert found.there.tolist() == [1, 0, -1, -1]
    assert found.n == 2
    assert found.left_out == "Left out: 2 of 4 samples here and 1 of 3 there have no partner."


def test_an_id_column_goes_before_images(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", LINES, sample_id=["v", "x", "y", "n"])
    moved = [("noise", 1, "4.png"), ("iid", 1, "3.png"), ("iid", 0, "2.png"), ("validation", 0, "1.png")]
    two = run_of(tmp_path / "two", moved, sample_id=["n", "y", "x", "v"])
    found = match_samples(one, two)
    assert (found.by, found.there.tolist()) == ("sample_id", [3, 2, 1, 0])


def test_a_name_that_occurs_twice_in_a_study_and_another_label_pair_nothing(tmp_path: Path) -> None:
    twice = [("iid", 0, "x.png"), ("iid", 0, "x.png"), ("iid", 1, "y.png"), ("iid", 0, "z.png")]
    other = [("iid", 0, "z.png"), ("iid", 0, "y.png"), ("iid", 0, "x.png"), ("iid", 0, "w.png")]
    found = match_samples(run_of(tmp_path / "one", twice), run_of(tmp_path / "two", other))
    assert found.there.tolist() == [-1, -1, -1, 0]
    assert "2 are named several times within a study" in found.left_out
    assert "1 have another label there" in found.left_out


def test_stacked_severities_of_one_image_are_told_apart(tmp_path: Path) -> None:
    lines = [("iid", 0, "x.png"), ("noise", 0, "x.png"), ("noise", 0, "x.png")]
    more = {"corruption": [None, "blur", "blur"]}
    one = run_of(tmp_path / "one", lines, severity=[None, 1, 2], **more)
    turned = [("noise", 0, "x.png"), ("noise", 0, "x.png"), ("iid", 0, "x.png")]
    two = run_of(tmp_path / "two", turned, severity=[2, 1, None], corruption=["blur", "blur", None])
    assert match_samples(one, two).there.tolist() == [2, 1, 0]


def test_why_nothing_can_be_matched_is_said(tmp_path: Path) -> None:
    one = run_of(tmp_path / "one", LINES)
    bare = run_of(tmp_path / "bare", [(study, label, None) for study, label, _ in LINES[:2]])
    found = match_samples(one, bare)
    assert found.n == 0
    assert "nothing names them" in found.why
    others = run_of(tmp_path / "others", [("iid", 0, "p.png"), ("iid", 1, "q.png")])
    assert "no sample has the same study and image in both" in match_samples(one, others).why
