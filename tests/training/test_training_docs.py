from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sfvisuals.capture import CaptureStudy, ImageArray
from sfvisuals.io import discover, read_run
from sfvisuals.training import read_train_config
from sfvisuals.training.config_docs import page
from sfvisuals.types import StudyKind
from toy_training import toy_pixels

DOCS = Path(__file__).resolve().parents[2] / "docs" / "training.md"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def block(language: str) -> str:
    (found,) = (text for name, text in FENCED.findall(DOCS.read_text("utf-8")) if name == language)
    return str(found)


def test_the_reference_is_what_the_schema_says() -> None:
    text = DOCS.read_text("utf-8")
    assert page(text) == text, "python -m sfvisuals.training.config_docs writes it anew"
    assert "| `learning_rate` | number | `0.001` |" in text


def test_the_example_config_is_valid(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(block("yaml"), "utf-8")
    config = read_train_config(tmp_path / "config.yaml")
    assert config.studies == {"clinic_b": "acquisition"}
    assert yaml.safe_load(block("yaml"))["name"] == config.name


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (train, train_labels), (validation, validation_labels) = (toy_pixels(16, seed=n) for n in (0, 1))
    samples = pd.DataFrame({"label": validation_labels})
    studies = [CaptureStudy("iid", StudyKind.IID, samples, ImageArray(validation))]
    given = {
        "epochs": 1,
        "train_pixels": train,
        "train_labels": train_labels,
        "validation_pixels": validation,
        "validation_labels": np.asarray(validation_labels),
        "studies": studies,
    }
    source = block("python").replace(
        "fit=FitOptions(epochs=epochs)", "fit=FitOptions(epochs=epochs), confidnet=quick"
    )
    from sfvisuals.training import ConfidNetOptions

    given["quick"] = ConfidNetOptions(epochs=1, fine_tuning_epochs=1)
    exec(compile(source, str(DOCS), "exec"), given)
    runs = {ref.name: read_run(ref) for ref in discover(tmp_path / "runs")}
    assert {name: run.external_name for name, run in runs.items()} == {
        "confidnet": "tcp",
        "devries": "devries",
    }
