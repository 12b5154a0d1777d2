"""Metadata columns as features, and columns left out because they name samples or are the answer.

The rules, in this order; the first that holds decides. Values are counted on the clean images, since
corrupted copies repeat those of theirs.

1. Left out: columns that the sidecar leaves out, the group column, columns without a value or with one only.
2. Left out as identifiers: image paths; columns whose name says so (`id`, `uid`, `seed`, `index`, `path`,
   `file` ...) and that have more than MOST_LEVELS values; text and whole numbers that differ between almost
   all images.
3. Truth values and whole numbers of at most MOST_INTEGERS different values become levels; other numbers, and
   text that is all numbers, become numbers; dates (ISO 8601, also with slashes) days since 1970-01-01.
4. Other text becomes levels: all of them up to MOST_LEVELS; of more, the most frequent MOST_LEVELS stay and
   the rest is pooled, or the column is left out where the frequent ones hold less than half of the images.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd
from pandas.api import types as kinds

from sfvisuals.attributes import spelled
from sfvisuals.explain.records import Feature, FeatureKind, FeatureOrigin
from sfvisuals.types import BoolArray, FloatArray, IntArray

MOST_LEVELS: Final = 30
MOST_INTEGERS: Final = 6
FEWEST_FOR_AN_IDENTIFIER: Final = 20
MOSTLY: Final = 0.95

_NAMES_SAMPLES: Final = re.compile(
    r"(^|[ _.-])(id|ids|uid|uuid|guid|idx|index|seed|hash|path|file|filename|url)$", re.IGNORECASE
)
_IMAGE_FILE: Final = re.compile(r"\.(?:png|jpe?g|tiff?|bmp|gif|webp|dcm|nii|nii\.gz|npy)$", re.IGNORECASE)
_DATE: Final = re.compile(r"^\d{4}[-/]\d{2}[-/]\d{2}([T ].*)?$")
_EPOCH: Final = pd.Timestamp("1970-01-01", tz="UTC")


def column_feature(
    name: str,
    values: pd.Series,
    *,
    clean: BoolArray,
    leave_out: Collection[str] = (),
    group: str | None = None,
) -> Feature | str:
    """The feature of one metadata column, or why it is left out.

    Args:
        name: of the column.
        values: (N,) its values.
        clean: (N,) True where the sample is no corrupted copy.
        leave_out: columns that the sidecar leaves out.
        group: the group column.
    """
    if name in leave_out:
        return "left out by the sidecar"
    if name == group:
        return "it names the group of a sample"
    if kinds.is_datetime64_any_dtype(values):
        return _numbered(name, _days(values), unit="days")
    if kinds.is_numeric_dtype(values) and not kinds.is_bool_dtype(values):
        return _of_numbers(name, values, clean)
    return _of_text(name, values, clean)


def _of_numbers(name: str, values: pd.Series, clean: BoolArray) -> Feature | str:
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    known = numbers[clean & np.isfinite(numbers)]
    distinct = np.unique(known)
    whole = bool((known == np.round(known)).all())
    if whole and (why := _names_samples(name, len(distinct), len(known), share=MOSTLY)):
        return why
    if (
        whole
        and 1 < len(distinct) <= MOST_INTEGERS
        and np.isin(numbers[np.isfinite(numbers)], distinct).all()
    ):
        return _levelled(name, values, clean)
    return _numbered(name, numbers)


def _of_text(name: str, values: pd.Series, clean: BoolArray) -> Feature | str:
    if kinds.is_bool_dtype(values):
        return _levelled(name, values, clean)
    codes, uniques = pd.factorize(values)
    text = spelled(pd.Series(uniques)).dropna()
    if not len(text):
        return "it has no value"
    if text.str.contains(_IMAGE_FILE).mean() > 0.5:
        return "it names image files"
    if text.str.match(_DATE).mean() >= MOSTLY:
        return _numbered(name, _days(pd.Series(uniques))[codes], unit="days", missing=codes < 0)
    as_numbers = pd.to_numeric(text, errors="coerce")
    if as_numbers.notna().all():
        # a text that is all numbers: a column of them that was read with one empty cell spelled oddly
        numbers = as_numbers.reindex(range(len(uniques))).to_numpy(np.float64)[codes]
        return _of_numbers(name, pd.Series(np.where(codes < 0, np.nan, numbers)), clean)
    known = np.unique(codes[clean & (codes >= 0)])
    if why := _names_samples(name, len(known), int((clean & (codes >= 0)).sum()), share=0.5):
        return why
    return _levelled(name, values, clean)


def _names_samples(name: str, distinct: int, known: int, *, share: float) -> str:
    """Why the column is an identifier, or nothing: `distinct` values among `known` clean images."""
    if _NAMES_SAMPLES.search(name) and distinct > MOST_LEVELS:
        return "its name and its many values say that it names samples"
    if known >= FEWEST_FOR_AN_IDENTIFIER and distinct > share * known:
        return f"it names samples: {distinct:,} different values in {known:,} images"
    return ""


def _levelled(name: str, values: pd.Series, clean: BoolArray) -> Feature | str:
    codes, levels = coded(values)
    if len(levels) > MOST_LEVELS:
        counts = np.bincount(codes[clean & (codes >= 0)], minlength=len(levels))
        kept = np.sort(np.lexsort((np.arange(len(levels)), -counts))[:MOST_LEVELS])
        if counts[kept].sum() < 0.5 * counts.sum():
            return f"it has {len(levels):,} values, and the {MOST_LEVELS} frequent ones hold less than half"
        place = np.full(len(levels) + 1, MOST_LEVELS, np.int32)
        place[kept], place[-1] = np.arange(MOST_LEVELS), -1
        codes = place[codes]
        levels = (*(levels[k] for k in kept), f"one of {len(place) - 1 - MOST_LEVELS:,} rarer values")
    if len(np.unique(codes)) < 2:
        return "it has one value only"
    return level_feature(name, name, FeatureOrigin.METADATA, codes, levels)


def coded(values: pd.Series) -> tuple[IntArray, tuple[str, ...]]:
    """(N,) int32 position in the levels, -1 where missing, and the levels as the legend spells them."""
    codes, uniques = pd.factorize(values)
    of_unique, levels = pd.factorize(spelled(pd.Series(uniques)), sort=True)
    places = np.append(of_unique, -1).astype(np.int32)
    return places[codes], tuple(str(level) for level in levels)


def level_feature(
    name: str, label: str, origin: FeatureOrigin, codes: IntArray, levels: tuple[str, ...]
) -> Feature:
    """A feature of levels, its array read-only."""
    held = codes.astype(np.int32)
    held.flags.writeable = False
    return Feature(name, label, FeatureKind.LEVEL, origin, codes=held, levels=levels)


def number_feature(
    name: str,
    label: str,
    origin: FeatureOrigin,
    numbers: FloatArray,
    *,
    unit: str = "",
    higher: str = "",
    lower: str = "",
) -> Feature:
    """A feature of numbers, its array read-only; what is not finite is missing."""
    held = np.where(np.isfinite(numbers), numbers, np.nan).astype(np.float64)
    held.flags.writeable = False
    kind = FeatureKind.NUMBER
    return Feature(name, label, kind, origin, numbers=held, unit=unit, higher=higher, lower=lower)


def _numbered(
    name: str, numbers: FloatArray, *, unit: str = "", missing: BoolArray | None = None
) -> Feature | str:
    if missing is not None:
        numbers = np.where(missing, np.nan, numbers)
    known = numbers[np.isfinite(numbers)]
    if not known.size:
        return "it has no value"
    if known.min() == known.max() and known.size == numbers.size:
        return "it has one value only"
    return number_feature(name, name, FeatureOrigin.METADATA, numbers, unit=unit)


def _days(values: pd.Series) -> FloatArray:
    """(n,) days since 1970-01-01, NaN where there is no date."""
    if not kinds.is_datetime64_any_dtype(values):
        values = values.astype("object").map(lambda text: str(text).replace("/", "-"), na_action="ignore")
    moments = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601")
    return ((moments - _EPOCH) / pd.Timedelta(days=1)).to_numpy(np.float64, na_value=np.nan)
