"""What the server renders: controls, concepts, the focused case; called directly, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import ids
from app.concept_rows import concept_grid
from app.loading import FIELDS, load_page
from app.panels import case, concepts
from app.settings import checked_settings, parse_path_map, settings_from_environment
from app.state import View, view_from
from sfvisuals.case import describe_case
from sfvisuals.errors import NotFoundError, SettingsError, UnavailableError
from sfvisuals.failures import reference_rows, threshold_at_coverage
from sfvisuals.types import Judge, Run
from sfvisuals.workspace import Workspace


def loaded(workspace: Workspace, search: str = "") -> dict[tuple[str, str], Any]:
    return dict(zip(FIELDS, load_page(workspace, search), strict=True))


def view_of(run: Run, **changes: Any) -> View:
    store = {"run": run.name, "source": "digits", "studies": [s.name for s in run.studies], **changes}
    return view_from(store)


def text_of(component: Any) -> str:
    if component is None or isinstance(component, (str, int, float)):
        return str(component or "")
    if isinstance(component, (list, tuple)):
        return " ".join(text_of(part) for part in component)
    return text_of(getattr(component, "children", None))


def test_loading_fills_every_control(workspace: Workspace, run: Run) -> None:
    values = loaded(workspace)
    assert values[(ids.RUN, "value")] == "digits"
    assert values[(ids.THRESHOLD, "value")] == 95
    assert len(values[(ids.SOURCE, "data")]) == len(run.studies)
    assert {"value": "new", "label": "new class"} in values[(ids.CLASSES, "data")]
    json.dumps(values[(ids.RUN_INFO, "data")], allow_nan=False)


@pytest.mark.shared
def test_an_unavailable_score_stays_in_the_list_greyed_with_its_reason(shared: Path, tmp_path: Path) -> None:
    root = shared / "experiments" / "current" / "pneumonia" / "dg_run1"
    options = loaded(Workspace(root, cache_dir=tmp_path))[(ids.SCORE, "data")]
    option = next(o for o in options if o["value"] == "mcd_mcp")
    assert option["disabled"] is True
    assert "raw_logits_dist" in option["label"]


def test_a_folder_without_runs_says_what_was_looked_for(tmp_path: Path) -> None:
    info = loaded(Workspace(tmp_path, cache_dir=tmp_path / "cache"))[(ids.RUN_INFO, "data")]
    assert "no experiment" in info["error"]["title"]
    assert "test_results" in info["error"]["detail"]


def test_the_cards_of_a_study_add_up_to_its_silent_failures(workspace: Workspace, run: Run) -> None:
    view = view_of(run, studies=["digits"], score="mcd_ee", target=900)
    grid = concept_grid(workspace, run, replace(view, class_rows=99))
    assert grid.why == ""
    assert [c[0] for c in grid.columns] == ["digits"]
    vector = workspace.score(run, "mcd_ee")
    cut = threshold_at_coverage(vector.values[reference_rows(run).rows], target=0.9).value
    members = run.study == [s.name for s in run.studies].index("digits")
    expected = int((vector.failure & (vector.values >= cut) & members).sum())
    cards = [card for row in grid.rows for _, cell, _ in row.cells for card in cell]
    assert sum(card.silent for card in cards) == expected
    assert sum(card.size for card in cards) == int(members.sum())


def test_concepts_show_at_most_four_columns_with_the_source_first(workspace: Workspace, run: Run) -> None:
    columns = concept_grid(workspace, run, view_of(run)).columns
    assert len(columns) == 4
    assert columns[0][2] is True
    assert "validation" not in [c[0] for c in columns]


def test_only_the_eight_largest_classes_are_computed_until_more_are_asked_for(
    workspace: Workspace, run: Run
) -> None:
    view = view_of(run, studies=["digits", "eight_nine"])
    grid = concept_grid(workspace, run, view)
    assert len(grid.rows) == 8
    assert grid.hidden == len(concept_grid(workspace, run, replace(view, class_rows=99)).rows) - 8 > 0


def test_every_image_of_a_card_belongs_to_its_concept(workspace: Workspace, run: Run) -> None:
    view = view_of(run, studies=["digits"])
    for row in concept_grid(workspace, run, view).rows:
        for study, cards, _ in row.cells:
            found = workspace.concepts(run, study, row.category)
            for card in cards:
                members = set(found[card.index].rows.tolist())
                assert {sample for sample, _, _ in card.images} <= members


def test_a_rendered_card_carries_the_recipe_that_selects_it(workspace: Workspace, run: Run) -> None:
    view = view_of(run, studies=["digits"])
    grid = concept_grid(workspace, run, view)
    text = json.dumps(concepts.render(view, grid, version="v"), default=lambda c: c.to_plotly_json())
    assert '\\"kind\\": \\"concept\\"' in text


def test_a_case_shows_both_predictions_where_they_differ(workspace: Workspace, run: Run) -> None:
    plain = workspace.judged(run, Judge.PLAIN).prediction
    mean = workspace.judged(run, Judge.MC_MEAN).prediction
    row = int(np.flatnonzero(plain != mean)[0])
    found = describe_case(workspace, run, row, score="det_mcp")
    assert (found.plain, found.mc_mean) == (plain[row], mean[row])
    words = text_of(case.render(run, view_of(run), found, accepted=True))
    assert f"predictions plain {run.classes[plain[row]]}, MC mean {run.classes[mean[row]]} " in words


def test_the_answer_about_a_case_says_whose_it_is(workspace: Workspace, run: Run) -> None:
    store = {"run": run.name, "source": "digits", "studies": ["digits"]}
    given = case.answer(workspace, {"run": run.name, "row": 7}, store)
    assert set(given) == {"row", "tree"}
    assert given["row"] == 7
    assert isinstance(given["tree"], list)
    assert "row 7" in text_of(given["tree"])


@pytest.mark.parametrize("focus", [None, {"run": "another", "row": 7}, {"run": "digits", "row": True}])
def test_without_a_case_of_this_run_the_answer_is_nobodys(workspace: Workspace, run: Run, focus: Any) -> None:
    store = {"run": run.name, "source": "digits", "studies": ["digits"]}
    given = case.answer(workspace, focus, store)
    assert given["row"] is None
    assert isinstance(given["tree"], list)
    assert "No case in focus" in text_of(given["tree"])


def test_a_case_says_whether_it_is_a_silent_failure(workspace: Workspace, run: Run) -> None:
    score = workspace.score(run, "det_mcp")
    values = np.sort(score.values[run.rows_of("validation")])[::-1]
    cut = values[int(np.ceil(0.8 * values.size)) - 1]
    view = view_of(run, target=800)
    for wrong, kept, words in (
        (True, True, "silent failure"),
        (True, False, "failure, rejected"),
        (False, True, "correct, accepted"),
        (False, False, "correct, but rejected"),
    ):
        row = int(np.flatnonzero((score.failure == wrong) & ((score.values >= cut) == kept))[0])
        assert words in text_of(case.show_case(workspace, view, row))


def test_a_case_of_a_new_class_says_so_and_is_wrong(workspace: Workspace, run: Run) -> None:
    row = int(np.flatnonzero(run.new_class)[0])
    found = describe_case(workspace, run, row, score="det_mcp")
    assert found.wrong
    assert found.truth == f"new class ({run.label[row]})"
    assert found.truth_class is None


def test_neighbours_are_the_nearest_in_the_latents(workspace: Workspace, run: Run) -> None:
    found = describe_case(workspace, run, 400, score="det_mcp")
    assert run.latents is not None
    distance = np.linalg.norm(np.asarray(run.latents, np.float64) - run.latents[400], axis=1)
    distance[400] = np.inf
    assert [n.distance for n in found.neighbours] == pytest.approx(np.sort(distance)[:5])


def test_a_case_leads_to_the_same_image_clean_and_corrupted(workspace: Workspace, run: Run) -> None:
    names = [str(run.corruptions[i]) for i in range(len(run.corruptions))]
    row = int(np.flatnonzero((run.severity == 3) & (run.corruption == 1))[0])
    source = int(run.source_row[row])
    found = describe_case(workspace, run, row, score="det_mcp").versions
    same = [r for r in range(run.n) if run.source_row[r] == source and run.corruption[r] == 1]
    assert [v.row for v in found] == [source, *sorted(same, key=lambda r: int(run.severity[r]))]
    assert [v.name for v in found] == ["original", *(f"{names[1]} {severity}" for severity in range(1, 6))]

    clean = describe_case(workspace, run, source, score="det_mcp").versions
    assert [v.name for v in clean] == ["original", *(f"{name} 5" for name in names)]
    lonely = int(run.rows_of("validation")[0])
    assert describe_case(workspace, run, lonely, score="det_mcp").versions == ()


def test_a_page_opened_on_other_files_gets_no_case_and_no_concepts_of_these(
    workspace: Workspace, run: Run
) -> None:
    view = view_of(run, version="of other files")
    with pytest.raises(UnavailableError, match="changed on disk"):
        case.show_case(workspace, view, 400)
    assert case.show_case(workspace, view_of(run, version=run.fingerprint), 400)


def test_a_case_that_does_not_exist_is_refused(workspace: Workspace, run: Run) -> None:
    with pytest.raises(NotFoundError, match="no sample"):
        describe_case(workspace, run, run.n, score="det_mcp")


def test_settings_name_the_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"):
        checked_settings(tmp_path / "nowhere")
    with pytest.raises(SettingsError, match="--data-root"):
        checked_settings(tmp_path, data_roots=[tmp_path / "gone"])
    with pytest.raises(SettingsError, match="OLD=NEW"):
        parse_path_map("/cluster")
    with pytest.raises(SettingsError, match="SFVISUALS_ROOT"):
        settings_from_environment({})


def test_the_environment_sets_what_the_command_line_sets(tmp_path: Path) -> None:
    env = {
        "SFVISUALS_ROOT": str(tmp_path),
        "SFVISUALS_PATH_MAPS": "/a=/b:/c=/d",
        "SFVISUALS_DATA_ROOTS": str(tmp_path),
    }
    found = settings_from_environment(env)
    assert found.path_maps == (("/a", "/b"), ("/c", "/d"))
    assert found.data_roots == (tmp_path,)
    assert found.host == "127.0.0.1"
