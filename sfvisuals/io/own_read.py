"""Read a run folder of our own format into a `Run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sfvisuals.io import own_columns, own_corruption
from sfvisuals.io.fingerprint import fingerprint
from sfvisuals.io.notes import Notes
from sfvisuals.io.own_content import check_probabilities
from sfvisuals.io.own_folder import RUN, Array, Folder, check_folder
from sfvisuals.io.own_open import load
from sfvisuals.io.schemas import schema
from sfvisuals.io.sidecar import Sidecar, describe_studies, left_out, sidecar_for, source_study
from sfvisuals.types import FloatArray, GivenScore, IntArray, Judge, Run, RunFormat, Study, StudyKind

if TYPE_CHECKING:
    from sfvisuals.io.discover import RunRef


def read_own(ref: RunRef, *, root: Path | None = None, describe: Path | None = None) -> Run:
    """The run in that folder. Arrays are memory-mapped: only the probabilities are looked through.

    Args:
        ref: where it lies, as `discover` found it.
        root: a sidecar `sfvisuals.yaml` is looked for up to this folder; what it says goes before run.json.
        describe: a sidecar that goes before those in the folders.

    Raises RunFormatError, naming file, found, expected and the fix, where the folder is not valid, and
    SettingsError if `describe` cannot be read.
    """
    notes = Notes()
    sidecar = sidecar_for(ref.path, root=root, describe=describe, notes=notes)
    folder = load(ref.path)
    check_folder(folder)
    if "probabilities.npy" in folder.arrays:
        check_probabilities(folder.arrays["probabilities.npy"], file="probabilities.npy")
    run = to_run(folder, ref=ref, sidecar=sidecar, notes=notes)
    key = fingerprint(ref.path, extra=() if sidecar.path is None else (sidecar.path,))
    return replace(run, problems=tuple(notes.problems), absent=run.absent | notes.absent, fingerprint=key)


def to_run(folder: Folder, *, ref: RunRef, sidecar: Sidecar, notes: Notes) -> Run:
    """A checked folder as a Run, with what the sidecar says about it."""
    document, arrays, samples = folder.document, folder.arrays, folder.samples
    studies = describe_studies(tuple(_study(entry) for entry in document["studies"]), sidecar, notes)
    study = own_columns.codes_of(samples["study"], [s.name for s in studies]).astype(np.int32)
    corruptions, corruption, severity, source_row = _corruption(folder, studies, study)
    w, b = arrays.get("last_layer_w.npy"), arrays.get("last_layer_b.npy")
    train_labels = arrays.get("train_labels.npy")
    metadata = own_columns.unpack(samples, as_json=document.get("json_columns", []), file=folder.table)
    return Run(
        name=ref.name,
        path=ref.path,
        format=RunFormat.SFVISUALS,
        classes=_classes(document, sidecar, notes),
        studies=studies,
        study=_frozen(study),
        label=_frozen(own_columns.integers(samples["label"], missing=0)),
        logits=arrays.get("logits.npy"),
        probabilities=arrays.get("probabilities.npy"),
        mc_logits=arrays.get("mc_logits.npy"),
        mc_probabilities=arrays.get("mc_probabilities.npy"),
        external=arrays.get("external.npy"),
        external_mc=arrays.get("external_mc.npy"),
        external_name=document.get("external_name"),
        latents=arrays.get("latents.npy"),
        train_latents=arrays.get("train_latents.npy"),
        train_labels=None if train_labels is None else _frozen(train_labels.astype(np.int64)),
        last_layer=None if w is None or b is None else (w, b),
        image=own_columns.texts(samples["image"]) if "image" in samples else None,
        metadata=metadata,
        group_column=_group_column(document, metadata, sidecar, notes),
        leave_out=left_out(sidecar, metadata, notes),
        corruptions=corruptions,
        corruption=_frozen(corruption.astype(np.int16)),
        severity=_frozen(severity.astype(np.int16)),
        source_row=_frozen(source_row.astype(np.int64)),
        corruption_seed=_frozen(_corruption_seed(samples)),
        corruption_parameters=own_corruption.recorded(document),
        given_scores=_given_scores(folder),
        source=source_study(sidecar, studies, default=_source(document, studies), notes=notes),
        absent=_absent(folder),
        provenance=dict(document.get("provenance", {})),
    )


def _study(entry: Mapping[str, Any]) -> Study:
    return Study(
        name=entry["name"],
        kind=StudyKind(entry["kind"]),
        label=entry.get("label", entry["name"]),
        corruption=entry.get("corruption"),
        severity=entry.get("severity"),
        assumed=entry.get("assumed", False),
    )


def _classes(document: Mapping[str, Any], sidecar: Sidecar, notes: Notes) -> tuple[str, ...]:
    stated = tuple(document["classes"])
    if sidecar.classes is not None and len(sidecar.classes) == len(stated):
        return sidecar.classes
    if sidecar.classes is not None:
        notes.warning(
            f"The sidecar names {len(sidecar.classes)} classes, {RUN} {len(stated)}",
            f"{sidecar.path}: {', '.join(sidecar.classes)}. The names are not used.",
            "Name every class, in the order of the outputs.",
        )
    return stated


def _group_column(
    document: Mapping[str, Any], metadata: pd.DataFrame, sidecar: Sidecar, notes: Notes
) -> str | None:
    if sidecar.group is None or sidecar.group in metadata.columns:
        return sidecar.group or document.get("group")
    notes.warning(
        "The sidecar names a group column this run lacks",
        f"{sidecar.path}: {sidecar.group}. Columns here: {', '.join(map(str, metadata.columns)) or 'none'}.",
        "Use one of these columns.",
    )
    return document.get("group")


def _source(document: Mapping[str, Any], studies: tuple[Study, ...]) -> str | None:
    """What run.json says; the first iid study only if it says nothing (null means none)."""
    first_iid = next((study.name for study in studies if study.kind is StudyKind.IID), None)
    stated: str | None = document.get("source", first_iid)
    return stated


def _corruption(
    folder: Folder, studies: tuple[Study, ...], study: IntArray
) -> tuple[tuple[str, ...], IntArray, IntArray, IntArray]:
    """Names; per sample code, severity and source row. The table's columns count before the studies'."""
    samples = folder.samples
    if "corruption" in samples:
        column = own_columns.texts(samples["corruption"])
    else:
        column = pd.Series([s.corruption for s in studies], dtype=object).iloc[study].reset_index(drop=True)
    stated = tuple(folder.document.get("corruptions", ()))
    names = stated + tuple(name for name in column.dropna().unique() if name not in stated)
    if "severity" in samples:
        severity = own_columns.integers(samples["severity"], missing=0)
    elif "corruption" in samples:
        severity = np.zeros(len(samples), dtype=np.int64)
    else:
        severity = np.array([s.severity or 0 for s in studies], dtype=np.int64)[study]
    if "source" in samples:
        source_row = own_columns.integers(samples["source"], missing=-1)
    else:
        source_row = np.full(len(samples), -1, dtype=np.int64)
    return names, own_columns.codes_of(column, names), severity, source_row


def _corruption_seed(samples: pd.DataFrame) -> IntArray:
    if own_corruption.SEED not in samples:
        return np.full(len(samples), -1, dtype=np.int64)
    return own_columns.integers(samples[own_corruption.SEED], missing=-1).copy()


def _given_scores(folder: Folder) -> tuple[GivenScore, ...]:
    """The given scores, high = confident: the only place where one that means the opposite is turned."""
    if folder.scores is None:
        return ()
    return tuple(
        GivenScore(
            name=entry["name"],
            label=entry.get("label", entry["name"]),
            values=_oriented(folder.scores[entry["name"]], low=entry["orientation"] == "low"),
            judge=Judge(entry.get("judge", Judge.PLAIN)),
        )
        for entry in folder.document.get("scores", [])
    )


def _oriented(column: pd.Series[Any], *, low: bool) -> FloatArray:
    values: FloatArray = column.to_numpy()
    if values.dtype.kind != "f":
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _frozen(-values if low else values.copy())


def _absent(folder: Folder) -> dict[str, str]:
    """Why each optional part is missing: what run.json says if it says anything, else which file to add."""
    if "absent" in folder.document:
        return dict(folder.document["absent"])
    reasons = {
        rule["x-field"]: f"needs {file}, which this run lacks"
        for file, rule in schema("arrays")["properties"].items()
        if file not in folder.arrays
    }
    if "image" not in folder.samples:
        reasons["image"] = f"needs the column image in {folder.table}, which this run lacks"
    return reasons


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
