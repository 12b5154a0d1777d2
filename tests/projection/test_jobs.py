"""Background projections: real processes, watched from several places, ended, killed and refused."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from sfvisuals.background import processes
from sfvisuals.errors import UnavailableError
from sfvisuals.projection import (
    JobState,
    JobStatus,
    ProjectionJobs,
    ProjectionKind,
    UmapSettings,
    pca_projection,
    worker,
)
from sfvisuals.store import Store

PATIENCE = 90.0
PCA, UMAP = ProjectionKind.PCA, ProjectionKind.UMAP
ENDLESS = UmapSettings(epochs=50_000_000)

Latents = npt.NDArray[np.float32]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def jobs(store: Store) -> Iterator[ProjectionJobs]:
    made = ProjectionJobs(store)
    yield made
    made.cancel_all()


@pytest.fixture
def endless(store: Store) -> Iterator[ProjectionJobs]:
    made = ProjectionJobs(store, settings=ENDLESS)
    yield made
    made.cancel_all()


@pytest.fixture
def latents() -> Latents:
    return np.random.default_rng(0).normal(size=(120, 6)).astype(np.float32)


def settled(jobs: ProjectionJobs, run_key: str, kind: ProjectionKind) -> JobStatus:
    """The status once the job no longer runs."""
    end = time.monotonic() + PATIENCE
    while (status := jobs.status(run_key, kind)).state is JobState.RUNNING:
        assert time.monotonic() < end, status
        time.sleep(0.02)
    return status


def written(store: Store, name: str) -> dict[str, Any]:
    """The one file of that name that a job wrote."""
    (file,) = store.root.glob(f"jobs/*/{name}")
    record: dict[str, Any] = json.loads(file.read_text())
    return record


def assert_ends(pid: int) -> None:
    end = time.monotonic() + PATIENCE
    while processes.identity(pid) is not None:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_nobody_started_is_absent(jobs: ProjectionJobs, store: Store) -> None:
    assert jobs.status("run", UMAP) == JobStatus(JobState.ABSENT)
    assert jobs.load("run", UMAP) is None
    assert jobs.cancel("run", UMAP).state is JobState.ABSENT
    assert not store.root.exists()


def test_a_finished_job_is_ready_for_every_server(
    jobs: ProjectionJobs, store: Store, latents: Latents
) -> None:
    assert jobs.start("run", PCA, latents).state is JobState.RUNNING
    pid = written(store, "running.json")["pid"]
    assert settled(jobs, "run", PCA) == JobStatus(JobState.READY, 1.0)
    found = ProjectionJobs(Store(store.root)).load("run", PCA)
    assert found is not None
    assert found.trust is not None
    np.testing.assert_allclose(found.coordinates, pca_projection(latents).coordinates, atol=1e-5)
    assert found.trust.shape == (120,)
    assert found.note == pca_projection(latents).note
    assert_ends(pid)


def test_nothing_is_computed_twice_unless_the_run_the_kind_or_a_setting_differs(
    jobs: ProjectionJobs, store: Store, latents: Latents, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.start("run", PCA, latents)
    settled(jobs, "run", PCA)
    monkeypatch.setattr(processes, "start_module", lambda *_, **__: pytest.fail("computed again"))
    assert jobs.start("run", PCA, latents).state is JobState.READY
    assert jobs.status("changed run", PCA).state is JobState.ABSENT
    assert jobs.status("run", UMAP).state is JobState.ABSENT
    assert ProjectionJobs(store, settings=UmapSettings(seed=1)).status("run", PCA).state is JobState.ABSENT


def test_two_tabs_and_two_servers_share_one_process(
    endless: ProjectionJobs, store: Store, latents: Latents, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    start = processes.start_module

    def counted(*arguments: Any, **named: Any) -> Any:
        started.append(arguments)
        return start(*arguments, **named)

    monkeypatch.setattr(processes, "start_module", counted)
    elsewhere = ProjectionJobs(Store(store.root), settings=ENDLESS)
    with ThreadPoolExecutor(8) as tabs:
        states = list(
            tabs.map(lambda at: (endless, elsewhere)[at % 2].start("run", UMAP, latents).state, range(8))
        )
    assert states == [JobState.RUNNING] * 8
    assert len(started) == 1
    endless.cancel("run", UMAP)
    elsewhere.cancel_all()


def test_progress_is_told_by_epochs_and_cancel_from_elsewhere_ends_the_process(
    endless: ProjectionJobs, store: Store, latents: Latents
) -> None:
    endless.start("run", UMAP, latents)
    pid = written(store, "running.json")["pid"]
    elsewhere = ProjectionJobs(Store(store.root), settings=ENDLESS)
    end = time.monotonic() + PATIENCE
    while "epoch" not in (status := elsewhere.status("run", UMAP)).message:
        assert status.state is JobState.RUNNING, status
        assert time.monotonic() < end
        time.sleep(0.05)
    assert 0.35 <= status.progress < 0.9
    assert elsewhere.cancel("run", UMAP) == JobStatus(JobState.CANCELLED)
    assert_ends(pid)
    assert endless.status("run", UMAP) == JobStatus(JobState.CANCELLED)
    assert endless.load("run", UMAP) is None


def test_a_cancelled_job_can_be_started_again(endless: ProjectionJobs, latents: Latents) -> None:
    endless.start("run", UMAP, latents)
    endless.cancel("run", UMAP)
    assert endless.start("run", UMAP, latents).state is JobState.RUNNING


def test_a_killed_process_is_told_and_not_waited_for_forever(
    endless: ProjectionJobs, store: Store, latents: Latents
) -> None:
    endless.start("run", UMAP, latents)
    pid = written(store, "running.json")["pid"]
    os.kill(pid, signal.SIGKILL)
    status = settled(endless, "run", UMAP)
    assert status.state is JobState.FAILED
    assert status.error.startswith("The projection process ended unexpectedly.")
    with pytest.raises(ProcessLookupError):  # waited for: no zombie is left
        os.kill(pid, 0)
    assert endless.start("run", UMAP, latents).state is JobState.RUNNING


def test_a_process_that_breaks_tells_its_last_words(jobs: ProjectionJobs, tmp_path: Path) -> None:
    broken = tmp_path / "latents.npy"
    broken.write_bytes(b"this is no array")
    jobs.start("run", PCA, broken)
    status = settled(jobs, "run", PCA)
    assert status.state is JobState.FAILED
    assert "ended unexpectedly" in status.error
    assert "ValueError" in status.error


def test_latents_that_are_not_finite_fail_in_words_without_a_traceback(
    jobs: ProjectionJobs, latents: Latents
) -> None:
    latents[[3, 9], 0] = np.nan
    jobs.start("run", UMAP, latents, name="encoded_output.npz")
    status = settled(jobs, "run", UMAP)
    assert status.state is JobState.FAILED
    assert "2 of 120 rows of encoded_output.npz hold NaN or inf: rows 3, 9." in status.error
    assert "Traceback" not in status.error


def test_another_process_with_the_number_of_a_dead_one_is_not_mistaken_for_it(
    endless: ProjectionJobs, store: Store, latents: Latents
) -> None:
    endless.start("run", UMAP, latents)
    (file,) = store.root.glob("jobs/*/running.json")
    running = json.loads(file.read_text())
    file.write_text(json.dumps({"pid": os.getpid(), "started": running["started"] + "0"}))
    assert endless.status("run", UMAP).state is JobState.FAILED
    assert endless.cancel("run", UMAP).state is JobState.FAILED
    file.write_text(json.dumps(running))


def test_a_server_that_stops_ends_its_jobs_and_leaves_them_absent(
    endless: ProjectionJobs, store: Store, latents: Latents
) -> None:
    endless.start("run", UMAP, latents)
    pid = written(store, "running.json")["pid"]
    endless.cancel_all()
    assert_ends(pid)
    assert endless.status("run", UMAP) == JobStatus(JobState.ABSENT)


def test_a_whole_npy_file_is_read_where_it_lies_and_anything_else_is_written_once(
    jobs: ProjectionJobs, store: Store, latents: Latents, tmp_path: Path
) -> None:
    np.save(tmp_path / "latents.npy", latents)
    mapped = np.load(tmp_path / "latents.npy", mmap_mode="r")
    jobs.start("whole", PCA, np.asarray(mapped))
    assert written(store, "job.json")["latents"] == str(tmp_path / "latents.npy")
    assert not list(store.root.glob("v*/latents/*"))
    for part in (mapped[1:], mapped[:, 1:]):
        jobs.start(f"part {part.shape}", PCA, part)
        jobs.start(f"part {part.shape}", UMAP, part)
    copies = sorted(np.load(file).shape for file in store.root.glob("v*/latents/*/latents.npy"))
    assert copies == [(119, 6), (120, 5)]


def test_latents_that_change_meanwhile_are_never_kept_under_the_old_key(
    jobs: ProjectionJobs, store: Store, latents: Latents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "latents.npy", latents)
    jobs.start("run", PCA, tmp_path / "latents.npy")
    jobs.cancel("run", PCA)
    np.save(tmp_path / "latents.npy", latents + 1)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    (job,) = store.root.glob("jobs/*/job.json")
    assert worker.main(job) == 1
    status = jobs.status("run", PCA)
    assert status.state is JobState.FAILED
    assert "changed while" in status.error
    assert jobs.load("run", PCA) is None


def test_a_module_beside_the_latents_is_not_imported(
    jobs: ProjectionJobs, store: Store, latents: Latents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('read from the folder')")
    np.save(tmp_path / "latents.npy", latents)
    monkeypatch.chdir(tmp_path)
    jobs.start("run", PCA, tmp_path / "latents.npy")
    assert settled(jobs, "run", PCA).state is JobState.READY


def test_without_posix_processes_it_says_so(
    jobs: ProjectionJobs, latents: Latents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "POSIX", False)
    with pytest.raises(UnavailableError, match="Linux or macOS"):
        jobs.start("run", UMAP, latents)


@pytest.mark.parametrize("writable", [True, False])
def test_compiled_code_lies_in_the_store_where_the_library_cannot_be_written(
    writable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(os, "access", lambda *_: writable)
    worker.give_numba_a_cache(tmp_path)
    assert os.environ.get("NUMBA_CACHE_DIR") == (None if writable else str(tmp_path / "numba"))


@pytest.mark.slow
def test_umap_of_a_run_is_computed_in_the_background_and_kept(jobs: ProjectionJobs, store: Store) -> None:
    latents = np.random.default_rng(1).normal(size=(2000, 32)).astype(np.float32)
    latents[::2] += 8
    jobs.start("run", UMAP, latents)
    assert settled(jobs, "run", UMAP).state is JobState.READY
    found = jobs.load("run", UMAP)
    assert found is not None
    assert found.coordinates.shape == (2000, 2)
    assert found.note == "UMAP of all 2,000 samples."
    even, odd = found.coordinates[::2].mean(axis=0), found.coordinates[1::2].mean(axis=0)
    own = np.where(np.arange(2000)[:, None] % 2 == 0, even, odd)
    assert (np.linalg.norm(found.coordinates - own, axis=1) < np.linalg.norm(even - odd) / 2).all()
