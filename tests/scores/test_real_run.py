"""Scores and their judges on a real folder against the reference's own analysis of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sfvisuals.io import discover, read_run
from sfvisuals.scores import compute_scores
from sfvisuals.types import Run

pytestmark = pytest.mark.shared

# kept as they are by the reference; the others went through Platt scaling, which keeps or flips the order
UNSCALED = ("det_mcp", "mcd_mcp", "dg")
SCALED = ("det_pe", "mcd_pe", "mcd_ee", "mcd_mi", "det_mls", "mcd_mls", "energy_mls")
STUDIES = ("iid_study", "in_class_study_pneucorrbrhigh5", "in_class_study_pneucorrgaunoi3")


@pytest.fixture(scope="module")
def deep_gamblers(shared: Path) -> Run:
    """16,468 pneumonia images, Deep Gamblers with dropout, float16 files."""
    root = shared / "experiments" / "current"
    (ref,) = (ref for ref in discover(root) if ref.name.endswith("dg_mcd_run1"))
    return read_run(ref, root=root)


def sign_of_order(left: np.ndarray, right: np.ndarray) -> float:
    """+1 or -1 where one array is a rising or falling function of the other, up to rounding; else 0."""
    order = np.lexsort((right, left))
    for sign in (1.0, -1.0):
        steps = np.diff(sign * right[order]) >= -1e-9
        apart = np.diff(left[order]) > 1e-9
        if steps[apart].all():
            return sign
    return 0.0


@pytest.mark.parametrize("study", STUDIES)
def test_scores_and_failures_agree_with_the_references_analysis(
    deep_gamblers: Run, shared: Path, study: str
) -> None:
    reference = np.load(shared / "oracle" / "analysis" / "dg_mcd_run1" / f"confids_{study}.npz")
    name = study.removeprefix("in_class_study_").replace("iid_study", "pneu")
    rows = deep_gamblers.rows_of(name)
    for vector in compute_scores(deep_gamblers, (*UNSCALED, *SCALED)):
        expected = reference[f"{vector.name}__confids"]
        np.testing.assert_array_equal(~vector.failure[rows], reference[f"{vector.name}__correct"] == 1)
        if vector.name in UNSCALED:
            np.testing.assert_allclose(vector.values[rows], expected, rtol=0, atol=1e-9)
        else:
            assert sign_of_order(vector.values[rows], expected) != 0, vector.name
