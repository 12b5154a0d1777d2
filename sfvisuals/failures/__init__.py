"""Silent failures: thresholds, order, neighbours, counts."""

from sfvisuals.failures.audit import (
    OfferedThreshold,
    Realised,
    Verdict,
    guaranteed_target,
    realised,
)
from sfvisuals.failures.comparison import Changes, changes, why_not_alike
from sfvisuals.failures.matching import Match, match_samples
from sfvisuals.failures.missed import Intersection, Missed, missed
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
    "Changes",
    "CoverageTable",
    "Intersection",
    "Match",
    "Missed",
    "OfferedThreshold",
    "Realised",
    "Reference",
    "Summary",
    "Threshold",
    "Verdict",
    "accepted_at",
    "changes",
    "code_of",
    "coverage_table",
    "dense_codes",
    "guaranteed_target",
    "match_samples",
    "missed",
    "nearest",
    "nearest_to",
    "percentile_in",
    "rank_by_silence",
    "realised",
    "reference_rows",
    "summarise",
    "threshold_at_coverage",
    "why_not_alike",
]
