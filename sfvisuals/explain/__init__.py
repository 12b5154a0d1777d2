"""What tells some samples from others: features of samples, enrichment, causes of failures."""

from sfvisuals.explain.features import FeatureTable, feature_table, features_of
from sfvisuals.explain.ranges import feature_named, within_range
from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin

__all__ = [
    "Feature",
    "FeatureKind",
    "FeatureOrigin",
    "FeatureTable",
    "feature_named",
    "feature_table",
    "features_of",
    "within_range",
]
