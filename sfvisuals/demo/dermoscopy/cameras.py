"""The cameras: what each makes of the light, from the fine canvas to 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from sfvisuals.corruptions.recipe import Pixels8
from sfvisuals.demo.dermoscopy.canvas import SIZE
from sfvisuals.demo.dermoscopy.textures import Field, noise, piece


@dataclass(frozen=True, slots=True)
class Camera:
    """One device.

    Attributes:
        gain: factor of red, green and blue.
        offset: what is added to all, of 1.
        contrast: factor around the light grey `PIVOT`.
        blur: radius of a Gaussian blur in pixels of the finished image.
        pixels: resolution across before the image is enlarged to its size.
        sharpen: strength of unsharp masking in per cent.
        noise: standard deviation of the grain, of 1.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: float = 0.0
    contrast: float = 1.0
    blur: float = 0.0
    pixels: int = SIZE
    sharpen: int = 0
    noise: float = 0.009


PIVOT: Final = np.float32(0.6)
CAMERAS: Final = {
    "device 1": Camera(),
    "device 2": Camera((1.18, 1.03, 0.76), 0.18, 0.60, 0.8, 56, 0, 0.005),
    "device 3": Camera((0.98, 1.0, 1.03), 0.0, 1.05, 0.3, SIZE, 0, 0.011),
    "device 4": Camera((0.91, 0.96, 1.05), -0.02, 1.05, 0.0, SIZE, 70, 0.009),
}


def photographed(image: Field, device: str, stray_light: float, chance: Generator) -> Pixels8:
    """(SIZE, SIZE, 3) 8-bit photograph of a (3, 2 SIZE, 2 SIZE) image with stray light added to it.

    Raises KeyError for an unknown device.
    """
    camera = CAMERAS[device]
    small = image[:, ::2, ::2] + image[:, 1::2, ::2] + image[:, ::2, 1::2] + image[:, 1::2, 1::2]
    light = chance.normal(1, 0.025) * np.exp(chance.normal(0, 0.012, 3)) * np.array(camera.gain) / 4
    small *= light[:, None, None].astype(np.float32)
    small += np.float32(camera.offset + stray_light - PIVOT)
    small *= np.float32(camera.contrast)
    small += PIVOT + np.float32(camera.noise) * piece(noise(0.4, 15), SIZE, chance)
    photo = Image.fromarray(_bytes(small))
    if camera.blur:
        photo = photo.filter(ImageFilter.GaussianBlur(camera.blur))
    if camera.pixels != SIZE:
        low = photo.resize((camera.pixels, camera.pixels), Image.Resampling.BILINEAR)
        photo = low.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    if camera.sharpen:
        photo = photo.filter(ImageFilter.UnsharpMask(1.0, camera.sharpen, 0))
    return np.asarray(photo)


def _bytes(image: Field) -> Pixels8:
    rounded: Pixels8 = np.clip(image.transpose(1, 2, 0) * 255 + 0.5, 0, 255).astype(np.uint8)
    return rounded
