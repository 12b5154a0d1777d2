"""The attributes of an image that there are, as a visible tuple, and the one function that measures them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from sfvisuals.image_attributes import frame, hair, lines, marker, texture, tone
from sfvisuals.image_attributes.picture import Picture, Pixels, prepared
from sfvisuals.types import FloatArray

Measure: TypeAlias = Callable[[Picture], float]

VERSION: Final = 1
"""To be raised when a definition changes, so that no value of the old one is shown again."""


@dataclass(frozen=True, eq=False)
class ImageAttribute:
    """One number that is measured on an image.

    Attributes:
        name: how features and tables call it.
        label: what a person reads.
        unit: of its values; empty for a pure number.
        higher: what a larger value means, as in "more straight lines".
        lower: what a smaller value means.
        definition: the formula in words.
        source: where it comes from; empty where it is a plain statistic.
        function: of the prepared picture; NaN where it has no meaning there.
    """

    name: str
    label: str
    unit: str
    higher: str
    lower: str
    definition: str
    source: str
    function: Measure


IMAGE_ATTRIBUTES: Final[tuple[ImageAttribute, ...]] = (
    ImageAttribute(
        "brightness", "Brightness", "", "brighter", "darker",
        "mean grey value, 0 black to 1 white", "", tone.brightness,
    ),
    ImageAttribute(
        "contrast", "Contrast", "", "more contrast", "less contrast",
        "standard deviation of the grey values (RMS contrast)", "Peli 1990", tone.contrast,
    ),
    ImageAttribute(
        "saturation", "Saturation", "", "more saturated", "paler in colour",
        "mean of (max − min) / max over red, green, blue; greys have none", "Smith 1978", tone.saturation,
    ),
    ImageAttribute(
        "hue", "Hue", "°", "hue turned towards yellow", "hue turned towards blue",
        "angle of the mean colour about the grey axis, −180 to 180, 0 is red, 60 yellow, −120 blue: the"
        " circular mean weighted by chroma; greys have none", "Preucil 1953", tone.hue,
    ),
    ImageAttribute(
        "warmth", "Warmth", "", "warmer colours", "cooler colours",
        "mean red less mean blue; greys have none", "", tone.warmth,
    ),
    ImageAttribute(
        "colour_cast", "Colour cast", "ΔE", "stronger colour cast", "weaker colour cast",
        "chroma of the mean colour in CIELAB, its distance from grey; greys have none", "Buchsbaum 1980",
        tone.colour_cast,
    ),
    ImageAttribute(
        "sharpness", "Sharpness", "", "sharper", "more blurred",
        "1 less the share of neighbour differences that survives a second blur over 11 pixels, 0 to 1;"
        " without a scale", "Crete et al. 2007", texture.sharpness,
    ),
    ImageAttribute(
        "noise", "Noise level", "", "more noise", "less noise",
        "median |x ∗ N| / (6 · 0.6745), N the difference of two Laplacians, over pixels that are neither"
        " black nor white: the standard deviation of the noise", "Immerkaer 1996, with a median",
        texture.noise,
    ),
    ImageAttribute(
        "edge_density", "Edge density", "", "more edges", "fewer edges",
        "share of pixels on an edge (Canny, sigma 1.4) of the stretched grey values", "Canny 1986",
        texture.edge_density,
    ),
    ImageAttribute(
        "dark_corners", "Dark corners", "", "darker corners", "lighter corners",
        "(ring − corners) / the larger, medians of grey beyond radius 1.08 and from 0.6 to 0.92 of the"
        " inscribed ellipse", "", frame.dark_corners,
    ),
    ImageAttribute(
        "border", "Black or white border", "", "more black or white border", "less black or white border",
        "share of pixels that are black (below 0.06) or white (above 0.94) and connected so to a side", "",
        frame.border,
    ),
    ImageAttribute(
        "straight_lines", "Straight lines", "sides", "more straight lines", "fewer straight lines",
        "votes of the strongest line of a Hough transform with signed gradients, less the mean of its 17"
        " parallels, over the shorter side", "Duda and Hart 1972, Ballard 1981", lines.straight_lines,
    ),
    ImageAttribute(
        "periodicity", "Periodic marks", "", "more periodic marks", "fewer periodic marks",
        "share of the power along the best horizontal or vertical band that one frequency (10 cycles or"
        " more) and its double hold", "", lines.periodicity,
    ),
    ImageAttribute(
        "corner_marker", "Letter in a corner", "", "a letter in a corner", "no letter in a corner",
        "greatest normalised cross-correlation of a bright L or R, 0.10 to 0.22 of the shorter side high, in"
        " the four corners", "Lewis 1995", marker.corner_marker,
    ),
    ImageAttribute(
        "hair", "Hair-like lines", "", "more hair-like lines", "fewer hair-like lines",
        "share of pixels on thin dark lines: black top-hat above 0.1 of the stretched grey values, opened by"
        " straight lines of 0.15 of the shorter side", "after Lee et al. 1997", hair.hair,
    ),
    ImageAttribute(
        "dark_area", "Dark area", "", "larger dark area", "smaller dark area",
        "share of the inscribed ellipse darker than its threshold of Otsu: the size of a lesion that is alone"
        " in the picture", "Otsu 1979", texture.dark_area,
    ),
)  # fmt: skip

NAMES: Final = tuple(attribute.name for attribute in IMAGE_ATTRIBUTES)


def measure(pixels: Pixels) -> FloatArray:
    """(A,) float64 in the order of IMAGE_ATTRIBUTES, NaN where an attribute has no meaning.

    Pixels are (H, W) or (H, W, C); how they are scaled and reduced is told at `picture.prepared`, which also
    says what is refused.
    """
    picture = prepared(pixels)
    if picture is None:
        return np.full(len(IMAGE_ATTRIBUTES), np.nan)
    return np.array([attribute.function(picture) for attribute in IMAGE_ATTRIBUTES], np.float64)
