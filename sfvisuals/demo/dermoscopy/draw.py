"""From a row of the plan to pixels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.demo.dermoscopy import artefacts
from sfvisuals.demo.dermoscopy.cameras import photographed
from sfvisuals.demo.dermoscopy.canvas import SIZE
from sfvisuals.demo.dermoscopy.case import Case, cases
from sfvisuals.demo.dermoscopy.lesion import with_lesion
from sfvisuals.demo.dermoscopy.skin import skin
from sfvisuals.demo.dermoscopy.traits import traits

__all__ = ["SIZE", "draw"]


def draw(plan: pd.DataFrame) -> Pixels8:
    """(n, 96, 96, 3) uint8 images of the plan's n rows, in its order.

    An image depends on its own row alone, so a part of a plan gives the same pixels as the whole. Raises
    KeyError where a column is missing or names an unknown subclass, skin type, device or amount of hair.
    """
    images = np.empty((len(plan), SIZE, SIZE, 3), np.uint8)
    for position, case in enumerate(cases(plan)):
        images[position] = _drawn(case)
    return images


def _drawn(case: Case) -> Pixels8:
    """(96, 96, 3) uint8 image of one case. Each thing has its own chance: no ruler moves any hair."""
    person, lesion = (np.random.default_rng([case.lesion_seed, part]) for part in (0, 1))
    view, hair, ruler, ink, gel, rim, light = (np.random.default_rng([case.seed, k]) for k in range(7))
    look = traits(case.subclass, case.atypia, lesion)
    melanin, blood = skin(case.skin_type, person, view)
    image = with_lesion(melanin, blood, look, lesion, view)
    if case.ink:
        artefacts.ink(image, ink)
    artefacts.hair(image, case.hair, hair)
    if case.gel_bubbles:
        artefacts.bubbles(image, gel)
    if case.ruler:
        artefacts.ruler(image, ruler)
    artefacts.vignette(image, light)
    if case.dark_border:
        artefacts.frame(image, rim)
    return photographed(image, case.device, case.stray_light, light)
