"""Every value of the reference's analysis of real runs, and each difference by itself (docs/benchmark.md)."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from sfvisuals.benchmark import Row, StudyRows, evaluate, layout, methods_of, study_rows
from sfvisuals.metrics import METRICS, Need, compute_metrics, find_metric
from sfvisuals.scores import compute_score, compute_scores, predictions
from sfvisuals.scores.features_fit import activation_quantile, fit_vim
from sfvisuals.types import FloatArray, Run, StudyKind
from sfvisuals.workspace import Workspace

pytestmark = pytest.mark.shared

RUNS = {
    "dermoscopyall__confidnet_bbsmall_cnn_do1_run1_rew2.2": (
        "dermoscopyall/confidnet_bbsmall_cnn_do1_run1_rew2.2"
    ),
    "dermoscopyall__dg_bbsmall_cnn_do1_run1_rew1.5": "dermoscopyall/dg_bbsmall_cnn_do1_run1_rew1.5",
    "dermoscopyall__devries_bbsmall_cnn_do1_run1_rew2.2": "dermoscopyall/devries_bbsmall_cnn_do1_run1_rew2.2",
    "xray_chestall__confidnet_bbsmall_cnn_do1_run1_rew2.2": (
        "xray_chestall/confidnet_bbsmall_cnn_do1_run1_rew2.2"
    ),
    "dg_mcd_run1": "pneumonia/dg_mcd_run1",
}
ON_LATENTS = [key for key in RUNS if "devries" not in key]
# of the threshold, which is no metric of the benchmark
THRESHOLD = {"test_risk", "test_cov", "diff_risk", "diff_cov", "rstar", "val_theta"}
# compared by themselves below
FITTED = {"temp_mls", "maha", "vim", "dknn"} | {
    f"react_{name}" for name in ("det_mcp", "det_mls", "temp_mls", "energy_mls")
}
RANK = tuple(
    metric.key
    for metric in METRICS
    if metric.reference is not None
    and Need.CONFIDENCE not in metric.needs
    and Need.PROBABILITIES not in metric.needs
    and metric.key not in ("b-aurc", "accuracy", "b-accuracy")
)
CALIBRATION = ("ece", "mce", "fail-NLL")


@cache
def analysis(shared: Path, key: str) -> dict[str, Any]:
    path = shared / "oracle" / "analysis" / key / "full_precision.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def workspace(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(shared / "experiments" / "current", cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def rows_of(workspace: Workspace):  # type: ignore[no-untyped-def]
    """Rows of a run by (column, score, metric), all metrics."""

    @cache
    def rows(key: str) -> dict[tuple[str, str, str], Row]:
        found = evaluate(workspace, runs=[RUNS[key]], metrics=[metric.key for metric in METRICS])
        return {(row.study, row.score, row.metric): row for row in found}

    return rows


def column_of(study: str) -> str:
    """Our name of the reference's study."""
    if study == "val_tuning":
        return "validation"
    if study == "iid_study":
        return "iid"
    if study.startswith("noise_study_"):
        return study.replace("noise_study", "corrupt_pneu")
    if study.startswith("new_class_study_"):
        return study.removeprefix("new_class_study_").removesuffix("_mode")
    return study.removeprefix("in_class_study_")


def off(ours: float, metric: str, theirs: float) -> float:
    """Difference in the reference's unit, relative to what is above 1."""
    unit = 0.5 if metric == "nll" else (find_metric(metric).reference or 1.0)  # nll: of two classes
    return abs(
        (ours if metric != "nll" else ours * unit) / (1.0 if metric == "nll" else unit) - theirs
    ) / max(1.0, abs(theirs))


@pytest.mark.parametrize("key", RUNS)
def test_every_value_that_needs_no_fit_on_latents_agrees(shared: Path, rows_of: Any, key: str) -> None:
    ours = rows_of(key)
    compared = 0
    for study, scores in analysis(shared, key)["studies"].items():
        for score, content in scores.items():
            for metric, theirs in content["metrics"].items():
                if metric in THRESHOLD or metric == "b-aurc":
                    continue
                row = ours[column_of(study), score, metric]
                assert row.n == content["n"]
                if score in FITTED and metric in (*RANK, *CALIBRATION):
                    continue
                if not isinstance(theirs, float | int) or np.isnan(theirs):
                    assert row.value is None
                    assert row.why
                    continue
                assert row.value is not None, (study, score, metric, row.why)
                tolerance = 1e-5 if metric in CALIBRATION else 1e-9
                assert off(row.value, metric, theirs) <= tolerance, (study, score, metric)
                compared += 1
    assert compared > 2500


@pytest.mark.parametrize("metric", ["aurc", "augrc"])
def test_the_posters_table_agrees_in_every_digit(shared: Path, workspace: Workspace, metric: str) -> None:
    runs = [name for name in workspace.run_names() if name.startswith("dermoscopyall/")]
    rows = evaluate(workspace, runs=runs, metrics=[metric])
    table = layout(rows, methods=methods_of(workspace, runs=runs), metric=metric)
    assert [column.study for column in table.columns] == ["iid", "cor", "acq"]
    file = shared / "oracle" / "poster_table" / f"dermoscopy_{metric}.csv"
    expected = file.read_text(encoding="utf-8").split("\n")[1:]
    told = [
        ",".join([row.label, *(f"{cell.value * 100:.6f}" for cell in row.cells if cell and cell.value)])
        for row in table.rows[:9]
    ]
    assert [line.replace("DG-RES", "DG-Res") for line in told] == [line for line in expected if line]


# -- where we differ: docs/benchmark.md lists these --------------------------------------------------------


def theirs_of(shared: Path, key: str, column: StudyRows, score: str) -> dict[str, Any]:
    match column.kind:
        case StudyKind.VALIDATION:
            study = "val_tuning"
        case StudyKind.IID:
            study = "iid_study"
        case StudyKind.NEW_CLASS:
            study = f"new_class_study_{column.name}_mode"
        case _:
            study = column.name.replace("corrupt_pneu", "noise_study")
            study = study if study.startswith("noise_study") else f"in_class_study_{study}"
    metrics: dict[str, Any] = analysis(shared, key)["studies"][study][score]["metrics"]
    return metrics


def worst(
    shared: Path, run: Run, key: str, score: str, values: FloatArray, metrics: tuple[str, ...]
) -> float:
    """The largest difference over all columns, with the reference's normalisation (and reversal) of these
    values."""
    return max(differences(shared, run, key, score, values, metrics))


def differences(
    shared: Path, run: Run, key: str, score: str, values: FloatArray, metrics: tuple[str, ...]
) -> list[float]:
    platt = analysis(shared, key)["normalization"][score]
    confidence = values
    if isinstance(platt, dict) and "platt_a" in platt:
        confidence = 1 / (1 + np.exp(platt["platt_a"] * values + platt["platt_b"]))
        values = -np.sign(platt["platt_a"]) * values
    failure = run.failure(predictions(run).plain)
    found = []
    for column in study_rows(run):
        rows, wrong = column.judged(failure)
        ours = compute_metrics(
            values[rows],
            wrong,
            labels=column.labels(run.label, rows),
            confidence=confidence[rows],
            keys=metrics,
        )
        theirs = theirs_of(shared, key, column, score)
        found += [
            off(ours[metric].value, metric, theirs[metric])  # type: ignore[arg-type]
            for metric in metrics
            if ours[metric].value is not None and isinstance(theirs[metric], float)
        ]
    return found


def rectified(run: Run) -> FloatArray:
    """(N, k + 1) logits of the cut-off latents with every row of the layer, the reservation included."""
    assert run.last_layer is not None
    assert run.latents is not None
    assert run.train_latents is not None
    w, b = (np.asarray(part, np.float64) for part in run.last_layer)
    logits: FloatArray = (
        np.minimum(np.asarray(run.latents, np.float64), activation_quantile(run.train_latents)) @ w.T + b
    )
    return logits


@pytest.mark.parametrize("key", RUNS)
def test_with_the_references_temperature_the_scaled_softmax_agrees(
    shared: Path, workspace: Workspace, key: str
) -> None:
    run = workspace.run(RUNS[key])
    temperature = analysis(shared, key)["normalization"]["temp_mls"]["temperature"]
    assert run.logits is not None
    values = softmax(np.asarray(run.logits, np.float64) / temperature, axis=1).max(axis=1)
    assert worst(shared, run, key, "temp_mls", values, CALIBRATION) <= 1e-9
    # two confidences that differ in the last digit are a tie or none
    assert worst(shared, run, key, "temp_mls", values, RANK) <= 2e-4


@pytest.mark.parametrize("key", ON_LATENTS)
def test_with_the_reservation_as_a_class_and_its_temperature_react_agrees(
    shared: Path, workspace: Workspace, key: str
) -> None:
    run, logits = workspace.run(RUNS[key]), rectified(workspace.run(RUNS[key]))
    temperature = analysis(shared, key)["normalization"]["react_temp_mls"]["temperature"]
    for score, values in {
        "react_det_mcp": softmax(logits, axis=1).max(axis=1),
        "react_temp_mls": softmax(logits / temperature, axis=1).max(axis=1),
        "react_det_mls": logits.max(axis=1),
        "react_energy_mls": logsumexp(logits, axis=1),
    }.items():
        # single precision there: near ties become ties
        assert worst(shared, run, key, score, values, RANK) <= 2e-3, score
        assert worst(shared, run, key, score, values, CALIBRATION) <= 1e-5, score


@pytest.mark.parametrize("key", ON_LATENTS)
def test_with_the_first_thousand_training_samples_deep_knn_agrees(
    shared: Path, workspace: Workspace, key: str
) -> None:
    run = workspace.run(RUNS[key])
    assert run.train_latents is not None
    first = replace(run, train_latents=run.train_latents[:1000], train_labels=run.train_labels[:1000])  # type: ignore[index]
    values = compute_score(first, "dknn").values
    assert worst(shared, run, key, "dknn", values, RANK) <= 1e-4


@pytest.mark.parametrize("key", ON_LATENTS)
def test_with_the_reservation_as_a_class_vim_agrees_to_single_precision(
    shared: Path, workspace: Workspace, key: str
) -> None:
    run = workspace.run(RUNS[key])
    assert run.last_layer is not None
    w, b = (np.asarray(part, np.float64) for part in run.last_layer)
    fitted = fit_vim(np.asarray(run.train_latents, np.float64), w, b)
    values = fitted(
        np.asarray(run.latents, np.float64), logsumexp(np.asarray(run.logits, np.float64), axis=1)
    )
    assert np.median(differences(shared, run, key, "vim", values, RANK)) <= 1e-3
    assert worst(shared, run, key, "vim", values, RANK) <= 4e-2


@pytest.mark.parametrize("key", ON_LATENTS)
def test_mahalanobis_agrees_as_far_as_single_precision_inverts_a_singular_covariance(
    shared: Path, workspace: Workspace, key: str
) -> None:
    run = workspace.run(RUNS[key])
    spread = np.linalg.eigvalsh(np.cov(np.asarray(run.train_latents, np.float64).T))
    assert np.count_nonzero(spread < 1e-6 * spread[-1]) >= 10
    values = compute_score(run, "maha").values
    found = differences(shared, run, key, "maha", values, ("aurc", "augrc", "failauc", "ece"))
    assert np.median(found) <= 1e-3
    assert np.max(found) <= 0.2


def test_distances_differ_from_the_references_only_along_directions_that_training_never_takes(
    shared: Path, workspace: Workspace
) -> None:
    run, key = workspace.run(RUNS["dg_mcd_run1"]), "dg_mcd_run1"
    train = np.asarray(run.train_latents, np.float64)
    spread, directions = np.linalg.eigh(np.cov(train.T))
    never = directions[:, spread < 1e-9]
    ours, platt = compute_score(run, "maha").values, analysis(shared, key)["normalization"]["maha"]
    inside, outside = [], []
    for study in (
        "iid_study",
        "val_tuning",
        "in_class_study_pneucorrbrhigh5",
        "in_class_study_pneucorrgaunoi5",
    ):
        file = shared / "oracle" / "analysis" / key / f"confids_{study}.npz"
        confidence = np.load(file)["maha__confids"].astype(np.float64)
        rows = next(c.rows for c in study_rows(run) if c.name == column_of(study))
        known = (confidence > 1e-6) & (confidence < 1 - 1e-6)  # the sigmoid keeps no digits beyond
        theirs = (np.log(1 / confidence[known] - 1) - platt["platt_b"]) / platt["platt_a"]
        latents = np.asarray(run.latents, np.float64)[rows[known]]
        away = np.linalg.norm((latents - train.mean(axis=0)) @ never, axis=1) > 1e-6
        off = np.abs(ours[rows[known]] - theirs) / np.abs(theirs)
        inside += off[~away].tolist()
        outside += off[away].tolist()
    assert len(inside) > 500
    assert max(inside) <= 1e-3
    assert max(outside) > 1e-2


REVERSED = {
    ("dermoscopyall__confidnet_bbsmall_cnn_do1_run1_rew2.2", "maha"),
    ("dermoscopyall__dg_bbsmall_cnn_do1_run1_rew1.5", "react_det_mls"),
    ("dermoscopyall__dg_bbsmall_cnn_do1_run1_rew1.5", "react_energy_mls"),
}


def test_the_reference_judges_three_scores_in_reverse(shared: Path) -> None:
    uncertain = {"det_pe", "mcd_pe", "mcd_ee", "mcd_mi", "mcd_sv"}
    found = {
        (key, score)
        for key in RUNS
        for score, fitted in analysis(shared, key)["normalization"].items()
        if isinstance(fitted, dict)
        and "platt_a" in fitted
        and (fitted["platt_a"] > 0) is not (score in uncertain)
    }
    assert found == REVERSED


def test_the_references_b_aurc_ends_before_the_most_confident_sample_where_no_two_scores_are_equal(
    shared: Path, workspace: Workspace, rows_of: Any
) -> None:
    compared = 0
    for key in RUNS:
        run, ours = workspace.run(RUNS[key]), rows_of(key)
        names = sorted(set(analysis(shared, key)["normalization"]) - FITTED)
        for score in compute_scores(run, names):
            for column in study_rows(run):
                rows, wrong = column.judged(score.failure)
                if np.unique(score.values[rows]).size < rows.size:
                    continue  # there it follows the order of rows
                last = wrong[score.values[rows].argmax()] / len(rows)
                theirs = theirs_of(shared, key, column, score.name)["b-aurc"]
                assert off(ours[column.name, score.name, "b-aurc"].value - last, "b-aurc", theirs) <= 1e-9
                compared += 1
    assert compared > 300


def test_the_references_threshold_accepts_what_lies_above_it(shared: Path, workspace: Workspace) -> None:
    for key in RUNS:
        run = workspace.run(RUNS[key])
        score = compute_score(run, "det_mcp")
        for column in study_rows(run):
            rows, wrong = column.judged(score.failure)
            theirs = theirs_of(shared, key, column, "det_mcp")
            accepted = score.values[rows] > theirs["val_theta"]
            assert theirs["test_cov"] == pytest.approx(accepted.mean(), rel=1e-8)
            if accepted.any():
                assert theirs["test_risk"] == pytest.approx(wrong[accepted].mean(), rel=1e-8)
