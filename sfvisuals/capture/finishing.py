"""The end of a capture: the table and run.json, the same checks as everybody's folder, and into its place."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sfvisuals.capture.draft import Draft, RowFile
from sfvisuals.capture.parts import Layout
from sfvisuals.capture.records import ScoreFunction
from sfvisuals.errors import RunFormatError
from sfvisuals.io import own_columns
from sfvisuals.io.own_content import check_content
from sfvisuals.io.own_folder import PARQUET, RUN, SCORES, Array, Folder, check_folder
from sfvisuals.io.own_save import publish
from sfvisuals.io.own_write import document_of, study_entry
from sfvisuals.io.schemas import schema

SCORE_ROWS = 2**18


@dataclass(frozen=True, eq=False)
class Facts:
    """What run.json says beside the studies.

    Attributes:
        classes: d names.
        scores: the further scores by name.
        group: metadata column of patient, lesion or nodule.
        source: study that is the source domain at first.
        external_name: which head gives the confidence.
        name: for people.
        provenance: where the run comes from.
        reasons: file -> why it is not there.
    """

    classes: Sequence[str]
    scores: Mapping[str, ScoreFunction]
    group: str | None
    source: str | None
    external_name: str | None
    name: str
    provenance: Mapping[str, str]
    reasons: Mapping[str, str]


def folder_of(
    layout: Layout, facts: Facts, files: Mapping[str, RowFile], last_layer: tuple[Array, Array] | None
) -> Folder:
    """The folder as it will be, checked as far as it can be before anything is recorded.

    Raises RunFormatError where something does not agree.
    """
    table, as_json = _table(layout.samples)
    arrays: dict[str, Array] = {name: file.as_array() for name, file in files.items() if "/" not in name}
    if layout.train:
        arrays["train_labels.npy"] = layout.train_labels
    if last_layer is not None:
        arrays["last_layer_w.npy"], arrays["last_layer_b.npy"] = last_layer
    document = {
        "name": facts.name,
        "classes": list(facts.classes),
        "studies": [study_entry(study) for study in layout.studies],
        "source": facts.source,
        "group": facts.group,
        "external_name": facts.external_name,
        "json_columns": as_json,
        "corruptions": list(layout.parameters),
        "corruption_parameters": {
            name: [dict(parameters) for parameters in severities]
            for name, severities in layout.parameters.items()
        },
        "scores": [_score_entry(name, score) for name, score in facts.scores.items()],
        "absent": _absent(arrays, table, facts.reasons),
        "provenance": dict(facts.provenance),
    }
    empty = {name: np.empty(len(table)) for name in facts.scores}
    folder = Folder(
        document=document_of(document),
        samples=table,
        arrays=arrays,
        scores=pd.DataFrame(empty) if empty else None,
    )
    check_folder(folder)
    check_content(
        Folder(document=folder.document, samples=table, arrays={}, scores=folder.scores if empty else None)
    )
    return folder


def finish(folder: Folder, files: Mapping[str, RowFile], draft: Draft, out: Path, *, overwrite: bool) -> Path:
    """Write what is missing, check the content by pieces, and put the folder in the place of `out`.

    Raises RunFormatError where the content is not valid or the disk refuses; the draft stays then.
    """
    scores = {name.partition("/")[2]: file for name, file in files.items() if "/" in name}
    checked = Folder(folder.document, folder.samples, folder.arrays, None, folder.table)
    check_content(checked)
    try:
        for name, array in folder.arrays.items():
            if name not in files:
                np.save(draft.run / name, array, allow_pickle=False)
        if scores:
            _write_scores(draft.run / SCORES, list(folder.scores.columns), scores)  # type: ignore[union-attr]
        folder.samples.to_parquet(draft.run / PARQUET, index=False)
        text = json.dumps(folder.document, indent=2, ensure_ascii=False)
        (draft.run / RUN).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise RunFormatError(f"{out.name} cannot be written", detail=str(error)) from error
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise RunFormatError(
            "The table cannot be written",
            detail=str(error),
            hint="Give every metadata column one plain type: numbers, Unicode text, dates or truth values.",
        ) from error
    publish(draft.run, out, overwrite=overwrite)
    shutil.rmtree(draft.place, ignore_errors=True)
    return out


def _write_scores(path: Path, order: Sequence[str], scores: Mapping[str, RowFile]) -> None:
    """scores.parquet by pieces; the files are named by their position in the order."""
    columns = [scores[f"{number}.npy"] for number in range(len(order))]
    rows = pa.schema([(name, pa.float64()) for name in order])
    with pq.ParquetWriter(path, rows) as writer:
        for start in range(0, len(columns[0]), SCORE_ROWS):
            pieces = [column[start : start + SCORE_ROWS] for column in columns]
            writer.write_table(pa.table(dict(zip(order, pieces, strict=True)), schema=rows))


def _table(samples: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The samples as the format keeps them, and the metadata columns that are JSON texts."""
    known = own_columns.reserved()
    own = samples[[name for name in samples.columns if name in known]].reset_index(drop=True)
    whole = {"severity": 0, "source": -1, "corruption_seed": -1}
    filled = {
        name: pd.to_numeric(own[name]).fillna(value).astype(np.int64)
        for name, value in whole.items()
        if name in own
    }
    texts = {name: own[name].astype("str") for name in ("study", "image", "corruption") if name in own}
    metadata, as_json = own_columns.pack(samples[[name for name in samples.columns if name not in known]])
    return pd.concat([own.assign(**filled, **texts), metadata], axis=1), as_json


def _score_entry(name: str, score: ScoreFunction) -> dict[str, str]:
    return {
        "name": name,
        "label": score.label or name,
        "orientation": score.orientation,
        "judge": score.judge,
    }


def _absent(arrays: Mapping[str, Array], table: pd.DataFrame, reasons: Mapping[str, str]) -> dict[str, str]:
    """Why each optional part is not there."""
    absent = {
        rule["x-field"]: reasons.get(file, f"needs {file}, which a capture of this model does not give")
        for file, rule in schema("arrays")["properties"].items()
        if file not in arrays
    }
    if "image" not in table:
        absent["image"] = "the table of the captured studies has no column image"
    return absent


def size_on_disk(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
