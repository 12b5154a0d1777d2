"""Pixels as model and page both see them: from the page's decoder, corrupted where a run says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sfvisuals.corruptions import CorruptionRecipe, Pixels8, corrupt
from sfvisuals.io.pixels import display
from sfvisuals.types import Run


def clean_pixels(path: Path) -> Pixels8:
    """(H, W) grey or (H, W, 3) colours of the file in full size, upright, as the page shows it.

    Transparency is dropped. Raises ImageReadError, FileNotFoundError.
    """
    return without_alpha(np.asarray(display(path).image))


def pixels_of(path: Path, recipe: CorruptionRecipe | None) -> Pixels8:
    """`clean_pixels`, corrupted if there is a recipe: exactly what the page shows for that sample.

    Raises what `clean_pixels` and `corrupt` raise.
    """
    clean = clean_pixels(path)
    return clean if recipe is None else corrupt(clean, recipe)


def without_alpha(pixels: Pixels8) -> Pixels8:
    """(H, W) or (H, W, 3) of what may be (H, W, 4)."""
    return np.ascontiguousarray(pixels[:, :, :3]) if pixels.ndim == 3 else pixels


def recipe_of(run: Run, row: int) -> CorruptionRecipe | None:
    """How that row's image comes from the file that the run names; None where it is the file's own."""
    if row >= len(run.corruption_seed) or run.corruption_seed[row] < 0:
        return None
    name = run.corruptions[int(run.corruption[row])]
    parameters = run.corruption_parameters[name][int(run.severity[row]) - 1]
    return CorruptionRecipe(name, parameters, int(run.corruption_seed[row]))
