"""Corruptions that are applied when an image is shown: what run.json and the table must say for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from sfvisuals.corruptions import Parameters, fault_of, find, known
from sfvisuals.errors import RunFormatError
from sfvisuals.io import own_columns
from sfvisuals.types import BoolArray, IntArray

KEY = "corruption_parameters"
SEED = "corruption_seed"
NEEDED = ("image", "corruption", "severity")
LARGEST = 1e300


def check_parameters(document: Mapping[str, Any], *, file: str) -> None:
    """Raise RunFormatError where a recorded parameter is none that its corruption can have.

    Those of a corruption that this version does not know must be finite numbers; nothing else is known.
    """
    for name, severities in document.get(KEY, {}).items():
        for position, parameters in enumerate(severities):
            fault = fault_of(find(name), parameters) if known(name) else _not_finite(parameters)
            if fault is not None:
                raise RunFormatError(
                    f"{file} at {KEY}.{name}[{position}] is not valid",
                    detail=fault,
                    hint=f"Record what was applied; docs/corruptions.md lists the parameters of {name}."
                    if known(name)
                    else "Record what was applied.",
                )


def _not_finite(parameters: Parameters) -> str | None:
    for name, value in parameters.items():
        if not -LARGEST <= value <= LARGEST:
            return f"{name} is {repr(value)[:40]}; expected a finite number."
    return None


def check_seeds(samples: pd.DataFrame, *, parameters: Mapping[str, Sequence[Parameters]], file: str) -> None:
    """Raise RunFormatError where a row has a corruption seed and lacks what else the corruption needs."""
    if SEED not in samples:
        return
    given: BoolArray = own_columns.integers(samples[SEED], missing=-1) >= 0
    if not given.any():
        return
    for column in NEEDED:
        if column not in samples:
            raise RunFormatError(
                f"{file} lacks the column {column!r}",
                detail=f"Row {int(given.argmax())} has a {SEED}, so its image is made from the clean one.",
                hint=f"Add the columns {', '.join(NEEDED)}, or leave {SEED} empty.",
            )
    names = own_columns.texts(samples["corruption"])
    codes = own_columns.codes_of(names, list(parameters))
    most = np.array([*(len(entries) for entries in parameters.values()), 0])[codes]
    severity = own_columns.integers(samples["severity"], missing=0)
    images = own_columns.texts(samples["image"])
    faults: tuple[tuple[BoolArray, str, str], ...] = (
        (
            given & names.isna().to_numpy(),
            "no corruption",
            "Name the corruption, or leave the seed empty.",
        ),
        (
            given & (codes < 0),
            "the corruption {corruption!r}, whose parameters run.json does not record",
            f'Record them under "{KEY}" in run.json (write_run has the argument {KEY}).',
        ),
        (
            given & ((severity < 1) | (severity > most)),
            "the severity {severity} of {corruption}, which run.json does not record",
            f'Severities count from 1 to the number of entries under "{KEY}" in run.json.',
        ),
        (
            given & (images.isna() | (images == "")).to_numpy(),
            "no image",
            "Name the clean image that the corruption is applied to.",
        ),
    )
    for bad, words, hint in faults:
        if bad.any():
            _refuse(int(bad.argmax()), words, hint, names=names, severity=severity, file=file)


def _refuse(row: int, words: str, hint: str, *, names: pd.Series, severity: IntArray, file: str) -> NoReturn:
    found = words.format(corruption=names.iloc[row], severity=int(severity[row]))
    raise RunFormatError(
        f"{file} does not say how an image is corrupted",
        detail=f"Row {row} has a {SEED} and {found}.",
        hint=hint,
    )


def plain(given: Mapping[str, Sequence[Parameters]]) -> dict[str, list[dict[str, Any]]]:
    """Parameters as JSON has them: NumPy's numbers become Python's."""
    return {
        str(name): [{str(key): _builtin(value) for key, value in entry.items()} for entry in severities]
        for name, severities in given.items()
    }


def _builtin(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def recorded(document: Mapping[str, Any]) -> dict[str, tuple[Parameters, ...]]:
    """The parameters of run.json as `Run` holds them."""
    return {name: tuple(dict(entry) for entry in entries) for name, entries in document.get(KEY, {}).items()}
