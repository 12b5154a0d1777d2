"""Settings with a planted cause of failures, in the manner of Domino's evaluation, and empty ones.

Source of the manner: Eyuboglu et al., ICLR 2022, section 5: a slice of known members is planted in which a
model fails more often; it is rare, or where a correlation with the class breaks, or its labels are noisy.
Latents are synthetic, or those of the built-in demo with one of the demo's own attributes planted.

A seed fixes everything. One setting in four has the demo's latents; kinds take turns, so do sizes,
strengths and how far the slice lies from its class.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from sfvisuals.explain.columns import level_feature, number_feature
from sfvisuals.explain.records import Feature, FeatureOrigin

KINDS: Final = ("rare", "correlated", "noisy")
SAMPLES: Final = (1500, 2500, 4000)
STRENGTHS: Final = (0.4, 0.6, 0.8)
SHARES: Final = (0.04, 0.08, 0.15)
DISTANCES: Final = (1.0, 2.0, 3.0)
ELSEWHERE: Final = (0.05, 0.1)
PLANTED: Final = "planted"


@dataclass(frozen=True, eq=False)
class Setting:
    """One setting of n samples.

    Attributes:
        seed: that it was made from.
        kind: rare, correlated, noisy or empty; latents: synthetic or demo.
        about: strength, share of samples in the slice, distance in units of spread.
        latents: (n, l); label, prediction, groups: (n,); probabilities: (n, d).
        features: one of which is planted (named `planted`), others at random or correlated with it.
        planted: (n,) True in the planted slice.
        silent: (n,) True where the prediction is wrong and confident.
    """

    seed: int
    kind: str
    latents_of: str
    about: str
    latents: np.ndarray
    label: np.ndarray
    prediction: np.ndarray
    probabilities: np.ndarray
    groups: np.ndarray
    features: tuple[Feature, ...]
    planted: np.ndarray
    failure: np.ndarray


def setting(seed: int, *, empty: bool = False) -> Setting:
    """The setting of this seed; empty ones have the same latents and features, and failures at random."""
    rng = np.random.default_rng((seed, 7))
    kind = KINDS[seed % 3]
    demo = seed % 4 == 3
    strength, share = STRENGTHS[seed // 3 % 3], SHARES[seed // 9 % 3]
    distance, elsewhere = DISTANCES[rng.integers(3)], ELSEWHERE[rng.integers(2)]
    if demo:
        latents, label, attribute, groups = _of_demo(rng, kind)
    else:
        latents, label, attribute, groups = _synthetic(rng, kind, share, distance)
    d = int(label.max()) + 1
    planted, category = _slice(rng, kind, label, attribute)
    truth = label.copy()
    rate = np.full(label.size, elsewhere) if empty else np.where(planted, strength, elsewhere)
    wrong = rng.random(label.size) < rate
    prediction = truth.copy()
    # wrong predictions in a rare or correlated slice go to one class, elsewhere to any other
    shift = 1 + rng.integers(0, d - 1, label.size)
    towards = np.where(planted, 1, shift) if not empty else shift
    if kind == "noisy":
        label = np.where(wrong, (truth + shift) % d, truth)
    else:
        prediction = np.where(wrong, (truth + towards) % d, truth)
    return Setting(
        seed=seed,
        kind="empty" if empty else kind,
        latents_of="demo" if demo else "synthetic",
        about=f"strength {strength}, share {planted.mean():.1%}, distance {distance}, class {category}",
        latents=latents.astype(np.float32),
        label=label,
        prediction=prediction,
        probabilities=_probabilities(rng, prediction, prediction != label, d),
        groups=groups,
        features=_features(rng, attribute),
        planted=planted & (not empty),
        failure=prediction != label,
    )


def _slice(
    rng: np.random.Generator, kind: str, label: np.ndarray, attribute: np.ndarray
) -> tuple[np.ndarray, str]:
    """Where the attribute is, of one class for rare and correlated slices."""
    if kind == "noisy":
        return attribute.astype(bool), "any"
    category = 0 if kind == "correlated" else int(rng.integers(int(label.max()) + 1))
    mask = attribute.astype(bool) & (label == category)
    return mask, str(category)


def _synthetic(
    rng: np.random.Generator, kind: str, share: float, distance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gaussian classes, each of four sub-clusters, and an attribute that moves samples in one direction."""
    n, width = SAMPLES[rng.integers(3)], int(rng.choice([32, 64, 128]))
    d = int(rng.choice([2, 2, 3, 5]))
    groups = _patients(rng, n)
    label = rng.integers(0, d, groups.max() + 1)[groups]
    # between classes four spreads, between sub-clusters two, along random directions
    middles = 4.0 * _directions(rng, d, width)
    inner = 2.0 * _directions(rng, d * 4, width).reshape(d, 4, width)
    sub = rng.integers(0, 4, n)
    chance = np.full(n, min(0.9, share * (1 if kind == "noisy" else d)))
    if kind == "correlated":
        # with class 1 it goes together, with the others it is as frequent as asked
        chance = np.where(label == 1, 0.7, chance)
    attribute = rng.random(n) < chance
    move = distance * _directions(rng, 1, width)[0]
    noise = rng.normal(size=(n, width)) * np.linspace(1.0, 0.3, width)
    return middles[label] + inner[label, sub] + attribute[:, None] * move + noise, label, attribute, groups


def _directions(rng: np.random.Generator, k: int, width: int) -> np.ndarray:
    drawn = rng.normal(size=(k, width))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def _patients(rng: np.random.Generator, n: int) -> np.ndarray:
    """(n,) patients of one to three samples."""
    sizes = rng.integers(1, 4, n)
    return np.repeat(np.arange(n), sizes)[:n]


def _probabilities(rng: np.random.Generator, prediction: np.ndarray, wrong: np.ndarray, d: int) -> np.ndarray:
    """Confidence around .95 where right and .9 where wrong: most failures are silent."""
    top = np.where(wrong, rng.beta(18, 2, wrong.size), rng.beta(38, 2, wrong.size))
    top = np.maximum(top, 1.0 / d + 0.01)
    spread = np.repeat(((1 - top) / (d - 1))[:, None], d, axis=1)
    spread[np.arange(wrong.size), prediction] = top
    return spread


def _features(rng: np.random.Generator, attribute: np.ndarray) -> tuple[Feature, ...]:
    """The planted one with errors, as a level or a number; three that go along with it; eight at random."""
    n = attribute.size
    recorded = np.where(rng.random(n) < 0.03, ~attribute, attribute)
    place = int(rng.integers(12))
    made = []
    for k in range(12):
        name = PLANTED if k == place else f"feature {k}"
        if k == place:
            source = recorded
        elif (k - place) % 12 in (1, 2, 3):
            # as the attribute for some samples, at random for the others
            source = np.where(rng.random(n) < 0.4, attribute, rng.random(n) < 0.3)
        else:
            source = rng.random(n) < rng.choice([0.1, 0.3, 0.5])
        if rng.random() < 0.5:
            made.append(level_feature(name, name, FeatureOrigin.METADATA, source.astype(int), ("no", "yes")))
        else:
            numbers = rng.normal(size=n) + (2.5 if k == place else 1.5) * source
            made.append(number_feature(name, name, FeatureOrigin.METADATA, numbers))
    return tuple(made)


@cache
def _demo() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Latents, classes, attributes and patients of the demo's images that are no copies."""
    from sfvisuals.demo.shipped import write_dermoscopy
    from sfvisuals.io import discover, read_run

    with tempfile.TemporaryDirectory() as folder:
        root = write_dermoscopy(Path(folder) / "dermoscopy")
        run = read_run(next(iter(discover(root))), root=root)
        clean = np.flatnonzero(run.corruption < 0)
        assert run.latents is not None
        latents = np.array(run.latents[clean], np.float32)
    facts = run.metadata.iloc[clean]
    attributes = {
        "ruler": facts["ruler"].to_numpy(bool),
        "device 2": (facts["device"] == "device 2").to_numpy(),
        "device 4": (facts["device"] == "device 4").to_numpy(),
        "amelanotic": (facts["subclass"] == "amelanotic melanoma").to_numpy(),
        "dark border": facts["dark_border"].to_numpy(bool),
        "much hair": (facts["hair"] == "much").to_numpy(),
        "keratosis": (facts["subclass"] == "seborrheic keratosis").to_numpy(),
    }
    truth = facts["true_class"].to_numpy() == run.classes[1]
    groups = np.unique(facts["patient"].astype(str), return_inverse=True)[1]
    return latents, truth.astype(np.int64), attributes, groups


def _of_demo(rng: np.random.Generator, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The demo's latents with one of its attributes; rare slices of class 0 or 1 have one that it has."""
    latents, label, attributes, groups = _demo()
    names = [name for name in attributes if name not in ("amelanotic", "keratosis") or kind == "noisy"]
    attribute = attributes[names[rng.integers(len(names))]]
    return latents, label.copy(), attribute, groups
