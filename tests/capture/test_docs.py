"""docs/capture.md from top to bottom, as a new user follows it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.cli import build_parser
from sfvisuals.io.doctor import check
from sfvisuals.types import StudyKind

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COUNTS = {"train": 12, "val": 10, "test": 12, "clinic_b": 8}


def generated(place: Path) -> None:
    """A csv like that of the page, with images."""
    random = np.random.default_rng(0)
    lines = ["image,label,study,patient,age"]
    for study, count in COUNTS.items():
        (place / "images" / study).mkdir(parents=True)
        for i in range(count):
            pixels = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(place / "images" / study / f"{i:04d}.png")
            label = ("benign", "malignant")[i % 2]
            lines.append(f"{study}/{i:04d}.png,{label},{study},{study}{i // 2},{random.integers(20, 90)}")
    (place / "images.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_every_block_of_the_page_runs_in_order(repository: Path, tmp_path: Path) -> None:
    generated(tmp_path)
    page = (repository / "docs" / "capture.md").read_text(encoding="utf-8")
    ran = []
    for language, text in BLOCK.findall(page):
        if language == "python":
            name = re.match(r"# (\w+\.py)\n", text)
            assert name, text
            (tmp_path / name[1]).write_text(text, encoding="utf-8")
        if language == "sh":
            for line in text.splitlines():
                program, *rest = shlex.split(line)
                if rest[0] == "serve":
                    build_parser().parse_args(rest)
                    continue
                command = [sys.executable] if program == "python" else [sys.executable, "-m", "app.cli"]
                done = subprocess.run(
                    [*command, *rest],
                    cwd=tmp_path,
                    env=os.environ | {"PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
                ran.append(line)
    assert len(ran) == 6
    report = check(tmp_path / "experiments", data_roots=[tmp_path / "images"])
    samples = {run.run: run.samples for run in report.runs}
    # val, test and clinic_b; 6 corruptions in 5 severities of the 12 images of the iid study
    assert samples == {"first": 30 + 360, "second": 30 + 360, "own": 40}


def test_the_page_lists_every_kind_of_study(repository: Path) -> None:
    page = (repository / "docs" / "capture.md").read_text(encoding="utf-8")
    assert [kind for kind in StudyKind if f"| `{kind}` |" not in page] == []
