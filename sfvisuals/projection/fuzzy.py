"""The weighted neighbour graph that UMAP lays out, vectorised: nothing here is compiled at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from sfvisuals.projection.neighbours import Neighbours

if TYPE_CHECKING:
    from scipy import sparse

BISECTIONS: Final = 64
LEAST_WIDTH: Final = 1e-3


def fuzzy_graph(neighbours: Neighbours) -> sparse.csr_array:
    """Symmetric (n, n) graph of membership strengths in 0..1 from the k nearest neighbours of each sample.

    McInnes, Healy, Melville 2018 (UMAP), section 3.1 and algorithms 2 and 3: strength exp(-(d - rho) / sigma)
    beyond the nearest distinct neighbour at rho, sigma such that a sample's strengths sum to log2(k + 1), the
    sample itself counted among its neighbours; both directions joined by a + b - ab.
    """
    from scipy import sparse

    n, k = neighbours.rows.shape
    strength = _strengths(neighbours.distances)
    ends = np.arange(0, n * k + 1, k)
    directed = sparse.csr_array((strength.ravel(), neighbours.rows.ravel(), ends), shape=(n, n))
    reverse = directed.T.tocsr()
    return sparse.csr_array(directed + reverse - directed * reverse)


def _strengths(distances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, k) strengths of the neighbours at these ascending distances."""
    positive = np.where(distances > 0, distances, np.inf).min(axis=1)
    rho = np.where(np.isfinite(positive), positive, 0.0)
    beyond = np.maximum(distances - rho[:, None], 0.0)
    sigma = _widths(beyond, target=np.log2(distances.shape[1] + 1))
    # Many duplicates leave no width that reaches the target; a least one keeps the rest in touch.
    own, overall = distances.mean(axis=1), distances.mean()
    sigma = np.maximum(sigma, LEAST_WIDTH * np.where(own > 0, own, overall))
    result: npt.NDArray[np.float64] = np.exp(-beyond / np.where(sigma > 0, sigma, 1.0)[:, None])
    return result


def _widths(beyond: npt.NDArray[np.float64], *, target: float) -> npt.NDArray[np.float64]:
    """(n,) sigma with sum(exp(-beyond / sigma)) = target, by bisection of all samples at once."""
    scale = beyond.mean(axis=1)
    low, high = np.zeros(len(beyond)), np.full(len(beyond), np.inf)
    sigma = np.where(scale > 0, scale, 1.0)
    for _ in range(BISECTIONS):
        over = np.exp(-beyond / sigma[:, None]).sum(axis=1) > target
        high, low = np.where(over, sigma, high), np.where(over, low, sigma)
        sigma = np.where(np.isinf(high), 2.0 * sigma, (low + high) / 2.0)
        sigma = np.maximum(sigma, np.finfo(np.float64).tiny)
    return sigma
