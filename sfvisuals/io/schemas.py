"""The JSON Schemas of data_schema/: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1]
PLACES = (PACKAGE / "data_schema", PACKAGE.parent / "data_schema")


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema of that name, for example "sidecar"."""
    folder = next(place for place in PLACES if place.is_dir())
    content: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8"))
    return content
