"""The dermoscopy demo as it ships: whole, small, readable, with its maps, and what the doctor says."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from sfvisuals.demo.pack import pack, read_projections
from sfvisuals.demo.shipped import PACKED, ensure_dermoscopy, write_dermoscopy
from sfvisuals.errors import SettingsError
from sfvisuals.io import discover, read_run
from sfvisuals.io.doctor import check
from sfvisuals.io.image_paths import ImagePaths
from sfvisuals.projection import ProjectionKind, UmapSettings
from sfvisuals.scores import score_list
from sfvisuals.types import Level, Run, StudyKind
from sfvisuals.workspace import Workspace

RUNS = ["confidnet", "deep_gamblers", "devries"]
POSTER = (
    *("MSR", "PE", "MCD-MSR", "MCD-PE", "MCD-EE", "ConfidNet"),
    *("DG-MCD-MSR", "DG-RES", "Devries et al."),
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def folder(cache: Path) -> Path:
    return ensure_dermoscopy(cache)


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Run]:
    return {ref.name: read_run(ref, root=folder) for ref in discover(folder)}


def test_it_is_small_enough_to_travel(folder: Path) -> None:
    assert PACKED.stat().st_size <= 15_000_000


def test_it_is_unpacked_once_and_nothing_half_made_is_left(folder: Path, cache: Path) -> None:
    stamp = (folder / "confidnet/run.json").stat().st_mtime_ns
    assert ensure_dermoscopy(cache) == folder
    assert (folder / "confidnet/run.json").stat().st_mtime_ns == stamp
    assert [path.name for path in folder.parent.iterdir()] == ["dermoscopy"]


def test_opening_it_creates_few_files(folder: Path) -> None:
    assert sum(path.is_file() for path in folder.rglob("*")) < 60


def test_it_has_three_runs_on_the_same_samples(runs: dict[str, Run]) -> None:
    assert list(runs) == RUNS
    first = runs["confidnet"]
    kinds = [str(study.kind) for study in first.studies]
    assert kinds.count("acquisition") == 2
    assert (kinds.count("manifestation"), kinds.count("iid"), kinds.count("validation")) == (1, 1, 1)
    clean = (first.corruption < 0) & (first.study != kinds.index("validation"))
    assert clean.sum() == 3000
    for run in runs.values():
        assert np.array_equal(run.label, first.label)
        assert (run.mc_passes, run.latent_dim) == (10, 64)
        assert run.train_latents is not None
        assert len(run.train_latents) == 4000


def test_every_corruption_follows_at_least_two_hundred_images_through_five_severities(
    runs: dict[str, Run],
) -> None:
    run = runs["confidnet"]
    iid = [study.kind for study in run.studies].index(StudyKind.IID)
    assert len(run.corruptions) == 6
    for code in range(6):
        rows = np.flatnonzero(run.corruption == code)
        sources, counts = np.unique(run.source_row[rows], return_counts=True)
        assert sources.size >= 200
        assert set(counts.tolist()) == {5}
        assert np.all(run.study[sources] == iid)


def test_the_nine_scores_of_the_poster_are_there(runs: dict[str, Run], folder: Path) -> None:
    rows = yaml.safe_load((folder / "sfvisuals.yaml").read_text())["methods"]
    assert tuple(rows) == POSTER
    for place in rows.values():
        usable = {score.name for score in score_list(runs[place["run"]]) if score.available}
        assert place["score"] in usable


def test_the_doctor_finds_nothing_to_mend(folder: Path) -> None:
    report = check(folder)
    assert [p for run in report.runs for p in run.problems if p.level is not Level.INFO] == []
    assert all(run.images is not None and run.images.missing == 0 for run in report.runs)


def test_its_maps_are_there_at_once_for_the_settings_of_this_version(folder: Path, cache: Path) -> None:
    assert {settings for _, _, settings in read_projections(folder)} == {UmapSettings()}
    workspace = Workspace(folder, cache_dir=cache)
    for name in workspace.run_names():
        run = workspace.run(name)
        for kind in (ProjectionKind.UMAP, ProjectionKind.UMAP3):
            assert workspace.projection_status(run, kind)["state"] == "ready"
            assert workspace.coordinates(run, kind).shape == (run.n, kind.dimensions)


def test_every_image_is_a_whole_picture(runs: dict[str, Run], folder: Path) -> None:
    run = runs["confidnet"]
    assert run.image is not None
    lookup = ImagePaths([folder])
    for text in run.image.iloc[:: run.n // 50]:
        file = lookup.resolve(text)
        assert file is not None
        with Image.open(file.open("rb")) as picture:
            assert (picture.size, picture.format) == ((96, 96), "WEBP")


def test_the_same_content_packs_to_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert pack(folder, tmp_path / "again.zip").read_bytes() == PACKED.read_bytes()


def test_a_damaged_or_missing_file_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(PACKED.read_bytes()[:5000])
    with pytest.raises(SettingsError, match=r"broken\.zip cannot be read"):
        write_dermoscopy(tmp_path / "out", packed=tmp_path / "broken.zip")
    with pytest.raises(SettingsError, match=r"gone\.zip is not there") as caught:
        ensure_dermoscopy(tmp_path, packed=tmp_path / "gone.zip")
    assert "--rebuild" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["broken.zip"]


def test_a_file_that_leads_out_of_the_folder_stays_inside(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.zip"
    with zipfile.ZipFile(hostile, "w") as archive:
        archive.writestr("../../escaped.txt", "x")
    write_dermoscopy(tmp_path / "deep/er/out", packed=hostile)
    assert not list(tmp_path.glob("escaped.txt"))
    assert not list(tmp_path.glob("deep/escaped.txt"))
