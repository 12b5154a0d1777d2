"""Pixels as model and page both see them: from the page's decoder, corrupted where a run says so."""

from __future__ import annotations

import numpy as np
from PIL import Image

from sfvisuals.corruptions import CorruptionRecipe, Pixels8, corrupt, find
from sfvisuals.errors import ImageReadError
from sfvisuals.io.packed import ImageFile
from sfvisuals.io.pixels import Displayed, display
from sfvisuals.types import Run


def clean_pixels(path: ImageFile) -> Pixels8:
    """(H, W) grey or (H, W, 3) colours of the file in full size, upright, as the page shows it.

    Transparency is dropped. Raises ImageReadError, which names the file, and FileNotFoundError.
    """
    try:
        return _without_alpha(display(path))
    except ImageReadError as error:
        raise ImageReadError(error.title, detail=f"{path}: {error.detail}", hint=error.hint) from error


def pixels_of(path: ImageFile, recipe: CorruptionRecipe | None) -> Pixels8:
    """`clean_pixels`, corrupted if there is a recipe: exactly what the page shows for that sample.

    Raises what `clean_pixels` and `corrupt` raise.
    """
    clean = clean_pixels(path)
    return clean if recipe is None else corrupt(clean, recipe)


def display_corrupted(path: ImageFile, recipe: CorruptionRecipe) -> Displayed:
    """`pixels_of` as the page shows it, with words about what was done. Raises the same."""
    clean = display(path)
    corrupted = corrupt(_without_alpha(clean), recipe)
    words = f"{find(recipe.corruption).label.lower()} applied to the clean image"
    note = "; ".join(part for part in (clean.note, words) if part)
    return Displayed(Image.fromarray(corrupted), note, untouched=False)


def _without_alpha(shown: Displayed) -> Pixels8:
    pixels: Pixels8 = np.asarray(shown.image)
    return np.ascontiguousarray(pixels[:, :, :3]) if pixels.ndim == 3 else pixels


def recipe_of(run: Run, row: int) -> CorruptionRecipe | None:
    """How that row's image comes from the file that the run names; None where it is the file's own."""
    if row >= len(run.corruption_seed) or run.corruption_seed[row] < 0:
        return None
    name = run.corruptions[int(run.corruption[row])]
    parameters = run.corruption_parameters[name][int(run.severity[row]) - 1]
    return CorruptionRecipe(name, parameters, int(run.corruption_seed[row]))
