"""Corruptions of 8-bit images in five severities: what a model is tested on and what the page then shows.

Everything here is exact: the same image, parameters and seed give the same pixels, in the model's input and
on the screen. docs/corruptions.md has the formulas.
"""

from __future__ import annotations

from sfvisuals.corruptions.catalogue import (
    CATALOGUE,
    SEVERITIES,
    VERSION,
    Corruption,
    corrupt,
    fault_of,
    find,
    known,
    parameters_of,
    seed_of,
)
from sfvisuals.corruptions.recipe import CorruptionRecipe, Parameters, Pixels8

__all__ = [
    "CATALOGUE",
    "SEVERITIES",
    "VERSION",
    "Corruption",
    "CorruptionRecipe",
    "Parameters",
    "Pixels8",
    "corrupt",
    "fault_of",
    "find",
    "known",
    "parameters_of",
    "seed_of",
]
