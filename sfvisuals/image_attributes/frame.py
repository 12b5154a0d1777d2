"""What surrounds the scene: dark corners, black and white frames."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sfvisuals.image_attributes.picture import Picture

RING: Final = (0.6, 0.92)
CORNER: Final = 1.08
BLACK: Final = 0.06
WHITE: Final = 0.94


def dark_corners(picture: Picture) -> float:
    """1 less the median grey of the corners over that of a ring inside them; 0 alike, 1 black corners.

    The radius is 1 on the ellipse that touches the four sides: corners lie beyond 1.08, the ring from 0.6 to
    0.92. Medians pass over hair and letters. Negative where corners are brighter; NaN for tiny images.
    """
    radius = picture.radius
    corner, ring = radius > CORNER, (radius >= RING[0]) & (radius <= RING[1])
    if not corner.any() or not ring.any():
        return math.nan
    outer, inner = float(np.median(picture.grey[corner])), float(np.median(picture.grey[ring]))
    return (inner - outer) / max(inner, outer) if max(inner, outer) > 0 else 0.0


def border(picture: Picture) -> float:
    """Share of the pixels that are black (below 0.06) or white (above 0.94) and connected so to a side."""
    from scipy.ndimage import label

    found = 0
    for extreme in (picture.grey < BLACK, picture.grey > WHITE):
        regions, count = label(extreme)
        if count:
            sides = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
            touching = np.zeros(count + 1, dtype=bool)
            touching[sides] = True
            touching[0] = False
            found += int(touching[regions].sum())
    return found / picture.grey.size
