"""Confidence scores, all oriented high = confident, each judged against its own prediction."""

from sfvisuals.scores.catalogue import SCORES, Score
from sfvisuals.scores.compute import (
    Predictions,
    ScoreInfo,
    class_probabilities,
    compute_score,
    compute_scores,
    predictions,
    score_list,
)

__all__ = [
    "SCORES",
    "Predictions",
    "Score",
    "ScoreInfo",
    "class_probabilities",
    "compute_score",
    "compute_scores",
    "predictions",
    "score_list",
]
