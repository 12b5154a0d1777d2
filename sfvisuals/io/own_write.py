"""Write a run folder of our own format, from arrays and a table, all or nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pandas as pd

from sfvisuals.corruptions.recipe import Parameters
from sfvisuals.io import own_arguments, own_corruption
from sfvisuals.io.own_arguments import ScoreColumn, Studies
from sfvisuals.io.own_content import check_content
from sfvisuals.io.own_folder import Folder, check_folder
from sfvisuals.io.own_save import save
from sfvisuals.io.schemas import schema
from sfvisuals.types import Study


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
    target = own_arguments.place_of(out)
    weights, biases = own_arguments.layer(last_layer)
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
        "last_layer_w.npy": weights,
        "last_layer_b.npy": biases,
    }
    columns = own_arguments.score_columns(scores)
    table, as_json = own_arguments.table_of(samples)
    document = {
        "name": target.resolve().name if name is None else name,
        "classes": own_arguments.class_names(classes),
        "studies": [study_entry(study) for study in own_arguments.study_records(studies)],
        "source": source,
        "group": group,
        "external_name": external_name,
        "corruption_parameters": own_corruption.plain(own_arguments.parameters_of(corruption_parameters)),
        "json_columns": as_json,
        "scores": [score_entry(key, column) for key, column in columns.items()],
        "provenance": own_arguments.facts_of(provenance),
    }
    folder = Folder(
        document=document_of(document),
        samples=table,
        arrays={
            file: own_arguments.stored(array, file, lossless)
            for file, array in arrays.items()
            if array is not None
        },
        scores=own_arguments.score_table(columns),
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
