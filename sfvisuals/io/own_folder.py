"""A run folder of our own format as values, and the one check that both the reader and the writer use.

The JSON Schemas of data_schema/ decide which keys, columns, arrays, types and shapes there may be; what they
cannot say (lengths that agree across files, names that refer to each other) is checked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt
import pandas as pd
from jsonschema import Draft202012Validator, ValidationError

from sfvisuals.errors import RunFormatError
from sfvisuals.io.own_columns import check_samples, reserved
from sfvisuals.io.own_corruption import check_parameters, check_seeds
from sfvisuals.io.schemas import schema

RUN = "run.json"
PARQUET = "samples.parquet"
CSV = "samples.csv"
SCORES = "scores.parquet"
MOST_LEVELS = 8

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Folder:
    """What lies in a run folder, before it is trusted.

    Attributes:
        document: content of run.json.
        samples: content of the table, N rows.
        arrays: file name -> array, memory-mapped when read from disk.
        scores: content of scores.parquet (N rows), or None.
        table: file name of the table.
    """

    document: Mapping[str, Any]
    samples: pd.DataFrame
    arrays: Mapping[str, Array]
    scores: pd.DataFrame | None = None
    table: str = PARQUET


@dataclass
class Lengths:
    """Lengths by symbol (N, d, l, ...), each with the file that set it first."""

    known: dict[str, tuple[int, str]] = field(default_factory=dict)

    def bind(self, symbol: str, length: int, file: str) -> None:
        """Set a symbol's length, or raise RunFormatError if another file set another one."""
        expected, first = self.known.setdefault(symbol, (length, file))
        if length != expected:
            raise RunFormatError(
                f"{file} does not fit {first}",
                detail=f"{MEANING[symbol]}: {length:,} in {file}, {expected:,} in {first}.",
                hint=f"Write both files from the same {SAME[symbol]}, in the same order.",
            )


MEANING = {
    "N": "Number of samples",
    "d": "Number of classes",
    "l": "Latent width",
    "M": "Number of Monte-Carlo passes",
    "E": "Number of Monte-Carlo passes of the external confidence",
    "T": "Number of training samples",
    "k": "Number of outputs of the last layer",
}
SAME = {
    "N": "samples",
    "d": "classes",
    "l": "layer of the model",
    "M": "passes",
    "E": "passes",
    "T": "training samples",
    "k": "layer of the model",
}


def check_folder(folder: Folder) -> None:
    """Raise RunFormatError (file, found, expected, fix) unless the parts are valid and agree."""
    check_document(folder.document)
    check_arrays(folder.arrays)
    studies = [study["name"] for study in folder.document["studies"]]
    check_samples(folder.samples, studies=studies, file=folder.table)
    check_seeds(
        folder.samples, parameters=folder.document.get("corruption_parameters", {}), file=folder.table
    )
    _check_lengths(folder)
    _check_scores(folder)
    _check_references(folder)


def check_document(document: Any) -> None:
    """Check run.json against its schema, and what refers to something else inside it."""
    _check_plain(document)
    validate(document, "run", file=RUN)
    check_parameters(document, file=RUN)
    studies = [study["name"] for study in document["studies"]]
    _check_unique(studies, what="study", key="studies")
    _check_unique([score["name"] for score in document.get("scores", [])], what="score", key="scores")
    source = document.get("source")
    if source is not None and source not in studies:
        raise RunFormatError(
            f"{RUN} names an unknown source study",
            detail=f'"source" is {source!r}; the studies are {listed(studies)}.',
            hint='Name one of the studies, or leave "source" out.',
        )


def check_arrays(arrays: Mapping[str, Array]) -> None:
    """Check which arrays there are and their dtypes against the schema."""
    described = {
        file: {"dtype": array.dtype.name, "shape": list(array.shape)} for file, array in arrays.items()
    }
    validate(described, "arrays", file="The set of arrays")
    for file, array in arrays.items():
        symbols = schema("arrays")["properties"][file]["x-shape"]
        if array.ndim != len(symbols):
            raise RunFormatError(
                f"{file} has {array.ndim} dimensions instead of {len(symbols)}",
                detail=f"Found shape {array.shape}; expected ({', '.join(symbols)}), "
                f"with {'; '.join(f'{s} = {MEANING[s].lower()}' for s in symbols)}.",
                hint="Reshape or transpose the array before it is written.",
            )


def validate(content: Any, name: str, *, file: str) -> None:
    """Raise RunFormatError with the first fault that the schema `name` finds in `content`."""
    validator = Draft202012Validator(schema(name))
    fault = min(validator.iter_errors(content), key=_first, default=None)
    if fault is None:
        return
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault.absolute_path)
    where = f"{file} at {place.lstrip('.')}" if place else file
    raise RunFormatError(f"{where} is not valid", detail=_words(fault), hint=_advice(fault))


def listed(names: Iterable[object], *, most: int = 8) -> str:
    """Names in quotes, at most so many."""
    texts = [repr(str(name)) for name in names]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "") or "none"


def _first(fault: ValidationError) -> tuple[int, str, str]:
    # The outermost fault first, then a fixed order: the same folder always gives the same message.
    return len(fault.absolute_path), str(list(fault.absolute_path)), fault.message


def _words(fault: ValidationError) -> str:
    wanted: Any = fault.validator_value
    instance: Any = fault.instance
    match fault.validator:
        case "oneOf":
            files = listed(option["required"][0] for option in wanted)
            found = listed(name for name in instance if name in {o["required"][0] for o in wanted})
            return f"Exactly one of {files} is needed; found: {found}."
        case "not":
            return f"Only one of {listed(wanted['required'])} is allowed; found both."
        case "enum":
            return f"Found {instance!r}; expected one of {listed(wanted)}."
        case "const":
            return f"Found {instance!r}; expected {wanted!r}."
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"Found {shortened(instance)}; expected {' or '.join(kinds)}."
        case "minimum" if fault.absolute_path and "shape" in fault.absolute_path:
            return "The array is empty."
        case _:
            return fault.message[:400]


def _advice(fault: ValidationError) -> str:
    rule: Any = fault.schema
    match fault.validator:
        case "required":
            return "Add the missing key; docs/data-format.md lists them all, sfvisuals.write_run writes them."
        case "additionalProperties":
            return f"Remove or rename it. Known: {listed(rule.get('properties', {}), most=20)}."
        case "oneOf":
            return "Keep logits.npy if there are both: the softmax is computed from it."
        case "enum" if "dtype" in fault.absolute_path:
            kind = "int64" if "int64" in rule["enum"] else "float32"
            return f"Convert it first, for example array.astype({kind!r})."
        case _:
            return str(rule.get("description", "docs/data-format.md describes the format."))


def shortened(value: Any) -> str:
    """The value as it would be typed, at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _check_plain(document: Any) -> None:
    """Raise RunFormatError where run.json is nested beyond reason or holds text that cannot be written."""
    level = [document]
    for _ in range(MOST_LEVELS):
        level = [part for whole in level for part in _parts(whole)]
        for text in level:
            if isinstance(text, str) and not is_text(text):
                raise RunFormatError(
                    f"{RUN} holds text that is no Unicode",
                    detail=f"Found {shortened(text)}, with half of a surrogate pair.",
                    hint="Write the name anew; it was cut or decoded in the wrong way.",
                )
    if any(isinstance(part, dict | list) for part in level):
        raise RunFormatError(
            f"{RUN} is nested too deeply",
            detail=f"Found more than {MOST_LEVELS} levels; the format needs four.",
            hint="docs/data-format.md says what it holds; sfvisuals.write_run writes it.",
        )


def _parts(whole: Any) -> list[Any]:
    if isinstance(whole, dict):
        return [*whole, *whole.values()]
    return whole if isinstance(whole, list) else []


def is_text(text: str) -> bool:
    """False for text with half of a surrogate pair, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_lengths(folder: Folder) -> None:
    lengths = Lengths()
    lengths.bind("N", len(folder.samples), folder.table)
    lengths.bind("d", len(folder.document["classes"]), f"{RUN} (classes)")
    for file, array in folder.arrays.items():
        for symbol, length in zip(schema("arrays")["properties"][file]["x-shape"], array.shape, strict=True):
            lengths.bind(symbol, length, file)
    classes = len(folder.document["classes"])
    outputs, _ = lengths.known.get("k", (classes, ""))
    if outputs not in (classes, classes + 1):
        raise RunFormatError(
            "last_layer_w.npy does not fit the classes",
            detail=f"It has {outputs} outputs; expected {classes} (or {classes + 1} for Deep Gamblers).",
            hint="Write the weights of the layer that gives the logits.",
        )
    if folder.scores is not None:
        lengths.bind("N", len(folder.scores), SCORES)


def _check_scores(folder: Folder) -> None:
    declared = [score["name"] for score in folder.document.get("scores", [])]
    columns = [] if folder.scores is None else [str(column) for column in folder.scores.columns]
    if sorted(declared) != sorted(columns):
        raise RunFormatError(
            f"{SCORES} and {RUN} do not name the same scores",
            detail=f"Columns of {SCORES}: {listed(columns)}. Scores in {RUN}: {listed(declared)}.",
            hint='Describe every column under "scores" in run.json with its orientation, and no other.',
        )
    if folder.scores is None:
        return
    for name, column in folder.scores.items():
        if column.dtype.kind not in "fiu":
            raise RunFormatError(
                f"Score {name!r} in {SCORES} is not numeric",
                detail=f"Its type is {column.dtype}; expected floating-point numbers.",
                hint="Write numbers, with NaN where the score is undefined.",
            )


def _check_references(folder: Folder) -> None:
    # A column with a meaning of its own is no metadata, unless one of that name was written beside it.
    columns = {str(column) for column in folder.samples.columns} - set(reserved())
    group = folder.document.get("group")
    wanted = [*folder.document.get("json_columns", []), *([] if group is None else [group])]
    for name in wanted:
        if name not in columns and f"metadata.{name}" not in columns:
            raise RunFormatError(
                f"{folder.table} lacks the column {name!r}",
                detail=f"{RUN} refers to it. Columns found: {listed(sorted(columns), most=20)}.",
                hint=f'Add the column, or correct "group" or "json_columns" in {RUN}.',
            )


def _check_unique(names: list[str], *, what: str, key: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise RunFormatError(
            f"{RUN} names a {what} twice",
            detail=f'"{key}" repeats {listed(repeated)}.',
            hint="Give each one a name of its own.",
        )
