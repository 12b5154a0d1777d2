"""The lesion: its outline, its pigment and its colours, laid over bare skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from sfvisuals.demo.dermoscopy import structures
from sfvisuals.demo.dermoscopy.canvas import ANGLES, FINE, grid, spot
from sfvisuals.demo.dermoscopy.skin import reflected
from sfvisuals.demo.dermoscopy.textures import Field, noise, piece
from sfvisuals.demo.dermoscopy.traits import Traits

THETA: Final = np.linspace(-np.pi, np.pi, ANGLES)


@dataclass(frozen=True, eq=False)
class Shape:
    """The lesion's place in an image, (FINE, FINE) fields.

    Attributes:
        x: coordinate in the lesion's own frame, -1 to 1 across its longer axis.
        y: the same across the shorter one.
        depth: way to the outline in the image's units, positive inside.
        inside: 0 to 1, soft at the outline.
        angle: position in a table of `ANGLES` directions from the middle.
    """

    x: Field
    y: Field
    depth: Field
    inside: Field
    angle: np.ndarray[tuple[int, ...], np.dtype[np.int16]]


def shape(look: Traits, lesion: Generator, view: Generator) -> Shape:
    """Outline of a lesion: an ellipse with low-order waves, outgrowths and notches, somewhat turned."""
    turn = lesion.uniform(0, 2 * np.pi) + view.normal(0, 0.3)
    size = min(max(look.size, 0.16), 0.86) * float(np.exp(0.09 * view.standard_normal()))
    middle = view.normal(0, 0.07, 2)
    warp_x, warp_y = piece(noise(10.0, 5), FINE, lesion), piece(noise(10.0, 6), FINE, lesion)
    warp_f = piece(noise(4.0, 7), FINE, lesion) * np.float32(0.45 * look.notched)
    x, y = grid()
    x = x - np.float32(middle[0]) + np.float32(look.notched) * warp_x + warp_f
    y = y - np.float32(middle[1]) + np.float32(look.notched) * warp_y - warp_f
    cos, sin = np.float32(np.cos(turn) / size), np.float32(np.sin(turn) / size)
    along, across = cos * x + sin * y, (cos * y - sin * x) * np.float32(1 / look.aspect)
    angle = ((np.arctan2(across, along) * (0.5 / np.pi) + 0.5) * (ANGLES - 1)).astype(np.int16)
    depth = (_outline(look, lesion)[angle] - np.hypot(along, across)) * np.float32(size)
    soft = (look.edge * _waves(lesion, (1, 2, 3), 0.35)).astype(np.float32)
    inside = 1 / (1 + np.exp(np.clip(depth * (-2.2 / soft)[angle], -30, 30)))
    return Shape(along, across, depth, inside.astype(np.float32), angle)


def _outline(look: Traits, chance: Generator) -> Field:
    """(ANGLES,) distance of the outline from the middle, about 1."""
    low = _waves(chance, (2, 3, 4), look.irregular) * _waves(chance, (5, 6, 7, 9), 0.3 * look.irregular)
    for _ in range(look.lobes):
        away = np.angle(np.exp(1j * (THETA - chance.uniform(-np.pi, np.pi))))
        low = low + chance.uniform(0.12, 0.38) * np.exp(-((away / chance.uniform(0.22, 0.6)) ** 2))
    return low.astype(np.float32)


def _waves(
    chance: Generator, orders: tuple[int, ...], amplitude: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(ANGLES,) positive factor about 1 that goes up and down around the circle."""
    weight, phase = chance.standard_normal(len(orders)), chance.uniform(0, 2 * np.pi, len(orders))
    total = sum(w * np.cos(k * THETA + p) for k, w, p in zip(orders, weight, phase, strict=True))
    waves: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = np.exp(amplitude * total)
    return waves


def with_lesion(melanin: Field, blood: Field, look: Traits, lesion: Generator, view: Generator) -> Field:
    """(3, FINE, FINE) image of a lesion on skin of that melanin and blood."""
    form = shape(look, lesion, view)
    pigment = np.full_like(melanin, look.melanin)
    pigment *= 1 + np.float32(look.uneven) * piece(noise(10.0, 8), FINE, lesion)
    pigment *= 1 + np.float32(1.2 * look.uneven) * piece(noise(24.0, 9), FINE, lesion)
    pigment *= 1 + np.float32(2 * look.centre) * (spot(form.x, form.y, (0, 0), 0.5, 0.9) - 0.4)
    for number in range(look.patches):
        pigment *= structures.patch(form.x, form.y, number, lesion)
    pigment *= structures.network(look, lesion)
    pigment *= structures.globules(look, lesion)
    reach = structures.reach(look, form.angle, form.depth, lesion)
    inside = np.maximum(form.inside, reach)
    grain = 1 + 0.10 * piece(noise(1.2), FINE, view)
    red = blood + np.float32(look.blood) * form.inside * (1 + 0.25 * piece(noise(24.0, 3), FINE, lesion))
    red = red + structures.vessels(look, lesion) * form.inside
    image = reflected(melanin + np.maximum(pigment, 0) * inside * grain, red)
    structures.overlay(image, look, form.x, form.y, form.inside, lesion)
    return image
