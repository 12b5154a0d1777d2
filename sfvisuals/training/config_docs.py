"""The reference in docs/training.md out of the JSON Schema: `python -m sfvisuals.training.config_docs`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sfvisuals.io.schemas import schema

TARGET = Path(__file__).resolve().parents[2] / "docs" / "training.md"
BEGIN, END = "<!-- reference: begin -->\n", "<!-- reference: end -->\n"


def reference() -> str:
    """A table of the keys at the top level, then one per part."""
    content = schema("train")
    parts = {name: rule for name, rule in content["properties"].items() if "properties" in rule}
    plain = {name: rule for name, rule in content["properties"].items() if name not in parts}
    lines = [content["description"], "", *_table(plain, required=content["required"])]
    for name, rule in parts.items():
        lines += ["", f"`{name}`: {rule['description']}", "", *_table(rule["properties"])]
    return "\n".join(lines) + "\n"


def _table(rules: Mapping[str, Any], *, required: list[str] | None = None) -> Iterator[str]:
    yield "| key | type | without it | meaning |"
    yield "|---|---|---|---|"
    for name, rule in rules.items():
        default = f"`{json.dumps(rule['default'])}`" if "default" in rule else ""
        without = "needed" if name in (required or []) else default
        yield f"| `{name}` | {_type(rule)} | {without} | {rule['description']} |"


def _type(rule: Mapping[str, Any]) -> str:
    if "anyOf" in rule:
        return " or ".join(_type(option) for option in rule["anyOf"])
    if "const" in rule:
        return f"`{rule['const']}`"
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    if rule.get("type") == "array":
        return f"list of {_type(rule['items'])}"
    kinds = rule.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def page(text: str) -> str:
    """The page with the reference between its marks made anew."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "\n" + reference() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    TARGET.write_text(page(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
