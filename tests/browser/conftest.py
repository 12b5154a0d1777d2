"""Dashboards in processes of their own, as a person starts them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

import sfvisuals
from sfvisuals.demo.digits import build_digits
from sfvisuals.io import discover, read_run
from sfvisuals.types import Run

Serve = Callable[..., str]
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start `sfvisuals serve ROOT ...` on a free port; returns its address. All end with the session."""
    running: list[subprocess.Popen[str]] = []
    cache = tmp_path_factory.mktemp("served-cache")

    def start(root: Path, *options: str) -> str:
        command = [sys.executable, "-m", "app.cli", "serve", str(root), "--port", "0", "--no-browser"]
        process = subprocess.Popen(
            [*command, "--cache-dir", str(cache), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+/", line)
        assert found, f"the server said: {line}{process.stdout.read() if process.poll() is not None else ''}"
        return found[0]

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def digits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the digits demo as `digits` and, beside it, as `again/digits`."""
    root = tmp_path_factory.mktemp("digits-root")
    build_digits(root / "digits")
    build_digits(root / "again" / "digits", seed=1)
    return root


@pytest.fixture(scope="session")
def digits_run(digits_folder: Path) -> Run:
    """The run that `digits_url` serves as `digits`."""
    return read_run(next(ref for ref in discover(digits_folder) if ref.name == "digits"))


@pytest.fixture(scope="session")
def digits_url(serve: Serve, digits_folder: Path) -> str:
    """The dashboard on the digits demo."""
    return serve(digits_folder)


@pytest.fixture(scope="session")
def current_url(serve: Serve, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The dashboard on the real folders of the current layout, with their class names."""
    describe = tmp_path_factory.mktemp("describe") / "sfvisuals.yaml"
    describe.write_text("classes: [negative, positive]\n")
    experiments = shared / "experiments"
    return serve(
        experiments / "current", "--data-root", str(experiments / "images"), "--describe", str(describe)
    )


@pytest.fixture(scope="session")
def digits_samples(digits_folder: Path) -> pd.DataFrame:
    """The samples of `digits` with what follows by hand at the usual target of 95 %, without the program.

    Columns beside the table's own: `confidence` (largest softmax), `wrong`, `silent`.
    """
    table = pd.read_parquet(digits_folder / "digits" / "samples.parquet")
    logits = np.load(digits_folder / "digits" / "logits.npy").astype(np.float64)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    confidence = powers.max(axis=1) / powers.sum(axis=1)
    wrong = (logits.argmax(axis=1) != table["label"]) | (table["study"] == "eight_nine")
    validation = np.sort(confidence[table["study"] == "validation"])[::-1]
    cut = validation[int(np.ceil(0.95 * validation.size)) - 1]
    return table.assign(confidence=confidence, wrong=wrong, silent=wrong & (confidence >= cut))


@pytest.fixture(scope="session")
def few_digits(digits_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with every eighth sample of the digits demo as the run `few`: its UMAP takes seconds."""
    whole = digits_folder / "digits"
    table = pd.read_parquet(whole / "samples.parquet").iloc[::8]
    out = tmp_path_factory.mktemp("few-root") / "few"
    sfvisuals.write_run(
        out,
        samples=table[["study", "label", "image"]].reset_index(drop=True),
        classes=[f"digit {number}" for number in range(8)],
        studies={
            "validation": "validation",
            "digits": "iid",
            **dict.fromkeys(("faint", "noise", "motion"), "corruption"),
            "thick_pen": "acquisition",
            "eight_nine": "new_class",
        },
        logits=np.load(whole / "logits.npy")[::8],
        latents=np.load(whole / "latents.npy")[::8],
    )
    for image in table["image"]:
        (out / image).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(whole / image, out / image)
    return out.parent
