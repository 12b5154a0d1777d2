"""Methods of several runs in one table, and their differences to MSR in the same resamples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from own_runs import parts
from sfvisuals import write_run
from sfvisuals.benchmark import Cell, Method, evaluate, joined
from sfvisuals.benchmark.matching import matched_rows
from sfvisuals.benchmark.resampling import units_like, units_of
from sfvisuals.metrics import bootstrap, rank
from sfvisuals.scores import compute_score
from sfvisuals.workspace import Workspace

N = 60
STUDIES = {"iid": "iid", "site": "acquisition"}


def net(seed: int, **changes: Any) -> dict[str, Any]:
    """A network's answers on the same 60 images; `order` are the rows in another order."""
    order = changes.pop("order", np.arange(N))
    table = pd.DataFrame(
        {
            "study": ["iid"] * 30 + ["site"] * 30,
            "label": np.arange(N) % 3,
            "image": [f"{row}.png" for row in range(N)],
            "patient": [f"p{row // 3}" for row in range(N)],
        }
    )
    logits = np.random.default_rng(seed).normal(size=(N, 3)) + 2 * np.eye(3)[np.arange(N) % 3]
    given = {
        "samples": table.iloc[order].reset_index(drop=True),
        "classes": ["a", "b", "c"],
        "studies": STUDIES,
        "logits": logits[order].astype(np.float32),
        "external": np.random.default_rng(seed + 99).uniform(size=N)[order].astype(np.float32),
    }
    return given | changes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(tmp_path / "runs" / "skin" / "plain", **net(1))
    write_run(tmp_path / "runs" / "skin" / "devries", **net(2, external_name="devries"))
    return tmp_path / "runs"


def opened(root: Path) -> Workspace:
    return Workspace(root, cache_dir=root.parent / "cache")


def cell(made: Any, label: str, study: str) -> Cell:
    (table,) = made.tables
    place = [column.study for column in table.columns].index(study)
    (row,) = (row for row in table.rows if row.label == label)
    found = row.cells[place]
    assert found is not None
    return found


def test_a_difference_across_runs_is_that_of_both_in_one_bootstrap(root: Path) -> None:
    workspace = opened(root)
    against = cell(joined(workspace, metrics=["augrc"], bootstrap=200), "Devries et al.", "iid").against
    assert against is not None
    plain, devries = workspace.run("skin/plain"), workspace.run("skin/devries")
    sides = {}
    for name, run, score in (("msr", plain, "det_mcp"), ("devries", devries, "devries")):
        vector = compute_score(run, score)
        sides[name] = rank(vector.values[:30], vector.failure[:30])
    # any resamples that both see give about this interval; the same ones give exactly it
    from sfvisuals.benchmark.resampling import seed_for

    seed = seed_for(np.arange(30), 0)
    made = bootstrap(sides, ("augrc",), resamples=200, seed=seed).difference("devries", "msr", "augrc")
    assert (against.value, against.low, against.high) == pytest.approx((made.value, made.low, made.high))
    assert against.why == ""


def test_samples_in_another_order_are_found_by_their_images(tmp_path: Path, root: Path) -> None:
    same = cell(joined(opened(root), metrics=["aurc"], bootstrap=100), "Devries et al.", "acq").against
    order = np.random.default_rng(5).permutation(N)
    write_run(tmp_path / "other" / "skin" / "plain", **net(1))
    write_run(tmp_path / "other" / "skin" / "devries", **net(2, order=order, external_name="devries"))
    shuffled = opened(tmp_path / "other")
    np.testing.assert_array_equal(
        matched_rows(shuffled.run("skin/devries"), shuffled.run("skin/plain")), order
    )
    found = cell(joined(shuffled, metrics=["aurc"], bootstrap=100), "Devries et al.", "acq").against
    assert found is not None
    assert same is not None
    assert (found.value, found.low, found.high) == pytest.approx((same.value, same.low, same.high))


def test_other_samples_are_not_compared_and_the_reason_is_told(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "skin" / "plain", **net(1))
    other = net(2, external_name="devries")
    other["samples"] = other["samples"].assign(image=[f"other {row}.png" for row in range(N)])
    write_run(tmp_path / "runs" / "skin" / "devries", **other)
    found = cell(joined(opened(tmp_path / "runs"), metrics=["aurc"], bootstrap=50), "Devries et al.", "iid")
    assert found.low is not None  # its own interval stays
    assert found.against is not None
    assert (found.against.low, found.against.why) == (None, "the runs were not tested on the same samples")


def test_without_images_samples_are_the_same_where_order_and_labels_are(tmp_path: Path) -> None:
    for name, seed, label in (("plain", 1, 0), ("devries", 2, 0), ("relabelled", 3, 1)):
        given = net(seed, external_name="devries")
        given["samples"] = given["samples"].drop(columns="image").assign(label=(np.arange(N) + label) % 3)
        write_run(tmp_path / "runs" / "skin" / name, **given)
    workspace = opened(tmp_path / "runs")
    plain, devries, relabelled = (workspace.run(f"skin/{n}") for n in ("plain", "devries", "relabelled"))
    np.testing.assert_array_equal(matched_rows(devries, plain), np.arange(N))
    np.testing.assert_array_equal(matched_rows(relabelled, plain), np.full(N, -1))


def test_an_image_that_comes_twice_stands_for_no_sample(tmp_path: Path) -> None:
    given = net(2)
    given["samples"] = given["samples"].assign(image=["0.png"] * 2 + [f"{row}.png" for row in range(2, N)])
    write_run(tmp_path / "runs" / "skin" / "plain", **net(1))
    write_run(tmp_path / "runs" / "skin" / "twice", **given)
    workspace = opened(tmp_path / "runs")
    found = matched_rows(workspace.run("skin/twice"), workspace.run("skin/plain"))
    # 0.png: once with label 0 as there, and once with label 1, which is no sample there
    assert found[:3].tolist() == [0, -1, 2]


def test_units_of_samples_that_only_one_run_has_are_its_own(tmp_path: Path) -> None:
    more = net(1)
    more["samples"] = more["samples"].assign(image=["new.png", *(f"{row}.png" for row in range(1, N))])
    write_run(tmp_path / "runs" / "skin" / "plain", **net(1))
    write_run(tmp_path / "runs" / "skin" / "more", **more)
    workspace = opened(tmp_path / "runs")
    plain, other = workspace.run("skin/plain"), workspace.run("skin/more")
    for group_by in (None, "patient"):
        units = units_like(other, plain, group_by)
        np.testing.assert_array_equal(units[1:], units_of(plain, group_by)[1:])
        assert units[0] not in units_of(plain, group_by)
    np.testing.assert_array_equal(units_like(plain, plain, "patient"), units_of(plain, "patient"))


def test_seeds_are_compared_by_their_mean(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_run(tmp_path / "runs" / "skin" / f"plain_run{seed}", **net(seed))
        write_run(tmp_path / "runs" / "skin" / f"devries_run{seed}", **net(seed + 5, external_name="devries"))
    made = joined(opened(tmp_path / "runs"), metrics=["aurc"], bootstrap=100)
    base, other = cell(made, "MSR", "iid"), cell(made, "Devries et al.", "iid")
    assert base.against is None
    assert made.base == {"skin": "MSR"}
    assert len(base.runs) == len(other.runs) == 2
    assert base.value is not None
    assert other.value is not None
    assert other.against is not None
    assert other.against.value == pytest.approx(other.value - base.value)
    assert other.against.low is not None
    assert other.against.low < other.against.value


def test_the_same_score_under_another_name_differs_by_nothing(root: Path) -> None:
    methods = [Method(label, "skin", ("skin/plain",), "det_mcp") for label in ("MSR", "the same")]
    made = joined(opened(root), metrics=["aurc"], methods=methods, bootstrap=60)
    against = cell(made, "the same", "iid").against
    assert against is not None
    assert (against.value, against.low, against.high, against.excludes_zero) == (0, 0, 0, False)
    assert cell(made, "MSR", "iid").against is None


def test_only_what_the_rows_need_is_computed(root: Path) -> None:
    made = joined(opened(root), metrics=["aurc"])
    assert {row.score for row in made.rows if row.run == "skin/devries"} == {"devries"}
    whole = evaluate(opened(root), metrics=["aurc"], studies=["iid", "cor", "acq", "man"])
    alone = {(row.run, row.study, row.score): row.value for row in whole}
    for row in made.rows:
        assert row.value == alone[row.run, row.study, row.score]


def test_a_new_class_column_of_scores_with_other_failures_is_not_paired(tmp_path: Path) -> None:
    for name, seed in (("plain", 1), ("devries", 2)):
        write_run(tmp_path / "runs" / "skin" / name, **(parts(40, seed=seed) | {"external_name": "devries"}))
    methods = [
        Method("MSR", "skin", ("skin/plain",), "det_mcp"),
        Method("Devries et al.", "skin", ("skin/devries",), "devries"),
    ]
    made = joined(
        opened(tmp_path / "runs"),
        metrics=["aurc"],
        methods=methods,
        studies=["digits_original", "digits_proposed"],
        bootstrap=50,
    )
    original, proposed = (cell(made, "Devries et al.", f"digits_{mode}") for mode in ("original", "proposed"))
    assert original.against is not None
    assert original.against.why == ""
    assert proposed.against is not None
    assert proposed.against.why == "the two scores are not judged on the same samples"


def test_the_share_done_grows_from_0_to_1(root: Path) -> None:
    told: list[float] = []
    joined(opened(root), metrics=["aurc"], bootstrap=50, report=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert len(told) > 10
