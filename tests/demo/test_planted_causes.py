"""Each planted cause of failure is visible in the numbers of the demo as it ships."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from sfvisuals.demo.shipped import write_dermoscopy
from sfvisuals.io import discover, read_run
from sfvisuals.types import BoolArray, Run

RUNS = ("confidnet", "deep_gamblers", "devries")
STRONG = 3


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = write_dermoscopy(tmp_path_factory.mktemp("demo") / "dermoscopy")
    return {ref.name: read_run(ref, root=folder) for ref in discover(folder)}


def pooled_odds_ratio(group: BoolArray, error: BoolArray, msr: np.ndarray) -> float:
    """Odds of an error in the group against the rest, pooled over deciles of MSR (Mantel and Haenszel 1959).

    OR = sum_k(a_k d_k / n_k) / sum_k(b_k c_k / n_k), with a errors and b correct ones in the group, c and d
    in the rest, of n_k samples in decile k.
    """
    edges = np.quantile(msr, np.linspace(0, 1, 11)[1:-1])
    decile = np.searchsorted(edges, msr)
    above = below = 0.0
    for k in range(10):
        here = decile == k
        n = here.sum()
        a, b = (here & group & error).sum(), (here & group & ~error).sum()
        c, d = (here & ~group & error).sum(), (here & ~group & ~error).sum()
        above, below = above + a * d / max(n, 1), below + b * c / max(n, 1)
    return float(above / below) if below else float("inf")


def test_the_pooled_odds_ratio_is_that_of_the_textbook() -> None:
    """Two strata by hand: (a b c d) = (10 5 4 21) with low, (8 2 3 7) with high MSR.

    OR = (10*21/40 + 8*7/20) / (5*4/40 + 2*3/20) = (5.25 + 2.8) / (0.5 + 0.3) = 10.0625.
    """
    cells = [(0, 10, 5, 4, 21), (9, 8, 2, 3, 7)]
    rows = [
        (decile, in_group, wrong)
        for decile, *counts in cells
        for (in_group, wrong), count in zip([(1, 1), (1, 0), (0, 1), (0, 0)], counts, strict=True)
        for _ in range(count)
    ]
    decile, group, error = np.array(rows).T
    assert pooled_odds_ratio(group == 1, error == 1, decile / 10) == pytest.approx(10.0625)


def outcome(run: Run) -> tuple[BoolArray, np.ndarray]:
    """(wrong, MSR) of every sample, by hand."""
    assert run.logits is not None
    probabilities = softmax(np.asarray(run.logits, np.float64), axis=1)
    return probabilities.argmax(axis=1) != run.label, probabilities.max(axis=1)


def flagged(column: str) -> Callable[[Run], BoolArray]:
    return lambda run: run.metadata[column].to_numpy(dtype=bool) & (run.corruption < 0)


def brightened(run: Run) -> BoolArray:
    name = run.corruptions.index("brightness_up")
    return (run.corruption == name) & (run.severity >= STRONG)


# cause, class of the planted group, the group
CAUSES = [
    ("acquisition shift", 1, flagged("cause_acquisition")),
    ("ruler shortcut", 0, flagged("cause_ruler")),
    ("brightening", 1, brightened),
    ("unseen sub-class", 1, flagged("cause_amelanotic")),
]


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize(("cause", "label", "group_of"), CAUSES, ids=[c[0] for c in CAUSES])
def test_errors_are_at_least_three_times_as_likely_where_a_cause_was_planted(
    runs: dict[str, Run], name: str, cause: str, label: int, group_of: Callable[[Run], BoolArray]
) -> None:
    run = runs[name]
    wrong, msr = outcome(run)
    group = group_of(run)
    clean = (run.corruption < 0) & (run.study != [s.name for s in run.studies].index("validation"))
    same_class = (run.label == label) & (clean | group)
    assert (group & same_class).sum() >= 100
    ratio = pooled_odds_ratio(group[same_class], wrong[same_class], msr[same_class])
    assert ratio >= 3, f"{cause} in {name}: odds ratio {ratio:.2f}"


@pytest.mark.parametrize("name", RUNS)
def test_errors_are_at_least_three_times_as_likely_where_the_label_is_wrong(
    runs: dict[str, Run], name: str
) -> None:
    run = runs[name]
    wrong, msr = outcome(run)
    group = run.metadata["cause_wrong_label"].to_numpy(dtype=bool) & (run.corruption < 0)
    iid = run.study == [s.name for s in run.studies].index("clinic_a")
    assert 10 <= (group & iid).sum() == group.sum()
    for label in (0, 1):
        same_class = iid & (run.label == label)
        assert pooled_odds_ratio(group[same_class], wrong[same_class], msr[same_class]) >= 3


def test_patients_have_several_images_that_are_grouped(runs: dict[str, Run]) -> None:
    for run in runs.values():
        assert run.group_column == "patient"
        clean = run.metadata["patient"][run.corruption < 0]
        counts: pd.Series[int] = clean.value_counts()
        assert (counts > 1).mean() > 0.2
        assert counts.max() >= 4
