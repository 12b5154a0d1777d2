"""docs/metrics.md lists every metric as it is computed, in words and as a formula."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfvisuals.metrics import METRICS, Metric

UNITS = {"nats": "nats", "squared error": "squared error"}
PRINTED = {1.0: "the same", 1e-3: "x 1000", 0.01: "in %", None: "-"}


@pytest.fixture
def rows(repository: Path) -> dict[str, list[str]]:
    """Cells of each row of the page's list, by the first."""
    text = (repository / "docs" / "metrics.md").read_text(encoding="utf-8")
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row for row in cells if len(row) == 8 and row[0] != "key"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_the_page_has_a_row_for_every_metric(rows: dict[str, list[str]], metric: Metric) -> None:
    _, label, better, unit, clinician, engineer, needs, printed = rows[metric.key]
    assert (label, better) == (metric.label, metric.better)
    assert unit == UNITS.get(metric.unit, "0..1")
    assert engineer == f"`{metric.formula}`"
    assert needs == (", ".join(metric.needs) or "-")
    assert printed == ("divided by classes" if metric.key == "nll" else PRINTED[metric.reference])
    assert clinician.endswith((".", "?"))


def test_the_page_lists_no_metric_that_there_is_not(rows: dict[str, list[str]]) -> None:
    assert set(rows) == {metric.key for metric in METRICS}
