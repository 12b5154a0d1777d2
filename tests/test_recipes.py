"""Recipes from an address are taken as hostile: what is none is refused in words."""

from __future__ import annotations

import json

import pytest

from sfvisuals.errors import NotFoundError
from sfvisuals.recipes import (
    MAX_ROWS,
    ConceptMembers,
    FeatureLevel,
    FeatureRange,
    Neighbours,
    SliceMembers,
    parse_recipe,
)

SLICE = {"kind": "slice", "index": 0, "studies": ["iid"], "score": "det_mcp", "target": 950}
CONCEPT = {"kind": "concept", "study": "iid", "category": 0, "index": 0}


@pytest.mark.parametrize(
    "raw",
    [
        {**SLICE, "index": -1},
        {**SLICE, "index": 1.5},
        {**SLICE, "index": True},
        {**SLICE, "index": 10**400},
        {**SLICE, "studies": "iid"},
        {**SLICE, "studies": ["iid"] * (MAX_ROWS + 1)},
        {**SLICE, "n": -1},
        {**SLICE, "half": "third"},
        {**CONCEPT, "index": -1},
        {**CONCEPT, "k": 0},
        {**CONCEPT, "k": 1_000_000},
        {**CONCEPT, "method": "spectral"},
        {"kind": "neighbours", "row": 0, "k": -4},
        {"kind": "attributes", "studies": "iid"},
        {"kind": "attributes", "categories": "01"},
        {"kind": "range", "feature": "age", "low": "NaN"},
        {"kind": "range", "feature": "age"},
        {"kind": "level", "feature": "site"},
    ],
)
def test_what_is_no_recipe_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        parse_recipe(raw)


def test_what_is_one_is_read() -> None:
    assert parse_recipe({**SLICE, "n": 7}) == SliceMembers(0, ("iid",), "det_mcp", 950, n=7)
    assert parse_recipe({**CONCEPT, "k": 12}) == ConceptMembers("iid", 0, 0, 12)
    assert parse_recipe({"kind": "neighbours", "row": 3, "k": 10**6}) == Neighbours(3, MAX_ROWS)
    assert parse_recipe({"kind": "level", "feature": "site", "level": None}) == FeatureLevel("site", None)
    # a range that holds nothing is a question with the answer "no sample"
    assert parse_recipe({"kind": "range", "feature": "age", "low": 5, "high": 1}) == FeatureRange("age", 5, 1)


def test_what_an_address_holds_is_not_repeated_at_length() -> None:
    with pytest.raises(NotFoundError) as refused:
        parse_recipe(json.loads('{"kind": "slice", "index": "' + "9" * 5_000 + '"}'))
    assert len(str(refused.value.detail)) < 300
