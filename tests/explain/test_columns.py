"""Which metadata columns become numbers or levels, and which are left out, with the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sfvisuals.explain.columns import column_feature
from sfvisuals.explain.records import Feature, FeatureKind

N = 200
ALL = np.ones(N, np.bool_)


def made(values: object, name: str = "column", **options: object) -> Feature | str:
    return column_feature(name, pd.Series(values), **{"clean": ALL, **options})


def feature(values: object, name: str = "column", **options: object) -> Feature:
    found = made(values, name, **options)
    assert isinstance(found, Feature), found
    return found


def cycle(*values: object) -> list[object]:
    return [values[row % len(values)] for row in range(N)]


def test_text_and_truth_values_become_levels_spelled_as_in_the_legend() -> None:
    text = feature(cycle("b", "a", None, ""))
    assert (text.levels, text.codes[:4].tolist()) == (("a", "b"), [1, 0, -1, -1])
    assert feature(cycle(True, False)).levels == ("False", "True")
    assert feature(pd.array(cycle(1, 2, None), "Int64")).levels == ("1", "2")


def test_few_whole_numbers_are_levels_and_many_are_numbers() -> None:
    assert feature(cycle(0, 1, 2, np.nan)).kind is FeatureKind.LEVEL
    assert feature(cycle(*range(20, 70))).kind is FeatureKind.NUMBER
    assert feature(cycle(0.5, 1.5)).kind is FeatureKind.NUMBER


def test_missing_numbers_stay_missing() -> None:
    numbers = feature(cycle(0.5, np.nan, np.inf, 2.5)).numbers
    np.testing.assert_array_equal(numbers[:4], [0.5, np.nan, np.nan, 2.5])


def test_dates_become_days_since_1970() -> None:
    days = feature(cycle("1970-01-02", "1971/01/01", None, "1970-01-01T12:00:00"))
    assert days.unit == "days"
    np.testing.assert_allclose(days.numbers[:4], [1, 365, np.nan, 0.5])
    stamps = feature(pd.to_datetime(pd.Series(cycle("1970-01-02", "1970-01-03"))))
    assert stamps.numbers[:2].tolist() == [1, 2]


def test_text_that_is_all_numbers_becomes_numbers() -> None:
    found = feature(cycle("1.5", "2.25", None))
    np.testing.assert_array_equal(found.numbers[:3], [1.5, 2.25, np.nan])


@pytest.mark.parametrize(
    ("values", "name", "why"),
    [
        ([f"case {row}" for row in range(N)], "name", "names samples: 200 different values"),
        (range(1000, 1000 + N), "number", "names samples"),
        (cycle(*(f"P{k}" for k in range(60))), "patient_id", "names samples"),
        (cycle(*range(60)), "seed", "names samples"),
        (cycle("x/1.png", "x/2.JPG"), "shown", "names image files"),
        (cycle("one"), "site", "one value only"),
        (cycle(3.5), "dose", "one value only"),
        (cycle(None), "site", "no value"),
        (cycle(*(f"place {k}" for k in range(90))), "place", "90 values"),
    ],
)
def test_identifiers_and_empty_columns_are_left_out_with_the_reason(
    values: object, name: str, why: str
) -> None:
    found = made(values, name)
    assert isinstance(found, str)
    assert why in found


def test_the_group_column_and_the_sidecars_columns_are_left_out() -> None:
    assert made(cycle("a", "b"), "lesion", group="lesion") == "it names the group of a sample"
    assert made(cycle("a", "b"), "cause", leave_out=("cause",)) == "left out by the sidecar"


def test_real_numbers_that_all_differ_are_no_identifier() -> None:
    assert feature(np.linspace(0, 1, N)).kind is FeatureKind.NUMBER


def test_corrupted_copies_do_not_hide_an_identifier() -> None:
    clean = np.arange(N) < 40
    values = [f"case {row % 40}" for row in range(N)]
    assert "names samples: 40" in str(made(values, clean=clean))


def test_the_most_frequent_levels_stay_and_the_rest_is_pooled() -> None:
    """40 places of 1 image and 4 of 40: the 4, the first 26 of the others, and 14 pooled."""
    found = feature([*cycle("A", "B", "C", "D")[:160], *(f"x{k:02d}" for k in range(40))])
    assert len(found.levels) == 31
    assert found.levels[-1] == "one of 14 rarer values"
    assert (found.codes == 30).sum() == 14


def test_features_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        feature(cycle(0.5, 1.5)).numbers[0] = 1
