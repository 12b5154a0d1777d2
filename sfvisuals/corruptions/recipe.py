"""How one image was corrupted, in a form that a run folder keeps: enough to do it again, pixel for pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Pixels8: TypeAlias = npt.NDArray[np.uint8]
"""(H, W) grey or (H, W, 3) red, green, blue; 0 to 255."""

Parameters: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class CorruptionRecipe:
    """One corruption of one image.

    Attributes:
        corruption: its name in the catalogue.
        parameters: the numbers of its formula, as run.json records them for the severity.
        seed: of its random part; the same for all severities of one image, so that a trail is one story.
    """

    corruption: str
    parameters: Parameters
    seed: int
