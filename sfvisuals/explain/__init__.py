"""What tells some samples from others: features of samples, enrichment, causes of failures."""

from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin

__all__ = ["Feature", "FeatureKind", "FeatureOrigin"]
