"""Every metric of every case against the reference implementation, and each difference by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from sfvisuals.metrics import (
    MetricValue,
    augrc_ba,
    aurc_ba,
    b_aurc,
    compute_metrics,
    ece,
    fail_nll,
    find_metric,
    fit_platt,
    guaranteed_threshold,
    mce,
    rank,
    risk_coverage,
)
from sfvisuals.metrics.resampled import Resampled

pytestmark = pytest.mark.shared

CASES = ("c01", "c03", "c04", "c05", "c07", "c10", "c11")
PLAIN = ("det_mcp", "det_pe", "det_mls", "energy_mls", "temp_mls", "ext")
MORE = (
    *("mcd_mcp", "mcd_pe", "mcd_ee", "mcd_mi", "mcd_sv", "mcd_waic", "mcd_mls", "ext_mcd", "ext_waic"),
    *("maha", "dknn", "vim", "react_det_mcp", "react_det_mls", "react_energy_mls", "react_temp_mls"),
)
PAIRS = [(c, s) for c in CASES for s in (PLAIN + MORE if c in ("c03", "c10") else PLAIN)]
RISK, DELTA = 0.25, 0.05
UNNORMALISED = {"det_pe", "det_mls", "energy_mls", "mcd_pe", "mcd_ee", "mcd_mi", "mcd_sv", "maha", "mcd_mls"}
# computed from float32 confidences there
SINGLE = {"maha", "vim", "dknn", "react_det_mls", "react_energy_mls", "react_temp_mls", "react_det_mcp"}


@dataclass(frozen=True)
class Case:
    """Test rows of one score of one case."""

    values: np.ndarray
    raw: np.ndarray
    failure: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    document: dict[str, Any]

    def scored(self, values: np.ndarray) -> dict[str, Any]:
        """Arguments of `compute_metrics` without the rows that have no score, as the reference drops them."""
        kept = ~np.isnan(values)
        # the reference clips what leaves 0..1 (mean - std) for calibration
        return {
            "values": values[kept],
            "failure": self.failure[kept],
            "labels": self.labels[kept],
            "probabilities": self.probabilities[kept],
            "confidence": np.clip(values[kept], 0, 1),
        }


def read(shared: Path, case: str, score: str) -> Case:
    folder = shared / "oracle" / "metrics"
    (path,) = folder.glob(f"{case}_*.json")
    given, confids = np.load(path.with_suffix(".npz")), np.load(path.with_suffix(".confids.npz"))
    test = given["dataset_idx"] == 1
    probabilities = softmax(given["logits"][test].astype(np.float64), axis=1)
    if "mcd" in score or "waic" in score:
        probabilities = softmax(given["logits_dist"][test].astype(np.float64), axis=1).mean(axis=2)
    labels = given["labels"][test].astype(np.int64)
    return Case(
        values=confids[f"{score}__test"].astype(np.float64),
        raw=confids.get(f"{score}__test_raw", confids[f"{score}__test"]).astype(np.float64),
        failure=probabilities.argmax(axis=1) != labels,
        labels=labels,
        probabilities=probabilities,
        document=json.loads(path.read_text())["csf"][score],
    )


# key -> reference's name and factor, where they are not those of the catalogue
RENAMED = {
    "aurc-achievable": ("rc:aurc_achievable", 1e-3),
    "e-aurc-achievable": ("rc:eaurc_achievable", 1e-3),
    "aurc-ba": ("rc:aurc_ba_labels_filtered", 1e-3),
    "augrc-ba": ("rc:augrc_ba_labels_filtered", 1e-3),
}
RANKED = (
    *("aurc", "e-aurc", "aurc-achievable", "e-aurc-achievable", "aurc-ba", "augrc", "e-augrc", "augrc-ba"),
    *("failauc", "fpr@95tpr", "failap_suc", "failap_err", "cov@5risk", "cov@10risk"),
    *(f"risk@{percent}cov" for percent in (100, 95, 90, 85, 80, 75)),
)


def reference_of(metrics: dict[str, Any], key: str) -> float | None:
    """The reference's number in our unit, or None where it has none."""
    theirs, factor = RENAMED.get(key, (key, find_metric(key).reference or 1.0))
    number = metrics.get(theirs)
    if key.startswith("cov@"):
        point = metrics.get(f"rc:wp_risk<={int(key[4:-4]) / 100}")
        number = point[0] if isinstance(point, list) else None
    return number * factor if isinstance(number, float) else None


def close(found: MetricValue, expected: float, unit: float = 1.0, single: bool = False) -> bool:
    """Within 1e-9 max(1, |reference|) in the reference's unit; 1e-6 where it computed in single precision."""
    assert found.value is not None, found.why
    tolerance = 1e-6 if single else 1e-9
    return abs(found.value - expected) / unit <= tolerance * max(1.0, abs(expected) / unit)


JUDGED = [(*pair, "values") for pair in PAIRS] + [(*p, "raw") for p in PAIRS if p[1] in UNNORMALISED]


@pytest.mark.parametrize(("name", "score", "kind"), JUDGED)
def test_rank_metrics_agree_with_the_reference(shared: Path, name: str, score: str, kind: str) -> None:
    case = read(shared, name, score)
    theirs = case.document["metrics" if kind == "values" else "metrics_unnormalised"]
    found = compute_metrics(**case.scored(getattr(case, kind)), keys=RANKED)
    compared = 0
    for key, value in found.items():
        expected = reference_of(theirs, key)
        if expected is None or (key == "failap_err" and not case.failure.any()):
            assert value.value is None or key.startswith(("risk@", "b-")), (key, value)
            continue
        assert close(value, expected, find_metric(key).reference or 1e-3), (key, value, expected)
        compared += 1
    assert compared >= 13


@pytest.mark.parametrize(("name", "score"), [pair for pair in PAIRS if pair[0] != "c05"])
def test_calibration_metrics_agree_with_the_reference_on_its_normalised_scores(
    shared: Path, name: str, score: str
) -> None:
    case = read(shared, name, score)
    found = compute_metrics(**case.scored(case.values), keys=("ece", "mce", "fail-NLL"))
    for key, value in found.items():
        expected = reference_of(case.document["metrics"], key)
        if expected is None:
            assert key == "fail-NLL"
            assert ((case.values < 0) | (case.values > 1)).any()
            continue
        assert close(value, expected, single=score in SINGLE), (key, value, expected)


@pytest.mark.parametrize(("name", "score"), PAIRS)
def test_metrics_of_the_classifier_agree_with_the_reference(shared: Path, name: str, score: str) -> None:
    case = read(shared, name, score)
    theirs = case.document["performance"]
    found = compute_metrics(
        case.values,
        case.failure,
        labels=case.labels,
        probabilities=case.probabilities,
        keys=("accuracy", "b-accuracy", "brier_score", "nll"),
    )
    for key in ("accuracy", "b-accuracy", "brier_score"):
        assert close(found[key], theirs[key]), key
    # difference: the reference divides by the number of classes
    assert close(found["nll"], theirs["nll"] * case.probabilities.shape[1])


# -- where we differ: docs/metrics.md lists these ----------------------------------------------------------


@pytest.mark.parametrize("score", PLAIN)
def test_with_all_predictions_correct_the_references_ece_is_the_mean_confidence(
    shared: Path, score: str
) -> None:
    case = read(shared, "c05", score)
    theirs = case.document["metrics"]["ece"]
    ours = ece(case.values, case.failure).value
    assert theirs == pytest.approx(case.values.mean(), rel=1e-9)
    assert ours == pytest.approx(1 - case.values.mean(), rel=1e-9)
    assert mce(case.values, case.failure).value != pytest.approx(case.document["metrics"]["mce"])


def test_without_failures_their_average_precision_is_undefined_where_the_reference_has_0(
    shared: Path,
) -> None:
    case = read(shared, "c05", "det_mcp")
    assert case.document["metrics"]["failap_err"] == 0
    found = compute_metrics(case.values, case.failure, keys=("failap_err",))["failap_err"]
    assert found.value is None
    assert found.why == "every prediction is correct"


# of these cases no two samples have the same score; with ties the reference depends on the order of rows
UNTIED = [(c, s) for c in ("c03", "c07") for s in ("det_mcp", "det_mls", "energy_mls")]


@pytest.mark.parametrize(("name", "score"), UNTIED)
def test_the_references_b_aurc_ends_before_the_most_confident_sample(
    shared: Path, name: str, score: str
) -> None:
    case = read(shared, name, score)
    theirs = reference_of(case.document["metrics"], "b-aurc")
    assert theirs is not None
    assert np.unique(case.values).size == case.values.size
    ours = b_aurc(case.values, case.failure, labels=case.labels)
    last = case.failure[case.values.argmax()] / len(case.values)
    assert close(ours, theirs + last, 1e-3)


def test_scores_outside_0_to_1_have_no_calibration_where_the_reference_clips_or_has_nan(
    shared: Path,
) -> None:
    case = read(shared, "c03", "dknn")
    assert case.document["metrics"]["fail-NLL"] == "NaN"
    assert isinstance(case.document["metrics"]["ece"], float)
    for metric in (ece, mce, fail_nll):
        assert "normalise it" in metric(case.values, case.failure).why


def test_missing_scores_make_rank_metrics_undefined_where_the_reference_drops_the_rows(shared: Path) -> None:
    case = read(shared, "c11", "ext")
    found = compute_metrics(case.values, case.failure, labels=case.labels)
    assert found["aurc"].value is None
    assert found["aurc"].why == "3 of 400 samples have no score (NaN)"
    assert found["accuracy"].value is not None


def test_with_missing_scores_the_references_balanced_metrics_take_labels_of_other_rows(shared: Path) -> None:
    case = read(shared, "c11", "ext")
    kept = ~np.isnan(case.values)
    args = (case.values[kept], case.failure[kept])
    theirs = case.document["metrics"]
    ours = aurc_ba(*args, labels=case.labels[kept])
    assert not close(ours, theirs["aurc-ba"] * 1e-3, 1e-3)
    assert close(ours, theirs["rc:aurc_ba_labels_filtered"] * 1e-3, 1e-3)
    assert theirs["augrc-ba"] == "NaN"
    ours = augrc_ba(*args, labels=case.labels[kept])
    assert close(ours, theirs["rc:augrc_ba_labels_filtered"] * 1e-3, 1e-3)


@pytest.mark.parametrize("name", CASES)
def test_our_platt_scaling_agrees_to_where_the_references_optimiser_stopped(shared: Path, name: str) -> None:
    (path,) = (shared / "oracle" / "metrics").glob(f"{name}_*.json")
    given = np.load(path.with_suffix(".npz"))
    validation = given["dataset_idx"] == 0
    logits = given["logits"][validation].astype(np.float64)
    failure = logits.argmax(axis=1) != given["labels"][validation]
    probabilities = softmax(logits, axis=1)
    raw = {
        "det_mls": logits.max(axis=1),
        "energy_mls": np.logaddexp.reduce(logits, axis=1),
        "det_pe": -(probabilities * np.log(probabilities + np.finfo(float).eps)).sum(axis=1),
    }
    for score, values in raw.items():
        case = read(shared, name, score)
        np.testing.assert_allclose(fit_platt(values, failure)(case.raw), case.values, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("name", "score"), PAIRS)
def test_guaranteed_thresholds_agree_without_ties_and_where_the_references_bound_holds(
    shared: Path, name: str, score: str
) -> None:
    case = read(shared, name, score)
    kept = ~np.isnan(case.values)
    values, failure, theirs = case.values[kept], case.failure[kept], case.document["metrics"]
    found = guaranteed_threshold(values, failure, risk=RISK, delta=DELTA)
    if found.threshold is None:
        # the reference returns its strictest threshold all the same
        assert theirs["val_risk_scores_bound:val_cov"] <= 1 / len(values) + 1e-12
        return
    if np.unique(values).size < values.size:
        # with ties it counts part of a group; ours keeps the guarantee for the whole
        assert found.bound is not None
        assert found.bound <= RISK
        return
    assert found.threshold == theirs["val_risk_scores_bound:theta"]
    assert found.coverage == pytest.approx(theirs["val_risk_scores_bound:val_cov"], rel=1e-12)
    assert found.empirical == pytest.approx(theirs["val_risk_scores_bound:val_risk"], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("score", ["det_mcp"])
def test_percentiles_of_the_references_resamples_agree_with_its_intervals(shared: Path, score: str) -> None:
    case = read(shared, "c01", score)
    drawn = np.random.RandomState(123).choice(50, size=(1000, 50))
    counts = np.array([np.bincount(rows, minlength=50) for rows in drawn])
    values = Resampled(rank(case.values, case.failure)).compute(counts, ("aurc", "augrc"))
    for found, key in zip(values, ("aurc", "augrc"), strict=True):
        expected = np.array(case.document["metrics"][f"ci95_{key}_bs1000_seed123"]) / 1000
        np.testing.assert_allclose(np.percentile(found, [2.5, 97.5]), expected, rtol=1e-9)


def test_the_curve_has_as_many_points_as_the_references(shared: Path) -> None:
    for name in ("c01", "c04", "c10"):
        case = read(shared, name, "ext")
        points = case.document["metrics"]["rc:n_points"]
        assert len(risk_coverage(case.values, case.failure).coverage) == points


@pytest.mark.parametrize("mode", ["original", "proposed"])
def test_new_class_modes_agree_with_the_reference(shared: Path, mode: str) -> None:
    (path,) = (shared / "oracle" / "metrics").glob("c03_*.json")
    document = json.loads(path.read_text())[f"new_class_{mode}_mode"]
    case = read(shared, "c03", "det_mcp")
    # the first half plays the iid study, the second a study of classes that the model does not know
    outside = np.arange(1000) >= 500
    labels = np.where(outside, -99, case.labels)
    kept = np.ones(1000, bool) if mode == "original" else outside | ~case.failure
    found = compute_metrics(
        case.values[kept],
        outside[kept],
        labels=labels[kept],
        probabilities=case.probabilities[kept],
    )
    assert kept.sum() == document["n"]
    for key in {*RANKED, "ece", "mce", "fail-NLL"}:
        expected = reference_of(document["det_mcp"], key)
        if expected is not None:
            assert close(found[key], expected, find_metric(key).reference or 1e-3), key
    assert found["nll"].why == "the true class of 500 samples is none of the model's"
