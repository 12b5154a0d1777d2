"""What the schema of a config cannot say: keys that stand twice, numbers that are none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sfvisuals.errors import SettingsError


def check_repeated(path: Path) -> None:
    """Raise SettingsError where a mapping of the file has a key twice: YAML keeps the last one silently."""
    root: Any = yaml.compose(path.read_bytes(), Loader=yaml.SafeLoader)
    for key, first, second in _repeated(root):
        raise SettingsError(
            f"{path.name} has the key {key!r} twice",
            detail=f"{path}, lines {first} and {second}.",
            hint="Remove one of them.",
        )


def check_plain(content: Any, path: Path) -> None:
    """Raise SettingsError where a number of the config is NaN or infinite."""
    for place, value in _numbers(content, ""):
        if not math.isfinite(value):
            raise SettingsError(
                f"{path.name} has a number that is not finite",
                detail=f"{path}, at {place}: found {value}; expected a finite number.",
                hint="Mend the place named above; docs/training.md explains every key.",
            )


def _repeated(root: Any) -> Iterator[tuple[str, int, int]]:
    """(key, its first line, its second line), both from 1; a node that aliases name is looked at once."""
    seen: set[int] = set()
    left = [root]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            left.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                left.append(value)
                if isinstance(key, yaml.ScalarNode):
                    line = key.start_mark.line + 1
                    if key.value in lines:
                        yield key.value, lines[key.value], line
                    lines.setdefault(key.value, line)


def _numbers(content: Any, place: str) -> Iterator[tuple[str, float]]:
    """(dotted place, number) of everything below."""
    if isinstance(content, float):
        yield place, content
    elif isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in pairs:
            yield from _numbers(value, f"{place}.{key}".removeprefix("."))
