"""What `write_run` is given, brought into one form: a wrong type is named with the line to write instead."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from sfvisuals.errors import RunFormatError
from sfvisuals.io import own_columns
from sfvisuals.io.own_folder import Array, listed, shortened
from sfvisuals.io.schemas import schema
from sfvisuals.types import Judge, Study, StudyKind


class Orientation(StrEnum):
    """Which end of a score means confident."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, eq=False)
class ScoreColumn:
    """A confidence score to be written.

    Attributes:
        values: (N,) numbers, NaN where undefined.
        orientation: which end means confident; low ones are turned when the run is read.
        label: what a person reads; the score's name if None.
        judge: which prediction the score is judged against.
    """

    values: npt.ArrayLike
    orientation: Orientation | Literal["high", "low"]
    label: str | None = None
    judge: Judge | Literal["plain", "mc_mean"] = Judge.PLAIN


Studies = Sequence[Study] | Mapping[str, str | Mapping[str, Any]]

CLASSES = 'classes=["benign", "malignant"]'
STUDIES = 'studies={"validation": "validation", "clinic A": "iid", "clinic B": "acquisition"}'
SCORES = 'scores={"distance": sfvisuals.ScoreColumn(values, orientation="low")}'
LAST_LAYER = "last_layer=(weights, biases)"
PROVENANCE = 'provenance={"model": "ResNet-50"}'
PARAMETERS = 'corruption_parameters={"motion_blur": [{"length": 0.025}, {"length": 0.05}]}'


def place_of(out: str | os.PathLike[str]) -> Path:
    """The folder to make."""
    path = os.fspath(out) if isinstance(out, str | os.PathLike) else None
    if not isinstance(path, str) or not path or "\0" in path:
        refuse("out", out, "the path of a folder", '"experiments/first", for example')
    return Path(path)


def class_names(classes: Iterable[Any]) -> list[str]:
    """d names, each with something to read and none twice: people tell classes by them."""
    if isinstance(classes, str | bytes | Set) or not isinstance(classes, Iterable):
        refuse("classes", classes, "one name per class, in the order of the outputs", CLASSES)
    names = list(classes)
    for name in names:
        named = isinstance(name, str | int | float | np.generic) and name == name
        if not named or not str(name).strip():
            refuse("classes", name, "a name that can be read", CLASSES, inside=True)
    texts = [str(name) for name in names]
    repeated = (
        sorted({name for name in texts if texts.count(name) > 1}) if len(set(texts)) < len(texts) else []
    )
    if repeated:
        raise RunFormatError(
            "Two classes have the same name",
            detail=f"Twice: {listed(repeated)}.",
            hint="Give every output of the model a name of its own.",
        )
    return texts


def study_records(studies: Any) -> list[Study]:
    """The studies as records."""
    if isinstance(studies, Mapping):
        return [_study(name, given) for name, given in studies.items()]
    if not isinstance(studies, Sequence) or isinstance(studies, str | bytes):
        refuse("studies", studies, "a mapping of name to kind", STUDIES)
    for study in studies:
        if not isinstance(study, Study):
            refuse(
                "studies",
                study,
                "a record of the type Study",
                STUDIES,
                inside=True,
            )
    return list(studies)


def _study(name: Any, given: Any) -> Study:
    if not isinstance(name, str):
        refuse("studies", name, "a name", STUDIES, inside=True)
    facts = given if isinstance(given, Mapping) else {"kind": given}
    known = {"kind", "label", "corruption", "severity"}
    if "kind" not in facts or not set(facts) <= known or facts["kind"] not in list(StudyKind):
        raise RunFormatError(
            f"The study {name!r} is not described well",
            detail=f"Found {shortened(given)}; the kinds are {listed(StudyKind)}.",
            hint=f"Give a kind, or a mapping with kind and any of {listed(sorted(known - {'kind'}))}: write"
            f" {STUDIES}",
        )
    severity = facts.get("severity")
    return Study(
        name=name,
        kind=StudyKind(facts["kind"]),
        label=facts.get("label", name),
        corruption=facts.get("corruption"),
        severity=severity.item() if isinstance(severity, np.integer) else severity,
    )


def score_columns(scores: Any) -> dict[str, ScoreColumn]:
    """The scores by name."""
    if scores is None:
        return {}
    if isinstance(scores, pd.DataFrame) or not isinstance(scores, Mapping):
        refuse("scores", scores, "a mapping of name to ScoreColumn", SCORES)
    for name, column in scores.items():
        if not isinstance(name, str):
            refuse("scores", name, "a name", SCORES, inside=True)
        if not isinstance(column, ScoreColumn):
            raise RunFormatError(
                f"Score {name!r} is no ScoreColumn",
                detail=f"Found {_kind(column)}. Numbers alone do not say which end means confident.",
                hint=f'Write scores={{{name!r}: sfvisuals.ScoreColumn(values, orientation="high")}}'
                ' (or "low", where low values mean confident).',
            )
    return dict(scores)


def score_table(columns: Mapping[str, ScoreColumn]) -> pd.DataFrame | None:
    """(N,) numbers per score, or None without scores."""
    if not columns:
        return None
    arrays = {name: array_of(column.values, f"Score {name!r}") for name, column in columns.items()}
    for name, array in arrays.items():
        if array.ndim != 1 or len(array) != len(next(iter(arrays.values()))):
            raise RunFormatError(
                f"Score {name!r} has the wrong shape",
                detail=f"Found {array.shape}; expected one number per sample.",
                hint="Flatten it, and give every score all samples.",
            )
    wide = {name: array.dtype.kind == "f" and array.dtype.itemsize > 8 for name, array in arrays.items()}
    return pd.DataFrame(
        {name: array.astype(np.float64) if wide[name] else array for name, array in arrays.items()}
    )


def layer(
    last_layer: tuple[npt.ArrayLike, npt.ArrayLike] | None,
) -> tuple[npt.ArrayLike | None, npt.ArrayLike | None]:
    """Weights and biases of the last layer, or None twice."""
    if last_layer is None:
        return None, None
    pair = last_layer if isinstance(last_layer, tuple | list) else ()
    if len(pair) != 2 or any(part is None for part in pair):
        refuse("last_layer", last_layer, "a pair of weights (d, l) and biases (d,)", LAST_LAYER)
    return pair[0], pair[1]


def facts_of(provenance: Mapping[str, str] | None) -> dict[str, str]:
    """Facts about where the run comes from."""
    if provenance is not None and not isinstance(provenance, Mapping):
        refuse("provenance", provenance, "a mapping of text to text", PROVENANCE)
    return dict(provenance or {})


def parameters_of(
    given: Mapping[str, Sequence[Mapping[str, Any]]] | None,
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Corruption -> its parameters by severity."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        refuse("corruption_parameters", given, "a mapping of corruption to its parameters", PARAMETERS)
    for severities in given.values():
        if not isinstance(severities, Sequence) or not all(
            isinstance(entry, Mapping) for entry in severities
        ):
            refuse("corruption_parameters", severities, "a mapping per severity", PARAMETERS, inside=True)
    return given


def stored(given: npt.ArrayLike, file: str, lossless: bool) -> Array:
    """The array in the type that is stored."""
    array = array_of(given, file)
    if "integers" in schema("arrays")["properties"][file]["$ref"]:
        return array
    if array.dtype.kind in "biu":
        return array.astype(np.float64 if lossless else np.float32)
    if array.dtype.kind == "f" and array.dtype.itemsize > (8 if lossless else 4):
        return _narrowed(array, file, np.dtype(np.float64 if lossless else np.float32))
    return array


def _narrowed(array: Array, file: str, dtype: np.dtype[Any]) -> Array:
    """In a narrower type; raises RunFormatError where a finite number does not fit into it."""
    with np.errstate(over="ignore"):
        narrow: Array = array.astype(dtype)
    lost = np.isinf(narrow) & np.isfinite(array)
    if lost.any():
        raise RunFormatError(
            f"{file} holds numbers that {dtype} does not",
            detail=f"For example {array[lost].flat[0]:.4g}; the largest is {np.finfo(dtype).max:.4g}.",
            hint="Write it with lossless=True, or scale it.",
        )
    return narrow


def array_of(given: npt.ArrayLike, name: str) -> Array:
    """The numbers as an array."""
    if np.ma.isMaskedArray(given):
        raise RunFormatError(
            f"{name} is a masked array",
            detail="A file of numbers knows no mask.",
            hint="Leave such samples out everywhere, or give array.filled(value).",
        )
    try:
        array: Array = np.asanyarray(given)
    except ValueError as error:
        raise RunFormatError(
            f"{name} is no array",
            detail=f"{error}.",
            hint="Give lists of equal lengths, or a numpy array.",
        ) from error
    return array


def table_of(samples: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The samples with every column in a form that a table holds, and the names of those kept as JSON."""
    if not isinstance(samples, pd.DataFrame):
        refuse(
            "samples", samples, "a DataFrame", 'samples=pandas.DataFrame({"study": [...], "label": [...]})'
        )
    known = own_columns.reserved()
    if not samples.columns.is_unique:
        repeated = listed(samples.columns[samples.columns.duplicated()])
        raise RunFormatError("samples repeats a column", detail=f"Twice: {repeated}.", hint="Rename one.")
    sparse = {
        name: column.dtype.subtype
        for name, column in samples.items()
        if isinstance(column.dtype, pd.SparseDtype)
    }
    samples = samples.astype(sparse)
    own = samples[[name for name in samples.columns if name in known]].reset_index(drop=True)
    own = own.assign(**{name: own[name].astype(object) for name in own.select_dtypes("category").columns})
    metadata, as_json = own_columns.pack(samples[[name for name in samples.columns if name not in known]])
    return pd.concat([own, metadata], axis=1), as_json


def refuse(name: str, found: Any, expected: str, line: str, *, inside: bool = False) -> NoReturn:
    """Raise RunFormatError for an argument (or something inside it) of the wrong type."""
    raise RunFormatError(
        f"{f'Something in {name}' if inside else name} is not {expected}",
        detail=f"Found {_kind(found)}.",
        hint=f"Write {line}",
    )


def _kind(found: Any) -> str:
    """What it is, in a few words: a long array is not typed out."""
    shape = getattr(found, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{type(found).__name__} of shape {shape}"
    return f"{shortened(found)} ({type(found).__name__})"
