"""Costs, prevalences and groups on the page Benchmark: its numbers against sums over samples by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from app.benchmark_counting import groups_of
from app.benchmark_progress import note_of
from bench_tree import cells, nodes, part, words
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def weights_by_hand(run: Run, study: str, cost: dict[int, float], prevalence: dict[int, float]) -> Any:
    """(m,) cost x stated share / share here of each sample of the study."""
    label = run.label[run.rows_of(study)]
    here = {k: float((label == k).mean()) for k in np.unique(label)}
    return np.array([cost.get(k, 1.0) * prevalence[k] / here[k] for k in label])


def shares_by_hand(run: Run, stated: dict[int, float]) -> dict[int, float]:
    """The stated shares; the other digits divide the rest as in the iid study."""
    label = run.label[run.rows_of("digits")]
    others = [k for k in range(8) if k not in stated]
    total = sum(int((label == k).sum()) for k in others)
    left = 100 - sum(stated.values())
    return {**stated, **{k: left * int((label == k).sum()) / total for k in others}}


def shown(client: FlaskClient, name: str, **query: str) -> float:
    """The number of a cell of MSR in full, as a share."""
    (line,) = [t for t in cells(part(client, "table", **query)["tree"]) if t.startswith(f"MSR, {name}:")]
    found = re.search(r": \S.*? ([\d.]+) %", line)
    assert found
    return float(found[1]) / 100


def test_a_weighted_accuracy_is_the_weighted_share_of_right_predictions(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    weights = weights_by_hand(run, "thick_pen", {3: 5.0}, shares_by_hand(run, {1: 40.0}))
    right = ~workspace.score(run, "det_mcp").failure[run.rows_of("thick_pen")]
    found = shown(client, "thick_pen", metric="accuracy", cost="3:5", prevalence="1:40")
    assert found == pytest.approx((weights * right).sum() / weights.sum(), abs=1e-6)
    assert found != pytest.approx(right.mean(), abs=1e-4)


def test_a_weighted_table_says_so_and_an_unweighted_one_does_not(client: FlaskClient) -> None:
    tree = part(client, "table", metric="accuracy", cost="3:5", prevalence="1:40")["tree"]
    (said,) = [n for n in nodes(tree) if "data-weighted" in n]
    assert words(said["children"]) == (
        "Weighted by cost of a mistake (digit 3: 5) and prevalence (digit 1: 40 %)."
    )
    plain = part(client, "table", metric="accuracy")["tree"]
    assert not [n for n in nodes(plain) if "data-weighted" in n]


@pytest.mark.parametrize("name", ["curves", "severity"])
def test_curves_and_severities_say_that_they_are_weighted(client: FlaskClient, name: str) -> None:
    tree = part(client, name, score="det_mcp", scores='["det_mcp"]', study="thick_pen", cost="3:5")["tree"]
    assert [n for n in nodes(tree) if "data-weighted" in n]


def test_a_weighted_curve_ends_in_the_weighted_error(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    answer = part(client, "curves", scores='["det_mcp"]', study="thick_pen", cost="3:5")
    line = next(one for one in answer["figures"]["selective"]["data"] if one["mode"] == "lines")
    rows = run.rows_of("thick_pen")
    weights = np.where(run.label[rows] == 3, 5.0, 1.0)
    wrong = workspace.score(run, "det_mcp").failure[rows]
    assert line["y"][-1] == pytest.approx((weights * wrong).sum() / weights.sum())


def test_a_weighted_severity_counts_silent_failures_by_prevalence_alone(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    answer = part(client, "severity", score="det_mcp", target="950", cost="3:50", prevalence="1:40")
    line = next(one for one in answer["figures"]["silent"]["data"] if one["name"] == "Motion")
    weights = weights_by_hand(run, "digits", {}, shares_by_hand(run, {1: 40.0}))
    rows = run.rows_of("digits")
    silent = (workspace.score(run, "det_mcp").failure & workspace.accepted(run, "det_mcp", target=0.95))[rows]
    assert line["y"][0] == pytest.approx(1000 * (weights * silent).sum() / weights.sum())


def test_the_operating_point_gets_the_weight_of_each_class_in_each_study(
    client: FlaskClient, run: Run
) -> None:
    facts = part(client, "weights", cost="3:5", prevalence="1:40")["facts"]
    weights = weights_by_hand(run, "thick_pen", {3: 5.0}, shares_by_hand(run, {1: 40.0}))
    label = run.label[run.rows_of("thick_pen")]
    for k in range(8):
        expected = weights[label == k][0] / weights.mean()
        assert facts["studies"]["thick_pen"]["all"][k] == pytest.approx(expected)
    people = np.array(facts["studies"]["thick_pen"]["people"])[label]
    assert people.mean() == pytest.approx(1)
    assert people[label == 1].sum() / people.sum() == pytest.approx(0.4)


def test_a_new_class_without_a_stated_prevalence_has_no_number_and_says_why(client: FlaskClient) -> None:
    facts = part(client, "weights", prevalence="1:40")["facts"]["studies"]
    assert facts["eight_nine"]["all"] is None
    assert "There are samples of a new class" in facts["eight_nine"]["why"]
    tree = part(client, "table", metric="accuracy", prevalence="1:40")["tree"]
    said = words(tree)
    assert "Not in the table: Digits 8 and 9 original, Digits 8 and 9 proposed." in said
    assert "There are samples of a new class" in said
    stated = part(client, "weights", prevalence="1:40,new:10")["facts"]["studies"]
    assert stated["eight_nine"]["why"] == ""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("cost=8:1", "`cost` is no list of class:number"),
        ("cost=1:-2", "`cost` is no list of class:number"),
        ("cost=1:nan", "`cost` is no list of class:number"),
        ("cost=1", "`cost` is no list of class:number"),
        ("prevalence=x:1", "`prevalence` is no list of class:number"),
        ("prevalence=0:60,1:60", "The prevalences add up to more than 100 %"),
        ("group=nothing", "There is no column 'nothing' to group by"),
    ],
)
def test_what_is_no_cost_prevalence_or_group_is_refused_in_words(
    client: FlaskClient, query: str, said: str
) -> None:
    answer = client.get(f"/runs/digits/benchmark/table?{query}")
    assert answer.status_code == 404
    assert said in answer.get_json()["title"]


def test_resampling_whole_groups_widens_the_intervals_of_drawings_that_were_corrupted_together(
    client: FlaskClient, run: Run
) -> None:
    assert groups_of(run) == ("drawing",)
    tree = part(client, "table", metric="augrc", intervals="1", group="drawing")["tree"]
    assert "resamples of whole drawing groups" in words(tree)
    assert any("95 % interval" in text for text in cells(tree))


def test_the_csv_of_the_table_has_every_digit_and_its_intervals(client: FlaskClient) -> None:
    text = part(client, "table", metric="accuracy", intervals="1")["facts"]["csv"]
    head, first = text.splitlines()[:2]
    assert head.split(",")[:6] == [
        "metric",
        "unit",
        "score",
        "digits_iid",
        "digits_iid_low",
        "digits_iid_high",
    ]
    value, low, high = (float(number) for number in first.split(",")[3:6])
    assert low < value < high


def test_a_note_tells_how_far_a_computation_is_and_goes_with_it(
    client: FlaskClient, workspace: Workspace, tmp_path: Path
) -> None:
    asked = {"metric": "aurc", "scope": "methods"}
    note = note_of(workspace.store.root / "notes", "digits", "table", asked)
    address = "/runs/digits/benchmark/table?scope=methods&metric=aurc&progress=1"
    assert client.get(address).get_json() == {"share": None, "words": ""}
    with note.kept():
        note.write(0.25, "digits: noise_3")
        assert client.get(address).get_json() == {"share": 0.25, "words": "digits: noise_3"}
        other = address.replace("aurc", "augrc")
        assert client.get(other).get_json()["share"] is None
    assert client.get(address).get_json()["share"] is None


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    note = note_of(tmp_path / "file", "run", "table", {})
    with note.kept():
        note.write(0.5, "words")
    assert note.read() == {"share": None, "words": ""}
