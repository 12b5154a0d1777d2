"""The failure-detection benchmark: metrics of every score under every shift, and the poster's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfvisuals.lazy import exports

if TYPE_CHECKING:
    from sfvisuals.benchmark.columns import study_rows as study_rows
    from sfvisuals.benchmark.evaluation import differences as differences
    from sfvisuals.benchmark.evaluation import evaluate as evaluate
    from sfvisuals.benchmark.grouping import methods_of as methods_of
    from sfvisuals.benchmark.joining import Joined as Joined
    from sfvisuals.benchmark.joining import joined as joined
    from sfvisuals.benchmark.layouts import layout as layout
    from sfvisuals.benchmark.records import Cell as Cell
    from sfvisuals.benchmark.records import Column as Column
    from sfvisuals.benchmark.records import Method as Method
    from sfvisuals.benchmark.records import Row as Row
    from sfvisuals.benchmark.records import StudyRows as StudyRows
    from sfvisuals.benchmark.records import Table as Table
    from sfvisuals.benchmark.records import TableRow as TableRow
    from sfvisuals.benchmark.records import Weights as Weights
    from sfvisuals.benchmark.records import silent as silent
    from sfvisuals.benchmark.weighing import NamedWeights as NamedWeights

# Looked up on first use, so that the command line answers --help without numpy.
EXPORTS = {
    "Cell": "sfvisuals.benchmark.records",
    "Column": "sfvisuals.benchmark.records",
    "Joined": "sfvisuals.benchmark.joining",
    "Method": "sfvisuals.benchmark.records",
    "NamedWeights": "sfvisuals.benchmark.weighing",
    "Row": "sfvisuals.benchmark.records",
    "StudyRows": "sfvisuals.benchmark.records",
    "Table": "sfvisuals.benchmark.records",
    "TableRow": "sfvisuals.benchmark.records",
    "Weights": "sfvisuals.benchmark.records",
    "silent": "sfvisuals.benchmark.records",
    "study_rows": "sfvisuals.benchmark.columns",
    "differences": "sfvisuals.benchmark.evaluation",
    "evaluate": "sfvisuals.benchmark.evaluation",
    "methods_of": "sfvisuals.benchmark.grouping",
    "joined": "sfvisuals.benchmark.joining",
    "layout": "sfvisuals.benchmark.layouts",
}

__getattr__, __dir__ = exports(globals(), EXPORTS)
