"""Turn any readable run into our own format, without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sfvisuals.io import own_columns, own_corruption
from sfvisuals.io.own_arguments import Orientation, ScoreColumn
from sfvisuals.io.own_content import check_probabilities
from sfvisuals.io.own_folder import Array, Folder, check_folder
from sfvisuals.io.own_save import save
from sfvisuals.io.own_write import document_of, score_entry, study_entry
from sfvisuals.types import IntArray, Run


def convert(run: Run, out: Path, *, overwrite: bool = False) -> Path:
    """Write `run` as a folder of our own format; reading it back gives the same run.

    Every array keeps its type; image paths keep their text. Values are written as they are: what `check`
    finds in the original it finds in the copy.

    Raises RunFormatError where `out` is in the way.
    """
    folder = folder_of(run)
    check_folder(folder)
    if "probabilities.npy" in folder.arrays:
        check_probabilities(folder.arrays["probabilities.npy"], file="probabilities.npy")
    return save(folder, out, overwrite=overwrite)


def folder_of(run: Run) -> Folder:
    """The run as the parts of a run folder."""
    metadata, as_json = own_columns.pack(_metadata(run))
    scores = {
        score.name: ScoreColumn(score.values, Orientation.HIGH, label=score.label, judge=score.judge)
        for score in run.given_scores
    }
    document = document_of(
        {
            # A folder may have a name that is no Unicode; the copy is for people, so it is spelt with `?`.
            "name": run.name.encode(errors="replace").decode(),
            "classes": list(run.classes),
            "studies": [study_entry(study) for study in run.studies],
            "group": run.group_column,
            "external_name": run.external_name,
            "corruptions": list(run.corruptions),
            "corruption_parameters": own_corruption.plain(run.corruption_parameters),
            "json_columns": as_json,
            "scores": [score_entry(name, column) for name, column in scores.items()],
            "provenance": dict(run.provenance),
        }
    ) | {"source": run.source, "absent": dict(run.absent)}
    return Folder(
        document=document,
        samples=pd.concat([pd.DataFrame(_columns(run)), metadata], axis=1),
        arrays=_arrays(run),
        scores=pd.DataFrame({name: column.values for name, column in scores.items()}) if scores else None,
    )


def _metadata(run: Run) -> pd.DataFrame:
    if len(run.metadata.columns) == 0:
        return pd.DataFrame(index=pd.RangeIndex(run.n))
    return run.metadata.reset_index(drop=True)


def _columns(run: Run) -> dict[str, Any]:
    """The columns with a meaning of their own."""
    names = np.array([study.name for study in run.studies], dtype=object)
    columns: dict[str, Any] = {"study": pd.Series(names[run.study], dtype="str"), "label": run.label}
    if run.image is not None:
        columns["image"] = own_columns.texts(run.image)
    code = _filled(run.corruption, run.n, -1)
    severity = _filled(run.severity, run.n, 0)
    source_row = _filled(run.source_row, run.n, -1)
    # Where all samples agree with what their study says anyway, the columns still are written: a run whose
    # samples are not marked although their study is would otherwise come back marked.
    if run.corruptions or severity.any() or any(s.corruption is not None or s.severity for s in run.studies):
        shown = np.array([*run.corruptions, None], dtype=object)
        columns["corruption"] = pd.Series(shown[code], dtype="str")
        columns["severity"] = severity
    if (source_row >= 0).any():
        columns["source"] = source_row
    corruption_seed = _filled(run.corruption_seed, run.n, -1)
    if (corruption_seed >= 0).any():
        columns["corruption_seed"] = corruption_seed
    return columns


def _filled(values: IntArray, n: int, default: int) -> IntArray:
    return values if len(values) == n else np.full(n, default, dtype=values.dtype)


def _arrays(run: Run) -> dict[str, Array]:
    w, b = run.last_layer if run.last_layer is not None else (None, None)
    arrays: dict[str, Array | None] = {
        "logits.npy": run.logits,
        "probabilities.npy": run.probabilities,
        "mc_logits.npy": run.mc_logits,
        "mc_probabilities.npy": run.mc_probabilities,
        "external.npy": run.external,
        "external_mc.npy": run.external_mc,
        "latents.npy": run.latents,
        "train_latents.npy": run.train_latents,
        "train_labels.npy": run.train_labels,
        "last_layer_w.npy": w,
        "last_layer_b.npy": b,
    }
    return {file: array for file, array in arrays.items() if array is not None}
