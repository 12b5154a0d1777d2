"""A small run for `write_run`, and the field-by-field comparison of two runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sfvisuals.io import RunRef, discover, read_run
from sfvisuals.types import Run

# What may differ between a run and its copy: where it lies, its layout, and what the reader noticed.
OF_THE_FOLDER = frozenset({"name", "path", "format", "problems", "fingerprint"})


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over axis 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def parts(n: int = 12, *, seed: int = 0) -> dict[str, Any]:
    """Arguments of `write_run`: n samples in four studies, three classes, all parts but probabilities."""
    random = np.random.default_rng(seed)
    names = ["validation", "iid", "fog", "digits"]
    study = [names[4 * row // n] for row in range(n)]
    return {
        "samples": pd.DataFrame(
            {
                "study": study,
                "label": [row % 3 if name != "digits" else 7 for row, name in enumerate(study)],
                "image": [f"images/{row}.png" for row in range(n)],
                "patient": [f"patient {row // 2}" for row in range(n)],
                "age": random.integers(20, 90, n),
            }
        ),
        "classes": ["benign", "malignant", "other"],
        "studies": {
            "validation": "validation",
            "iid": "iid",
            "fog": {"kind": "corruption", "corruption": "fog", "severity": 2, "label": "Fog"},
            "digits": "new_class",
        },
        "logits": random.normal(size=(n, 3)).astype(np.float32),
        "latents": random.normal(size=(n, 5)).astype(np.float32),
        "mc_logits": random.normal(size=(n, 3, 4)).astype(np.float32),
        "external": random.uniform(size=n).astype(np.float32),
        "external_mc": random.uniform(size=(n, 4)).astype(np.float32),
        "external_name": "tcp",
        "train_latents": random.normal(size=(7, 5)).astype(np.float32),
        "train_labels": random.integers(0, 3, 7),
        "last_layer": (
            random.normal(size=(3, 5)).astype(np.float32),
            random.normal(size=3).astype(np.float32),
        ),
        "group": "patient",
        "provenance": {"model": "resnet"},
    }


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change run.json."""
    document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    change(document)
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")


def opened(folder: Path) -> Run:
    """The one run in that folder."""
    (ref,) = discover(folder)
    return read_run(ref, root=folder)


def reference(folder: Path) -> RunRef:
    """Where the one run in that folder lies."""
    (ref,) = discover(folder)
    return ref


def assert_same_run(run: Run, other: Run) -> None:
    """Raise AssertionError, naming the field, unless both hold the same, array types and order included."""
    for name in (field.name for field in fields(Run)):
        if name not in OF_THE_FOLDER:
            _assert_same(getattr(run, name), getattr(other, name), name=name, n=run.n)


def _assert_same(value: Any, other: Any, *, name: str, n: int) -> None:
    match value:
        case np.ndarray() if name in (
            "study",
            "label",
            "corruption",
            "severity",
            "source_row",
            "corruption_seed",
        ):
            # An absent corruption structure may be empty or spelt out.
            absent = {"corruption": -1, "severity": 0, "source_row": -1, "corruption_seed": -1}.get(name, 0)
            whole = value if len(value) == n else np.full(n, absent)
            np.testing.assert_array_equal(whole, other, err_msg=name)
        case np.ndarray():
            assert value.dtype == other.dtype, name
            np.testing.assert_array_equal(value, other, err_msg=name, strict=True)
        case pd.DataFrame():
            columns = value.reset_index(drop=True) if len(value.columns) else pd.DataFrame(index=range(n))
            pd.testing.assert_frame_equal(canonical(columns), canonical(other), obj=name)
        case pd.Series():
            pd.testing.assert_series_equal(
                value.astype("str").reset_index(drop=True), other, check_names=False
            )
        case tuple() if name == "last_layer":
            for one, two in zip(value, other, strict=True):
                _assert_same(one, two, name=name, n=n)
        case tuple() if name == "given_scores":
            assert [(s.name, s.label, s.judge) for s in value] == [(s.name, s.label, s.judge) for s in other]
            for one, two in zip(value, other, strict=True):
                _assert_same(one.values, two.values, name=f"score {one.name}", n=n)
        case _:
            assert value == other, name


def canonical(table: pd.DataFrame) -> pd.DataFrame:
    """Text columns of Python objects as text columns: a file knows no difference between the two."""
    texts = {
        name: column.astype("str")
        for name, column in table.items()
        if column.dtype == object
        and column.notna().any()
        and column.dropna().map(lambda value: isinstance(value, str)).all()
    }
    return table.assign(**texts) if texts else table
