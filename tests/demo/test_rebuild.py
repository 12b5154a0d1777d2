"""A small rebuild of the demo has the structure of the one that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sfvisuals.demo.pack import read_projections
from sfvisuals.demo.rebuild import rebuild, through_webp
from sfvisuals.demo.shipped import write_dermoscopy
from sfvisuals.io import discover, read_run
from sfvisuals.io.corrupted import clean_pixels
from sfvisuals.types import Run

pytestmark = [
    pytest.mark.slow,
    # umap-learn says on import that an optional part of it is not installed.
    pytest.mark.filterwarnings(
        "ignore:Tensorflow not installed; ParametricUMAP will be unavailable:ImportWarning"
    ),
]
ARRAYS = ("logits", "mc_logits", "external", "external_mc", "latents", "train_latents")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuild(tmp_path_factory.mktemp("small") / "dermoscopy", scale=0.01, epochs=1, progress=False)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dermoscopy(tmp_path_factory.mktemp("shipped") / "dermoscopy")


def structure(run: Run) -> dict[str, object]:
    """Everything about a run but how many samples it has and what they are."""
    types = {name: None if (a := getattr(run, name)) is None else (a.dtype, a.ndim) for name in ARRAYS}
    return types | {
        "studies": run.studies,
        "classes": run.classes,
        "columns": {name: str(run.metadata[name].dtype) for name in run.metadata},
        "group": run.group_column,
        "source": run.source,
        "head": run.external_name,
        "corruptions": (run.corruptions, dict(run.corruption_parameters)),
        "severities": set(run.severity.tolist()),
        "provenance": set(run.provenance),
        "passes": run.mc_passes,
    }


def test_a_small_rebuild_has_the_structure_of_what_ships(small: Path, shipped: Path) -> None:
    small_runs, shipped_runs = ({r.name: read_run(r, root=f) for r in discover(f)} for f in (small, shipped))
    assert list(small_runs) == list(shipped_runs)
    for name, run in small_runs.items():
        assert structure(run) == structure(shipped_runs[name])
        assert run.n < shipped_runs[name].n
    maps = [[(run, p.kind) for run, p, _ in read_projections(folder)] for folder in (small, shipped)]
    assert maps[0] == maps[1]
    assert (small / "sfvisuals.yaml").read_text() == (shipped / "sfvisuals.yaml").read_text()
    assert {path.name for path in small.iterdir()} == {path.name for path in shipped.iterdir()}


def test_what_is_shown_is_what_the_model_saw(small: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), np.uint8)
    files, seen = through_webp(pixels)
    for file, expected in zip(files, seen, strict=True):
        place = small.parent / "one.webp"
        place.write_bytes(file)
        assert np.array_equal(clean_pixels(place), expected)
