"""What tells some samples from others: features of samples, enrichment, causes of failures."""

from sfvisuals.explain.causes import CAUSE_LABELS, CAUSES, Attribute, Cause, Evidence, Signs, Triage
from sfvisuals.explain.enrichment import explain
from sfvisuals.explain.features import (
    NOT_CORRUPTED,
    FeatureTable,
    feature_table,
    features_of,
    train_evidence_of,
)
from sfvisuals.explain.findings import MISSING, Distribution, Explanation, Finding
from sfvisuals.explain.glue import explain_selection
from sfvisuals.explain.ranges import feature_named, with_level, within_range
from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.explain.reference import (
    REFERENCE_LABELS,
    Reference,
    ReferenceSamples,
    reference_mask,
    reference_of,
)
from sfvisuals.explain.training import training_words
from sfvisuals.explain.triage import evidence_on, triage
from sfvisuals.explain.triage_glue import triage_of
from sfvisuals.explain.units import Design
from sfvisuals.explain.words import area_words, two_numbers, two_percentages

__all__ = [
    "CAUSES",
    "CAUSE_LABELS",
    "MISSING",
    "NOT_CORRUPTED",
    "REFERENCE_LABELS",
    "Attribute",
    "Cause",
    "Design",
    "Distribution",
    "Evidence",
    "Explanation",
    "Feature",
    "FeatureKind",
    "FeatureOrigin",
    "FeatureTable",
    "Finding",
    "Reference",
    "ReferenceSamples",
    "Signs",
    "Triage",
    "area_words",
    "evidence_on",
    "explain",
    "explain_selection",
    "feature_named",
    "feature_table",
    "features_of",
    "reference_mask",
    "reference_of",
    "train_evidence_of",
    "training_words",
    "triage",
    "triage_of",
    "two_numbers",
    "two_percentages",
    "with_level",
    "within_range",
]
