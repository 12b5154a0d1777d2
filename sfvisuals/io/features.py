"""The optional arrays beside the outputs. One that cannot be used is left out and says why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sfvisuals.errors import RunFormatError
from sfvisuals.io import names
from sfvisuals.io.mc_rows import match_rows
from sfvisuals.io.notes import Notes
from sfvisuals.io.npz import AnyArray, load_array, load_arrays
from sfvisuals.io.outputs import LARGEST_WHOLE, Outputs, holds_probabilities
from sfvisuals.types import FloatArray, Rows

RERUN = "Run the test step of fd-shifts again, so that all files come from one run."
WIDEN_BELOW = 2**28


@dataclass(frozen=True, eq=False)
class Features:
    """The optional arrays of a run, as in `Run`; None where absent."""

    mc: FloatArray | None = None
    mc_probabilities: bool = False
    external: FloatArray | None = None
    external_mc: FloatArray | None = None
    latents: FloatArray | None = None
    train_latents: FloatArray | None = None
    train_labels: Rows | None = None
    last_layer: tuple[FloatArray, FloatArray] | None = None


@dataclass(frozen=True, eq=False)
class _Match:
    """Rows of an MC file that has more of them than the outputs: `chosen` (N,) of `rows`."""

    rows: int
    chosen: Rows


def read_features(results: Path, outputs: Outputs, *, strides: dict[int, int], notes: Notes) -> Features:
    """All optional arrays of `results` that fit the outputs.

    Args:
        outputs: the outputs of the run.
        strides: dataset index -> the config's stride of subsampled corruptions, where it gives one.
        notes: gets a problem and a reason for every array that cannot be used.
    """
    mc, match = _mc(results, outputs, strides, notes)
    latents = _latents(results, outputs, notes)
    train = _train(results, latents, notes)
    return Features(
        mc=mc,
        mc_probabilities=mc is not None and _mc_holds_probabilities(mc, outputs, notes),
        external=_external(results, outputs, notes),
        external_mc=_external_mc(results, outputs, match, notes),
        latents=latents,
        train_latents=None if train is None else train[0],
        train_labels=None if train is None else train[1],
        last_layer=_last_layer(results, outputs, latents, notes),
    )


def _file(results: Path, spellings: tuple[str, ...], feature: str, notes: Notes) -> AnyArray | None:
    path = names.first_file(results, spellings)
    if path is None:
        notes.absent[feature] = f"needs {spellings[0]}, which this run lacks"
        return None
    try:
        return load_array(path)
    except RunFormatError as error:
        notes.refuse_for(feature, error)
        return None


def _name(results: Path, spellings: tuple[str, ...]) -> str:
    path = names.first_file(results, spellings)
    return path.name if path else spellings[0]


def _rows_differ(feature: str, name: str, found: int, outputs: Outputs, notes: Notes) -> None:
    notes.refuse(
        feature,
        f"{name} and {outputs.path.name} differ in their number of rows",
        f"{name} has {found} rows, {outputs.path.name} has {outputs.values.shape[0]}",
        RERUN,
    )


def _mc(
    results: Path, outputs: Outputs, strides: dict[int, int], notes: Notes
) -> tuple[FloatArray | None, _Match | None]:
    """The MC-dropout outputs (N, d, M), and which rows were chosen where the file has more of them."""
    table = _file(results, names.MC, "mc", notes)
    if table is None:
        return None, None
    name = _name(results, names.MC)
    n, d = outputs.values.shape
    if table.ndim != 3 or table.shape[1] != d or table.shape[2] == 0:
        notes.refuse(
            "mc",
            f"{name} has the wrong shape",
            f"found {table.shape}, expected ({n}, {d}, passes) for the {d} classes of {outputs.path.name}",
            RERUN,
        )
        return None, None
    if table.shape[0] < n:
        _rows_differ("mc", name, table.shape[0], outputs, notes)
        return None, None
    if table.shape[0] == n:
        return _widened(table), None
    chosen = match_rows(outputs, table, strides=strides, name=name, notes=notes)
    if chosen is None:
        return None, None
    return _widened(table[chosen]), _Match(rows=table.shape[0], chosen=chosen)


def _mc_holds_probabilities(mc: FloatArray, outputs: Outputs, notes: Notes) -> bool:
    told = holds_probabilities(mc)
    if told is None:
        return outputs.probabilities
    if told and not outputs.probabilities:
        notes.warning(
            "The MC-dropout file holds softmax values, not logits",
            "Every row lies in [0, 1] and sums to at most 1. They are used as probabilities.",
        )
    return told


def _external(results: Path, outputs: Outputs, notes: Notes) -> FloatArray | None:
    table = _file(results, names.EXTERNAL, "external", notes)
    if table is None:
        return None
    name = _name(results, names.EXTERNAL)
    n = outputs.values.shape[0]
    if table.ndim == 2 and table.shape[1] == 1:
        table = table[:, 0]
    if table.ndim != 1:
        notes.refuse(
            "external", f"{name} has the wrong shape", f"found {table.shape}, expected ({n},)", RERUN
        )
        return None
    if table.shape[0] != n:
        _rows_differ("external", name, table.shape[0], outputs, notes)
        return None
    return _widened(table)


def _external_mc(results: Path, outputs: Outputs, match: _Match | None, notes: Notes) -> FloatArray | None:
    table = _file(results, names.EXTERNAL_MC, "external_mc", notes)
    if table is None:
        return None
    name = _name(results, names.EXTERNAL_MC)
    n = outputs.values.shape[0]
    if table.ndim != 2 or table.shape[1] == 0:
        notes.refuse(
            "external_mc",
            f"{name} has the wrong shape",
            f"found {table.shape}, expected ({n}, passes)",
            RERUN,
        )
        return None
    if match is not None and table.shape[0] == match.rows:
        table = table[match.chosen]
    if table.shape[0] > n:
        reason = f"{name} has {table.shape[0]} rows, {outputs.path.name} has {n}, and they cannot be matched"
        notes.warning(f"{name} has more rows than the outputs", f"{reason}. It is not used.", RERUN)
        notes.absent["external_mc"] = reason
        return None
    if table.shape[0] != n:
        _rows_differ("external_mc", name, table.shape[0], outputs, notes)
        return None
    return _widened(table)


def _latents(results: Path, outputs: Outputs, notes: Notes) -> FloatArray | None:
    table = _file(results, names.LATENTS, "latents", notes)
    if table is None:
        return None
    name = _name(results, names.LATENTS)
    if table.ndim != 2 or table.shape[1] < 2:
        notes.refuse(
            "latents", f"{name} has the wrong shape", f"found {table.shape}, expected (N, width + 1)", RERUN
        )
        return None
    if table.shape[0] != outputs.values.shape[0]:
        _rows_differ("latents", name, table.shape[0], outputs, notes)
        return None
    differs = np.flatnonzero(table[:, -1].astype(np.float64) != outputs.index)
    if differs.size:
        row = int(differs[0])
        notes.refuse(
            "latents",
            f"{name} and {outputs.path.name} disagree about the test sets",
            f"row {row} has dataset_idx {table[row, -1]} in {name} and {outputs.index[row]} in"
            f" {outputs.path.name}; {differs.size} rows differ",
            RERUN,
        )
        return None
    return _floats(table[:, :-1])


def _train(results: Path, latents: FloatArray | None, notes: Notes) -> tuple[FloatArray, Rows] | None:
    table = _file(results, names.TRAIN_FEATURES, "train_latents", notes)
    if table is None:
        return None
    name = _name(results, names.TRAIN_FEATURES)
    width = None if latents is None else latents.shape[1]
    if table.ndim != 2 or table.shape[1] < 2 or (width is not None and table.shape[1] != width + 1):
        expected = (
            "(Ntrain, width + 1)" if width is None else f"(Ntrain, {width + 1}), label in the last column"
        )
        notes.refuse(
            "train_latents", f"{name} has the wrong shape", f"found {table.shape}, expected {expected}", RERUN
        )
        return None
    label = table[:, -1].astype(np.float64)
    if not (
        np.isfinite(label).all()
        and (label == np.rint(label)).all()
        and (np.abs(label) <= LARGEST_WHOLE).all()
    ):
        notes.refuse("train_latents", f"{name} has no labels", "its last column is not whole numbers", RERUN)
        return None
    return _floats(table[:, :-1]), label.astype(np.int64)


def _last_layer(
    results: Path, outputs: Outputs, latents: FloatArray | None, notes: Notes
) -> tuple[FloatArray, FloatArray] | None:
    path = names.first_file(results, names.LAST_LAYER)
    if path is None:
        notes.absent["last_layer"] = f"needs {names.LAST_LAYER[0]}, which this run lacks"
        return None
    try:
        w, b = load_arrays(path, keys=("w", "b"))
    except RunFormatError as error:
        notes.refuse_for("last_layer", error)
        return None
    d = outputs.values.shape[1]
    width = w.shape[1] if latents is None and w.ndim == 2 else latents.shape[1] if latents is not None else -1
    if w.ndim != 2 or w.shape[0] not in (d, d + 1) or w.shape[1] != width or b.shape != (w.shape[0],):
        notes.refuse(
            "last_layer",
            f"{path.name} has the wrong shape",
            f"found w {w.shape} and b {b.shape}, expected ({d} or {d + 1},"
            f" {width if width > 0 else 'width'})",
            RERUN,
        )
        return None
    return _floats(w), _floats(b)


def _floats(table: AnyArray) -> FloatArray:
    """The table as float16, float32 or float64; the file's own type where it is one of these.

    Truth values and integers become float32, long doubles float64.
    """
    if table.dtype.kind == "f" and table.dtype.itemsize <= 8:
        return table
    plain: FloatArray = table.astype(np.float64 if table.dtype.kind == "f" else np.float32)
    plain.flags.writeable = False
    return plain


def _widened(table: AnyArray) -> FloatArray:
    """float16 in memory as float32, which is exact; a large or mapped array stays as it is."""
    table = _floats(table)
    if table.dtype != np.float16 or isinstance(table, np.memmap) or table.nbytes > WIDEN_BELOW:
        return table
    wide = table.astype(np.float32)
    wide.flags.writeable = False
    return wide
