"""Which study each dataset index is: from the config, else by assumption.

Rules: index 0 is the validation set where `val_tuning` is true, then come the iid study and the others.
iid_study is iid, noise_study corruption, new_class_study new class; a set of in_class_study (or of any other
key) is the corruption its name ends in (see naming.py), else an acquisition shift, marked as assumed. Without
a config, or where the config names no studies, the sets are called "study 0", ...; the first counts as iid
and the others as acquisition shifts, all assumed and with a warning. Of studies with one name the second is
called "name (2)".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sfvisuals.io import names
from sfvisuals.io.config import IID_KEY, ConfigStudy, RunConfig
from sfvisuals.io.naming import set_corruption, short_label
from sfvisuals.io.notes import Notes, listed
from sfvisuals.io.outputs import Outputs
from sfvisuals.io.sidecar import Sidecar, describe_studies
from sfvisuals.types import IntArray, Study, StudyKind

VALIDATION = "validation"


@dataclass(frozen=True, eq=False)
class Studies:
    """The studies that have samples.

    Attributes:
        studies: in the order of their index.
        index: the dataset index of each.
        code: (N,) int32 position of each sample's study in `studies`.
        iid: name of the iid study, or None.
        strides: dataset index -> the config's stride of subsampled corruptions.
        sets: number of sets, those without samples included.
        unvalidated: why no study is the validation set, and how to mend it; unless a sidecar names one.
    """

    studies: tuple[Study, ...]
    index: tuple[int, ...]
    code: IntArray
    iid: str | None
    strides: dict[int, int]
    sets: int
    unvalidated: tuple[str, str] = ("", "")


def read_studies(config: RunConfig, outputs: Outputs, notes: Notes) -> Studies:
    """The studies of the outputs as the config names them; every assumption is noted."""
    present = [int(value) for value in np.unique(outputs.index)]
    if config.studies:
        planned, strides = _planned(config, config.studies, present, notes)
    else:
        planned, strides = _assumed(config, present, notes), {}
    planned = _unique(planned)
    _note_empty(planned, present, config, notes)
    unvalidated = _unvalidated(planned, config)
    unknown = [index for index in present if index not in planned]
    if unknown:
        planned |= _unknown(unknown, outputs, len(planned), notes)
    studies = tuple(planned[index] for index in present)
    return Studies(
        studies=studies,
        index=tuple(present),
        code=np.searchsorted(np.array(present), outputs.index).astype(np.int32),
        iid=_iid(studies),
        strides=strides,
        sets=max(max(present), max(planned)) + 1,
        unvalidated=unvalidated,
    )


def described(studies: Studies, sidecar: Sidecar, notes: Notes) -> Studies:
    """The studies with what the sidecar says about them; what is still assumed is noted."""
    stated = describe_studies(studies.studies, sidecar, notes)
    _note_assumed(stated, notes)
    if not any(study.kind is StudyKind.VALIDATION for study in stated):
        notes.absent["validation"] = "no sample has the index of a validation set"
        detail, hint = studies.unvalidated
        notes.warning(
            "The validation set is missing",
            f"{detail} Thresholds are set on the iid set instead, in-sample.",
            hint,
        )
    return replace(studies, studies=stated, iid=_iid(stated))


def _iid(studies: tuple[Study, ...]) -> str | None:
    return next((study.name for study in studies if study.kind is StudyKind.IID), None)


Planned = dict[int, Study]


def _planned(
    config: RunConfig, entries: tuple[ConfigStudy, ...], present: list[int], notes: Notes
) -> tuple[Planned, dict[int, int]]:
    validation = config.val_tuning
    if validation is None:
        validation = max(present) >= len(entries)
        notes.info(
            "The config does not say whether there is a validation set",
            f"It names {len(entries)} studies, the outputs reach index {max(present)}: index 0 is taken as"
            f" the {'validation set' if validation else 'iid set'}.",
            "Set eval.val_tuning in the config.",
        )
    iid = next((entry.name for entry in entries if entry.key == IID_KEY), config.dataset)
    planned: Planned = {}
    if validation:
        planned[0] = Study(name=VALIDATION, kind=StudyKind.VALIDATION, label=VALIDATION)
    strides: dict[int, int] = {}
    for entry in entries:
        index = len(planned)
        planned[index] = _study(entry, iid)
        if entry.subsample:
            strides[index] = entry.subsample
    return planned, strides


def _study(entry: ConfigStudy, iid: str | None) -> Study:
    name = entry.name
    if entry.key == IID_KEY:
        return Study(name=name, kind=StudyKind.IID, label=name)
    if entry.key == "new_class_study":
        return Study(name=name, kind=StudyKind.NEW_CLASS, label=name)
    found = set_corruption(name, iid=iid)
    label = short_label(name, iid=iid, corruption=found is not None)
    corruption, severity = (found.name, found.severity) if found else (None, None)
    if entry.key == "noise_study":
        return Study(
            name=name, kind=StudyKind.CORRUPTION, label=label, corruption=corruption, severity=severity
        )
    kind = StudyKind.CORRUPTION if found else StudyKind.ACQUISITION
    return Study(name=name, kind=kind, label=label, corruption=corruption, severity=severity, assumed=True)


def _assumed(config: RunConfig, present: list[int], notes: Notes) -> Planned:
    where = (
        "has no config"
        if config.path is None
        else f"names no studies ({config.path.name}: eval.query_studies)"
    )
    notes.warning(
        "The run does not name its studies",
        f"It {where}. They are called study {present[0]} to study {present[-1]}; the first counts as iid,"
        " the others as acquisition shifts.",
        "Copy hydra/config.yaml of the experiment, or describe the studies in an sfvisuals.yaml.",
    )
    kinds = {index: StudyKind.IID if index == present[0] else StudyKind.ACQUISITION for index in present}
    return {
        index: Study(name=f"study {index}", kind=kind, label=f"study {index}", assumed=True)
        for index, kind in kinds.items()
    }


def _unique(planned: Planned) -> Planned:
    """A second study of the same name gets a number, since names identify studies."""
    seen: dict[str, int] = {}
    unique: Planned = {}
    for index, study in planned.items():
        seen[study.name] = seen.get(study.name, 0) + 1
        if seen[study.name] > 1:
            name = f"{study.name} ({seen[study.name]})"
            study = replace(study, name=name, label=name)
        unique[index] = study
    return unique


def _unknown(indices: list[int], outputs: Outputs, expected: int, notes: Notes) -> Planned:
    counts = [f"{index} ({int((outputs.index == index).sum())} samples)" for index in indices]
    notes.error(
        "Unknown dataset index in the outputs",
        f"{outputs.path.name} holds dataset_idx {listed(counts)}; the config names {expected} sets, index 0"
        f" to {expected - 1}.",
        "Check eval.query_studies and eval.val_tuning: this config may belong to another run.",
    )
    return {
        index: Study(
            name=f"study {index}",
            kind=StudyKind.ACQUISITION,
            label=f"study {index} (unknown)",
            assumed=True,
        )
        for index in indices
    }


def _unvalidated(planned: Planned, config: RunConfig) -> tuple[str, str]:
    """Why there may be no validation set, and how to mend it."""
    rerun = "Run the test step of fd-shifts again with"
    if not config.studies:
        return (
            "Nothing says which set is the validation set.",
            "Copy hydra/config.yaml of the experiment, or give a study the kind validation in an"
            f" {names.SIDECAR}.",
        )
    if any(study.kind is StudyKind.VALIDATION for study in planned.values()):
        says = "says eval.val_tuning: true" if config.val_tuning else "names too few studies for all sets"
        return f"The config {says}, but no sample has dataset_idx 0.", f"{rerun} its validation set."
    says = "does not say eval.val_tuning" if config.val_tuning is None else "says eval.val_tuning: false"
    return f"The config {says}.", f"{rerun} eval.val_tuning: true."


def _note_empty(planned: Planned, present: list[int], config: RunConfig, notes: Notes) -> None:
    empty = [study for index, study in planned.items() if index not in present and config.studies]
    others = [study.name for study in empty if study.kind is not StudyKind.VALIDATION]
    if others:
        notes.warning(
            "Studies of the config have no samples",
            f"{listed(others)}: no sample has their dataset_idx.",
            "Check that the config belongs to these outputs.",
        )


def _note_assumed(studies: tuple[Study, ...], notes: Notes) -> None:
    assumed = [f"{study.name}: {_words(study)}" for study in studies if study.assumed]
    if assumed:
        notes.info(
            "Kinds of studies are assumed",
            "By their names: " + "; ".join(assumed) + ".",
            "Say `studies: {NAME: {kind: ...}}` in an sfvisuals.yaml where this is wrong.",
        )


def _words(study: Study) -> str:
    if study.corruption is None:
        return study.kind.value
    severity = "" if study.severity is None else f", severity {study.severity}"
    return f"{study.kind.value} {study.corruption}{severity}"
