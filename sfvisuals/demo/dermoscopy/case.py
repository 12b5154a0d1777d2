"""What one image is drawn from: the columns of its row in the plan."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import pandas as pd

SKIN_TYPES: Final = ("I", "II", "III", "IV", "V")
HAIR: Final = ("none", "some", "much")


@dataclass(frozen=True, slots=True)
class Case:
    """One image.

    Attributes:
        seed: of everything that is of this image alone: view, light, hair, gel, noise.
        lesion_seed: of everything that all images of one lesion share: outline, colours, structures, skin.
        subclass: diagnosis in words.
        atypia: how suspicious the lesion looks, 0 (harmless) to 1 (alarming).
        skin_type: Fitzpatrick type, I (palest) to V.
        device: name of the camera.
        ruler: a ruler lies along an edge.
        ink: a stroke of a skin marker.
        gel_bubbles: air in the contact gel.
        hair: none, some or much.
        stray_light: what ambient light adds to every pixel, of 1.
        dark_border: the round frame of the dermatoscope is in the picture.
    """

    seed: int
    lesion_seed: int
    subclass: str
    atypia: float
    skin_type: str
    device: str
    ruler: bool
    ink: bool
    gel_bubbles: bool
    hair: str
    dark_border: bool
    stray_light: float


def cases(plan: pd.DataFrame) -> list[Case]:
    """The rows of a plan as cases, in its order; raises KeyError where a column is missing."""
    columns = [plan[each.name].tolist() for each in fields(Case)]
    return [Case(*values) for values in zip(*columns, strict=True)]
