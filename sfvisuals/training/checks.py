"""Whether a manifest can be trained on: everything that is found before the first training starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from sfvisuals.capture.manifest import Manifest, parse_manifest
from sfvisuals.capture.records import CaptureStudy
from sfvisuals.errors import CaptureError, SettingsError
from sfvisuals.training.config import TrainConfig
from sfvisuals.types import StudyKind

# What an option of `capture` is in a config.
KEYS: Final = {
    "with --data-root": "with the config's key images",
    "--data-root": "the config's key images",
    "with --classes": "to the config's key classes",
    "--studies ": "in the config's key studies, ",
    "--group": "the config's key group",
}


def checked_manifest(config: TrainConfig, tell: Callable[[str], None]) -> Manifest:
    """The manifest with one training, one validation and at least one test study."""
    try:
        found = parse_manifest(
            config.manifest,
            data_roots=config.data_roots,
            classes=config.classes,
            studies=config.studies,
            group=config.group,
        )
    except CaptureError as error:
        hint = error.hint
        for option, key in KEYS.items():
            hint = hint.replace(option, key)
        raise CaptureError(error.title, detail=error.detail, hint=hint) from error
    for warning in found.warnings:
        tell(f"warning: {warning}")
    listed = ", ".join(f"{study.name} ({study.kind})" for study in found.studies)
    for kind in (StudyKind.TRAIN, StudyKind.VALIDATION):
        if len([study for study in found.studies if study.kind is kind]) != 1:
            raise SettingsError(
                f"Training needs exactly one study of kind {kind}",
                detail=f"{config.manifest} has {listed}.",
                hint=f"Name it in the config: studies: {{NAME: {kind}}}.",
            )
    if not any(study.kind is StudyKind.IID for study in found.studies):
        raise SettingsError(
            "There is no iid study to test on",
            detail=f"{config.manifest} has {listed}.",
            hint="Keep some images like the training images aside, in a study of kind iid.",
        )
    for study in found.studies:
        if study.kind is StudyKind.TRAIN:
            _check_classes(study, found.classes, config.manifest)
    return found


def _check_classes(study: CaptureStudy, classes: Sequence[str], manifest: Path) -> None:
    """Raise SettingsError where a class cannot be learned: often it is a misspelt label."""
    counts = np.bincount(study.samples["label"].to_numpy(np.int64), minlength=len(classes))
    empty = [name for name, count in zip(classes, counts, strict=True) if not count]
    if empty:
        raise SettingsError(
            f"The class {empty[0]!r} has no training images",
            detail=f"{manifest}: found {dict(zip(classes, counts.tolist(), strict=True))} in the study"
            f" {study.name!r}; expected at least one of each.",
            hint="Correct the labels, or name the classes in the config.",
        )


def check_writable(folder: Path) -> None:
    """Raise SettingsError where the folder cannot be made or written in."""
    above = folder.absolute()
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise unwritable(folder, f"{above} is no folder")
    try:
        with TemporaryDirectory(dir=above, prefix=".sfvisuals-"):  # a permission alone promises no folder
            pass
    except OSError as error:
        why = f"no folder can be made in {above}: {error.strerror or error}"
        raise unwritable(folder, why) from error


def unwritable(folder: Path, why: str) -> SettingsError:
    """The error for an output folder that cannot be made."""
    return SettingsError(
        f"{folder} cannot be written",
        detail=f"{why}.",
        hint="Name a folder in which you may write, with --out or in the config's key out.",
    )
