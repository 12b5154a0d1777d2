"""What the training samples nearest to some samples say of them, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sfvisuals.explain.evidence import K
from sfvisuals.explain.records import Feature
from sfvisuals.types import FloatArray, Rows

DISTANCE, PREDICTED, TRUE = "model:train_distance", "model:train_predicted", "model:train_true"


def training_words(features: Sequence[Feature], rows: Rows) -> str:
    """ "Of their 10 nearest training samples 97 % have the predicted and 3 % the true class; ...".

    Means over the rows that have a value, and the median percentile of the distance. Empty where the run has
    no training latents.
    """
    known = {feature.name: feature.numbers[rows] for feature in features if feature.name in _NAMES}
    parts = []
    predicted, true = (_finite(known.get(name)) for name in (PREDICTED, TRUE))
    if predicted.size and true.size:
        parts.append(
            f"of their {K} nearest training samples {100 * predicted.mean():.0f} % have the predicted and "
            f"{100 * true.mean():.0f} % the true class"
        )
    distance = _finite(known.get(DISTANCE))
    if distance.size:
        parts.append(
            f"they lie farther from the training samples than {np.median(distance):.0f} % of validation"
        )
    words = "; ".join(parts)
    return f"{words[0].upper()}{words[1:]}." if words else ""


_NAMES = (DISTANCE, PREDICTED, TRUE)


def _finite(values: FloatArray | None) -> FloatArray:
    return np.empty(0) if values is None else values[np.isfinite(values)]
