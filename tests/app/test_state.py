"""URLs and stores become views; what does not exist falls back."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from app.state import default_studies, query_of, view_for, view_from
from sfvisuals.errors import NotFoundError
from sfvisuals.types import Run

SCORES = ["det_mcp", "det_pe"]
COLOURS = ["silence", "column:ink"]


def test_a_search_without_state_is_empty() -> None:
    assert query_of("") == {}
    assert query_of("?s=%7Bbroken") == {}
    assert query_of("?s=[1,2]") == {}


def test_a_search_carries_its_state() -> None:
    assert query_of("?s=" + quote(json.dumps({"run": "a/b"}))) == {"run": "a/b"}


def test_the_first_view_shows_the_source_and_the_shifts_asked_about_first(run: Run) -> None:
    view = view_for(run, {}, scores=SCORES, colours=COLOURS)
    assert view.source == "digits"
    assert view.studies[0] == "digits"
    assert "validation" not in view.studies
    assert view.score == "det_mcp"
    assert view.target == 950


def test_what_does_not_exist_in_this_run_falls_back(run: Run) -> None:
    query = {
        "source": "elsewhere",
        "studies": ["nowhere"],
        "score": "ext",
        "colour": "column:gone",
        "classes": [0, 99, "new", "x"],
        "pair": [0, 99],
        "target": 5000,
        "k": 99,
    }
    view = view_for(run, query, scores=SCORES, colours=COLOURS)
    assert view.source == "digits"
    assert set(view.studies) == set(default_studies(run, "digits"))
    assert (view.score, view.colour, view.target, view.k) == ("det_mcp", "silence", 950, None)
    assert view.classes == (0, "new")
    assert view.pair == (1, 0)


def test_the_source_is_always_among_the_studies(run: Run) -> None:
    names = [s.name for s in run.studies]
    view = view_for(run, {"source": "digits", "studies": [names[-1]]}, scores=SCORES, colours=COLOURS)
    assert "digits" in view.studies


def test_a_page_without_a_view_is_told_so() -> None:
    with pytest.raises(NotFoundError, match="no view"):
        view_from({})
