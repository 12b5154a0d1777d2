"""What lies on the skin or in the optics: hair, ink, ruler, bubbles, vignetting, the dermatoscope's frame."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

from sfvisuals.demo.dermoscopy.canvas import FINE, grid, mixed, radius
from sfvisuals.demo.dermoscopy.textures import Field, noise, piece

HAIRS: Final = {"none": (0, 1), "some": (2, 7), "much": (9, 22)}
OVER: Final = 2 * FINE


def hair(image: Field, level: str, chance: Generator) -> None:
    """Curved dark strokes of one tint and about one direction, over the (3, FINE, FINE) image in place."""
    low, high = HAIRS[level]
    count = int(chance.integers(low, high))
    if not count:
        return
    sheet = Image.new("L", (OVER, OVER))
    pen = ImageDraw.Draw(sheet)
    main = chance.uniform(0, np.pi)
    for _ in range(count):
        start = chance.uniform(-0.1, 1.1, 2) * OVER
        heading = main + chance.normal(0, 0.45)
        length, bend = chance.uniform(0.35, 1.1) * OVER, chance.normal(0, 0.2) * OVER
        step = np.linspace(0, 1, 14)[:, None]
        ahead = np.array([np.cos(heading), np.sin(heading)])
        aside = np.array([-ahead[1], ahead[0]])
        line = start + step * length * ahead + 4 * step * (1 - step) * bend * aside
        pen.line(
            [tuple(p) for p in line], fill=int(chance.integers(150, 250)), width=int(chance.integers(3, 7))
        )
    tint = (0.10, 0.07, 0.06) if chance.random() < 0.7 else (0.34, 0.22, 0.14)
    mixed(image, tint, _mask(sheet) * np.float32(0.88))


def ruler(image: Field, chance: Generator) -> None:
    """A translucent scale along one edge: a bright strip with black ticks, longer at every fifth one."""
    sheet, strip = Image.new("L", (OVER, OVER)), Image.new("L", (OVER, OVER))
    pen, back = ImageDraw.Draw(sheet), ImageDraw.Draw(strip)
    height = chance.uniform(0.13, 0.18) * OVER
    slope, gap = chance.uniform(-0.03, 0.03), chance.uniform(0.052, 0.068) * OVER
    top = OVER - height
    back.polygon([(0, top), (OVER, top + slope * OVER), (OVER, OVER), (0, OVER)], fill=255)
    first, number = chance.uniform(0, gap), int(chance.integers(10))
    for tick in range(int(OVER / gap) + 1):
        place = first + tick * gap
        start = top + slope * place
        reach = (0.34, 0.55, 0.8)[int((tick + number) % 5 == 0) + int((tick + number) % 10 == 0)]
        pen.line([(place, start), (place, start + reach * height)], fill=255, width=7)
    pen.line([(0, top), (OVER, top + slope * OVER)], fill=200, width=4)
    turns = int(chance.integers(4))
    mixed(image, (0.93, 0.93, 0.90), np.rot90(_mask(strip), turns) * np.float32(chance.uniform(0.45, 0.65)))
    mixed(image, (0.07, 0.07, 0.08), np.rot90(_mask(sheet), turns) * np.float32(0.92))


def ink(image: Field, chance: Generator) -> None:
    """One or two strokes of gentian violet near the rim, as a surgeon marks a lesion."""
    sheet = Image.new("L", (OVER, OVER))
    pen = ImageDraw.Draw(sheet)
    for _ in range(int(chance.integers(1, 3))):
        direction, bow = chance.uniform(0, 2 * np.pi), chance.uniform(0.2, 0.75)
        angles = np.linspace(direction - bow, direction + bow, 60)
        wobble = chance.uniform(0.82, 1.12) + 0.05 * np.sin(chance.uniform(2, 5) * angles)
        width = chance.uniform(8, 15) * (1 + 0.25 * np.sin(chance.uniform(4, 9) * angles))
        places = (1 + wobble * np.stack([np.cos(angles), np.sin(angles)])) * (OVER / 2)
        for across, down, wide in zip(*places, width, strict=True):
            pen.ellipse((across - wide, down - wide, across + wide, down + wide), fill=255)
    uneven = np.clip(0.62 + 0.22 * piece(noise(4.0, 14), FINE, chance), 0.15, 0.9)
    tint = (0.30, 0.20, 0.55) if chance.random() < 0.6 else (0.18, 0.28, 0.60)
    mixed(image, tint, _mask(sheet) * uneven)


def bubbles(image: Field, chance: Generator) -> None:
    """Air in the gel: bright rings with a glint, a little lighter inside."""
    x, y = grid()
    for _ in range(int(chance.integers(2, 11))):
        place, size = chance.uniform(-1, 1, 2), float(np.exp(chance.normal(-2.7, 0.5)))
        away = np.hypot(x - np.float32(place[0]), y - np.float32(place[1])) * np.float32(1 / size)
        side = 0.5 + ((x - np.float32(place[0])) * 0.3 - (y - np.float32(place[1])) * 0.4) * np.float32(
            1 / size
        )
        ring = np.exp(-(((away - 1) / 0.2) ** 2)) * np.clip(side, 0.15, 1)
        image += (0.32 * ring + 0.03 * (away < 1)).astype(np.float32)
        image -= (0.12 * np.exp(-(((away - 0.75) / 0.2) ** 2))).astype(np.float32)


def vignette(image: Field, chance: Generator) -> None:
    """Less light towards the corners, and the light a little off the middle."""
    x, y = grid()
    lean = chance.normal(0, 0.035, 2).astype(np.float32)
    image *= 1 + lean[0] * x + lean[1] * y - np.float32(chance.uniform(0.04, 0.15)) * radius() ** 2


def frame(image: Field, chance: Generator) -> None:
    """The round dark frame of the dermatoscope: black corners with a soft edge."""
    x, y = grid()
    middle = chance.normal(0, 0.03, 2)
    away = np.hypot(x - np.float32(middle[0]), y - np.float32(middle[1]))
    mixed(image, (0.03, 0.025, 0.03), np.clip((away - np.float32(chance.uniform(0.98, 1.12))) * 22, 0, 1))


def _mask(sheet: Image.Image) -> Field:
    return np.asarray(sheet.reduce(OVER // FINE), np.float32) * np.float32(1 / 255)
