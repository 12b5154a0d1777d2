"""One rule on samples that did not suggest it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from own_runs import opened
from sfvisuals import write_run
from sfvisuals.slices.hypothesis import rule_tests
from sfvisuals.types import Run
from sfvisuals.units import units_of_run

N = 80


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """80 samples in two studies, benign and malignant in turn; the first two are of one patient."""
    folder: Path = tmp_path_factory.mktemp("hypothesis") / "run"
    table = pd.DataFrame(
        {
            "study": ["iid"] * 40 + ["other"] * 40,
            "label": [row % 2 for row in range(N)],
            "patient": ["P0", "P0", *(f"P{row}" for row in range(2, N))],
        }
    )
    write_run(
        folder,
        samples=table,
        classes=["benign", "malignant"],
        studies={"iid": "iid", "other": "acquisition"},
        logits=np.zeros((N, 2), np.float32),
        group="patient",
    )
    return opened(folder)


def test_images_of_one_patient_are_one_unit(run: Run) -> None:
    unit = units_of_run(run)
    assert unit[0] == unit[1]
    assert np.unique(unit).size == N - 1


def test_both_sides_are_counted_in_all_in_each_class_and_in_each_study(run: Run) -> None:
    """Rows 0..19 have it, of which 10..19 fail; of the others rows 20..25 fail. Even rows are benign."""
    holds, target = np.zeros(N, bool), np.zeros(N, bool)
    holds[:20] = True
    target[10:26] = True
    found = {
        (one.kind, one.group): one
        for one in rule_tests(
            run,
            holds,
            target=target,
            values=np.linspace(0, 1, N),
            eligible=np.ones(N, bool),
            unit=np.arange(N),
            studies=["iid", "other"],
        )
    }
    pooled = found["all", ""]
    assert (pooled.having.n, pooled.having.k, pooled.lacking.n, pooled.lacking.k) == (20, 10, 60, 6)
    assert pooled.p == pytest.approx(fisher_exact([[10, 10], [6, 54]], alternative="greater").pvalue)
    assert pooled.having.confidence == pytest.approx(np.linspace(0, 1, N)[:20].mean())
    benign = found["class", "benign"]
    assert (benign.having.n, benign.having.k, benign.lacking.n, benign.lacking.k) == (10, 5, 30, 3)
    assert ("study", "other") not in found, "the rule holds nowhere in it, so there is nothing to compare"
    iid = found["study", "iid"]
    assert (iid.having.n, iid.lacking.n, iid.lacking.k) == (20, 20, 6)


def test_samples_that_suggested_the_rule_are_left_out(run: Run) -> None:
    holds = np.arange(N) % 4 == 0
    eligible = np.arange(N) >= 40
    (pooled, *_) = rule_tests(
        run,
        holds,
        target=holds,
        values=np.full(N, np.nan),
        eligible=eligible,
        unit=np.arange(N),
        studies=["iid", "other"],
    )
    assert (pooled.having.n, pooled.having.k, pooled.lacking.n, pooled.lacking.k) == (10, 10, 30, 0)
    assert pooled.having.confidence is None


def test_a_rule_that_holds_everywhere_has_no_p_value(run: Run) -> None:
    everywhere = np.ones(N, bool)
    (pooled, *rest) = rule_tests(
        run,
        everywhere,
        target=everywhere,
        values=np.zeros(N),
        eligible=everywhere,
        unit=np.arange(N),
        studies=["iid"],
    )
    assert pooled.p is None
    assert pooled.lacking.n == 0
    assert (pooled.lacking.low, pooled.lacking.high) == (0.0, 1.0)
    assert rest == []
