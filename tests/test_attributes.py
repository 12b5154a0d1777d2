"""Attributes of samples in the words of the legend, and the selection of those that share one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sfvisuals
from own_runs import opened, parts
from sfvisuals.attributes import attribute, having, spelled
from sfvisuals.errors import NotFoundError
from sfvisuals.recipes import ColumnValue, parse_recipe
from sfvisuals.types import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Twelve samples in four studies, with a ruler here and there."""
    given = parts(12)
    given["samples"] = given["samples"].assign(
        ruler=[True, False, None] * 4, width=[0.5, 2.0, None] * 4, clinic=["A", "", "B"] * 4
    )
    return opened(sfvisuals.write_run(tmp_path / "run", **given))


def test_values_are_spelled_as_people_read_them(run: Run) -> None:
    assert spelled(attribute(run, "width")).tolist()[:3] == ["0.5", "2", None]
    assert spelled(attribute(run, "clinic")).tolist()[:3] == ["A", None, "B"]
    assert [str(v) for v in spelled(attribute(run, "ruler")).tolist()[:2]] == ["True", "False"]


def test_samples_that_share_a_value_are_found_to_the_sample(run: Run) -> None:
    assert np.flatnonzero(having(run, "clinic", "B")).tolist() == [2, 5, 8, 11]
    assert np.flatnonzero(having(run, "clinic", None)).tolist() == [1, 4, 7, 10]
    assert np.flatnonzero(having(run, "width", "2")).tolist() == [1, 4, 7, 10]
    assert np.flatnonzero(having(run, "ruler", "True")).tolist() == [0, 3, 6, 9]
    assert not having(run, "clinic", "C").any()


def test_corruption_and_severity_are_attributes_too(run: Run) -> None:
    fog = run.rows_of("fog")
    assert np.flatnonzero(having(run, "corruption", "fog")).tolist() == fog.tolist()
    assert np.flatnonzero(having(run, "severity", "2")).tolist() == fog.tolist()
    assert having(run, "corruption", None).sum() == run.n - fog.size


def test_an_unknown_column_is_refused_with_the_known_ones(run: Run) -> None:
    with pytest.raises(NotFoundError, match="no column 'shoe size'") as caught:
        having(run, "shoe size", "42")
    assert "clinic" in caught.value.detail


def test_a_value_travels_as_a_recipe() -> None:
    assert parse_recipe({"kind": "value", "column": "ruler", "value": "True"}) == ColumnValue("ruler", "True")
    assert parse_recipe({"kind": "value", "column": "sex", "value": None}) == ColumnValue("sex", None)
    for bad in ({"kind": "value"}, {"kind": "value", "column": "ruler"}):
        with pytest.raises(NotFoundError):
            parse_recipe(bad)


def test_a_column_of_numbers_and_text_keeps_its_order() -> None:
    assert spelled(pd.Series(["x", 3, 2.5, None], dtype=object)).tolist() == ["x", "3", "2.5", None]
