"""The columns of the samples table: what the schema asks of them, and how they become codes and metadata."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sfvisuals.errors import RunFormatError
from sfvisuals.io.schemas import schema

ESCAPE = "metadata."
LONGEST_NUMBER = 40


def reserved() -> tuple[str, ...]:
    """Columns with a meaning of their own; all others are metadata."""
    return tuple(schema("samples")["properties"])


def check_samples(samples: pd.DataFrame, *, studies: Collection[str], file: str) -> None:
    """Check the table against its schema, column by column (vectorised), and the studies that it names."""
    names = [str(name) for name in samples.columns]
    for needed in schema("samples")["required"]:
        if needed not in names:
            raise RunFormatError(
                f"{file} lacks the column {needed!r}",
                detail=f"Columns found: {', '.join(names) or 'none'}.",
                hint=f"Add it: {schema('samples')['properties'][needed]['description']}",
            )
    if len(samples) == 0:
        raise RunFormatError(f"{file} has no rows", hint="A run needs at least one sample.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise RunFormatError(
            f"{file} repeats a column", detail=f"Twice: {', '.join(repeated)}.", hint="Rename one of them."
        )
    for name, rule in schema("samples")["properties"].items():
        if name in names:
            _check_column(samples[name], rule, rows=len(samples), file=file)
    unknown = sorted(set(samples["study"].unique()) - set(studies))
    if unknown:
        first = int(np.flatnonzero(samples["study"].to_numpy(dtype=object) == unknown[0])[0])
        raise RunFormatError(
            f"{file} names an unknown study",
            detail=f"Row {first} says {unknown[0]!r}; run.json knows {', '.join(map(repr, studies))}.",
            hint='Add the study to "studies" in run.json, with its kind, or correct the table.',
        )


def _check_column(column: pd.Series[Any], rule: dict[str, Any], *, rows: int, file: str) -> None:
    kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    missing = column.isna().to_numpy(dtype=bool)
    if "null" not in kinds and missing.any():
        _refuse(column, int(missing.argmax()), rule, file=file)
    if "string" in kinds:
        bad = ~missing & ~_text(column)
    else:
        bad = ~missing & ~_whole(column, low=rule.get("minimum"), high=rule.get("maximum"))
        if column.name == "source":
            bad |= ~missing & (pd.to_numeric(column, errors="coerce").fillna(-1).to_numpy() >= rows)
    if bad.any():
        _refuse(column, int(bad.argmax()), rule, file=file)


def _text(column: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """True where a value is text."""
    if isinstance(column.dtype, pd.StringDtype):
        return np.ones(len(column), dtype=bool)
    return np.fromiter((isinstance(value, str) for value in column), dtype=bool, count=len(column))


def _whole(column: pd.Series[Any], *, low: int | None, high: int | None) -> npt.NDArray[np.bool_]:
    """True where a value is a whole number within the limits."""
    if column.dtype == bool:
        return np.zeros(len(column), dtype=bool)
    if column.dtype.kind == "O":
        column = column.astype(object).map(_askable)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    whole: npt.NDArray[np.bool_] = np.isfinite(numbers) & (np.floor(numbers) == numbers)
    # Beyond these a 64-bit integer cannot hold it; 2**63 itself is the first float that is too large.
    whole &= (numbers >= -(2.0**63)) & (numbers < 2.0**63)
    if low is not None:
        whole &= numbers >= low
    if high is not None:
        whole &= numbers <= high
    return whole


def _askable(value: Any) -> Any:
    """The value, or None where pandas would raise instead of saying whether it is a number."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_NUMBER else None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    return value if isinstance(value, Real) else None


def _refuse(column: pd.Series[Any], row: int, rule: dict[str, Any], *, file: str) -> None:
    kinds = rule["type"] if isinstance(rule["type"], str) else " or ".join(rule["type"])
    limits = [f"at least {rule['minimum']}"] if "minimum" in rule else []
    limits += [f"at most {rule['maximum']}"] if "maximum" in rule else []
    limits += [f"below the number of rows, {len(column)}"] if column.name == "source" else []
    value = column.iloc[row]
    value = value.item() if isinstance(value, np.generic) else value
    found = "empty" if column.isna().iloc[row] else repr(value)[:60]
    raise RunFormatError(
        f"{file} has a wrong value in the column {str(column.name)!r}",
        detail=f"Row {row} is {found}; expected {', '.join([kinds, *limits])}.",
        hint=rule["description"],
    )


def codes_of(column: pd.Series[Any], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """(N,) position of each value in `names`, -1 where it is missing."""
    return np.asarray(
        pd.Index(list(names), dtype=object).get_indexer(pd.Index(column, dtype=object)), dtype=np.int64
    )


def integers(column: pd.Series[Any], *, missing: int) -> npt.NDArray[np.int64]:
    """(N,) whole numbers, `missing` where the cell is empty."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return np.asarray(column, dtype=np.int64)
    return np.asarray(pd.to_numeric(column).astype("Int64").fillna(missing), dtype=np.int64)


def pack(metadata: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Metadata as columns of the table, and the names of those that were written as JSON.

    Names that are taken get a prefix. A column of Python objects that are not all text holds JSON texts,
    since a table knows only one type per column.
    """
    packed: dict[str, pd.Series[Any]] = {}
    as_json: list[str] = []
    for name, column in metadata.items():
        if not isinstance(name, str):
            raise RunFormatError(
                "A metadata column has a name that is no text",
                detail=f"Found {name!r}.",
                hint="Rename it, for example samples.columns = samples.columns.astype(str).",
            )
        if column.dtype == object:
            column, encoded = _plain(column, name=name)
            as_json += [name] if encoded else []
        packed[_escaped(name)] = column.reset_index(drop=True)
    return pd.DataFrame(packed, index=pd.RangeIndex(len(metadata))), as_json


def unpack(samples: pd.DataFrame, *, as_json: Sequence[str], file: str) -> pd.DataFrame:
    """The metadata columns of the table under their own names: the reverse of `pack`.

    Raises RunFormatError where a column of `as_json` holds something else than JSON texts.
    """
    taken = reserved()
    columns = {
        str(name).removeprefix(ESCAPE): column for name, column in samples.items() if name not in taken
    }
    for name in as_json:
        values = [_parsed(text, row=row, name=name, file=file) for row, text in enumerate(columns[name])]
        columns[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(samples)))


def _parsed(text: Any, *, row: int, name: str, file: str) -> Any:
    """The value of a JSON text; an empty cell is None."""
    if text is None or text is pd.NA or (isinstance(text, float) and np.isnan(text)):
        return None
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise RunFormatError(
            f"{file} holds no JSON in the column {name!r}",
            detail=f"Row {row} is {str(text)[:60]!r} ({type(text).__name__}); expected a JSON text, since"
            ' run.json names the column under "json_columns".',
            hint='Take the column out of "json_columns" in run.json, or write its cells as JSON.',
        ) from error


def _escaped(name: str) -> str:
    return f"{ESCAPE}{name}" if name in reserved() or name.startswith(ESCAPE) else name


def _plain(column: pd.Series[Any], *, name: str) -> tuple[pd.Series[Any], bool]:
    """A column of objects as text if all of it is text, else as JSON texts."""
    cells = pd.Series([_builtin(value) for value in column], dtype=object)
    present = cells[cells.notna()]
    is_text = len(present) > 0 and all(isinstance(value, str) for value in present)
    try:
        texts = cells if is_text else [json.dumps(value, ensure_ascii=False) for value in cells]
        return pd.Series(texts, dtype="str"), not is_text
    except (TypeError, UnicodeEncodeError) as error:
        raise RunFormatError(
            f"The metadata column {name!r} cannot be written",
            detail=f"It holds values that are neither numbers, text nor truth values: {error}.",
            hint=f"Convert it first, for example samples[{name!r}] = samples[{name!r}].astype(str).",
        ) from error


def _builtin(value: Any) -> Any:
    """The value as JSON has it: arrays as lists; bytes, decimals, dates and times as text."""
    match value:
        case np.ndarray() | list() | tuple():
            return [_builtin(part) for part in value]
        case dict():
            return {str(key): _builtin(part) for key, part in value.items()}
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case np.generic():
            return _builtin(value.item())
        case date() | time():
            return value.isoformat()
        case Decimal() | timedelta():
            return str(value)
    return None if value is pd.NA or value is pd.NaT else value


def texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """A text column in one canonical form: dtype str, NaN where missing, rows numbered from 0."""
    return column.astype("str").reset_index(drop=True)
