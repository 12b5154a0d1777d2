"""Thresholds, coverage tables and codes against their definition, counted by brute force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sfvisuals.errors import SfvisualsError
from sfvisuals.failures import (
    code_of,
    coverage_table,
    dense_codes,
    reference_rows,
    threshold_at_coverage,
)
from sfvisuals.types import FloatArray, Run, RunFormat, Study, StudyKind

NAN = float("nan")
# few distinct values, so that ties are the rule
TIED = st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0, -3.0, float("inf"), float("-inf"), NAN])
SCORES = st.integers(0, 40).flatmap(lambda n: arrays(np.float64, n, elements=TIED))
TARGETS = st.integers(0, 100).map(lambda percent: percent / 100)


def by_definition(values: FloatArray, target: float) -> float:
    """The largest value whose share of samples at or above it is at least the target."""
    present = [v for v in values if not np.isnan(v)]
    reaching = [t for t in present if sum(v >= t for v in present) / len(values) >= target]
    return max(reaching) if reaching else min(present, default=np.inf)


def run_with(*kinds: StudyKind) -> Run:
    """Two samples per study, in the order of the kinds."""
    return Run(
        name="run",
        path=Path("run"),
        format=RunFormat.SFVISUALS,
        classes=("a", "b"),
        studies=tuple(Study(f"{kind}{i}", kind, str(kind)) for i, kind in enumerate(kinds)),
        study=np.repeat(np.arange(len(kinds)), 2),
        label=np.zeros(2 * len(kinds), np.int64),
        logits=np.zeros((2 * len(kinds), 2)),
        probabilities=None,
    )


@given(values=SCORES, target=TARGETS)
def test_the_threshold_is_the_largest_value_that_reaches_the_target(
    values: FloatArray, target: float
) -> None:
    found = threshold_at_coverage(values, target=target)
    assert found.value == by_definition(values, target)
    assert found.n == len(values)
    assert found.n_nan == int(np.isnan(values).sum())
    accepted = int((values >= found.value).sum())
    assert found.achieved == (accepted / len(values) if len(values) else 0.0)


@given(values=SCORES, steps=st.integers(1, 60))
def test_the_table_is_the_threshold_at_every_step(values: FloatArray, steps: int) -> None:
    table = coverage_table(values, steps=steps)
    singly = [threshold_at_coverage(values, target=k / steps) for k in range(steps + 1)]
    np.testing.assert_array_equal(table.value, [t.value for t in singly])
    np.testing.assert_array_equal(table.achieved, [t.achieved for t in singly])


@given(values=SCORES, threshold=TIED)
def test_comparing_codes_is_comparing_values(values: FloatArray, threshold: float) -> None:
    codes, levels = dense_codes(values)
    np.testing.assert_array_equal(codes >= code_of(levels, threshold), values >= threshold)
    np.testing.assert_array_equal(codes == 0, np.isnan(values))
    scored = codes > 0
    np.testing.assert_array_equal(levels[codes[scored] - 1], values[scored])
    assert (np.diff(levels[np.isfinite(levels)]) > 0).all()


def test_ties_are_accepted_whole() -> None:
    # 5 of 10 are asked for; the tie at .8 brings 7
    values = np.array([0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.1, 0.1, 0.1])
    found = threshold_at_coverage(values, target=0.5)
    assert (found.value, found.achieved, found.n, found.n_nan) == (0.8, 0.7, 10, 0)


def test_samples_without_a_score_stay_in_the_denominator() -> None:
    # .9 alone is 1 of 4; both together are 2 of 4 = exactly a half
    values = np.array([0.9, NAN, 0.2, NAN])
    assert threshold_at_coverage(values, target=0.25).value == 0.9
    found = threshold_at_coverage(values, target=0.5)
    assert (found.value, found.achieved, found.n_nan) == (0.2, 0.5, 2)


def test_a_target_that_nan_puts_out_of_reach_takes_the_smallest_value() -> None:
    found = threshold_at_coverage(np.array([0.9, NAN, 0.2, NAN]), target=0.95)
    assert (found.value, found.target, found.achieved) == (0.2, 0.95, 0.5)


def test_a_target_of_nothing_takes_the_largest_value_and_of_everything_the_smallest() -> None:
    values = np.array([0.3, 0.9, 0.9, 0.1])
    assert threshold_at_coverage(values, target=0.0).value == 0.9
    assert threshold_at_coverage(values, target=0.0).achieved == 0.5
    assert threshold_at_coverage(values, target=1.0).value == 0.1


@pytest.mark.parametrize("values", [np.array([NAN, NAN]), np.array([])])
def test_without_any_score_nothing_is_accepted(values: FloatArray) -> None:
    found = threshold_at_coverage(values, target=0.95)
    assert (found.value, found.achieved, found.n) == (np.inf, 0.0, len(values))
    np.testing.assert_array_equal(coverage_table(values, steps=2).value, [np.inf] * 3)


@pytest.mark.parametrize("percent", range(101))
def test_a_decimal_target_that_is_exactly_reached_is_met(percent: int) -> None:
    # 100 distinct scores: percent / 100 is reached by exactly that many, whatever binary rounding does
    found = threshold_at_coverage(np.arange(100.0), target=percent / 100)
    assert found.achieved == max(percent, 1) / 100


@pytest.mark.parametrize("target", [-0.1, 1.1, NAN, 95.0])
def test_a_target_outside_of_0_to_1_is_refused(target: float) -> None:
    with pytest.raises(SfvisualsError, match="between 0 and 1"):
        threshold_at_coverage(np.array([0.5]), target=target)


def test_codes_widen_when_two_bytes_no_longer_hold_them() -> None:
    assert dense_codes(np.arange(65_535.0))[0].dtype == np.uint16
    codes, levels = dense_codes(np.arange(65_536.0))
    assert codes.dtype == np.uint32
    assert (int(codes.min()), int(codes.max()), levels.size) == (1, 65_536, 65_536)


@pytest.mark.parametrize(
    ("kinds", "rows", "study", "in_sample"),
    [
        ((StudyKind.IID, StudyKind.VALIDATION), [2, 3], "validation1", False),
        ((StudyKind.CORRUPTION, StudyKind.IID), [2, 3], "iid1", True),
        ((StudyKind.CORRUPTION, StudyKind.NEW_CLASS), [0, 1, 2, 3], None, True),
    ],
)
def test_the_reference_is_validation_else_iid_else_everything(
    kinds: tuple[StudyKind, ...], rows: list[int], study: str | None, in_sample: bool
) -> None:
    reference = reference_rows(run_with(*kinds))
    assert reference.rows.tolist() == rows
    assert (reference.study, reference.in_sample) == (study, in_sample)
    assert ("in-sample" in reference.note) is in_sample


def test_a_validation_study_without_samples_does_not_count() -> None:
    run = run_with(StudyKind.IID)
    fields: dict[str, Any] = vars(run) | {
        "studies": (*run.studies, Study("val", StudyKind.VALIDATION, "val"))
    }
    assert reference_rows(Run(**fields)).study == "iid0"
