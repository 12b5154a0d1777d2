"""A run small enough for hand calculation: two samples, two classes, two dropout passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sfvisuals.types import Run, RunFormat, Study, StudyKind

MakeRun = Callable[..., Run]


@pytest.fixture
def make_run() -> MakeRun:
    """`make_run(**fields)` changes fields of the small run.

    Row 0 has p = (3/4, 1/4); its passes are (9/10, 1/10) and (1/2, 1/2), so their mean is (7/10, 3/10).
    Row 1 has p = (1/2, 1/2), a tie; its passes are (1, 0) and (0.2, 0.8), mean (0.6, 0.4).
    """
    passes = np.array([[[0.9, 0.5], [0.1, 0.5]], [[1.0, 0.2], [0.0, 0.8]]])
    small = Run(
        name="small",
        path=Path("small"),
        format=RunFormat.SFVISUALS,
        classes=("benign", "malignant"),
        studies=(Study("home", StudyKind.IID, "home"),),
        study=np.zeros(2, np.int16),
        label=np.array([0, 1]),
        logits=np.array([[np.log(3.0), 0.0], [2.0, 2.0]]),
        probabilities=None,
        mc_probabilities=passes,
        external=np.array([0.8, np.nan]),
        external_mc=np.array([[0.9, 0.7], [0.5, 0.1]]),
    )

    def made(**fields: Any) -> Run:
        return replace(small, **fields)

    return made
