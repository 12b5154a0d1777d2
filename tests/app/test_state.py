"""URLs and stores become views; what does not exist falls back."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from app.state import adrift, default_studies, is_readable, query_of, view_for, view_from
from sfvisuals.errors import NotFoundError
from sfvisuals.types import ClusterMethod, Run, StudyKind

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


def test_how_concepts_are_found_is_read_from_an_address_and_from_the_store(run: Run) -> None:
    def asked(method: object) -> tuple[ClusterMethod, list[str]]:
        query = {"method": method}
        view = view_for(run, query, scores=SCORES, colours=COLOURS)
        return view.method, adrift(run, query, scores=SCORES, colours=COLOURS)

    assert asked("gaussian") == (ClusterMethod.GAUSSIAN, [])
    assert asked(None) == (ClusterMethod.KMEANS, [])
    assert asked("spectral") == (ClusterMethod.KMEANS, ["clusters by spectral"])
    assert asked(["gaussian"])[0] is ClusterMethod.KMEANS
    store = {"run": "digits", "source": "digits"}
    assert view_from({**store, "method": "gaussian"}).method is ClusterMethod.GAUSSIAN
    assert view_from(store).method is ClusterMethod.KMEANS


def test_the_source_is_always_among_the_studies(run: Run) -> None:
    names = [s.name for s in run.studies]
    view = view_for(run, {"source": "digits", "studies": [names[-1]]}, scores=SCORES, colours=COLOURS)
    assert "digits" in view.studies


def test_a_page_without_a_view_is_told_so() -> None:
    with pytest.raises(NotFoundError, match="no view"):
        view_from({})


@pytest.mark.parametrize("search", ["", "?", "?s=", "?other=1", "?s=%7B%22run%22:%22a%22%7D"])
def test_an_address_without_a_state_or_with_an_object_is_readable(search: str) -> None:
    assert is_readable(search)


@pytest.mark.parametrize("search", ["?s=%7Bbroken", "?s=[1,2]", "?s=3", "?s=null", "?s=" + 100_000 * "["])
def test_any_other_state_is_unreadable_and_counts_as_absent(search: str) -> None:
    assert not is_readable(search)
    assert query_of(search) == {}


def test_what_an_address_names_and_the_run_has_not_is_said_in_short_phrases(run: Run) -> None:
    query = {
        "source": "elsewhere",
        "studies": ["digits", "foo"],
        "columns": ["foo", "bar"],
        "score": "det_xyz",
        "colour": "column:gone",
        "projection": "tsne",
        "classes": [0, "1", "new", 99, "x"],
    }
    assert adrift(run, query, scores=SCORES, colours=COLOURS) == [
        "source elsewhere",
        "score det_xyz",
        "colour gone",
        "projection tsne",
        "study foo",
        "study bar",
        "class 99",
        "class x",
    ]


def test_nothing_is_adrift_where_everything_is_here(run: Run) -> None:
    query = {
        "source": "digits",
        "studies": ["digits", "eight_nine"],
        "score": "det_pe",
        "colour": "column:ink",
        "projection": "umap3",
        "classes": [0, "new"],
        "columns": None,
    }
    assert adrift(run, query, scores=SCORES, colours=COLOURS) == []
    assert adrift(run, {}, scores=SCORES, colours=COLOURS) == []


def test_hostile_values_give_short_printable_phrases(run: Run) -> None:
    query = {
        "score": ["a"],
        "source": {"b": 1},
        "studies": 5,
        "classes": ["9" * 5000, "\ud800"],
        "colour": "x" * 999,
    }
    found = adrift(run, query, scores=SCORES, colours=COLOURS)
    assert len(found) == 6
    assert max(map(len, found)) == 60
    assert "class ?" in found
    assert view_for(run, query, scores=SCORES, colours=COLOURS).classes == ()


def test_the_number_of_class_rows_comes_from_the_address(run: Run) -> None:
    def rows(asked: object) -> int:
        return view_for(run, {"classRows": asked}, scores=SCORES, colours=COLOURS).class_rows

    assert [rows(n) for n in (8, 24, 10_000)] == [8, 24, 10_000]
    assert [rows(n) for n in (7, 10_001, "24", True, None)] == [8, 8, 8, 8, 8]


def test_the_columns_asked_for_are_chosen_studies_beside_the_source(run: Run) -> None:
    query = {"source": "digits", "studies": ["eight_nine"], "columns": ["digits", "validation", "eight_nine"]}
    assert view_for(run, query, scores=SCORES, colours=COLOURS).columns == ("eight_nine",)


def test_the_new_class_is_no_filter_where_the_run_has_none(run: Run) -> None:
    known = replace(run, studies=tuple(replace(s, kind=StudyKind.IID) for s in run.studies))
    assert view_for(known, {"classes": [3, "new"]}, scores=SCORES, colours=COLOURS).classes == (3,)
    assert adrift(known, {"classes": [3, "new"]}, scores=SCORES, colours=COLOURS) == ["class new"]
