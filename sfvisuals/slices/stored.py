"""Slices as an entry of the store, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np

from sfvisuals.slices.records import Method, Slice, SliceReport, read_only

# of what is computed: raised whenever the same inputs would give other slices
VERSION: Final = 4
LISTS: Final = ("discovery", "rows", "examples")
SKIPPED: Final = (*LISTS, "score")


def to_entry(report: SliceReport) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """Arrays and record of a report."""
    slices = report.slices
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "rows": report.rows,
        "half": report.discovery,
        "score": np.stack([one.score for one in slices])
        if slices
        else np.empty((0, report.rows.size), np.float32),
    }
    for name in LISTS:
        parts = [getattr(one, name) for one in slices]
        arrays[f"all_{name}"] = np.concatenate(parts) if parts else np.empty(0, np.int64)
        arrays[f"ends_{name}"] = np.cumsum([part.size for part in parts], dtype=np.int64)
    plain = [{f.name: getattr(one, f.name) for f in fields(Slice) if f.name not in SKIPPED} for one in slices]
    head = {
        f.name: getattr(report, f.name)
        for f in fields(SliceReport)
        if f.name not in ("slices", "rows", "discovery")
    }
    return arrays, {"slices": plain, "report": head}


def from_entry(arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any]) -> SliceReport:
    """The report that `to_entry` made this of."""
    lists = {name: np.split(arrays[f"all_{name}"], arrays[f"ends_{name}"])[:-1] for name in LISTS}
    slices = []
    for place, plain in enumerate(meta["slices"]):
        known = {
            **plain,
            "method": Method(plain["method"]),
            "conditions": tuple(plain["conditions"]),
            "conditions_words": tuple(plain["conditions_words"]),
            "interval": tuple(plain["interval"]),
            "telling": tuple((words, here, there) for words, here, there in plain["telling"]),
        }
        held = {name: read_only(np.array(lists[name][place])) for name in LISTS}
        slices.append(Slice(**known, **held, score=arrays["score"][place]))
    head = {**meta["report"], "why": tuple(meta["report"]["why"])}
    return SliceReport(slices=tuple(slices), rows=arrays["rows"], discovery=arrays["half"], **head)
