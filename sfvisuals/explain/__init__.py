"""What tells some samples from others: features of samples, enrichment, causes of failures."""

from sfvisuals.explain.enrichment import explain
from sfvisuals.explain.features import NOT_CORRUPTED, FeatureTable, feature_table, features_of
from sfvisuals.explain.findings import MISSING, Distribution, Explanation, Finding
from sfvisuals.explain.glue import explain_selection
from sfvisuals.explain.ranges import feature_named, within_range
from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.explain.reference import REFERENCE_LABELS, Reference, reference_mask

__all__ = [
    "MISSING",
    "NOT_CORRUPTED",
    "REFERENCE_LABELS",
    "Distribution",
    "Explanation",
    "Feature",
    "FeatureKind",
    "FeatureOrigin",
    "FeatureTable",
    "Finding",
    "Reference",
    "explain",
    "explain_selection",
    "feature_named",
    "feature_table",
    "features_of",
    "reference_mask",
    "within_range",
]
