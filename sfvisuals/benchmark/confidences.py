"""Scores as probabilities of being right, which only the calibration metrics need."""

from __future__ import annotations

from typing import Final

import numpy as np

from sfvisuals.metrics import PlattScaling, fit_platt
from sfvisuals.scores import SCORES
from sfvisuals.types import FloatArray, Rows, Run, ScoreVector, StudyKind

# taken as they are by fd-shifts; where one leaves 0..1 the calibration metrics say so
AS_THEY_ARE: Final = frozenset(
    {
        *("det_mcp", "mcd_mcp", "ext", "tcp", "dg", "devries", "ext_mcd", "ext_waic", "mcd_waic"),
        *("temp_mls", "react_det_mcp", "react_temp_mls", "vim", "dknn"),
    }
)


def platt_of(run: Run, score: ScoreVector) -> PlattScaling | None:
    """Platt scaling of that score fitted on the validation samples; None where it is taken as it is.

    It is also None where nothing can be fitted: without validation samples that have the score. A score that
    the run brought itself is taken as it is where all its values lie in 0..1.
    """
    if _is_probability(score):
        return None
    rows = validation_rows(run)
    fitted = fit_platt(score.values[rows], score.failure[rows])
    return None if fitted.why else fitted


def confidence_of(run: Run, score: ScoreVector) -> FloatArray | None:
    """(N,) probability of being right, NaN where there is no score; None where it would need validation."""
    if _is_probability(score):
        return score.values
    fitted = platt_of(run, score)
    return None if fitted is None else fitted(score.values)


def validation_rows(run: Run) -> Rows:
    """Rows of all validation studies, ascending."""
    kinds = np.array([study.kind is StudyKind.VALIDATION for study in run.studies], dtype=np.bool_)
    return np.flatnonzero(kinds[run.study]).astype(np.int64)


def _is_probability(score: ScoreVector) -> bool:
    if score.name in AS_THEY_ARE or any(score.name == known.name for known in SCORES):
        return score.name in AS_THEY_ARE
    scored = score.values[~np.isnan(score.values)]
    return bool(scored.size and scored.min() >= 0 and scored.max() <= 1)
