"""The parts of the page "Benchmark": what answers for each."""

from __future__ import annotations

from app.answers import Answer, Asked
from app.benchmark_counting import counting, factors, groups_of
from app.benchmark_shown import head_of
from app.panels import (
    benchmark_audit,
    benchmark_charts,
    benchmark_compare,
    benchmark_curves,
    benchmark_forensics,
    benchmark_missed,
    benchmark_severity,
    benchmark_table,
)
from app.part_media import PartAnswer
from sfvisuals.benchmark import study_rows
from sfvisuals.benchmark.records import IID
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def about(workspace: Workspace, run: Run, _asked: Asked) -> Answer:
    """What the page's own controls offer: columns of the run that have samples, and the other runs."""
    columns = [
        {"name": c.name, "label": head_of(run, c.name).words, "kind": str(c.kind)}
        for c in study_rows(run)
        if c.rows.size
    ]
    columns.sort(key=lambda column: column["name"] != IID)
    facts = {
        "columns": columns,
        "runs": list(workspace.run_names()),
        "groups": list(groups_of(run)),
        "newClass": bool(run.new_class.any()),
        "among": list(benchmark_missed.usual(run)),
    }
    return Answer(None, facts=facts)


def weights(_workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """How much each class weighs in each study, for the operating point that the browser counts."""
    found = counting(run, asked)
    return Answer(None, facts={"says": found.says, "studies": factors(run, found)})


PARTS: dict[str, PartAnswer] = {
    "about": about,
    "weights": weights,
    "table": benchmark_table.answer,
    "guarantee": benchmark_audit.guarantee,
    "curves": benchmark_curves.answer,
    "calibration": benchmark_charts.calibration,
    "confusion": benchmark_charts.confusion,
    "severity": benchmark_severity.answer,
    "audit": benchmark_audit.answer,
    "missed": benchmark_missed.answer,
    "forensics": benchmark_forensics.answer,
    "compare": benchmark_compare.answer,
}
