"""Which metadata columns can colour the points, and what the legend calls their values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app.columns import colour_column, colour_names, legend_names
from sfvisuals.errors import NotFoundError
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def with_metadata(run: Run, **columns: object) -> Run:
    name = "-".join(columns)
    return replace(run, metadata=pd.DataFrame(columns), fingerprint=f"{run.fingerprint} {name}")


def test_a_text_that_nearly_every_row_has_to_itself_is_no_colour(workspace: Workspace, run: Run) -> None:
    row = np.arange(run.n)
    made = with_metadata(
        run,
        file=[f"images/{i}.png" for i in row],
        pair=[f"pair {i // 2}" for i in row],
        patient=[f"patient {i // 3}" for i in row],
        site=[f"site {i % 3}" for i in row],
        number=row,
    )
    names = colour_names(workspace, made)
    assert "file" not in names
    assert {"pair", "patient", "site", "number"} <= set(names)
    with pytest.raises(NotFoundError, match="file"):
        colour_column(workspace, made, "file")


def test_a_small_run_keeps_its_texts(workspace: Workspace, run: Run) -> None:
    small = replace(
        run, metadata=pd.DataFrame({"few": [f"text {i}" for i in range(200)]}), fingerprint="small"
    )
    assert "few" in colour_names(workspace, small)


def test_names_of_up_to_forty_characters_stay_as_they_are() -> None:
    assert legend_names(["a", 40 * "b"]) == ["a", 40 * "b"]


def test_longer_names_are_cut_to_forty_characters() -> None:
    assert legend_names([41 * "c"]) == [39 * "c" + "…"]


def test_names_that_are_the_same_once_cut_are_told_apart() -> None:
    found = legend_names([50 * "d" + "1", 50 * "d" + "2"])
    assert found == [34 * "d" + "… (1)", 34 * "d" + "… (2)"]


def test_the_legend_of_a_column_of_long_texts_is_short(workspace: Workspace, run: Run) -> None:
    made = with_metadata(run, remark=["x" * 300 if i % 2 else "y" for i in range(run.n)])
    names = colour_column(workspace, made, "remark").meta["categories"]
    assert sorted(map(len, names)) == [1, 40]
