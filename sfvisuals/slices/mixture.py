"""An error-aware mixture over latents, true class and predicted class.

Source: Eyuboglu et al., "Domino: Discovering systematic errors with cross-modal embeddings", ICLR
2022, section 4.2. Latents, class and prediction are independent given the slice s:

    p(z, y, yhat) = sum_s p(s) N(z; mean_s, diag var_s) P(y | s)^gamma P(yhat | s)^gamma

fitted by expectation-maximisation from responsibilities that start at the cells of the confusion matrix.
Written from the paper's equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.types import FloatArray, IntArray

FLOOR: Final = 1e-6
TOLERANCE: Final = 1e-3
ITERATIONS: Final = 100
SMALLEST: Final = 1e-10


@dataclass(frozen=True, eq=False)
class Mixture:
    """A fitted mixture of K slices.

    Attributes:
        weight: (K,) p(s).
        mean: (K, r); variance: (K, r) of the latents.
        label: (K, d) P(y | s).
        prediction: (K, d) P(yhat | s).
        gamma: weight of both log-likelihoods of classes.
    """

    weight: FloatArray
    mean: FloatArray
    variance: FloatArray
    label: FloatArray
    prediction: FloatArray
    gamma: float

    def posterior(
        self, z: FloatArray, label: IntArray | None = None, probabilities: FloatArray | IntArray | None = None
    ) -> FloatArray:
        """(n, K) p(s | z, ...): what is not given is summed out.

        Args:
            z: (n, r).
            label: (n,) true class; -1 says nothing.
            probabilities: (n, d) predicted probabilities, or (n,) predicted class.
        """
        return _normalised(self.joint(z, label, probabilities))[0]

    def joint(
        self, z: FloatArray, label: IntArray | None, probabilities: FloatArray | IntArray | None
    ) -> FloatArray:
        """(n, K) log of what is summed over s."""
        log: FloatArray = _gaussian(z, self.mean, self.variance) + np.log(self.weight + SMALLEST)
        if label is not None:
            log += self.gamma * _of_label(label, self.label)
        if probabilities is not None:
            log += self.gamma * _of_prediction(probabilities, self.prediction)
        return log

    @property
    def disagreement(self) -> FloatArray:
        """(K,) sum over classes of |P(y | s) - P(yhat | s)|, by which slices are chosen."""
        return np.asarray(np.abs(self.label - self.prediction).sum(axis=1))


def fit_mixture(
    z: FloatArray,
    label: IntArray,
    probabilities: FloatArray | IntArray,
    *,
    classes: int,
    k: int = 25,
    gamma: float = 1.0,
    seed: int = 0,
) -> Mixture:
    """The mixture of k slices of these samples, fitted until the mean log-likelihood gains less than 0.001.

    Args:
        z: (n, r) latents, reduced.
        label: (n,) true class; -1 counts as a class of its own, which the model never predicts.
        probabilities: (n, d) predicted probabilities, or (n,) the predicted class.
        classes: d.
        k: slices; at most n.
        gamma: weight of the classes against the latents.
        seed: of the start.
    """
    k = min(k, len(z))
    z = np.asarray(z, np.float64)
    predicted = probabilities if probabilities.ndim == 1 else probabilities.argmax(axis=1)
    held = _started(label, np.asarray(predicted, np.int64), classes, k, np.random.default_rng(seed))
    floor = FLOOR + 1e-3 * z.var(axis=0).mean()
    before = -np.inf
    mixture = _maximised(z, label, probabilities, held, classes, gamma, floor)
    for _ in range(ITERATIONS):
        held, likelihood = _normalised(mixture.joint(z, label, probabilities))
        mixture = _maximised(z, label, probabilities, held, classes, gamma, floor)
        if likelihood - before < TOLERANCE:
            break
        before = likelihood
    return mixture


def _started(
    label: IntArray, predicted: IntArray, classes: int, k: int, rng: np.random.Generator
) -> FloatArray:
    """(n, k) responsibilities: every cell of the confusion matrix is shared out at random over its slices.

    Each cell that has samples gets one slice, the largest k of them; what is left of the k goes to cells in
    turn, failures first, as long as a slice has two samples or more.
    """
    n = len(label)
    cells, code, counts = np.unique(
        (label + 1) * (classes + 1) + predicted, return_inverse=True, return_counts=True
    )
    wrong = (cells // (classes + 1) - 1) != cells % (classes + 1)
    kept = np.lexsort((np.arange(cells.size), -counts))[:k]
    turns = kept[np.lexsort((-counts[kept], ~wrong[kept]))]
    owner = np.resize(turns, k)
    held = np.full((n, k), SMALLEST)
    for cell in np.unique(owner):
        rows, mine = np.flatnonzero(code == cell), np.flatnonzero(owner == cell)
        held[rows, rng.choice(mine, rows.size)] = 1.0
    lost = np.flatnonzero(~np.isin(code, owner))
    held[lost, rng.integers(0, k, lost.size)] = 1.0
    shared: FloatArray = held / held.sum(axis=1, keepdims=True)
    return shared


def _maximised(
    z: FloatArray,
    label: IntArray,
    probabilities: FloatArray | IntArray,
    held: FloatArray,
    classes: int,
    gamma: float,
    floor: float,
) -> Mixture:
    mass = held.sum(axis=0) + 10 * SMALLEST
    mean = held.T @ z / mass[:, None]
    variance = np.maximum(held.T @ (z * z) / mass[:, None] - mean**2, 0.0) + floor
    known = label >= 0
    return Mixture(
        weight=mass / mass.sum(),
        mean=mean,
        variance=variance,
        label=_shares(label[known], held[known], classes) / mass[:, None],
        prediction=(
            _shares(np.asarray(probabilities), held, classes)
            if probabilities.ndim == 1
            else held.T @ probabilities
        )
        / mass[:, None],
        gamma=gamma,
    )


def _shares(codes: IntArray, held: FloatArray, classes: int) -> FloatArray:
    """(K, d) responsibility per class."""
    from scipy.sparse import csr_matrix

    n = len(codes)
    one_hot = csr_matrix((np.ones(n), (codes.astype(np.int64), np.arange(n))), shape=(classes, n))
    return np.asarray((one_hot @ held).T)


def _gaussian(z: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """(n, K) log density of normal distributions with diagonal covariance."""
    precision = 1.0 / variance
    square = (z * z) @ precision.T - z @ (2.0 * mean * precision).T + (mean**2 * precision).sum(axis=1)
    log: FloatArray = -0.5 * (square + np.log(variance).sum(axis=1) + z.shape[1] * np.log(2 * np.pi))
    return log


def _of_label(label: IntArray, shares: FloatArray) -> FloatArray:
    log = np.log(shares.T + SMALLEST)
    return np.where((label >= 0)[:, None], log[np.maximum(label, 0)], 0.0)


def _of_prediction(probabilities: FloatArray | IntArray, shares: FloatArray) -> FloatArray:
    """(n, K) log P(yhat | s), of probabilities the log of the expectation."""
    if probabilities.ndim == 1:
        found: FloatArray = np.log(shares.T + SMALLEST)[np.asarray(probabilities, np.int64)]
        return found
    return np.log(np.asarray(probabilities, np.float64) @ shares.T + SMALLEST)


def _normalised(log: FloatArray) -> tuple[FloatArray, float]:
    """Responsibilities, and the mean log-likelihood."""
    top = log.max(axis=1, keepdims=True)
    shifted = np.exp(log - top)
    total = shifted.sum(axis=1, keepdims=True)
    return shifted / total, float((np.log(total) + top).mean())
