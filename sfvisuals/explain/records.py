"""A feature: one thing that is known of every sample, in the form that rules and tests of enrichment use."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from sfvisuals.types import BoolArray, FloatArray, IntArray


class FeatureKind(StrEnum):
    """Whether a feature is a number or one of a few levels."""

    NUMBER = "number"
    LEVEL = "level"


class FeatureOrigin(StrEnum):
    """Where a feature comes from."""

    METADATA = "metadata"
    SHIFT = "shift"
    IMAGE = "image"
    MODEL = "model"


@dataclass(frozen=True, eq=False)
class Feature:
    """One thing that is known of every sample of a run.

    Attributes:
        name: unique within the run: a metadata column as it is called; study, corruption, severity; image:X
            for an attribute of the image; model:X for what the model's outputs and latents say; column:X for
            a metadata column that is called like one of those.
        label: what a person reads.
        kind: number or level.
        origin: metadata, shift, image or model.
        numbers: (N,) float64, NaN where missing; empty for levels.
        codes: (N,) int32 position in `levels`, -1 where missing; empty for numbers.
        levels: the levels, as they are spelled for people.
        unit: unit of the numbers, empty where they have none.
        higher, lower: what larger and smaller numbers mean, as in "more straight lines"; empty where the
            label says enough.
    """

    name: str
    label: str
    kind: FeatureKind
    origin: FeatureOrigin
    numbers: FloatArray = field(default_factory=lambda: np.empty(0, np.float64))
    codes: IntArray = field(default_factory=lambda: np.empty(0, np.int32))
    levels: tuple[str, ...] = ()
    unit: str = ""
    higher: str = ""
    lower: str = ""

    @property
    def known(self) -> BoolArray:
        """(N,) True where the sample has a value."""
        present: BoolArray = np.isfinite(self.numbers) if self.kind is FeatureKind.NUMBER else self.codes >= 0
        return present
