"""Slices that are regions of the latents: where an error-aware mixture or clusters of failures lie.

A finder of this kind gives a score to every sample, told from its latents alone, and a cut on it that is
chosen on the discovery half; so correct samples inside are counted too. True class and prediction serve to
find a region but not to tell who belongs to it: with both the failures could be told without fail, and any
region of one class beyond the decision boundary would be "confirmed".
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.slices.mixture import _gaussian, fit_mixture
from sfvisuals.slices.records import Candidate, Material, Method, Tier
from sfvisuals.slices.rules import class_rates
from sfvisuals.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

COMPONENTS: Final = 25
GAMMA: Final = 10.0
MOST_SLICES: Final = 8
MOST_CLUSTERS: Final = 10
FEWEST_TARGETS: Final = 5
FEWEST_PER_CLUSTER: Final = 8
BACKGROUND: Final = 8
SMALLEST: Final = 1e-12


def find_in_mixture(material: Material) -> tuple[Candidate, ...]:
    """The slices of an error-aware mixture in which class and prediction disagree most.

    A sample's score is p(s | z): class and prediction, which together are the outcome, are summed out.
    """
    if material.space is None:
        return ()
    here = np.flatnonzero(material.discovery)
    z = material.space
    outputs: FloatArray | IntArray = (
        material.prediction if material.probabilities is None else material.probabilities
    )
    mixture = fit_mixture(
        z[here],
        material.label[here],
        outputs[here],
        classes=len(material.classes),
        k=COMPONENTS,
        gamma=GAMMA,
        seed=material.seed,
    )
    inside = mixture.posterior(np.asarray(z, np.float64))
    order = np.lexsort((np.arange(len(mixture.weight)), -mixture.disagreement))
    found = []
    for place in order[:MOST_SLICES]:
        made = region(
            material,
            inside[:, place],
            Method.MIXTURE,
            parameters={"components": COMPONENTS, "gamma": GAMMA, "dimensions": z.shape[1]},
        )
        if made is not None:
            found.append(made)
    return tuple(found)


def find_among_failures(material: Material) -> tuple[Candidate, ...]:
    """Clusters of the target samples alone, one class at a time, each with the region around it.

    The number of clusters is the one with the lowest Bayesian information criterion. A sample's score is the
    share of the cluster's density in that of the cluster and all samples, at its place.
    """
    if material.space is None:
        return ()
    learned = material.discovery & material.target
    labels, counts = np.unique(material.label[learned], return_counts=True)
    found: list[Candidate] = []
    # a class with few target samples gives no cluster of its own; if all are such, they are taken together
    large = labels[counts >= 2 * FEWEST_TARGETS][:MOST_CLUSTERS]
    z = np.asarray(material.space, np.float64)
    below = _density_of_all(material, z)
    for category in large if large.size else [None]:
        found += _clusters_of(material, z, below, None if category is None else int(category))
    order = sorted(range(len(found)), key=lambda place: (-found[place].quality, place))
    return tuple(found[place] for place in order[:MOST_CLUSTERS])


def _density_of_all(material: Material, z: FloatArray) -> FloatArray:
    """(n,) log density of all samples of the discovery half at each place of `z` (n, r)."""
    everything = np.flatnonzero(material.discovery)
    k = max(1, min(BACKGROUND, everything.size // 20))
    return np.asarray(_fitted(z[everything], k, seed=material.seed).score_samples(z))


def _clusters_of(
    material: Material, z: FloatArray, below: FloatArray, category: int | None
) -> list[Candidate]:
    """The clusters of one class's target samples in `z` (n, r), each against the density `below` (n,)."""
    mine = material.label == category if category is not None else np.ones(material.n, np.bool_)
    rows = np.flatnonzero(mine & material.discovery & material.target)
    if rows.size < FEWEST_TARGETS:
        return []
    clusters = _by_criterion(z[rows], seed=material.seed)
    everything = int(np.count_nonzero(material.discovery))
    inside = _gaussian(z, clusters.means_, clusters.covariances_) + np.log(
        clusters.weights_ * rows.size / everything + SMALLEST
    )
    found = []
    for place in range(inside.shape[1]):
        score = 1.0 / (1.0 + np.exp(np.clip(below - inside[:, place], -50, 50)))
        made = region(
            material,
            score,
            Method.FAILURES,
            parameters={"clusters": inside.shape[1], "criterion": "BIC"},
        )
        if made is not None:
            found.append(made)
    return found


def _by_criterion(z: FloatArray, *, seed: int) -> GaussianMixture:
    """The mixture of one to ten clusters with the lowest criterion; the fewer of two as good."""
    most = min(MOST_CLUSTERS, max(1, len(z) // FEWEST_PER_CLUSTER))
    fitted = [_fitted(z, k, seed=seed) for k in range(1, most + 1)]
    return min(fitted, key=lambda one: float(one.bic(z)))


def _fitted(z: FloatArray, k: int, *, seed: int) -> GaussianMixture:
    """A mixture of at most k normal distributions, fewer where there are fewer different samples."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    k = min(k, len(np.unique(z, axis=0)))
    regular = float(1e-6 + 1e-2 * z.var(axis=0).mean())
    with warnings.catch_warnings():
        # a fit that stops early is a little worse; what comes of it is tested on the other half anyway
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(k, covariance_type="diag", reg_covar=regular, random_state=seed).fit(z)


def region(
    material: Material, score: FloatArray, method: Method, *, parameters: dict[str, object]
) -> Candidate | None:
    """The samples with the highest scores; None where target samples do not gather there.

    The cut is the score at which the sum over members of target minus the rate of their class is highest on
    the discovery half, which is weighted relative accuracy.
    """
    here = np.flatnonzero(material.discovery)
    excess = material.target[here] - class_rates(material)[here]
    falling = np.argsort(-score[here], kind="stable")
    order, gained = here[falling], np.cumsum(excess[falling])
    # only where the score falls: samples with equal scores are in or out together
    falls = np.append(score[order][1:] < score[order][:-1], True)
    gained = np.where(falls, gained, -np.inf)
    best = int(gained.argmax())
    member: BoolArray = score >= score[order[best]]
    if (member & material.discovery & material.target).sum() < FEWEST_TARGETS or gained[best] <= 0:
        return None
    return Candidate(
        method=method,
        member=member,
        score=score.astype(np.float32),
        tier=Tier.PLACE,
        quality=float(gained[best]) / here.size,
        parameters=dict(parameters),
    )
