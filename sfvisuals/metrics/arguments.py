"""What a metric is given, as arrays: a wrong type, shape or value is named before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, Final, NoReturn

import numpy as np

from sfvisuals.errors import SfvisualsError
from sfvisuals.types import BoolArray, FloatArray, IntArray

# beyond these, sums of weights (and of their squares) overflow or vanish
LARGEST: Final = 1e100
SMALLEST: Final = 1e-100


def numbers(given: Any, name: str = "scores") -> FloatArray:
    """(n,) float64; NaN and infinities stay."""
    array = flat(given, name, kinds="fiub", expected="numbers")
    values: FloatArray = array.astype(np.float64, copy=False)
    return values


def failures(given: Any, name: str = "failure") -> BoolArray:
    """(n,) bool, from truth values or from 0 and 1."""
    array = flat(given, name, kinds="bfiu", expected="True where the prediction is wrong")
    wrong: BoolArray = array if array.dtype == np.bool_ else array == 1
    if array.dtype == np.bool_:
        return wrong
    other = ~wrong & (array != 0)
    if other.any():
        refuse(
            name,
            f"sample {int(other.argmax())} is {array[other][0]}",
            "truth values, or 0 and 1",
            "Write failure = predictions != labels.",
        )
    return wrong


def classes(given: Any, name: str = "labels") -> IntArray:
    """(n,) whole numbers in the type they came in, floats as int64."""
    array: IntArray = flat(given, name, kinds="iufb", expected="the number of each sample's class")
    if array.dtype.kind in "iu":
        return array
    whole = array.astype(np.float64)
    bad = ~(np.isfinite(whole) & (np.floor(whole) == whole) & (np.abs(whole) < 2.0**53))
    if bad.any():
        row = int(bad.argmax())
        refuse(name, f"sample {row} is {array[row]}", "whole numbers", "Number the classes from 0.")
    return array.astype(np.int64)


def table(given: Any, name: str = "probabilities") -> FloatArray:
    """(n, k) numbers, one column per class, in the type they came in."""
    array: FloatArray = _array(given, name)
    if array.ndim != 2 or array.dtype.kind not in "fiub" or not array.shape[1]:
        refuse(
            name,
            f"shape {array.shape} of {array.dtype}",
            "(n, k) numbers, one column per class",
            "Give one row per sample, for example softmax(logits, axis=1).",
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def counting(given: Any, name: str = "weights") -> FloatArray:
    """(n,) float64 weights, finite and not negative."""
    weights = numbers(given, name)
    with np.errstate(invalid="ignore"):
        bad = ~((weights == 0) | ((weights >= SMALLEST) & (weights <= LARGEST)))
    if bad.any():
        row = int(bad.argmax())
        raise SfvisualsError(
            "A weight is negative, not a number, or beyond what can be added up",
            detail=f"Sample {row} has weight {weights[row]}.",
            hint=f"Weights are 0 or between {SMALLEST:g} and {LARGEST:g}; only their proportions matter.",
        )
    return weights


def units(given: Any, name: str = "groups") -> Any:
    """(n,) names or numbers of what each sample belongs to."""
    array = _array(given, name)
    if array.dtype == object and array.ndim == 1 and all(isinstance(value, str) for value in array):
        array = array.astype(str)
    missing = array.dtype.kind == "f" and bool(np.isnan(array).any())
    if array.ndim != 1 or array.dtype.kind not in "iufbUS" or missing:
        refuse(
            name,
            "a sample without a group" if missing else f"shape {array.shape} of {array.dtype}",
            "(n,) one name or number per sample",
            "pandas.factorize(column)[0] makes numbers of anything; give samples without a group one each.",
        )
    return array


def flat(given: Any, name: str, *, kinds: str, expected: str) -> Any:
    """(n,) array whose type is among these kinds of numpy."""
    array = _array(given, name)
    if array.ndim != 1:
        hint = f"Take the column: {name}[:, 0], or {name}.ravel()." if array.ndim > 1 else ""
        refuse(name, f"shape {array.shape}", f"(n,) {expected}", hint or "Give one entry per sample.")
    if array.dtype.kind not in kinds and array.size:
        refuse(name, f"type {array.dtype}", f"(n,) {expected}", f"Convert it first: {name}.astype(float).")
    return array


def together(n: int, **others: Any) -> None:
    """Raise SfvisualsError where an array has not one entry per score."""
    for name, array in others.items():
        if array is not None and len(array) != n:
            raise SfvisualsError(
                "The arrays of a metric do not belong together",
                detail=f"There are {n} scores and {len(array)} {name}.",
                hint="Give one entry per sample in every array.",
            )


def share(given: Any, name: str, *, open_ends: bool = False) -> float:
    """A number in 0..1; with open ends neither 0 nor 1."""
    inside = _number(given) and (0 < given < 1 if open_ends else 0 <= given <= 1)
    if not inside:
        words = "strictly between 0 and 1" if open_ends else "from 0 to 1"
        refuse(name, repr(given)[:60], f"a number {words}", "Per cent are divided by 100: 5 % is 0.05.")
    return float(given)


def whole(given: Any, name: str, *, least: int) -> int:
    """A whole number of at least so much."""
    number = _number(given) and given == given // 1 and given >= least
    if not number:
        refuse(
            name, repr(given)[:60], f"a whole number of at least {least}", f"Write {name}={max(least, 1)}."
        )
    return int(given)


def per_class(given: Any, name: str) -> dict[int, float]:
    """Class -> number."""
    line = f"Write {name}={{0: 1.0, 1: 5.0}}: number of the class -> number."
    if not isinstance(given, Mapping):
        refuse(name, repr(given)[:60], "a mapping of class to number", line)
    for key, value in given.items():
        if not isinstance(key, int | np.integer) or not _number(value):
            refuse(name, f"{key!r}: {value!r}"[:60], "a mapping of class to number", line)
    return {int(key): float(value) for key, value in given.items()}


def _number(given: Any) -> bool:
    return isinstance(given, Real) and not isinstance(given, bool)


def refuse(name: str, found: str, expected: str, hint: str) -> NoReturn:
    """Raise SfvisualsError for an argument that is not what it should be."""
    raise SfvisualsError(
        f"Cannot compute with the {name} given", detail=f"Found {found}; expected {expected}.", hint=hint
    )


def _array(given: Any, name: str) -> Any:
    if np.ma.isMaskedArray(given):
        refuse(name, "a masked array", "an array without a mask", f"Write {name}.filled(numpy.nan).")
    try:
        return np.asarray(given)
    except ValueError as error:
        raise SfvisualsError(
            f"Cannot compute with the {name} given",
            detail=f"{error}.",
            hint="Give lists of equal lengths, or a numpy array.",
        ) from error
