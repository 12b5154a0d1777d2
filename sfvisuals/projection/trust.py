"""How far to trust each point of a map: are its neighbours in the latents its neighbours on the map?"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from sfvisuals.projection.neighbours import distances_to, without_self
from sfvisuals.projection.progress import Report, silent
from sfvisuals.types import FloatArray, Rows

QUERIES_AT_ONCE: Final = 65_536
TIED: Final = 1e-6


def kept_share(
    points: FloatArray,
    coordinates: FloatArray,
    radius: FloatArray,
    *,
    sites: Rows,
    k: int,
    report: Report = silent,
) -> npt.NDArray[np.float32]:
    """(n,) share of each sample's k nearest latent neighbours that are among its k nearest on the map.

    Counted from the map's side: how many of the k nearest on the map are no farther in the latents than the
    k-th nearest latent neighbour. Without ties that is the same number; with ties (duplicates) every latent
    neighbour at that very distance counts as one of the nearest, so that equal latents cost no trust. On the
    map, samples on one spot count in the order of their rows.

    Args:
        points: (n, w) latents.
        coordinates: (n, 2|3) places on the map.
        radius: (n,) distance of each sample's k-th nearest site in the latents, itself not counted.
        sites: ascending rows that count as neighbours: all, or the landmarks; more than k of them.
        k: number of neighbours.
        report: told the share of samples done.
    """
    near = _NearOnMap(coordinates, sites, k=k)
    n = points.shape[0]
    result = np.empty(n, np.float32)
    for start in range(0, n, QUERIES_AT_ONCE):
        asked = np.arange(start, min(start + QUERIES_AT_ONCE, n))
        apart = distances_to(points, asked, near.of(asked))
        result[asked] = (apart <= radius[asked, None] * (1 + TIED)).mean(axis=1)
        report(asked[-1] / n, "Measuring how far the map can be trusted")
    return result


class _NearOnMap:
    """The k nearest sites of a sample on the map, itself not counted; sites on one spot by row.

    Spots are searched rather than sites, since a tree over thousands of equal points is no tree.
    """

    def __init__(self, coordinates: FloatArray, sites: Rows, *, k: int) -> None:
        from scipy.spatial import KDTree

        spots, spot_of_site = np.unique(coordinates[sites], axis=0, return_inverse=True)
        spot_of_site = spot_of_site.reshape(-1)
        self._coordinates = coordinates
        self._k = k
        self._tree = KDTree(spots)
        self._sites = sites[np.argsort(spot_of_site, kind="stable")]
        self._count = np.bincount(spot_of_site, minlength=len(spots))
        self._first = np.cumsum(self._count) - self._count

    def of(self, asked: Rows) -> Rows:
        """(m, k) rows of sites, nearest first."""
        wanted = min(self._k + 1, len(self._count))
        found_spots = self._tree.query(self._coordinates[asked], k=np.arange(1, wanted + 1), workers=-1)[1]
        spots = np.asarray(found_spots, dtype=np.int64)
        reached = np.cumsum(self._count[spots], axis=1)
        found = np.empty((len(asked), self._k + 1), np.int64)
        lines = np.arange(len(asked))
        for place in range(self._k + 1):
            column = (reached <= place).sum(axis=1)
            spot = spots[lines, column]
            before = reached[lines, column] - self._count[spot]
            found[:, place] = self._sites[self._first[spot] + place - before]
        return without_self(found, asked)
