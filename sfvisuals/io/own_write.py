"""Write a run folder of our own format, from arrays and a table, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sfvisuals.corruptions.recipe import Parameters
from sfvisuals.errors import RunFormatError
from sfvisuals.io import own_columns, own_corruption
from sfvisuals.io.own_content import check_content
from sfvisuals.io.own_folder import Array, Folder, check_folder, listed
from sfvisuals.io.own_save import save
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


def write_run(
    out: str | os.PathLike[str],
    *,
    samples: pd.DataFrame,
    classes: Sequence[str],
    studies: Studies,
    logits: npt.ArrayLike | None = None,
    probabilities: npt.ArrayLike | None = None,
    latents: npt.ArrayLike | None = None,
    mc_logits: npt.ArrayLike | None = None,
    mc_probabilities: npt.ArrayLike | None = None,
    external: npt.ArrayLike | None = None,
    external_mc: npt.ArrayLike | None = None,
    external_name: str | None = None,
    train_latents: npt.ArrayLike | None = None,
    train_labels: npt.ArrayLike | None = None,
    last_layer: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    scores: Mapping[str, ScoreColumn] | None = None,
    group: str | None = None,
    source: str | None = None,
    name: str | None = None,
    provenance: Mapping[str, str] | None = None,
    corruption_parameters: Mapping[str, Sequence[Parameters]] | None = None,
    lossless: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write one experiment as a folder that `sfvisuals serve` opens.

    Args:
        out: the folder to make.
        samples: N rows with the columns study and label, optionally image, corruption, severity, source
            (the row of the uncorrupted image) and corruption_seed (image is then the clean one, which is
            corrupted whenever it is shown), and any metadata. Its index is not written.
        classes: d class names; label 0 is the first.
        studies: records, or a mapping of name to kind ("iid", "corruption", "acquisition", "manifestation",
            "new_class", "validation", "train") or to a mapping with `kind` and any of label, corruption and
            severity.
        logits: (N, d) outputs before the softmax; exactly one of logits and probabilities is needed.
        probabilities: (N, d) softmax outputs.
        latents: (N, l) features before the last layer.
        mc_logits: (N, d, M) logits of M Monte-Carlo dropout passes.
        mc_probabilities: (N, d, M) the same as probabilities; at most one of the two.
        external: (N,) the model's own confidence, high = confident.
        external_mc: (N, M) the same in every Monte-Carlo pass.
        external_name: which head wrote it: tcp, dg, devries.
        train_latents: (T, l) features of the training samples.
        train_labels: (T,) their classes.
        last_layer: weights (d, l) and biases (d,) of the last linear layer.
        scores: further confidence scores by name.
        group: the column of samples that names patient, lesion or nodule.
        source: the study that is the source domain at first; the first iid study if None.
        name: a name for people; the folder's name if None.
        provenance: facts about where the run comes from.
        corruption_parameters: corruption -> its parameters by severity, from 1, as they were applied; needed
            for those of samples with a corruption_seed.
        lossless: keep float64; else numbers wider than float32 are stored as float32.
        overwrite: replace a run folder that is there already.

    Returns:
        The folder. It appears complete or not at all.

    Raises:
        RunFormatError: something is missing, does not agree, or is not finite; nothing is written then.
    """
    arrays = {
        "logits.npy": logits,
        "probabilities.npy": probabilities,
        "latents.npy": latents,
        "mc_logits.npy": mc_logits,
        "mc_probabilities.npy": mc_probabilities,
        "external.npy": external,
        "external_mc.npy": external_mc,
        "train_latents.npy": train_latents,
        "train_labels.npy": train_labels,
        "last_layer_w.npy": None if last_layer is None else last_layer[0],
        "last_layer_b.npy": None if last_layer is None else last_layer[1],
    }
    target = Path(out)
    columns = scores or {}
    table, as_json = _table(samples)
    document = {
        "name": target.resolve().name if name is None else name,
        "classes": [str(c) for c in classes],
        "studies": [study_entry(study) for study in _studies(studies)],
        "source": source,
        "group": group,
        "external_name": external_name,
        "corruption_parameters": own_corruption.plain(corruption_parameters or {}),
        "json_columns": as_json,
        "scores": [score_entry(key, column) for key, column in columns.items()],
        "provenance": dict(provenance or {}),
    }
    folder = Folder(
        document=document_of(document),
        samples=table,
        arrays={file: _stored(array, file, lossless) for file, array in arrays.items() if array is not None},
        scores=_score_table(columns),
    )
    check_folder(folder)
    check_content(folder)
    return save(folder, target, overwrite=overwrite)


def document_of(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Content of run.json from its parts, without those that are empty."""
    head = {"format": "sfvisuals-run", "version": 1}
    required = schema("run")["required"]
    return head | {
        key: part for key, part in parts.items() if key in required or part not in (None, [], {}, ())
    }


def study_entry(study: Study) -> dict[str, Any]:
    """A study as run.json has it."""
    entry: dict[str, Any] = {"name": study.name, "kind": str(study.kind), "label": study.label}
    if study.corruption is not None:
        entry["corruption"] = study.corruption
    if study.severity is not None:
        entry["severity"] = study.severity
    if study.assumed:
        entry["assumed"] = True
    return entry


def score_entry(name: str, column: ScoreColumn) -> dict[str, str]:
    """A score as run.json has it."""
    return {
        "name": name,
        "label": name if column.label is None else column.label,
        "orientation": str(column.orientation),
        "judge": str(column.judge),
    }


def _table(samples: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The samples with every column in a form that a table holds, and the names of those kept as JSON."""
    if not isinstance(samples, pd.DataFrame):
        raise RunFormatError(
            "samples is not a DataFrame",
            detail=f"Found {type(samples).__name__}.",
            hint="pandas.DataFrame(...)",
        )
    known = own_columns.reserved()
    if not samples.columns.is_unique:
        repeated = listed(samples.columns[samples.columns.duplicated()])
        raise RunFormatError("samples repeats a column", detail=f"Twice: {repeated}.", hint="Rename one.")
    own = samples[[name for name in samples.columns if name in known]].reset_index(drop=True)
    own = own.assign(**{name: own[name].astype(object) for name in own.select_dtypes("category").columns})
    metadata, as_json = own_columns.pack(samples[[name for name in samples.columns if name not in known]])
    return pd.concat([own, metadata], axis=1), as_json


def _studies(studies: Studies) -> list[Study]:
    if not isinstance(studies, Mapping):
        return list(studies)
    return [_study(name, given) for name, given in studies.items()]


def _study(name: str, given: str | Mapping[str, Any]) -> Study:
    facts: Mapping[str, Any] = {"kind": given} if isinstance(given, str) else given
    known = {"kind", "label", "corruption", "severity"}
    if "kind" not in facts or not set(facts) <= known or facts["kind"] not in list(StudyKind):
        raise RunFormatError(
            f"The study {name!r} is not described well",
            detail=f"Found {dict(facts)!r}; the kinds are {listed(StudyKind)}.",
            hint=f"Give a kind, or a mapping with kind and any of {listed(sorted(known - {'kind'}))}.",
        )
    return Study(
        name=name,
        kind=StudyKind(facts["kind"]),
        label=facts.get("label", name),
        corruption=facts.get("corruption"),
        severity=facts.get("severity"),
    )


def _stored(given: npt.ArrayLike, file: str, lossless: bool) -> Array:
    """The array in the type that is stored."""
    array = _array(given, file)
    if "integers" in schema("arrays")["properties"][file]["$ref"]:
        return array
    if array.dtype.kind in "biu" or (array.dtype.kind == "f" and array.dtype.itemsize > 4 and not lossless):
        return array.astype(np.float32 if not lossless else np.float64)
    return array.astype(np.float64) if array.dtype.kind == "f" and array.dtype.itemsize > 8 else array


def _array(given: npt.ArrayLike, name: str) -> Array:
    try:
        array: Array = np.asanyarray(given)
    except ValueError as error:
        raise RunFormatError(
            f"{name} is no array",
            detail=f"{error}.",
            hint="Give lists of equal lengths, or a numpy array.",
        ) from error
    return array


def _score_table(columns: Mapping[str, ScoreColumn]) -> pd.DataFrame | None:
    if not columns:
        return None
    arrays = {name: _array(column.values, f"Score {name!r}") for name, column in columns.items()}
    for name, array in arrays.items():
        if array.ndim != 1 or len(array) != len(next(iter(arrays.values()))):
            raise RunFormatError(
                f"Score {name!r} has the wrong shape",
                detail=f"Found {array.shape}; expected one number per sample.",
                hint="Flatten it, and give every score all samples.",
            )
    return pd.DataFrame(arrays)
