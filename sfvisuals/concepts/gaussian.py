"""A Gaussian mixture on reduced latents, the same on every call."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sfvisuals.threads import one_thread
from sfvisuals.types import FloatArray, IntArray

ROWS_PER_CHUNK: Final = 65_536
ITERATIONS: Final = 40
FLOOR: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Mixture:
    """Gaussians with diagonal covariances on the principal axes of the points they were fitted on.

    The axes are a rotation, so distances are those of the reduced space; on them a diagonal is a natural
    shape, and has few enough parameters for small classes.

    Attributes:
        axes: (w, w) rotation.
        centres: (k, w) means and variances: (k, w), both on these axes.
        weights: (k,) shares.
        bic: Bayesian information criterion on the fitted points (Schwarz 1978), low = good.
    """

    axes: FloatArray
    centres: FloatArray
    variances: FloatArray
    weights: FloatArray
    bic: float

    def assign(self, points: FloatArray) -> IntArray:
        """(n,) int32 the likeliest component of each point, ties to the lowest."""
        labels = np.empty(len(points), np.int32)
        precision = 1 / self.variances
        constant = (
            np.log(self.weights)
            - 0.5 * np.log(self.variances).sum(axis=1)
            - 0.5 * (self.centres**2 * precision).sum(axis=1)
        )
        for begin in range(0, len(points), ROWS_PER_CHUNK):
            chunk = slice(begin, begin + ROWS_PER_CHUNK)
            rotated = points[chunk].astype(np.float64) @ self.axes
            likely = constant + rotated @ (self.centres * precision).T - 0.5 * (rotated**2) @ precision.T
            labels[chunk] = likely.argmax(axis=1)
        return labels


def fitted_mixture(
    points: FloatArray, *, k: int, seed: int, start: Mixture | None = None, restarts: int = 1
) -> Mixture:
    """Mixture of k Gaussians on (n, w) points by expectation maximisation, from k-means or from `start`.

    With `restarts` the likeliest of so many: the first from k-means, which cuts long clusters across, the
    others from points drawn as k-means++ draws them.

    No variance falls below a thousandth of the points' mean variance: a few nearly equal samples would else
    become a component of their own.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    axes = _own_axes(points) if start is None else start.axes
    rotated = points.astype(np.float64) @ axes
    given: dict[str, Any] = {}
    if start is not None:
        given = {
            "weights_init": start.weights,
            "means_init": start.centres,
            "precisions_init": 1 / start.variances,
        }
    models = [
        GaussianMixture(
            k,
            covariance_type="diag",
            reg_covar=FLOOR * float(rotated.var(axis=0).mean()) or FLOOR,
            max_iter=ITERATIONS,
            init_params="k-means++" if again else "kmeans",
            n_init=max(again, 1),
            random_state=seed,
            **given,
        )
        for again in ([0, restarts - 1] if restarts > 1 else [0])
    ]
    with one_thread(), warnings.catch_warnings():
        # the last digits of a likelihood do not matter here, nor do empty clusters of its start
        warnings.simplefilter("ignore", ConvergenceWarning)
        best = max((model.fit(rotated) for model in models), key=lambda fitted: fitted.lower_bound_)
        bic = float(best.bic(rotated))
    return Mixture(axes, best.means_, best.covariances_, best.weights_, bic)


def _own_axes(points: FloatArray) -> FloatArray:
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    axes: FloatArray = np.linalg.eigh(centred.T @ centred)[1]
    return axes
