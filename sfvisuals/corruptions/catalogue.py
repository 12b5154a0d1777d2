"""The corruptions that there are, as a visible tuple, and the one function that applies them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from sfvisuals.corruptions.brightness import brightness_down, brightness_up
from sfvisuals.corruptions.elastic import elastic_deformation
from sfvisuals.corruptions.marker import letter_marker
from sfvisuals.corruptions.motion import motion_blur
from sfvisuals.corruptions.noise import gaussian_noise
from sfvisuals.corruptions.recipe import CorruptionRecipe, Parameters, Pixels8
from sfvisuals.errors import ImageReadError, NotFoundError, RunFormatError

Apply: TypeAlias = Callable[[Pixels8, Parameters, int], Pixels8]

SEVERITIES: Final = (1, 2, 3, 4, 5)
VERSION: Final = 1
"""To be raised when a formula changes, so that no picture made by the old one is shown again."""
SEED_BITS = 31


@dataclass(frozen=True, eq=False)
class Corruption:
    """One way to corrupt an image.

    Attributes:
        name: as runs name it.
        label: what a person reads.
        formula: y of x, both on the scale 0..1.
        severities: parameters of severity 1 (weakest) to 5.
        limits: lowest and highest value of every parameter that is accepted from a run.
        apply: (pixels, parameters, seed) -> pixels of the same shape.
    """

    name: str
    label: str
    formula: str
    severities: tuple[Parameters, ...]
    limits: Mapping[str, tuple[float, float]]
    apply: Apply


CATALOGUE: Final[tuple[Corruption, ...]] = (
    Corruption(
        "brightness_down",
        "Brightness down",
        "y = factor · x",
        tuple({"factor": factor} for factor in (0.8, 0.65, 0.5, 0.38, 0.27)),
        {"factor": (0.0, 1.0)},
        brightness_down,
    ),
    Corruption(
        "brightness_up",
        "Brightness up",
        "y = min(1, x + shift)",
        tuple({"shift": shift} for shift in (0.1, 0.2, 0.3, 0.4, 0.5)),
        {"shift": (0.0, 1.0)},
        brightness_up,
    ),
    Corruption(
        "gaussian_noise",
        "Gaussian noise",
        "y = x + sigma · z, z ~ N(0, 1) per grain and colour",
        tuple({"sigma": sigma, "grain": 0.004} for sigma in (0.04, 0.08, 0.12, 0.18, 0.26)),
        {"sigma": (0.0, 2.0), "grain": (0.0, 0.5)},
        gaussian_noise,
    ),
    Corruption(
        "motion_blur",
        "Motion blur",
        "y(p) = mean of x along a line of length through p, in a random direction",
        tuple({"length": length} for length in (0.025, 0.05, 0.08, 0.12, 0.17)),
        {"length": (0.0, 0.5)},
        motion_blur,
    ),
    Corruption(
        "elastic_deformation",
        "Elastic deformation",
        "y(p) = x(p + u(p)), u a cubic B-spline surface over random nodes",
        tuple(
            {"amplitude": amplitude, "smoothness": 0.16} for amplitude in (0.015, 0.03, 0.045, 0.06, 0.075)
        ),
        {"amplitude": (0.0, 1.0), "smoothness": (0.001, 10.0)},
        elastic_deformation,
    ),
    Corruption(
        "letter_marker",
        "Letter marker",
        "y = x + opacity · c · (1 - x), c the share of the pixel that an L or R covers",
        tuple(
            {"size": size, "opacity": opacity, "margin": 0.04}
            for size, opacity in ((0.1, 0.4), (0.13, 0.55), (0.16, 0.7), (0.19, 0.85), (0.22, 1.0))
        ),
        {"size": (0.01, 1.0), "opacity": (0.0, 1.0), "margin": (0.0, 1.0)},
        letter_marker,
    ),
)


def known(name: str) -> bool:
    """Whether the catalogue has a corruption of that name."""
    return any(corruption.name == name for corruption in CATALOGUE)


def find(name: str) -> Corruption:
    """The corruption of that name; raises NotFoundError that lists the known ones."""
    for corruption in CATALOGUE:
        if corruption.name == name:
            return corruption
    raise NotFoundError(
        f"There is no corruption {name!r}",
        detail=f"Known: {', '.join(corruption.name for corruption in CATALOGUE)}.",
        hint="Correct the name; if a newer version of sfvisuals wrote it, open it with that version.",
    )


def parameters_of(name: str, severity: int) -> Parameters:
    """Parameters of a severity from 1 (weakest) to 5; raises NotFoundError for another name or severity."""
    corruption = find(name)
    if severity not in SEVERITIES:
        raise NotFoundError(
            f"There is no severity {severity} of {name}",
            detail=f"Known: {', '.join(map(str, SEVERITIES))}; 1 is the weakest.",
        )
    return dict(corruption.severities[severity - 1])


def seed_of(seed: int, position: int, corruption: str) -> int:
    """Seed (31 bits) of one corruption of one image: the same for all its severities, stable for good.

    Args:
        seed: of the whole plan.
        position: of the image among its sources.
        corruption: its name, so that no two corruptions of an image share their chance.
    """
    digest = hashlib.blake2b(f"{int(seed)}\0{int(position)}\0{corruption}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - SEED_BITS)


def fault_of(corruption: Corruption, parameters: Parameters) -> str | None:
    """What is wrong with parameters that come from outside, in words, or None."""
    if sorted(parameters) != sorted(corruption.limits):
        return f"Found the parameters {_listed(parameters)}; expected {_listed(corruption.limits)}."
    for name, (low, high) in corruption.limits.items():
        value = parameters[name]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            return f"{name} is {repr(value)[:40]}; expected a number from {low:g} to {high:g}."
    return None


def corrupt(pixels: Pixels8, recipe: CorruptionRecipe) -> Pixels8:
    """The image (H, W) or (H, W, 3) corrupted as the recipe says: a new array of the same shape.

    Raises NotFoundError for a corruption that this version does not know, RunFormatError for parameters that
    it cannot have, and ImageReadError for pixels that are none.
    """
    corruption = find(recipe.corruption)
    fault = fault_of(corruption, recipe.parameters)
    if fault is None and not 0 <= recipe.seed < 2**SEED_BITS:
        fault = f"The seed is {recipe.seed}; expected a whole number from 0 to {2**SEED_BITS - 1}."
    if fault is not None:
        raise RunFormatError(
            f"{recipe.corruption} cannot be applied",
            detail=fault,
            hint="docs/corruptions.md lists the parameters of every corruption.",
        )
    grey_or_colour = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if pixels.dtype != np.uint8 or not grey_or_colour or pixels.size == 0:
        raise ImageReadError(
            "These pixels cannot be corrupted",
            detail=f"Found {pixels.dtype} {pixels.shape}; expected uint8 (H, W) or (H, W, 3).",
        )
    return corruption.apply(pixels, recipe.parameters, recipe.seed)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(repr(str(name))[:40] for name in names)[:8]) or "none"
