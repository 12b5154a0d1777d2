"""Dermoscopic structures: network, globules, streaks, colour patches, veil, regression, cysts, vessels.

What changes the pigment is a factor around 1; what lies above it is painted over the image.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from sfvisuals.demo.dermoscopy.canvas import ANGLES, FINE, mixed, spot
from sfvisuals.demo.dermoscopy.textures import Field, atypical_mesh, dots, mesh, noise, piece
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
    regular = piece(mesh((6.5, 8.0, 9.5)[int(chance.integers(3))]), FINE, chance)
    wide = piece(atypical_mesh(), FINE, chance)
    share = np.float32(min(look.atypical, 1.0))
    lines = regular * (1 - share) + wide * share
    strength = np.clip(1 + 0.5 * piece(noise(24.0, 2), FINE, chance), 0.2, 1.6) * np.float32(look.network)
    factor: Field = 1 + strength * (lines * 1.1 - 0.42)
    return factor


def globules(look: Traits, chance: Generator) -> Field:
    """Factor of the pigment: more in round dots."""
    found = piece(dots(12.0, 3.7, 0.9), FINE, chance)
    return 1 + np.float32(look.globules) * (found - 0.3)


def reach(
    look: Traits, angle: np.ndarray[tuple[int, ...], np.dtype[np.int16]], depth: Field, chance: Generator
) -> Field:
    """How far streaks carry pigment over the outline: a mask of radial lines in some sectors, 0 to 1."""
    if look.streaks < 0.1:
        return np.zeros_like(depth)
    theta = np.linspace(-np.pi, np.pi, ANGLES)
    lines = np.cos(theta * chance.integers(22, 34) + 2 * np.sin(3 * theta + chance.uniform(0, 6)))
    sector = 0.5 + 0.5 * np.cos(theta - chance.uniform(0, 2 * np.pi))
    length = (look.streaks * 0.16 * np.clip(lines, 0, 1) * sector).astype(np.float32)
    long = length[angle]
    mask: Field = np.clip((depth + long) * 18, 0, 0.85) * (long > 0.012)
    return mask


def vessels(look: Traits, chance: Generator) -> Field:
    """Blood in fine winding lines, optical density."""
    if not look.vessels:
        return np.zeros((FINE, FINE), np.float32)
    wave = piece(noise(4.0, 12), FINE, chance)
    lines = np.exp(-((wave * np.float32(1 / 0.16)) ** 2))
    blood: Field = lines * np.clip(piece(noise(10.0, 13), FINE, chance), 0, 1.5) * np.float32(look.vessels)
    return blood


def overlay(image: Field, look: Traits, x: Field, y: Field, inside: Field, chance: Generator) -> None:
    """Paint veil, regression, scar and cysts over the (3, FINE, FINE) image in place."""
    cloud = 0.78 + 0.32 * piece(noise(10.0, 10), FINE, chance)
    spread = np.array([[0.4, 0.4], [0.64, 0.64], [0.12, 0.12]])
    places = chance.uniform(-spread, spread)
    sizes = chance.uniform([0.4, 0.25, 0.25], [0.7, 0.5, 0.4])
    colours = ((0.42, 0.46, 0.54), (0.80, 0.70, 0.69), (0.93, 0.84, 0.80))
    strengths = (0.68 * look.veil, look.regression, look.scar)
    for (across, down), size, colour, strength in zip(places, sizes, colours, strengths, strict=True):
        if strength > 0.03:
            where = np.clip(spot(x, y, (across, down), size, 0.7) * cloud, 0, 1)
            mixed(image, colour, where * inside * np.float32(strength))
    if look.cysts:
        for colour in ((0.95, 0.88, 0.72), (0.16, 0.09, 0.05)):
            found = piece(dots(24.0, 2.6, 1.0), FINE, chance)
            mixed(image, colour, found * inside * np.float32(0.78 * look.cysts))
