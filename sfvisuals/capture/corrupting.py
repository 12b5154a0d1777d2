"""Corruption studies made from the iid study while a capture runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import pandas as pd
from PIL import Image

from sfvisuals.capture.parts import Applied, Part
from sfvisuals.capture.records import CaptureStudy, CorruptionPlan
from sfvisuals.corruptions import CATALOGUE, corrupt, find, seed_of
from sfvisuals.corruptions.recipe import CorruptionRecipe, Parameters, Pixels8
from sfvisuals.errors import CaptureError
from sfvisuals.types import IntArray, Rows, Study, StudyKind

SEVERITIES = range(1, 6)


@dataclass(frozen=True, eq=False)
class Corrupted:
    """The corruption studies of a plan, in the order of their rows."""

    parts: list[Part]
    tables: list[pd.DataFrame]
    studies: list[Study]
    parameters: Mapping[str, tuple[Parameters, ...]]


def corrupted_parts(
    source: CaptureStudy, plan: CorruptionPlan, *, first_row: int, start: int, run_folder: Path, draft: Path
) -> Corrupted:
    """One study per corruption with all its severities.

    Args:
        source: the iid study.
        plan: what is wanted.
        first_row: row of the run that the first sample of `source` has.
        start: row of the run that the first corrupted sample gets.
        run_folder: where the run will lie: images written below it are first written below `draft`.
        draft: where the run is made.

    Says on stderr where the page will not find images that are written without more ado. Raises
    NotFoundError for an unknown corruption, CaptureError for a severity that there is not.
    """
    top = None if plan.folder is None else Path(plan.folder)
    if top is not None and not top.absolute().is_relative_to(run_folder.absolute()):
        sys.stderr.write(
            f"note: corrupted images are written to {top}, outside of the run: `sfvisuals serve` shows them"
            f" only if its data roots hold that folder (--data-root {top.absolute()}, or a folder above).\n"
        )
    made = Corrupted([], [], [], {})
    parameters: dict[str, tuple[Parameters, ...]] = {}
    positions = drawn(len(source.samples), plan)
    for name in [c.name for c in CATALOGUE] if plan.names is None else plan.names:
        corruption = find(name)
        parameters[name] = tuple(corruption.severities)
        seeds = np.asarray([seed_of(plan.seed, int(p), name) for p in positions], np.int64)
        made.studies.append(Study(name, StudyKind.CORRUPTION, corruption.label, corruption=name))
        for severity in checked_severities(plan.severities):
            folder = None if top is None else top / name / str(severity)
            files = None if folder is None else tuple(folder / f"{int(p):06d}.png" for p in positions)
            written = files and tuple(_in_draft(file, run_folder, draft) for file in files)
            applied = Applied(name, severity, parameters[name][severity - 1], seeds, written or None)
            labels = source.samples["label"].to_numpy(np.int64)[positions]
            made.parts.append(Part(name, start, source.images, positions, labels, applied))
            shown = files and [_shown(file, run_folder) for file in files]
            made.tables.append(_table(source, applied, positions, shown or None, first_row=first_row))
            start = made.parts[-1].stop
    return Corrupted(made.parts, made.tables, made.studies, parameters)


def drawn(count: int, plan: CorruptionPlan) -> Rows:
    """Positions of the source images: all of them, or as many as the plan says, ascending."""
    if plan.subset is None or plan.subset >= count:
        return np.arange(count, dtype=np.int64)
    if plan.subset < 1:
        raise CaptureError(
            "The corruption plan has no source images",
            detail=f"subset is {plan.subset}.",
            hint="Give at least 1, or None for all.",
        )
    chosen = np.random.default_rng(plan.seed).choice(count, plan.subset, replace=False)
    return np.sort(chosen).astype(np.int64)


def checked_severities(severities: Sequence[int]) -> list[int]:
    """Ascending and each once; raises CaptureError where one is not 1 to 5."""
    unknown = [s for s in severities if s not in SEVERITIES]
    if unknown or not severities:
        raise CaptureError(
            "There is no such severity",
            detail=f"Found {', '.join(map(str, unknown)) or 'none'}; expected some of 1 (weakest) to 5.",
            hint="Correct the severities of the corruption plan.",
        )
    return sorted(set(severities))


def applied_to(pixels: Pixels8, applied: Applied, index: int) -> Pixels8:
    """The corrupted pixels of the image at `index` of its part, also written to its file where it has one."""
    recipe = CorruptionRecipe(applied.name, applied.parameters, int(applied.seeds[index]))
    corrupted = corrupt(pixels, recipe)
    if applied.files is not None:
        _write(corrupted, applied.files[index])
    return corrupted


def _table(
    source: CaptureStudy,
    applied: Applied,
    positions: Rows,
    shown: Sequence[str] | None,
    *,
    first_row: int,
) -> pd.DataFrame:
    """Rows of the table: those of the source images, with what was done to them."""
    table = source.samples.iloc[positions].reset_index(drop=True)
    table = table.assign(
        study=applied.name,
        label=table["label"].astype(np.int64),
        corruption=applied.name,
        severity=applied.severity,
        source=positions + first_row,
    )
    if shown is not None:
        return table.assign(image=list(shown))
    if "image" in table:
        return table.assign(corruption_seed=_seeds(table["image"].isna().to_numpy(), applied.seeds))
    return table


def _seeds(without_image: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], seeds: IntArray) -> IntArray:
    """The seeds, -1 where there is no image to be corrupted again."""
    return np.where(without_image, -1, seeds).astype(np.int64)


def _in_draft(file: Path, run_folder: Path, draft: Path) -> Path:
    whole, top = file.absolute(), run_folder.absolute()
    return draft / whole.relative_to(top) if whole.is_relative_to(top) else whole


def _shown(file: Path, run_folder: Path) -> str:
    """The path as the table names it: relative to the run where it lies in it."""
    whole, top = file.absolute(), run_folder.absolute()
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else whole.as_posix()


def _write(pixels: Pixels8, file: Path) -> None:
    """A PNG, whole or not at all: an interrupted capture writes it again. Raises CaptureError."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".png", delete=False) as target:
            temporary = Path(target.name)
            Image.fromarray(pixels).save(target, "PNG", compress_level=4)
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(file)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise CaptureError(
            "A corrupted image cannot be written",
            detail=f"{file}: {error.strerror or error}.",
            hint="Name a folder that can be written to and has space (--write-corrupted), or leave it out:"
            " the corruption is then applied whenever the image is shown.",
        ) from error
