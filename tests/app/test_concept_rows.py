"""The concept grid counts what is shown, and a card's click selects what its card counts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.concept_rows import ConceptGrid, concept_grid
from app.panels import concepts
from app.state import View, view_from
from sfvisuals.failures import reference_rows, threshold_at_coverage
from sfvisuals.recipes import parse_recipe
from sfvisuals.types import ClusterMethod, Run
from sfvisuals.workspace import Workspace

STUDIES = ["digits", "eight_nine", "thick_pen"]


@pytest.fixture(scope="session")
def studies(run: Run) -> list[str]:
    return [s.name for s in run.studies]


def view_of(run: Run, **changes: Any) -> View:
    return view_from({"run": run.name, "source": "digits", "studies": STUDIES, "classRows": 99, **changes})


def names(grid: ConceptGrid) -> list[str]:
    return [name for name, _, _ in grid.columns]


def shown_rows(run: Run, studies: list[str], classes: list[Any]) -> Any:
    """By hand: in a chosen study, and of a wanted true class; samples of a new-class study are "new"."""
    new = np.isin(run.study, [studies.index("eight_nine")])
    wanted = np.isin(run.label, [c for c in classes if c != "new"]) & ~new
    wanted |= new & ("new" in classes)
    return np.isin(run.study, [studies.index(s) for s in STUDIES]) & (wanted if classes else True)


def test_the_source_is_the_first_column_whatever_is_asked_for(workspace: Workspace, run: Run) -> None:
    view = view_of(run, columns=["thick_pen", "digits"])
    assert names(concept_grid(workspace, run, view)) == ["digits", "thick_pen"]


def test_a_study_that_is_not_chosen_is_no_column(workspace: Workspace, run: Run) -> None:
    view = view_of(run, columns=["validation", "eight_nine"])
    assert names(concept_grid(workspace, run, view)) == ["digits", "eight_nine"]
    alone = view_of(run, columns=["validation"])
    assert names(concept_grid(workspace, run, alone))[0] == "digits"
    assert set(names(concept_grid(workspace, run, alone))) == set(STUDIES)


def test_there_are_at_most_four_columns_the_source_among_them(
    workspace: Workspace, run: Run, studies: list[str]
) -> None:
    others = [s for s in studies if s != "digits"]
    view = view_of(run, studies=studies, columns=others[:4])
    assert names(concept_grid(workspace, run, view)) == ["digits", *others[:3]]


@pytest.mark.parametrize("method", list(ClusterMethod))
@pytest.mark.parametrize("by_prediction", [False, True])
@pytest.mark.parametrize("classes", [[], [3, 5], [3, "new"]])
def test_what_a_card_selects_among_what_is_shown_is_what_the_card_counts(
    workspace: Workspace, run: Run, studies: list[str], by_prediction: bool, classes: list[Any], method: str
) -> None:
    view = view_of(run, byPrediction=by_prediction, classes=classes, target=800, method=str(method))
    shown = shown_rows(run, studies, classes)
    score = workspace.score(run, view.score)
    cut = threshold_at_coverage(score.values[reference_rows(run).rows], target=0.8).value
    silent = score.failure & (score.values >= cut)
    grid = concept_grid(workspace, run, view)
    counted = 0
    for row in grid.rows:
        for study, cards, _ in row.cells:
            for card in cards:
                recipe = {"kind": "concept", "study": study, "category": row.category, "index": card.index}
                found_by = {"basis": row.basis, "method": str(method)}
                own = workspace.resolve(run, parse_recipe({**recipe, **found_by})) & shown
                assert card.size == int(own.sum()) > 0
                assert card.silent == int((own & silent).sum())
                assert card.accuracy == pytest.approx(1 - score.failure[own].mean())
                assert card.confidence == pytest.approx(np.nanmean(score.values[own]))
                assert 0 < len(card.images) <= 4
                assert all(own[sample] for sample, _, _ in card.images)
                counted += card.size
    assert counted == int(shown.sum())


def test_by_prediction_every_predicted_class_is_a_row_whatever_true_classes_are_chosen(
    workspace: Workspace, run: Run, studies: list[str]
) -> None:
    view = view_of(run, byPrediction=True, classes=["new"])
    predicted = workspace.score(run, view.score).prediction[shown_rows(run, studies, ["new"])]
    rows = concept_grid(workspace, run, view).rows
    assert {row.category for row in rows} == set(predicted.tolist())
    assert len(rows) > 1


def test_new_class_is_the_last_row_even_where_it_is_the_largest(workspace: Workspace, run: Run) -> None:
    grid = concept_grid(workspace, run, view_of(run, studies=["digits", "eight_nine"]))
    sizes = [sum(card.size for _, cards, _ in row.cells for card in cards) for row in grid.rows]
    assert [row.category for row in grid.rows].index("new") == len(grid.rows) - 1
    assert sizes[-1] == max(sizes)
    assert sizes[:-1] == sorted(sizes[:-1], reverse=True)


def test_new_class_is_shown_last_although_more_classes_are_hidden(workspace: Workspace, run: Run) -> None:
    whole = concept_grid(workspace, run, view_of(run))
    grid = concept_grid(workspace, run, replace(view_of(run), class_rows=3))
    assert [row.title for row in grid.rows] == [*[row.title for row in whole.rows[:2]], "new class"]
    assert grid.hidden == len(whole.rows) - 3


def test_where_the_source_has_no_sample_of_a_class_a_few_words_say_so(workspace: Workspace, run: Run) -> None:
    row = concept_grid(workspace, run, view_of(run)).rows[-1]
    assert [(study, words) for study, cards, words in row.cells if not cards] == [
        ("digits", "no samples"),
        ("thick_pen", "no samples"),
    ]


def test_the_columns_on_offer_are_the_chosen_studies_beside_the_source() -> None:
    info = {"studies": [{"name": n, "label": n.upper()} for n in ("a", "b", "c", "d")]}
    assert concepts.column_options(info, "b", ["d", "b", "a", "gone"]) == [
        {"value": "a", "label": "A"},
        {"value": "d", "label": "D"},
    ]
    assert concepts.column_options({"error": {}}, None, []) == []


def test_a_card_is_rendered_with_the_numbers_of_what_is_shown(workspace: Workspace, run: Run) -> None:
    view = view_of(run, studies=["digits"], byPrediction=True, classes=[3])
    grid = concept_grid(workspace, run, view)
    text = json.dumps(concepts.render(view, grid, version="v"), default=lambda c: c.to_plotly_json())
    total = sum(card.size for row in grid.rows for _, cards, _ in row.cells for card in cards)
    members = (run.study == [s.name for s in run.studies].index("digits")) & (run.label == 3)
    assert total == int(members.sum())
    assert text.count("data-concept") == sum(len(cards) for row in grid.rows for _, cards, _ in row.cells)


def test_the_selection_of_a_rendered_card_holds_all_that_its_concept_depends_on(
    workspace: Workspace, run: Run
) -> None:
    view = view_of(run, studies=["digits"], byPrediction=True, method="gaussian", k=3)
    grid = concept_grid(workspace, run, view)
    text = json.dumps(concepts.render(view, grid, version="v"), default=lambda c: c.to_plotly_json())
    asked = [
        json.loads(json.loads(f'"{raw}"')) for raw in re.findall(r'"data-concept": "((?:[^"\\]|\\.)*)"', text)
    ]
    members = [int(workspace.resolve(run, parse_recipe(recipe)).sum()) for recipe in asked]
    assert members == [card.size for row in grid.rows for _, cards, _ in row.cells for card in cards]
    assert {(recipe["method"], recipe["k"], recipe["basis"]) for recipe in asked} == {
        ("gaussian", 3, "plain")
    }
