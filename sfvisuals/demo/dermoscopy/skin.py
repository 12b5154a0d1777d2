"""Skin, and how pigment and blood colour it.

Colour follows Beer and Lambert: what light is left in red, green and blue after melanin and haemoglobin took
their share, so that more melanin goes from tan over brown to black, and more blood from pink to red.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator

from sfvisuals.demo.dermoscopy.canvas import FINE
from sfvisuals.demo.dermoscopy.textures import Field, furrows, noise, piece

MELANIN: Final = (0.52, 0.93, 1.22)
BLOOD: Final = (0.06, 0.62, 0.48)
BARE: Final = (0.93, 0.79, 0.74)
GLARE: Final = (0.035, 0.035, 0.04)
MELANIN_OF: Final = {"I": 0.03, "II": 0.08, "III": 0.17, "IV": 0.33, "V": 0.58}


def skin(skin_type: str, person: Generator, view: Generator) -> tuple[Field, Field]:
    """Melanin and blood of bare skin, (FINE, FINE) each, in optical density.

    Args:
        skin_type: Fitzpatrick type, I to V.
        person: of what stays the same between images.
        view: of what differs between images.
    """
    base = MELANIN_OF[skin_type] * float(np.exp(0.22 * person.standard_normal()))
    pink = float(np.clip(person.normal(0.16, 0.07), 0.03, 0.4))
    mottled = piece(noise(24.0, 0), FINE, view)
    patches = piece(noise(10.0, 1), FINE, view)
    lines = piece(furrows(), FINE, view) * np.float32(view.uniform(0.015, 0.05))
    melanin = np.float32(base) * (1 + 0.12 * mottled + 0.07 * patches) + lines
    blood = np.float32(pink) * (1 + 0.30 * piece(noise(24.0, 1), FINE, view) - 0.12 * patches)
    return melanin + 0.012 * piece(noise(1.2), FINE, view), np.maximum(blood, 0)


def reflected(melanin: Field, blood: Field) -> Field:
    """(3, FINE, FINE) light that comes back, 0 to 1, red first."""
    image = np.empty((3, *melanin.shape), np.float32)
    for channel, bare, dark, red, glare in zip(image, BARE, MELANIN, BLOOD, GLARE, strict=True):
        np.multiply(melanin, np.float32(-dark), out=channel)
        channel -= np.float32(red) * blood
        np.exp(channel, out=channel)
        channel *= np.float32(bare - glare)
        channel += np.float32(glare)
    return image
