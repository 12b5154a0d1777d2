"""Columns, rows and aggregates of small runs, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from own_runs import parts
from sfvisuals import write_run
from sfvisuals.benchmark import Row, Weights, differences, evaluate, study_rows
from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.metrics import METRICS
from sfvisuals.workspace import Workspace

KEYS = [metric.key for metric in METRICS]


def written(folder: Path, name: str = "run", **changes: Any) -> Workspace:
    """A workspace over one small run; a part that is None is left out."""
    given = {key: value for key, value in (parts(40) | changes).items() if value is not None}
    write_run(folder / "runs" / name, **given)
    return Workspace(folder / "runs", cache_dir=folder / "cache")


def only(rows: tuple[Row, ...], **wanted: Any) -> Row:
    """The one row with these entries."""
    (found,) = (row for row in rows if all(getattr(row, key) == value for key, value in wanted.items()))
    return found


def two_classes(
    study: list[str], label: list[int], confident: list[float], predicted: list[int]
) -> dict[str, Any]:
    """Arguments of `write_run` for samples with these confidences in the predicted class."""
    table = np.array(
        [[c, 1 - c] if p == 0 else [1 - c, c] for c, p in zip(confident, predicted, strict=True)]
    )
    return {
        "samples": pd.DataFrame({"study": study, "label": label}),
        "classes": ["a", "b"],
        "probabilities": table,
    }


def test_aurc_of_four_samples_is_what_a_hand_calculates(tmp_path: Path) -> None:
    # most confident first: right, wrong, right, right; risks 0, 1/2, 1/3, 1/4 at coverages 1/4 ... 1
    given = two_classes(["clinic"] * 4, [0, 1, 0, 1], [0.9, 0.8, 0.7, 0.6], [0, 0, 0, 1])
    write_run(tmp_path / "runs" / "run", **given, studies={"clinic": "iid"})
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    rows = evaluate(workspace, scores=["det_mcp"])
    row = only(rows, study="iid", metric="aurc")
    assert row.value == pytest.approx((0 + (0 + 1 / 2) / 2 + (1 / 2 + 1 / 3) / 2 + (1 / 3 + 1 / 4) / 2) / 4)
    assert (row.run, row.kind, row.severity, row.n, row.failures, row.why) == ("run", "iid", None, 4, 1, "")
    # generalized: 0, 1/4, 1/4, 1/4
    assert only(rows, study="iid", metric="augrc").value == pytest.approx((1 / 8 + 1 / 4 + 1 / 4) / 4)


def test_a_stack_gives_a_column_per_level_and_cor_is_the_mean_of_all_columns(tmp_path: Path) -> None:
    study = ["iid"] * 2 + ["blur"] * 4 + ["dark"] * 2
    severity = [0, 0, 1, 1, 2, 2, 3, 3]
    right = [0, 0, 0, 1, 1, 1, 0, 0]
    given = two_classes(study, right, [0.9, 0.8, 0.9, 0.8, 0.9, 0.8, 0.9, 0.8], [0] * 8)
    given["samples"]["corruption"] = ["", "", *["blur"] * 4, *["dark"] * 2]
    given["samples"]["severity"] = severity
    kinds = {"iid": "iid", "blur": "corruption", "dark": "corruption"}
    write_run(tmp_path / "runs" / "run", **given, studies=kinds)
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    columns = study_rows(workspace.run("run"))
    assert [(c.name, c.severity, c.corruption, c.rows.tolist()) for c in columns] == [
        ("iid", None, None, [0, 1]),
        ("blur_1", 1, "blur", [2, 3]),
        ("blur_2", 2, "blur", [4, 5]),
        ("dark", 3, "dark", [6, 7]),
    ]
    rows = evaluate(workspace, metrics=["accuracy"], scores=["det_mcp"])
    assert only(rows, study="blur_1").value == 0.5
    cor = only(rows, study="cor")
    assert cor.value == pytest.approx((0.5 + 0.0 + 1.0) / 3)
    assert (cor.kind, cor.n, cor.failures) == ("aggregate", 6, 3)
    assert only(rows, study="man").why == "this run has no manifestation study"
    # a study stands for all its columns
    chosen = evaluate(workspace, metrics=["accuracy"], scores=["det_mcp"], studies=["blur", "acq"])
    assert [row.study for row in chosen] == ["blur_1", "blur_2", "acq"]


def test_new_class_modes_count_iid_samples_as_correct_or_leave_the_wrong_ones_out(tmp_path: Path) -> None:
    given = two_classes(["iid"] * 3 + ["new"] * 2, [0, 1, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.95], [0] * 5)
    write_run(tmp_path / "runs" / "run", **given, studies={"iid": "iid", "new": "new_class"})
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    rows = evaluate(workspace, metrics=["failauc"], scores=["det_mcp"])
    original, proposed = only(rows, study="new_original"), only(rows, study="new_proposed")
    # correct .9 .8 .7 against wrong .6 .95: 3 of 6 pairs in order; without .8: 2 of 4
    assert (original.value, original.n, original.failures) == (0.5, 5, 2)
    assert (proposed.value, proposed.n, proposed.failures) == (0.5, 4, 2)
    assert only(evaluate(workspace, metrics=["nll"], scores=["det_mcp"]), study="new_original").why == (
        "the true class of 2 samples is none of the model's"
    )


@pytest.mark.parametrize(
    "missing",
    [
        ("mc_logits", "external_mc"),
        ("latents", "train_latents", "train_labels", "last_layer"),
        ("external", "external_mc", "external_name", "mc_logits"),
        ("train_latents", "train_labels"),
    ],
)
def test_what_a_run_lacks_is_a_row_with_a_reason(tmp_path: Path, missing: tuple[str, ...]) -> None:
    rows = evaluate(written(tmp_path, **dict.fromkeys(missing)), metrics=KEYS)
    assert all((row.value is None) is bool(row.why) for row in rows)
    assert any(row.value is None for row in rows)
    assert len({(row.study, row.score, row.metric) for row in rows}) == len(rows)


def test_a_run_without_validation_one_class_or_an_empty_study_is_told_in_rows(tmp_path: Path) -> None:
    samples = pd.DataFrame({"study": ["only"] * 3, "label": [0, 0, 0]})
    write_run(
        tmp_path / "runs" / "one",
        samples=samples,
        classes=["a"],
        studies={"only": "acquisition", "nobody": "manifestation"},
        logits=np.ones((3, 1), np.float32),
        latents=np.zeros((3, 2), np.float32),
        train_latents=np.zeros((4, 2), np.float32),
        train_labels=np.zeros(4, np.int64),
        last_layer=(np.ones((1, 2), np.float32), np.ones(1, np.float32)),
    )
    np.save(tmp_path / "runs" / "one" / "latents.npy", np.full((3, 2), np.nan, np.float32))
    rows = evaluate(Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache"), metrics=KEYS, bootstrap=20)
    assert all(row.why for row in rows if row.value is None)
    assert only(rows, study="iid", score="det_mcp", metric="aurc").why == "this run has no iid study"
    assert only(rows, study="only", score="det_mcp", metric="accuracy").value == 1
    assert "every prediction is correct" in only(rows, study="only", score="det_mcp", metric="failauc").why
    assert "no score" in only(rows, study="only", score="dknn", metric="aurc").why
    assert "normalise" in only(rows, study="only", score="det_mls", metric="ece").why


def test_a_run_that_cannot_be_read_is_a_row_and_the_others_are_there(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{", encoding="utf-8")
    rows = evaluate(workspace, metrics=["aurc"])
    assert only(rows, run="broken").why.startswith("the run cannot be read: ")
    assert only(rows, run="run", study="iid", score="det_mcp").value is not None


def test_a_name_that_no_run_knows_is_refused_and_the_known_ones_are_listed(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    for asked, known in (
        ({"scores": ["msr"]}, "det_mcp"),
        ({"studies": ["nowhere"]}, "fog"),
        ({"metrics": ["auroc"]}, "failauc"),
        ({"group_by": "clinic", "bootstrap": 5}, "patient"),
    ):
        with pytest.raises(NotFoundError, match=known):
            evaluate(workspace, **asked)  # type: ignore[arg-type]
    with pytest.raises(SettingsError):
        evaluate(workspace, bootstrap=-1)
    with pytest.raises(SettingsError):
        evaluate(workspace, bootstrap=5, confidence=1.0)


def test_a_score_that_only_one_run_has_is_a_row_with_a_reason_in_the_other(tmp_path: Path) -> None:
    written(tmp_path, name="a")
    workspace = written(tmp_path, name="b", external_name="dg")
    rows = evaluate(workspace, metrics=["aurc"], scores=["tcp"], studies=["iid"])
    assert only(rows, run="a").value is not None
    assert only(rows, run="b").why == "this run has no score of the name tcp"
    named = evaluate(workspace, metrics=["aurc"], scores=["ext"], studies=["iid"])
    assert [(row.run, row.score) for row in named] == [("a", "tcp"), ("b", "dg")]


def test_intervals_hold_the_value_are_seeded_and_come_from_the_store(tmp_path: Path) -> None:
    workspace = written(tmp_path)
    asked = {"metrics": ["augrc", "ece"], "scores": ["det_mcp"], "bootstrap": 100}
    rows = evaluate(workspace, **asked)  # type: ignore[arg-type]
    with_interval = [row for row in rows if row.low is not None]
    assert with_interval
    for row in with_interval:
        assert row.low <= row.value <= row.high or row.metric == "ece"  # type: ignore[operator]
    assert rows == evaluate(workspace, **asked)  # type: ignore[arg-type]
    again = Workspace(tmp_path / "runs", cache_dir=tmp_path / "elsewhere")
    assert rows == evaluate(again, **asked)  # type: ignore[arg-type]
    assert rows != evaluate(workspace, **asked, seed=1)  # type: ignore[arg-type]
    assert rows != evaluate(workspace, **asked, group_by="patient")  # type: ignore[arg-type]


def test_intervals_of_corrupted_images_are_drawn_by_clean_image(tmp_path: Path) -> None:
    # the corrupted images are answered as the clean ones: drawn together, their difference is always 0
    given = two_classes(["iid"] * 6 + ["fog"] * 6, [0, 1] * 6, [0.9, 0.8, 0.7, 0.6, 0.55, 0.95] * 2, [0] * 12)
    given["samples"]["source"] = [-1] * 6 + list(range(6))
    given["samples"]["corruption"] = [""] * 6 + ["fog"] * 6
    kinds = {"iid": "iid", "fog": "corruption"}
    write_run(tmp_path / "runs" / "run", **given, studies=kinds)
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    assert workspace.run("run").source_row[6:].tolist() == list(range(6))
    rows = evaluate(workspace, metrics=["accuracy"], scores=["det_mcp"], bootstrap=50)
    iid, fog, cor = (only(rows, study=study) for study in ("iid", "fog", "cor"))
    assert (iid.low, iid.high) == (fog.low, fog.high) == (cor.low, cor.high)


def test_a_difference_to_a_score_that_orders_alike_is_zero(tmp_path: Path) -> None:
    given = two_classes(["iid"] * 6, [0, 1] * 3, [0.9, 0.8, 0.7, 0.6, 0.55, 0.95], [0] * 6)
    write_run(tmp_path / "runs" / "run", **given, studies={"iid": "iid"})
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    found = differences(workspace, run="run", metric="augrc", scores=["det_pe"], bootstrap=50)
    assert set(found) == {("iid", "det_pe")}
    zero = found["iid", "det_pe"]
    assert (zero.value, zero.low, zero.high, zero.excludes_zero) == (0, 0, 0, False)


def test_a_cost_of_two_counts_like_the_sample_twice(tmp_path: Path) -> None:
    given = two_classes(["iid"] * 4, [0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6], [0] * 4)
    write_run(tmp_path / "runs" / "run", **given, studies={"iid": "iid"})
    workspace = Workspace(tmp_path / "runs", cache_dir=tmp_path / "cache")
    rows = evaluate(workspace, metrics=["accuracy"], scores=["det_mcp"], weights=Weights(cost={1: 2.0}))
    assert only(rows, study="iid").value == pytest.approx(3 / 5)
    unknown = evaluate(
        workspace, metrics=["accuracy"], scores=["det_mcp"], weights=Weights(prevalence={0: 1.0})
    )
    assert "no prevalence" in only(unknown, study="iid").why
