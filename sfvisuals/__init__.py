"""Silent failures of medical image classifiers: reading experiments, scores, projections, concepts."""

__version__ = "0.1.0"
