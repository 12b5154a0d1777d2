"""Dermoscopic structures: network, globules, streaks, colour patches, veil, regression, cysts, vessels.

What changes the pigment is a factor around 1; what lies above it is painted over the image.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from sfvisuals.demo.dermoscopy.canvas import FINE, mixed, spot
from sfvisuals.demo.dermoscopy.textures import Field, dots, mesh, noise, piece
from sfvisuals.demo.dermoscopy.traits import Traits


def patch(x: Field, y: Field, number: int, chance: Generator) -> Field:
    """Factor of the pigment in a region with a colour of its own: darker more often than lighter."""
    direction, away = chance.uniform(0, 2 * np.pi), chance.uniform(0.2, 0.75)
    place = (away * np.cos(direction), away * np.sin(direction))
    mask = spot(x, y, place, chance.uniform(0.22, 0.5), 0.6)
    factor = chance.uniform(0.25, 0.6) if number % 3 == 2 else chance.uniform(1.5, 2.6)
    return 1 + mask * np.float32(factor - 1)


def network(look: Traits, chance: Generator) -> Field:
    """Factor of the pigment: more on the lines of the network, less in its holes."""
    regular, wide = piece(mesh(atypical=False), FINE, chance), piece(mesh(atypical=True), FINE, chance)
    share = np.float32(min(look.atypical, 1.0))
    lines = regular * (1 - share) + wide * share
    strength = np.clip(1 + 0.5 * piece(noise(24.0, 2), FINE, chance), 0.2, 1.6) * np.float32(look.network)
    return 1 + strength * (lines * 1.1 - 0.42)


def globules(look: Traits, chance: Generator) -> Field:
    """Factor of the pigment: more in round dots."""
    found = piece(dots(13.0, 4.2, 0.6), FINE, chance)
    return 1 + np.float32(look.globules) * (found - 0.3)


def reach(
    look: Traits, angle: np.ndarray[tuple[int, ...], np.dtype[np.int16]], depth: Field, chance: Generator
) -> Field:
    """How far streaks carry pigment over the outline: a mask of radial lines in some sectors, 0 to 1."""
    count = int(angle.max()) + 1
    theta = np.linspace(-np.pi, np.pi, count)
    lines = np.cos(theta * chance.integers(22, 34) + 2 * np.sin(3 * theta + chance.uniform(0, 6)))
    sector = 0.5 + 0.5 * np.cos(theta - chance.uniform(0, 2 * np.pi))
    length = (look.streaks * 0.16 * np.clip(lines, 0, 1) * sector).astype(np.float32)
    if look.streaks < 0.1:
        return np.zeros_like(depth)
    return np.clip((depth + length[angle]) * 18, 0, 0.85) * (length[angle] > 0.012)


def vessels(look: Traits, chance: Generator) -> Field:
    """Blood in fine winding lines, optical density."""
    wave = piece(noise(4.0, 12), FINE, chance)
    lines = np.exp(-((wave / 0.16) ** 2)) * np.clip(piece(noise(10.0, 13), FINE, chance), 0, 1.5)
    return lines * np.float32(look.vessels)


def overlay(image: Field, look: Traits, x: Field, y: Field, inside: Field, chance: Generator) -> None:
    """Paint veil, regression, scar and cysts over the (3, FINE, FINE) image in place."""
    cloud = piece(noise(10.0, 10), FINE, chance)
    spots = chance.uniform(-0.4, 0.4, (3, 2))
    if look.veil > 0.05:
        where = spot(x, y, tuple(spots[0]), chance.uniform(0.4, 0.7), 0.7)
        mixed(
            image,
            (0.36, 0.43, 0.53),
            np.clip(where * (0.75 + 0.35 * cloud), 0, 1) * inside * np.float32(0.75 * look.veil),
        )
    if look.regression > 0.05:
        where = spot(x, y, tuple(1.6 * spots[1]), chance.uniform(0.25, 0.5), 0.6)
        mixed(
            image,
            (0.80, 0.70, 0.69),
            np.clip(where * (0.8 + 0.3 * cloud), 0, 1) * inside * np.float32(look.regression),
        )
    if look.scar > 0.05:
        where = spot(x, y, tuple(0.3 * spots[2]), chance.uniform(0.25, 0.4), 0.8)
        mixed(image, (0.93, 0.84, 0.80), np.clip(where * (0.8 + 0.3 * cloud), 0, 1) * np.float32(look.scar))
    if look.cysts > 0.05:
        white, dark = (piece(dots(30.0, 3.6, 0.9), FINE, chance) for _ in range(2))
        mixed(image, (0.95, 0.88, 0.72), white * inside * np.float32(0.75 * look.cysts))
        mixed(image, (0.16, 0.09, 0.05), dark * inside * np.float32(0.8 * look.cysts))
