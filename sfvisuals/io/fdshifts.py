"""Read a run folder of fd-shifts (current, v0.1.1, 2022) into a `Run`.

Each step has its file: names (spellings), config, outputs, studies, sidecar, features, mc_rows, attributions,
corruption, checks. A run that cannot be read at all raises RunFormatError; anything less is a problem in
`Run.problems`, and a feature that is None has its reason in `Run.absent` (keys: see notes.Notes).

Outputs and MC passes of float16 are widened to float32, which is exact, unless they are mapped or larger than
256 MiB; latents keep the file's dtype. Convert to float64 before any softmax.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals.io import names
from sfvisuals.io.attributions import Attributions, read_attributions
from sfvisuals.io.checks import check_values
from sfvisuals.io.config import RunConfig, read_config
from sfvisuals.io.corruption import read_corruptions
from sfvisuals.io.discover import RunRef
from sfvisuals.io.features import Features, read_features
from sfvisuals.io.fingerprint import fingerprint
from sfvisuals.io.notes import Notes
from sfvisuals.io.outputs import Outputs, read_outputs
from sfvisuals.io.sidecar import Sidecar, class_names, left_out, sidecar_for, source_study
from sfvisuals.io.studies import described, read_studies
from sfvisuals.types import Run

GROUP_COLUMNS = ("patient_id", "lesion_id", "img_nb")


def read_fd_shifts(ref: RunRef, *, root: Path | None = None, describe: Path | None = None) -> Run:
    """The run at `ref`.

    Args:
        ref: where it lies, as `discover` found it.
        root: sidecars are looked for up to this folder; only in the run's folder without one.
        describe: a sidecar that goes before those in the folders.

    Raises RunFormatError if the config or the outputs cannot be read, SettingsError if `describe` cannot be.
    """
    notes = Notes()
    results = ref.path / names.RESULTS
    config = read_config(ref.path)
    sidecar = sidecar_for(ref.path, root=root, describe=describe, notes=notes)
    outputs = read_outputs(results, notes)
    studies = described(read_studies(config, outputs, notes), sidecar, notes)
    features = read_features(results, outputs, strides=studies.strides, notes=notes)
    attributions = read_attributions(
        ref.path,
        label=outputs.label,
        studies=studies,
        config=config,
        train_rows=None if features.train_latents is None else features.train_latents.shape[0],
        notes=notes,
    )
    corruptions = read_corruptions(studies, attributions, label=outputs.label, sidecar=sidecar, notes=notes)
    run = _run(ref, config, sidecar, outputs, features, attributions, notes)
    run = replace(
        run,
        studies=corruptions.studies,
        study=studies.code,
        source=source_study(sidecar, corruptions.studies, default=studies.iid, notes=notes),
        corruptions=corruptions.names,
        corruption=corruptions.code,
        severity=corruptions.severity,
        source_row=corruptions.source_row,
    )
    if run.source is None:
        notes.absent["source"] = "no study of this run is known to be iid"
    if run.external_name is None:
        notes.absent["external_name"] = "the config has no eval.ext_confid_name"
    check_values(run, outputs, config, notes)
    _freeze(run)
    return replace(run, problems=tuple(notes.problems), absent=dict(notes.absent))


def _run(
    ref: RunRef,
    config: RunConfig,
    sidecar: Sidecar,
    outputs: Outputs,
    features: Features,
    attributions: Attributions,
    notes: Notes,
) -> Run:
    values, mc = outputs.values, features.mc
    return Run(
        name=ref.name,
        path=ref.path,
        format=ref.format,
        classes=class_names(sidecar, d=values.shape[1], notes=notes),
        studies=(),
        study=outputs.index,
        label=outputs.label,
        logits=None if outputs.probabilities else values,
        probabilities=values if outputs.probabilities else None,
        mc_logits=None if features.mc_probabilities else mc,
        mc_probabilities=mc if features.mc_probabilities else None,
        external=features.external,
        external_mc=features.external_mc,
        external_name=config.external_name,
        latents=features.latents,
        train_latents=features.train_latents,
        train_labels=features.train_labels,
        last_layer=features.last_layer,
        image=attributions.image,
        metadata=attributions.metadata,
        group_column=group_column(attributions.metadata, sidecar, notes),
        leave_out=left_out(sidecar, attributions.metadata, notes),
        fingerprint=fingerprint(ref.path, extra=() if sidecar.path is None else (sidecar.path,)),
        provenance=_provenance(ref, config, sidecar),
    )


def group_column(metadata: pd.DataFrame, sidecar: Sidecar, notes: Notes) -> str | None:
    """The column that says which samples belong together: the sidecar's, else the first usual one present."""
    columns = [str(column) for column in metadata.columns]
    if sidecar.group is not None:
        if sidecar.group in columns:
            return sidecar.group
        notes.warning(
            f"{names.SIDECAR} names a group column this run lacks",
            f"{sidecar.path}: {sidecar.group}. Columns here: {', '.join(columns) or 'none'}.",
            "Use one of these columns.",
        )
    found = next((column for column in GROUP_COLUMNS if column in columns), None)
    if found is None:
        notes.absent["group"] = f"no column {', '.join(GROUP_COLUMNS)} in the metadata"
        return None
    notes.info(
        "The group column is assumed",
        f"Samples with the same {found} are taken as one group (patient, lesion, nodule).",
        f"Say `group: COLUMN` in an {names.SIDECAR} where this is wrong.",
    )
    return found


def _freeze(run: Run) -> None:
    """Make every array of the run read-only."""
    pairs = run.last_layer or ()
    for value in (*vars(run).values(), *pairs):
        if isinstance(value, np.ndarray):
            value.flags.writeable = False


def _provenance(ref: RunRef, config: RunConfig, sidecar: Sidecar) -> dict[str, str]:
    facts = {
        "writer": ref.format.value,
        "config": config.path.relative_to(ref.path).as_posix() if config.path else "",
        "fd-shifts version": config.version or "",
        "training set": config.dataset or "",
        "sidecar": sidecar.path.name if sidecar.path else "",
    }
    return {name: fact for name, fact in facts.items() if fact}
