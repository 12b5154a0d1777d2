"""docs/data-format.md out of the JSON Schemas: `python -m sfvisuals.io.schema_docs` writes it anew."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sfvisuals.io import names
from sfvisuals.io.schema_texts import (
    CORRUPTED,
    EXAMPLE_CALL,
    EXAMPLE_DOCUMENT,
    EXAMPLE_SIDECAR,
    FD_SHIFTS,
    FD_SHIFTS_FILES,
    INTRODUCTION,
    OWN_FORMAT,
    SIDECAR,
    WRITING,
)
from sfvisuals.io.schemas import schema

TARGET = Path(__file__).resolve().parents[2] / "docs" / "data-format.md"


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(
        [
            INTRODUCTION,
            OWN_FORMAT,
            *_document(),
            *_samples(),
            CORRUPTED,
            *_arrays(),
            *_scores(),
            WRITING,
            *_block("python", EXAMPLE_CALL),
            FD_SHIFTS,
            *_fd_shifts_files(),
            SIDECAR,
            *_sidecar(),
        ]
    )


def _document() -> Iterator[str]:
    content = schema("run")
    yield "### `run.json`\n"
    yield f"{content['description']}\n"
    yield from _properties(content)
    yield "A study:\n"
    yield from _properties(content["$defs"]["study"])
    yield "A score:\n"
    yield from _properties(content["$defs"]["score"])
    yield "For example:\n"
    yield from _block("json", json.dumps(EXAMPLE_DOCUMENT, indent=2, ensure_ascii=False))


def _samples() -> Iterator[str]:
    content = schema("samples")
    yield "### `samples.parquet` or `samples.csv`\n"
    yield f"{content['description']}\n"
    yield from _properties(content)


def _arrays() -> Iterator[str]:
    content = schema("arrays")
    yield "### Arrays\n"
    yield f"{content['description']}\n"
    rows = []
    for file, rule in content["properties"].items():
        kind = content["$defs"][rule["$ref"].rsplit("/", 1)[-1]]["properties"]["dtype"]["enum"]
        shape = f"({', '.join(rule['x-shape'])}{',' * (len(rule['x-shape']) == 1)})"
        rows.append((f"`{file}`", shape, ", ".join(kind), rule["description"]))
    yield from _table(("file", "shape", "type", "content"), rows)
    one_of = " and ".join(f"`{option['required'][0]}`" for option in content["oneOf"])
    not_both = " and ".join(f"`{file}`" for file in content["not"]["required"])
    yield f"Exactly one of {one_of} is needed; of {not_both} there is at most one; all else is optional.\n"


def _scores() -> Iterator[str]:
    yield "### `scores.parquet`\n"
    yield (
        "Optional: N rows, one column of numbers per score that `run.json` describes under `scores`. NaN "
        "means undefined; such samples count as rejected.\n"
    )


def _fd_shifts_files() -> Iterator[str]:
    rows = [
        (", ".join(f"`{spelling}`" for spelling in spellings), shape, content)
        for spellings, shape, content in FD_SHIFTS_FILES
    ]
    yield from _table(("file in `test_results/`, spellings", "shape", "content"), rows)
    configs = ", ".join(f"`{config}`" for config in names.CONFIGS)
    yield f"The config is the first of {configs}.\n"


def _sidecar() -> Iterator[str]:
    content = schema("sidecar")
    yield from _properties(content)
    yield "An entry of `studies`:\n"
    yield from _properties(content["properties"]["studies"]["additionalProperties"])
    yield "For example:\n"
    yield from _block("yaml", EXAMPLE_SIDECAR)


def _properties(content: Mapping[str, Any]) -> Iterator[str]:
    """A table of the properties of one object."""
    required = content.get("required", ())
    rows = [
        (f"`{name}`", _type(rule), "yes" if name in required else "", rule.get("description", ""))
        for name, rule in content["properties"].items()
    ]
    yield from _table(("name", "type", "needed", "meaning"), rows)


def _type(rule: Mapping[str, Any]) -> str:
    if "const" in rule:
        return f"`{json.dumps(rule['const'])}`"
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    kinds = rule.get("type", "any")
    text = kinds if isinstance(kinds, str) else " or ".join(kinds)
    return f"{text} of {_type(rule['items'])}" if "items" in rule and "type" in rule["items"] else str(text)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
    yield ""


def _block(language: str, text: str) -> Iterator[str]:
    yield f"```{language}\n{text.strip()}\n```\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.write_text(page(), encoding="utf-8")
