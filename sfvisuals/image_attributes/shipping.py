"""A finished table that travels beside the images it was measured on, as the demo's does."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sfvisuals.corruptions import VERSION as CORRUPTIONS_VERSION
from sfvisuals.errors import ImageReadError, UnavailableError
from sfvisuals.image_attributes.catalogue import NAMES, VERSION
from sfvisuals.image_attributes.measuring import ENTRY, VALUES
from sfvisuals.image_attributes.plan import MeasuringPlan, Shown, plan_of
from sfvisuals.store import Store
from sfvisuals.types import FloatArray, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

FILE: Final = "image_attributes.npz"
"""Lies in the folder that is opened, beside its runs."""
_VERSIONS: Final = "versions"


def export_table(workspace: Workspace, run: Run, folder: Path) -> Path:
    """Write the run's finished table as FILE into `folder`, the root of its runs; returns the file.

    A picture is known there by the content of its file and its corruption, so it may be unpacked anywhere,
    at any time. The same table gives the same bytes. Raises UnavailableError where it is not finished.
    """
    plan = plan_of(workspace, run) if run.image is not None else None
    entry = None if plan is None else workspace.store.get(ENTRY, plan.key)
    if plan is None or entry is None:
        raise UnavailableError(
            "The image attributes are not measured yet", hint="Measure them first: sfvisuals attributes ROOT"
        )
    identities = _identities(plan)
    order = np.argsort(identities, kind="stable")
    file = folder / FILE
    np.savez_compressed(
        file, identities=identities[order], values=entry.arrays[VALUES][order], versions=_versions()
    )
    return file


def adopt_table(folder: Path, store: Store, plan: MeasuringPlan) -> bool:
    """Give the store the table FILE of `folder` for this plan; False, and nothing given, where none fits.

    It fits where definitions and corruptions are of the same versions and every picture of the plan is in it.
    """
    shipped = _shipped(folder / FILE)
    if shipped is None:
        return False
    known, values = shipped
    asked = _identities(plan)
    at = np.minimum(np.searchsorted(known, asked), known.size - 1)
    if not (known[at] == asked).all():
        return False
    store.put(ENTRY, plan.key, arrays={VALUES: np.ascontiguousarray(values[at])})
    return True


def _shipped(file: Path) -> tuple[Any, FloatArray] | None:
    """Identities, ascending, and values; None where there is no sound file of these versions."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            if str(arrays[_VERSIONS]) != _versions():
                return None
            known, values = arrays["identities"], arrays["values"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return (known, values) if known.size and values.shape == (known.size, len(NAMES)) else None


def _versions() -> str:
    return json.dumps([VERSION, CORRUPTIONS_VERSION, NAMES])


def _identities(plan: MeasuringPlan) -> Any:
    """(P,) hexadecimal digests of file content and corruption."""
    contents: dict[str, str] = {}
    for shown in plan.pictures:
        if str(shown.file) not in contents:
            contents[str(shown.file)] = _content(shown)
    return np.array([_identity(shown, contents[str(shown.file)]) for shown in plan.pictures])


def _content(shown: Shown) -> str:
    try:
        return hashlib.blake2b(shown.file.read_bytes(), digest_size=12).hexdigest()
    except (OSError, ImageReadError):
        return "unreadable"


def _identity(shown: Shown, content: str) -> str:
    recipe = shown.recipe
    words = (
        ""
        if recipe is None
        else json.dumps(
            [recipe.corruption, dict(recipe.parameters), recipe.seed], sort_keys=True, default=float
        )
    )
    return hashlib.blake2b(f"{content}\0{words}".encode(), digest_size=12).hexdigest()
