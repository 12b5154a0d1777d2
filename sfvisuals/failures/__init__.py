"""Silent failures: thresholds, order, neighbours, counts."""

from sfvisuals.failures.neighbours import nearest, nearest_to
from sfvisuals.failures.ranking import percentile_in, rank_by_silence
from sfvisuals.failures.summary import Summary, accepted_at, summarise
from sfvisuals.failures.thresholds import (
    CoverageTable,
    Reference,
    Threshold,
    code_of,
    coverage_table,
    dense_codes,
    reference_rows,
    threshold_at_coverage,
)

__all__ = [
    "CoverageTable",
    "Reference",
    "Summary",
    "Threshold",
    "accepted_at",
    "code_of",
    "coverage_table",
    "dense_codes",
    "nearest",
    "nearest_to",
    "percentile_in",
    "rank_by_silence",
    "reference_rows",
    "summarise",
    "threshold_at_coverage",
]
