"""What can be known to be wrong before a model runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from sfvisuals.capture.manifest_checks import check_columns
from sfvisuals.capture.reading import indexed
from sfvisuals.capture.records import CaptureStudy, ImageArray, ImageFiles
from sfvisuals.errors import CaptureError
from sfvisuals.types import StudyKind

VERSION = 1


def check_studies(studies: Sequence[CaptureStudy], *, classes: Sequence[str]) -> None:
    """Raise CaptureError, naming study and row, where the studies cannot be captured."""
    if len(classes) < 2:
        raise CaptureError(
            "There are too few classes",
            detail=f"Found {', '.join(map(repr, classes)) or 'none'}.",
            hint="Name every class in the order of the model's outputs.",
        )
    names = [study.name for study in studies]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CaptureError("Two studies have the same name", detail=", ".join(repeated), hint="Rename one.")
    for study in studies:
        _check_kind(study)
    train = [study.name for study in studies if study.kind is StudyKind.TRAIN]
    if len(train) > 1:
        raise CaptureError(
            "There are several training studies",
            detail=f"Found {', '.join(map(repr, train))}; expected at most one of kind train.",
            hint="Put them into one study: a run has the latents of one training set.",
        )
    if all(study.kind is StudyKind.TRAIN for study in studies):
        raise CaptureError(
            "There is no study to be tested on",
            detail=f"Found {', '.join(map(repr, names)) or 'none'}; a training study gives latents only.",
            hint="Give a study of another kind than train, for example iid.",
        )
    for study in studies:
        _check_study(study, classes=len(classes))


def check_group(studies: Sequence[CaptureStudy], group: str | None) -> None:
    """Raise CaptureError where a study lacks the column that says which samples belong together."""
    tested = [study for study in studies if study.kind is not StudyKind.TRAIN]
    lacking = [study.name for study in tested if group is not None and group not in study.samples]
    if lacking:
        columns = next(study for study in tested if study.name == lacking[0]).samples.columns
        raise CaptureError(
            f"The table of study {lacking[0]!r} lacks the group column {group!r}",
            detail=f"Columns found: {', '.join(map(str, columns)) or 'none'}."
            + (f" Lacking too in {', '.join(map(repr, lacking[1:]))}." if lacking[1:] else ""),
            hint="Name the column that says which images belong to one patient, or leave group out.",
        )


def _check_kind(study: CaptureStudy) -> None:
    kind: Any = study.kind
    if not isinstance(kind, StudyKind):
        known = ", ".join(f"StudyKind.{member.name}" for member in StudyKind)
        raise CaptureError(
            f"The kind of study {study.name!r} is {kind!r}",
            detail=f"Expected one of {known}.",
            hint="Give CaptureStudy one of these; docs/glossary.md says what they mean.",
        )


def _check_study(study: CaptureStudy, *, classes: int) -> None:
    table, images = study.samples, indexed(study.images, study=study.name)
    if "label" not in table:
        raise CaptureError(
            f"The table of study {study.name!r} lacks the column 'label'",
            detail=f"Columns found: {', '.join(map(str, table.columns)) or 'none'}.",
            hint="Add the true classes as numbers from 0.",
        )
    if len(table) == 0 or len(table) != len(images):
        raise CaptureError(
            f"Study {study.name!r} has {len(images):,} images and {len(table):,} rows",
            detail="Both have to be of one number, and not none.",
            hint="Give one row of the table per image, in the same order.",
        )
    check_columns(study)
    labels = pd.to_numeric(table["label"], errors="coerce").to_numpy(np.float64)
    bad = ~(np.isfinite(labels) & (np.floor(labels) == labels))
    if study.kind is not StudyKind.NEW_CLASS:
        with np.errstate(invalid="ignore"):
            bad |= (labels < 0) | (labels >= classes)
    if bad.any():
        row = int(bad.argmax())
        raise CaptureError(
            f"Row {row} of study {study.name!r} has no class",
            detail=f"Its label is {table['label'].iloc[row]!r}; expected whole numbers, 0 to {classes - 1}.",
            hint="Correct the label, name all classes, or give the study the kind new_class.",
        )


def weights_key(model: nn.Module) -> str:
    """Content key of a model: its layers as they print, names, types, shapes and bytes of all its tensors."""
    # A place in memory is no content: it differs in the next process, which is to go on.
    key = hashlib.blake2b(re.sub(r"0x[0-9a-f]+", "", repr(model)).encode(), digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        if isinstance(tensor, torch.Tensor):
            key.update(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
            key.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return key.hexdigest()


def studies_key(studies: Iterable[CaptureStudy]) -> str:
    """Content key of the studies: names, kinds, tables, and what is known of unread images."""
    key = hashlib.blake2b(digest_size=16)
    for study in studies:
        key.update(repr((study.name, str(study.kind), study.label, list(study.samples.columns))).encode())
        for name in study.samples.columns:
            column = study.samples[name]
            plain = column.astype(str) if column.dtype == object else column
            key.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
        key.update(_images_key(study))
    return key.hexdigest()


def _images_key(study: CaptureStudy) -> bytes:
    images = indexed(study.images, study=study.name)
    if isinstance(images, ImageFiles):
        key = hashlib.blake2b(digest_size=16)
        for path in images.paths:
            key.update(f"{path}\0".encode("utf-8", "surrogateescape"))
        return key.digest()
    if isinstance(images, ImageArray):
        some = np.linspace(0, len(images) - 1, 16).astype(int)
        parts = [np.ascontiguousarray(images.pixels[place]).tobytes() for place in some]
        return hashlib.blake2b(b"".join([repr(images.pixels.shape).encode(), *parts])).digest()
    return f"{type(images).__qualname__} {len(images)}".encode()


def whole_key(parts: Mapping[str, Any]) -> str:
    """One key of everything that must agree so that an interrupted capture may go on."""
    text = "\n".join(f"{name}: {parts[name]!r}" for name in sorted(parts))
    return hashlib.blake2b(f"sfvisuals capture {VERSION}\n{text}".encode(), digest_size=16).hexdigest()
