"""The 3-D view: what it draws, what stands out in it, and when it is silent."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from app import ids
from app.factory import create_app
from app.figures.space import drawn_rows, space_figure
from app.panels import space
from app.settings import Settings
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

# Six samples: failures are 1, 3 and 5, of which 3 is silent; 4 and 5 are target.
XYZ = np.arange(18, dtype=np.float32).reshape(6, 3)
FAILURE = np.array([0, 1, 0, 1, 0, 1], bool)
SILENT = np.array([0, 0, 0, 1, 0, 0], bool)
TARGET = np.array([0, 0, 0, 0, 1, 1], bool)


def drawn(**changes: Any) -> Any:
    rows = changes.pop("rows", np.arange(6))
    words = [f"row {r}" for r in rows]
    return space_figure(XYZ, rows, failure=FAILURE, silent=SILENT, target=TARGET, words=words, **changes)


def rows_of(trace: Any) -> list[int]:
    return [int(row) for (row,) in trace.customdata]


def strong(figure: Any) -> dict[str, list[int]]:
    return named(figure, "strong")


def faint(figure: Any) -> dict[str, list[int]]:
    return named(figure, "faint")


def named(figure: Any, kind: str) -> dict[str, list[int]]:
    opacity = {"strong": 0.9, "faint": 0.12}[kind]
    found = [t for t in figure.data if t.uid.startswith(kind)]
    assert {t.marker.opacity for t in found} == {opacity}
    return {t.legendgroup: rows_of(t) for t in found}


def store_of(run: Run, **changes: Any) -> dict[str, Any]:
    studies = ["digits", "eight_nine"]
    return {"run": run.name, "source": "digits", "studies": studies, "projection": "umap3", **changes}


@pytest.fixture
def projected(workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace, with any 3-D coordinates at all."""
    made = np.random.default_rng(0).normal(size=(run.n, 3)).astype(np.float32)
    monkeypatch.setattr(workspace, "coordinates", lambda *_: made)
    return workspace


def test_everything_stands_out_while_nothing_is_selected() -> None:
    assert strong(drawn()) == {"correct": [0, 2, 4], "failure, rejected": [1, 5], "silent failure": [3]}
    assert faint(drawn()) == {"correct": [], "failure, rejected": [], "silent failure": []}


def test_what_is_not_selected_is_faint_and_in_traces_of_its_own() -> None:
    figure = drawn(selected=np.array([1, 1, 0, 1, 0, 0], bool))
    assert strong(figure) == {"correct": [0], "failure, rejected": [1], "silent failure": [3]}
    assert faint(figure) == {"correct": [2, 4], "failure, rejected": [5], "silent failure": []}


def test_the_sample_in_focus_gets_a_ring_with_its_words_where_it_lies() -> None:
    ring = drawn(focus=(4, "row 4, in focus"), rows=np.array([0, 1])).data[-1]
    assert (ring.x[0], ring.y[0], ring.z[0]) == (12, 13, 14)
    assert (ring.marker.symbol, ring.marker.color) == ("circle-open", "#1967ae")
    assert ring.marker.size > 3
    assert list(ring.text) == ["row 4, in focus"]
    assert rows_of(ring) == [4]
    assert len(drawn().data[-1].x) == 0


def test_the_traces_are_always_the_same_so_that_camera_and_legend_outlast_a_change() -> None:
    first = [(t.uid, t.name, t.showlegend) for t in drawn().data]
    later = drawn(selected=SILENT, focus=(2, "row 2"), rows=np.array([2]))
    assert [(t.uid, t.name, t.showlegend) for t in later.data] == first
    assert len({uid for uid, _, _ in first}) == len(first)
    entries = [name for _, name, shown in first if shown is not False]
    assert entries == ["correct", "failure, rejected", "silent failure"]
    assert later.layout.uirevision == drawn().layout.uirevision == "keep"


def test_a_point_carries_its_row_as_a_list_that_a_click_can_hand_on() -> None:
    sent = drawn(focus=(4, "row 4")).to_dict()["data"]
    found = [t["customdata"] for t in sent if t["uid"] in ("strong-failure", "focus")]
    assert json.loads(json.dumps(found)) == [[[3]], [[4]]]


def test_target_samples_are_crosses() -> None:
    correct = next(t for t in drawn().data if t.uid == "strong-correct")
    assert list(correct.marker.symbol) == ["circle", "circle", "cross"]


def test_where_not_all_fit_the_selected_come_first_and_then_failures() -> None:
    shown, nothing = np.array([1, 1, 1, 1, 1, 0], bool), np.zeros(6, bool)
    assert drawn_rows(shown, FAILURE, nothing, limit=2).tolist() == [1, 3]
    selected = np.array([0, 0, 1, 1, 0, 1], bool)
    assert drawn_rows(shown, FAILURE, selected, limit=1).tolist() == [3]
    assert drawn_rows(shown, FAILURE, selected, limit=2).tolist() == [2, 3]
    assert drawn_rows(shown, FAILURE, selected, limit=3).tolist() == [1, 2, 3]
    assert drawn_rows(shown, FAILURE, selected, limit=9).tolist() == [0, 1, 2, 3, 4]


def test_a_selection_moves_no_more_points_than_it_needs_room_for() -> None:
    shown, failure = np.ones(1000, bool), np.zeros(1000, bool)
    selected = np.zeros(1000, bool)
    selected[:10] = True
    before = set(drawn_rows(shown, failure, np.zeros(1000, bool), limit=100).tolist())
    after = set(drawn_rows(shown, failure, selected, limit=100).tolist())
    assert set(range(10)) <= after
    assert len(before - after) <= 10


def test_selection_and_focus_of_the_page_reach_the_figure(projected: Workspace, run: Run) -> None:
    ready = {"run": run.name, "version": run.fingerprint}
    rows = [int(r) for r in np.flatnonzero(run.study == [s.name for s in run.studies].index("digits"))[:5]]
    selection = {"run": run.name, "recipe": {"kind": "rows", "rows": rows}}
    given = space.answer(projected, store_of(run), selection, {"run": run.name, "row": rows[2]}, ready)
    assert given is not None
    figure, note = given
    assert sorted(row for trace in strong(figure).values() for row in trace) == rows
    assert rows_of(figure.data[-1]) == [rows[2]]
    assert f"row {rows[2]}" in figure.data[-1].text[0]
    assert "coloured by silence" in note
    json.loads(figure.to_json())


def test_a_selection_or_focus_of_another_run_is_no_selection_here(projected: Workspace, run: Run) -> None:
    ready = {"run": run.name, "version": run.fingerprint}
    other = {"run": "another", "recipe": {"kind": "rows", "rows": [0]}}
    given = space.answer(projected, store_of(run), other, {"run": "another", "row": 0}, ready)
    assert given is not None
    assert sum(map(len, faint(given[0]).values())) == 0
    assert len(given[0].data[-1].x) == 0


@pytest.mark.parametrize(
    ("changes", "ready_run"),
    [({}, "another"), ({"projection": "pca"}, "digits"), ({}, None)],
)
def test_nothing_is_drawn_while_the_page_is_on_its_way_elsewhere(
    projected: Workspace, run: Run, changes: dict[str, Any], ready_run: str | None
) -> None:
    ready = ready_run and {"run": ready_run, "version": "v"}
    assert space.answer(projected, store_of(run, **changes), None, None, ready) is None
    assert space.answer(projected, None, None, None, ready) is None


def test_the_layout_has_no_graph_until_the_3d_view_is_ready(settings: Settings, workspace: Workspace) -> None:
    served = create_app(settings, workspace).server.test_client().get("/_dash-layout").get_data(as_text=True)
    assert ids.SPACE_GRAPH not in served
    graph, note = space.frame("digits v1")
    assert graph.id == {"type": ids.SPACE_GRAPH, "run": "digits v1"}
    assert note.id == {"type": ids.SPACE_NOTE, "run": "digits v1"}
    assert len(graph.figure.data) == 0


def test_a_change_sends_the_points_and_leaves_the_page_its_camera() -> None:
    sent = space.data_of(drawn(focus=(4, "row 4"))).to_plotly_json()
    assert [(step["operation"], step["location"]) for step in sent["operations"]] == [("Assign", ["data"])]
    assert len(sent["operations"][0]["params"]["value"]) == len(drawn().data)


def test_what_plotly_makes_a_css_class_of_is_one() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)?", trace.uid) for trace in drawn().data)
