"""Open the files of a run folder of our own format: run.json, samples.parquet or .csv, and .npy arrays.

Whatever lies there, a file that cannot be opened raises RunFormatError that names it.
"""

from __future__ import annotations

import json
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sfvisuals.errors import RunFormatError
from sfvisuals.io.own_columns import ESCAPE
from sfvisuals.io.own_folder import CSV, PARQUET, RUN, SCORES, Array, Folder, check_document
from sfvisuals.io.schemas import schema

TEXT_COLUMNS = ("study", "image", "corruption")
# What numpy raises on a header that is cut off, misspelt or announces an impossible shape.
BROKEN_HEADER = (ValueError, OSError, EOFError, OverflowError, TypeError, SyntaxError, TokenError)


def load(path: Path) -> Folder:
    """What lies in the folder, checked only as far as it can be opened at all."""
    document = _document(path / RUN)
    check_document(document)
    table = PARQUET if (path / PARQUET).is_file() else CSV
    if not (path / table).is_file():
        raise RunFormatError(
            f"The folder lacks {PARQUET}",
            detail=f"Neither {PARQUET} nor {CSV} is beside {RUN} in {path.name}.",
            hint="Write one row per sample; docs/data-format.md lists the columns.",
        )
    samples = _parquet(path / PARQUET) if table == PARQUET else _csv(path / CSV, document)
    known = schema("arrays")["properties"]
    arrays = {file: _array(path / file) for file in known if (path / file).is_file()}
    scores = _parquet(path / SCORES) if (path / SCORES).is_file() else None
    return Folder(document=document, samples=samples, arrays=arrays, scores=scores, table=table)


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RunFormatError(f"{path.name} cannot be read", detail=str(error)) from error
    except json.JSONDecodeError as error:
        raise RunFormatError(
            f"{path.name} is not JSON",
            detail=f"Line {error.lineno}, column {error.colno}: {error.msg}.",
            hint="Correct the file, or write the folder anew with sfvisuals.write_run.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise RunFormatError(
            f"{path.name} cannot be read",
            detail=f"Found lists or numbers that are far too deep or long: {error}.",
            hint="docs/data-format.md says what it holds; sfvisuals.write_run writes it.",
        ) from error


def _array(path: Path) -> Array:
    """A memory-mapped array; a damaged, pickled or foreign file raises RunFormatError."""
    try:
        with path.open("rb") as stream:
            if stream.read(6) != b"\x93NUMPY":
                raise ValueError("the file does not begin like a .npy file")
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except BROKEN_HEADER as error:
        raise RunFormatError(
            f"{path.name} cannot be read",
            detail=f"{error} (found {path.stat().st_size:,} bytes).",
            hint="It may be empty, truncated or pickled: write it again with numpy.save.",
        ) from error
    return array


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path).reset_index(drop=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RunFormatError(
            f"{path.name} cannot be read",
            detail=f"{error} (found {path.stat().st_size:,} bytes).",
            hint="It may be truncated: write it again.",
        ) from error


def _csv(path: Path, document: dict[str, Any]) -> pd.DataFrame:
    """The table; names and JSON stay text, so that a study "001" or "NA" is one."""
    named = [*document.get("json_columns", []), *filter(None, [document.get("group")])]
    text = {*TEXT_COLUMNS, *named, *(f"{ESCAPE}{name}" for name in named)}
    try:
        names = list(pd.read_csv(path, nrows=0).columns)
        usual = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"]
        return pd.read_csv(
            path,
            dtype={name: "str" for name in names if name in text},
            keep_default_na=False,
            na_values={name: [""] if name in text else usual for name in names},
            low_memory=False,
        )
    except (ValueError, OverflowError, OSError) as error:
        raise RunFormatError(
            f"{path.name} cannot be read",
            detail=str(error),
            hint="It must be UTF-8 with commas and a header.",
        ) from error
