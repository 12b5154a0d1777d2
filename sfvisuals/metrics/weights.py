"""How much each sample counts: what a mistake costs, and how frequent a class is where it matters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sfvisuals.errors import SfvisualsError
from sfvisuals.metrics import arguments
from sfvisuals.types import FloatArray, IntArray


def class_weights(
    labels: IntArray,
    *,
    cost: Mapping[int, float] | None = None,
    prevalence: Mapping[int, float] | None = None,
) -> FloatArray:
    """(n,) float64 weight of each sample, of mean 1: cost of its class x target prevalence / prevalence here.

    With them every count of a metric is a sum of weights, so a mistake on a class of cost 5 counts like five
    mistakes, and risks, rates and areas stay in 0..1. Weighting a class by the cost of its mistakes is how an
    example-dependent cost enters a rate (Elkan, IJCAI 2001); prevalence ratios correct for a label shift
    (Saerens et al., Neural Computation 2002).

    Args:
        labels: (n,) true classes.
        cost: class -> cost of a mistake on it, at least 0, in any unit; 1 for a class not named.
        prevalence: class -> share of it where the model is used, in any unit (counts will do); it must name
            every class that occurs. None: as in these samples.

    Raises SfvisualsError for a negative number, or where every weight would be 0.
    """
    labels = arguments.classes(labels)
    cost = None if cost is None else arguments.per_class(cost, "cost")
    prevalence = None if prevalence is None else arguments.per_class(prevalence, "prevalence")
    classes, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    factor = np.array([(cost or {}).get(int(k), 1.0) for k in classes], np.float64)
    if prevalence is not None:
        unknown = [int(k) for k in classes if int(k) not in prevalence]
        if unknown:
            raise SfvisualsError(
                "A class has no prevalence",
                detail=f"There are samples of class {unknown[0]}, for which none was given.",
                hint="Name every class that occurs; 0 leaves a class out.",
            )
        factor *= np.array([prevalence[int(k)] for k in classes], np.float64) / counts
    if not np.isfinite(factor).all() or (factor < 0).any():
        raise SfvisualsError(
            "A cost or a prevalence is negative or not a number", hint="Give finite numbers of at least 0."
        )
    total = factor @ counts
    if len(labels) and not total > 0:
        raise SfvisualsError("Every sample would have weight 0", hint="Give one class a cost above 0.")
    weights: FloatArray = (factor * (len(labels) / total))[codes] if len(labels) else np.empty(0)
    return weights
