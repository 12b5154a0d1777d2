"""Interrupted, killed, locked: a draft is never a run, and what goes on ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor

from capturing import CLASSES, SmallNet, content
from sfvisuals.capture import CaptureStudy, capture
from sfvisuals.capture.draft import draft_place, locked
from sfvisuals.errors import CaptureError
from sfvisuals.io import discover

QUIET = {"progress": False, "device": "cpu", "classes": CLASSES, "batch_size": 4, "name": "x"}


class Interrupted(SmallNet):
    """Presses Ctrl-C after so many calls."""

    calls = 0
    last = 10**9

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        if self.calls > self.last:
            raise KeyboardInterrupt
        return super().forward(images)


@pytest.fixture
def model() -> Interrupted:
    torch.manual_seed(0)
    return Interrupted()


def interrupt(model: Interrupted, studies: list[CaptureStudy], out: Path, *, after: int) -> str:
    """What the interrupt says."""
    model.calls, model.last = 0, after
    with pytest.raises(KeyboardInterrupt) as caught:
        capture(model, studies, out=out, **QUIET)
    model.last = 10**9
    return str(caught.value)


def test_an_interrupted_capture_goes_on_and_ends_bitwise_the_same(
    model: Interrupted, studies: list[CaptureStudy], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = content(capture(model, studies, out=tmp_path / "whole", **QUIET))
    out = tmp_path / "run"
    words = interrupt(model, studies, out, after=60)
    assert words == "Interrupted after 13 samples. Call it again with the same arguments to go on."
    assert "Interrupted" not in capsys.readouterr().err, "whoever called it tells"
    model.calls = 0
    folder = capture(model, studies, out=out, **QUIET)
    assert "goes on after 13 samples" in capsys.readouterr().err
    assert content(folder) == whole
    # First the layers, then one sample with 10 passes. Left are 3 batches of iid and 3 of clinic B with 10
    # passes each, and 3 of training samples without.
    assert model.calls == 1 + 11 + 6 * 11 + 3
    assert not draft_place(out).exists()


def test_a_draft_is_no_run(model: Interrupted, studies: list[CaptureStudy], tmp_path: Path) -> None:
    interrupt(model, studies, tmp_path / "runs" / "a", after=60)
    place = draft_place(tmp_path / "runs" / "a")
    assert list((tmp_path / "runs").iterdir()) == [place]
    assert discover(tmp_path / "runs") == ()
    assert list(place.rglob("run.json")) == []


def test_another_model_begins_anew_and_says_so(
    model: Interrupted, studies: list[CaptureStudy], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    interrupt(model, studies, out, after=60)
    with torch.no_grad():
        model.head[1].bias += 1
    folder = capture(model, studies, out=out, **QUIET)
    assert "begins anew" in capsys.readouterr().err
    assert content(folder) == content(capture(model, studies, out=tmp_path / "whole", **QUIET))


def test_two_captures_into_one_folder_refuse_each_other(
    model: Interrupted, studies: list[CaptureStudy], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with (
        locked(draft_place(out), out=out),
        pytest.raises(CaptureError, match="Another capture into run is running"),
    ):
        capture(model, studies, out=out, **QUIET)
    assert capture(model, studies, out=out, **QUIET) == out


KILLED = """
import sys, time
from pathlib import Path
import numpy as np, pandas as pd, torch
from capturing import CLASSES, SmallNet
from sfvisuals.capture import CaptureStudy, ImageArray, capture
from sfvisuals.capture import draft
from sfvisuals.types import StudyKind

draft.SECONDS = 0.0
torch.set_num_threads(1)
torch.manual_seed(0)
slow = float(sys.argv[2])

class Slow(SmallNet):
    def __repr__(self):
        return "Slow"
    def forward(self, images):
        time.sleep(slow)
        return super().forward(images)

pixels = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
study = CaptureStudy("iid", StudyKind.IID, pd.DataFrame({"label": np.arange(60) % 3}), ImageArray(pixels))
capture(Slow(), [study], out=Path(sys.argv[1]), classes=CLASSES, name="x", mc_passes=2, batch_size=4,
        progress=False, device="cpu")
"""


def started(out: Path, *, slow: float) -> subprocess.Popen[str]:
    support = str(Path(__file__).parents[1] / "support")
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", KILLED, str(out), str(slow)],
        env=os.environ | {"PYTHONPATH": f"{support}{os.pathsep}{root}", "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_capture_that_is_killed_goes_on_and_ends_bitwise_the_same(tmp_path: Path) -> None:
    out = tmp_path / "run"
    progress = draft_place(out) / "progress.json"
    process = started(out, slow=0.05)
    deadline = time.monotonic() + 60
    while not progress.exists() or json.loads(progress.read_text())["done"] < 8:
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not out.exists()
    assert discover(tmp_path) == ()
    again = started(out, slow=0.0)
    _, words = again.communicate(timeout=60)
    assert again.returncode == 0, words
    assert "goes on after" in words
    fresh = started(tmp_path / "whole", slow=0.0)
    assert fresh.communicate(timeout=60)[1] == ""
    assert content(out) == content(tmp_path / "whole")
