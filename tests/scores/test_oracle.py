"""Raw scores against those of the reference implementation, up to orientation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp

from sfvisuals.metrics import TemperatureScaling, fit_temperature
from sfvisuals.scores import SCORES, compute_scores, score_list
from sfvisuals.types import Run, RunFormat, Study, StudyKind

from .test_features import ON_FEATURES

CASES = ("c01", "c03", "c04", "c05", "c07", "c10", "c11")
UNCERTAINTIES = {"det_pe", "mcd_pe", "mcd_ee", "mcd_mi", "mcd_sv"}
# the reference picks from the flattened array here, a known defect
DEFECTIVE = {"mcd_waic"}
WITH_DROPOUT = {"c03", "c10"}

pytestmark = pytest.mark.shared


def read_case(shared: Path, case: str) -> tuple[Run, dict[str, np.ndarray]]:
    """The case as a run, and the reference's values for its test rows."""
    (inputs,) = (p for p in (shared / "oracle" / "metrics").glob(f"{case}_*.npz") if ".confids" not in p.name)
    given = dict(np.load(inputs))
    run = Run(
        name=case,
        path=inputs,
        format=RunFormat.FD_SHIFTS_CURRENT,
        classes=tuple(str(k) for k in range(given["logits"].shape[1])),
        studies=(Study("val", StudyKind.VALIDATION, "val"), Study("test", StudyKind.IID, "test")),
        study=given["dataset_idx"],
        label=given["labels"],
        logits=given["logits"],
        probabilities=None,
        mc_logits=given.get("logits_dist"),
        external=given.get("external_confids"),
        external_mc=given.get("external_confids_dist"),
        **on_features(given),
    )
    return run, dict(np.load(inputs.with_suffix(".confids.npz")))


def on_features(given: dict[str, np.ndarray]) -> dict[str, Any]:
    """Fields of the run that scores on features need, where the case has them."""
    if "features" not in given:
        return {}
    return {
        "latents": given["features"],
        "train_latents": given["train_features"][:, :-1],
        "train_labels": given["train_features"][:, -1].astype(np.int64),
        "last_layer": (given["w"], given["b"]),
    }


@pytest.mark.parametrize("case", CASES)
def test_raw_scores_agree_with_the_reference_to_1e_9(shared: Path, case: str) -> None:
    run, reference = read_case(shared, case)
    names = [info.name for info in score_list(run) if info.available]
    expected = {score.name for score in SCORES}
    if case not in WITH_DROPOUT:
        expected = {"det_mcp", "det_pe", "det_mls", "energy_mls", "temp_mls", "ext"}
    assert set(names) == expected
    for vector in compute_scores(run, [name for name in names if name not in DEFECTIVE | ON_FEATURES]):
        sign = -1.0 if vector.name in UNCERTAINTIES else 1.0
        np.testing.assert_allclose(
            vector.values[run.rows_of("test")],
            sign * reference[f"{vector.name}__test_raw"],
            rtol=0,
            atol=1e-9,
            equal_nan=True,
            err_msg=vector.name,
        )


def test_the_nan_confidences_of_a_case_stay_nan(shared: Path) -> None:
    run, reference = read_case(shared, "c11")
    (vector,) = compute_scores(run, ["ext"])
    expected = np.isnan(reference["ext__test_raw"])
    assert expected.any()
    np.testing.assert_array_equal(np.isnan(vector.values[run.rows_of("test")]), expected)


ON_LATENTS = sorted(ON_FEATURES - {"temp_mls", "react_temp_mls", "dknn"})


@pytest.mark.parametrize("case", sorted(WITH_DROPOUT))
@pytest.mark.parametrize("name", ON_LATENTS)
def test_scores_on_features_agree_with_the_reference_to_its_single_precision(
    shared: Path, case: str, name: str
) -> None:
    run, reference = read_case(shared, case)
    (vector,) = compute_scores(run, [name])
    expected = reference[f"{name}__test_raw"].astype(np.float64)
    # relative to the largest: vim is a difference that passes through 0
    np.testing.assert_allclose(
        vector.values[run.rows_of("test")], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max()
    )


@pytest.mark.parametrize("case", sorted(WITH_DROPOUT))
def test_deep_knn_agrees_where_the_training_samples_are_the_references_first_thousand(
    shared: Path, case: str
) -> None:
    run, reference = read_case(shared, case)
    assert run.train_latents is not None
    assert run.train_labels is not None
    run = replace(run, train_latents=run.train_latents[:1000], train_labels=run.train_labels[:1000])
    (vector,) = compute_scores(run, ["dknn"])
    np.testing.assert_allclose(vector.values[run.rows_of("test")], reference["dknn__test_raw"], rtol=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_our_temperature_is_no_worse_than_the_references_which_stops_early(shared: Path, case: str) -> None:
    run, reference = read_case(shared, case)
    (document,) = (shared / "oracle" / "metrics").glob(f"{case}_*.json")
    theirs = json.loads(document.read_text())["csf"]["temp_mls"]["temperature"]
    assert run.logits is not None
    logits = run.logits.astype(np.float64)
    scaled = TemperatureScaling(theirs)(logits[run.rows_of("test")])
    np.testing.assert_allclose(scaled, reference["temp_mls__test"], rtol=1e-6)
    rows = run.rows_of("val")
    fitted = fit_temperature(logits[rows], run.label[rows])
    if not fitted.why:
        losses = [cross_entropy(logits[rows] / t, run.label[rows]) for t in (fitted.temperature, theirs)]
        assert losses[0] <= losses[1]


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]))
