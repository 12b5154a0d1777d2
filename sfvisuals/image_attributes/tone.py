"""Light, and what the colours are."""

from __future__ import annotations

import math

import numpy as np

from sfvisuals.image_attributes.picture import Picture

NO_HUE = 1e-4


def brightness(picture: Picture) -> float:
    """Mean grey value."""
    return float(picture.grey.mean(dtype=np.float64))


def contrast(picture: Picture) -> float:
    """Standard deviation of the grey values: RMS contrast (Peli 1990)."""
    return float(picture.grey.std(dtype=np.float64))


def saturation(picture: Picture) -> float:
    """Mean of (max - min) / max over red, green and blue, 0 for black: that of HSV (Smith 1978)."""
    if picture.colours is None:
        return math.nan
    most = picture.colours.max(axis=0)
    spread = most - picture.colours.min(axis=0)
    return float(np.divide(spread, most, out=np.zeros_like(spread), where=most > 0).mean(dtype=np.float64))


def hue(picture: Picture) -> float:
    """Circular mean of the hue in degrees from -180 to 180, 0 is red, weighted by how colourful a pixel is.

    A pixel's hue is the angle of its colours on the plane across the grey axis (Preucil 1953), its weight the
    distance from that axis; so greys count nothing. NaN where the colours cancel.
    """
    if picture.colours is None:
        return math.nan
    red, green, blue = (float(mean) for mean in picture.colours.mean(axis=(1, 2), dtype=np.float64))
    across, up = red - (green + blue) / 2, (green - blue) * math.sqrt(3) / 2
    return math.degrees(math.atan2(up, across)) if math.hypot(across, up) > NO_HUE else math.nan


def warmth(picture: Picture) -> float:
    """Mean red less mean blue: above 0 warm, below 0 cool."""
    if picture.colours is None:
        return math.nan
    red, _, blue = picture.colours.mean(axis=(1, 2), dtype=np.float64)
    return float(red - blue)


def colour_cast(picture: Picture) -> float:
    """How far the mean colour is from grey: its chroma in CIELAB (sRGB, D65).

    A scene is grey on average where no light or filter tints it (Buchsbaum 1980).
    """
    if picture.colours is None:
        return math.nan
    from skimage.color import rgb2lab

    mean = picture.colours.mean(axis=(1, 2), dtype=np.float64)
    _, a, b = rgb2lab(mean[None, None, :])[0, 0]
    return float(math.hypot(a, b))
