"""The parts of the page Benchmark over HTTP: their numbers, their selections, and what they refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest
from flask.testing import FlaskClient

from app.benchmark_parts import PARTS
from bench_tree import cells, meant, nodes, part, words
from sfvisuals.benchmark import evaluate, study_rows
from sfvisuals.failures import coverage_table, reference_rows
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def test_every_number_of_the_table_is_the_library_s(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    says = cells(part(client, "table", metric="augrc", columns="all")["tree"])
    rows = evaluate(workspace, runs=["digits"], metrics=["augrc"])
    known = {row.score: row for row in rows if row.study == "noise_3"}
    (line,) = [text for text in says if text.startswith("MSR, noise_3:")]
    value = known["det_mcp"].value
    assert value is not None
    assert f"AUGRC {100 * value:.4f} %" in line
    assert f"{known['det_mcp'].n:,} samples, {known['det_mcp'].failures:,} failures" in line
    # the mean of the one acquisition shift is that study itself, so it has no column of its own
    defined = [row for row in rows if row.value is not None and row.study != "acq"]
    assert len(says) == len(defined), "one cell per defined number"


def test_a_cell_leads_to_exactly_the_samples_of_its_column(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    says = cells(part(client, "table", metric="aurc", columns="all")["tree"])
    columns = {c.name: c for c in study_rows(run)}
    for name in ("noise_3", "thick_pen"):
        (view,) = [view for text, view in says.items() if text.startswith(f"MCD-EE, {name}:")]
        assert view["score"] == "mcd_ee"
        assert np.flatnonzero(meant(workspace, run, view)).tolist() == sorted(columns[name].rows)
    (whole,) = [view for text, view in says.items() if text.startswith("MSR, cor:")]
    assert whole["studies"] == ["faint", "noise", "motion"]


def test_intervals_and_differences_to_msr_come_when_asked_for(client: FlaskClient) -> None:
    bare = part(client, "table", metric="accuracy")
    assert all("no interval yet" in text for text in cells(bare["tree"]))
    drawn = part(client, "table", metric="accuracy", intervals="1")
    assert drawn["facts"]["resamples"] == 1000
    says = cells(drawn["tree"])
    assert all("95 % interval" in text for text in says if ", iid:" in text)
    assert any("against MSR" in text for text in says)


def test_an_undefined_cell_has_a_reason(client: FlaskClient) -> None:
    tree = part(client, "table", metric="ece")["tree"]
    undefined = [n for n in nodes(tree) if "undefined" in str(n.get("className"))]
    reasons = {node["title"] for node in undefined}
    assert all(reasons)
    listed = [words(node.get("children")) for node in nodes(tree) if node["tag"] == "Li"]
    assert reasons <= set(listed)


def test_methods_are_joined_over_runs(client: FlaskClient) -> None:
    tree = part(client, "table", metric="aurc", scope="methods")["tree"]
    assert any(text.startswith("MSR, cor: mean over all corruption columns:") for text in cells(tree))


def test_the_guarantee_is_a_target_of_the_slider(client: FlaskClient, workspace: Workspace, run: Run) -> None:
    facts = part(client, "guarantee", score="det_mcp", risk="0.05", delta="0.05")["facts"]
    values = workspace.score(run, "det_mcp").values[reference_rows(run).rows]
    cut = coverage_table(values).value[facts["target"]]
    wrong = workspace.score(run, "det_mcp").failure[reference_rows(run).rows]
    assert (wrong & (values >= cut)).sum() / (values >= cut).sum() < 0.05
    assert "with 95 % confidence" in facts["says"]
    none = part(client, "guarantee", score="det_mcp", risk="0.001")["facts"]
    assert none["target"] is None
    assert "No guarantee" in none["says"]


def test_the_audit_counts_what_the_selection_behind_it_holds(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    tree = part(client, "audit", score="det_mcp", risk="0.05")["tree"]
    lines = [n for n in nodes(tree) if n["tag"] == "Tr" and n["children"][0]["type"] == "Th"]
    found = {}
    for line in lines[1:]:
        (go,) = [json.loads(n["data-go"]) for n in nodes(line["children"]) if "data-go" in n] or [None]
        found[line["children"][0]["props"].get("title")] = (words(line["children"][-1]), go)
    number, view = found["motion_4"]
    accepted = workspace.accepted(run, "det_mcp", target=view["target"] / 1000)
    silent = workspace.score(run, "det_mcp").failure & accepted & meant(workspace, run, view)
    assert int(number) == silent.sum() > 0


def test_every_cell_of_the_confusion_matrix_is_a_selection_of_that_size(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    answer = part(client, "confusion", score="mcd_mcp", study="thick_pen")
    sizes = [[int(meant(workspace, run, view).sum()) for view in line] for line in answer["facts"]["ways"]]
    prediction = workspace.score(run, "mcd_mcp").prediction
    rows = run.rows_of("thick_pen")
    expected = [
        [int(((run.label[rows] == i) & (prediction[rows] == j)).sum()) for j in range(8)] for i in range(8)
    ]
    assert sizes == expected
    assert [
        [int(t or 0) for t in line] for line in answer["figures"]["confusion"]["data"][0]["text"]
    ] == sizes


def test_new_classes_are_a_line_of_the_confusion_matrix(client: FlaskClient, run: Run) -> None:
    answer = part(client, "confusion", score="det_mcp", study="eight_nine_original")
    assert answer["figures"]["confusion"]["layout"]["yaxis"]["ticktext"] == ["new class"]
    assert answer["facts"]["ways"][0][0]["sel"]["of"][0]["categories"] == ["new"]


def test_combinations_of_missed_failures_are_selections_of_their_size(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    answer = part(client, "missed", target="950")
    bars = answer["figures"]["upset"]["data"][0]["y"]
    assert len(bars) > 5
    for n, view in list(zip(bars, answer["facts"]["ways"], strict=True))[:6]:
        assert meant(workspace, run, view).sum() == n
    (universal,) = [n for n in nodes(answer["tree"]) if "data-universal" in n]
    (go,) = [json.loads(n["data-go"]) for n in nodes(universal["children"]) if "data-go" in n]
    every = np.ones(run.n, bool)
    for part_ in go["sel"]["of"][:-1]:
        score = workspace.score(run, part_["score"])
        every &= score.failure & workspace.accepted(run, part_["score"], target=0.95)
    every &= ~(run.study == 0)
    assert int(universal["data-universal"]) == every.sum()


def test_curves_state_how_much_thinning_changed_them(client: FlaskClient) -> None:
    answer = part(client, "curves", scores='["det_mcp", "tcp"]', study="noise_5", target="900")
    assert {line["name"] for line in answer["figures"]["selective"]["data"] if line.get("name")} == {
        "MSR",
        "ConfidNet",
    }
    assert "no curve is off by more than 0.0" in words(answer["tree"])


def test_one_score_has_a_curve_per_study_that_ends_in_the_study_s_error(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    answer = part(client, "curves", every="1", score="det_mcp", target="950")
    lines = [line for line in answer["figures"]["selective"]["data"] if line["mode"] == "lines"]
    ends = {line["name"]: line["y"][-1] for line in lines}
    failure = workspace.score(run, "det_mcp").failure
    for study in run.studies:
        if study.kind != "new_class":
            assert ends[study.label] == pytest.approx(failure[run.rows_of(study.name)].mean())
    assert len(ends) == len(run.studies)


def test_severity_has_three_charts_with_a_line_per_corruption(client: FlaskClient) -> None:
    answer = part(client, "severity", score="det_mcp", target="950")
    assert set(answer["figures"]) == {"accuracy", "augrc", "silent"}
    names = {line["name"] for line in answer["figures"]["accuracy"]["data"]}
    assert names == {"Faint", "Noise", "Motion"}
    assert answer["figures"]["accuracy"]["data"][0]["x"] == [0, 1, 2, 3, 4, 5]


def test_a_score_that_is_no_probability_is_made_one_for_the_reliability_diagram(client: FlaskClient) -> None:
    assert "as it is" in words(part(client, "calibration", score="det_mcp")["tree"])
    assert "after Platt scaling on validation" in words(part(client, "calibration", score="det_pe")["tree"])


def test_forensics_name_the_saturated_head_of_the_demo(client: FlaskClient) -> None:
    findings = part(client, "forensics")["facts"]["findings"]
    assert "saturated" in findings["tcp"]
    assert findings["det_mcp"] == []


def test_a_run_compared_with_itself_differs_nowhere(client: FlaskClient) -> None:
    tree = part(client, "compare", other="digits", score="det_mcp")["tree"]
    (line,) = [n for n in nodes(tree) if "data-changes" in n]
    assert "0 fixed · 0 broken · 0 newly silent · 0 no longer silent" in words(line["children"])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing", "There is no part 'nothing' of the page benchmark"),
        ("table?metric=foo", "There is no metric 'foo'"),
        ("curves?study=foo", "There is no column 'foo'"),
        ("guarantee?score=det_mcp&risk=1.5", "`risk` is no number between 0 and 1"),
        ("guarantee?score=det_mcp&delta=x", "`delta` is no number between 0 and 1"),
        ("missed?target=9999", "`target` is no whole number from 0 to 1000"),
        ("audit?score=det_mcp&on=moon", "A guarantee cannot be chosen on 'moon'"),
        ("calibration?score=foo", "foo"),
        ("compare?other=../../etc", "There is no run '../../etc'"),
    ],
)
def test_what_does_not_exist_is_refused_in_words(client: FlaskClient, path: str, said: str) -> None:
    answer = client.get(f"/runs/digits/benchmark/{path}")
    assert answer.status_code == 404
    assert said in answer.get_json()["title"]


def test_answers_are_asked_for_again_each_time_since_other_runs_may_be_in_them(
    client: FlaskClient, run: Run
) -> None:
    answer = client.get(f"/runs/digits/benchmark/about?v={run.fingerprint[:12]}")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["ETag"]


def test_every_part_of_the_page_is_served() -> None:
    from app.panels.benchmark import layout

    named = {
        n["data-part"]
        for n in nodes(json.loads(json.dumps(layout(), default=lambda c: c.to_plotly_json())))
        if "data-part" in n
    }
    assert named - {"cockpit"} <= set(PARTS), "the operating point is counted in the browser"
