"""An MC file with more rows than the outputs is matched only where the match proves itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fake_fdshifts import FakeRun
from sfvisuals.io import discover, read_run
from sfvisuals.types import Level, Run

N_IID, BLOCK, STRIDE = 120, 20, 10
FULL = 75 * BLOCK


def thinned(folder: Path, kept: np.ndarray, *, stride: int = STRIDE, noise: float = 0.3) -> FakeRun:
    """Validation, iid, a noise study of which the outputs hold only `kept`, and an acquisition shift."""
    rng = np.random.default_rng(5)
    sizes = (N_IID, N_IID, FULL, N_IID)
    index = np.repeat(np.arange(4), sizes)
    label = rng.integers(0, 3, index.size)
    logits = rng.normal(0, 1.5, (index.size, 3)) + 2 * np.eye(3)[label]
    mc = logits[:, :, None] + rng.normal(0, noise, (index.size, 3, 8))
    outputs = np.concatenate(
        [np.arange(2 * N_IID), 2 * N_IID + kept, np.arange(2 * N_IID + FULL, index.size)]
    )
    config = {
        "data": {"dataset": "cifar10", "num_classes": 3},
        "eval": {
            "val_tuning": True,
            "ext_confid_name": "tcp",
            "query_studies": {
                "iid_study": "cifar10",
                "noise_study": {"dataset": "corrupt_cifar10", "subsample_corruptions": stride},
                "in_class_study": ["elsewhere"],
            },
        },
    }
    run = FakeRun(folder=folder, layout="current", config=config)
    external = rng.uniform(0, 1, index.size)
    run.arrays = {
        "raw_logits.npz": np.column_stack([logits, label, index])[outputs].astype(np.float16),
        "raw_logits_dist.npz": mc.astype(np.float16),
        "external_confids.npz": external[outputs].astype(np.float16),
        "external_confids_dist.npz": np.repeat(external[:, None], 8, axis=1).astype(np.float16),
    }
    return run.save()


def read(run: FakeRun) -> Run:
    return read_run(discover(run.folder)[0])


EVERY_TENTH = np.arange(0, FULL, STRIDE)
FIRST_OF_EACH_BLOCK = (np.arange(75)[:, None] * BLOCK + np.arange(BLOCK // STRIDE)).ravel()


@pytest.mark.parametrize(
    "kept", [EVERY_TENTH, FIRST_OF_EACH_BLOCK], ids=["every tenth", "first of each block"]
)
def test_a_thinned_noise_study_is_matched_row_by_row(tmp_path: Path, kept: np.ndarray) -> None:
    fake = thinned(tmp_path / "run", kept)
    run = read(fake)
    assert run.mc_logits is not None
    assert run.external is not None
    assert run.external_mc is not None
    assert run.mc_logits.shape == (3 * N_IID + kept.size, 3, 8)
    rows = run.rows_of("corrupt_cifar10")
    complete = fake.arrays["raw_logits_dist.npz"]
    np.testing.assert_array_equal(run.mc_logits[rows], complete[2 * N_IID + kept])
    np.testing.assert_array_equal(run.mc_logits[run.rows_of("elsewhere")], complete[2 * N_IID + FULL :])
    np.testing.assert_array_equal(run.external_mc[:, 0], run.external)
    assert any(
        problem.title == "Rows of raw_logits_dist.npz are matched to raw_logits.npz"
        for problem in run.problems
    )


def refused(run: Run) -> str:
    assert run.mc_logits is None
    assert run.mc_probabilities is None
    assert [problem.level for problem in run.problems if "raw_logits_dist.npz" in problem.title] == [
        Level.WARNING
    ]
    return run.absent["mc"]


def test_counts_that_no_thinning_explains_are_refused(tmp_path: Path) -> None:
    fake = thinned(tmp_path / "run", EVERY_TENTH)
    fake.arrays["raw_logits_dist.npz"] = fake.arrays["raw_logits_dist.npz"][:-100]
    assert "does not explain it" in refused(read(fake.save()))


def test_counts_that_fit_by_chance_are_refused_since_the_later_studies_do_not_agree(tmp_path: Path) -> None:
    # Every tenth of 1,497 samples is 150, as of 1,500: the noise study alone would pass.
    fake = thinned(tmp_path / "run", EVERY_TENTH)
    fake.arrays["raw_logits_dist.npz"] = fake.arrays["raw_logits_dist.npz"][:-3]
    assert "fits none" in refused(read(fake.save()))


def test_counts_that_fit_without_agreement_of_the_numbers_are_refused(tmp_path: Path) -> None:
    other_rows = np.sort(np.random.default_rng(8).choice(FULL, EVERY_TENTH.size, replace=False))
    assert "fits none" in refused(read(thinned(tmp_path / "run", other_rows)))


def test_passes_that_say_nothing_about_the_outputs_are_refused(tmp_path: Path) -> None:
    assert "fits none" in refused(read(thinned(tmp_path / "run", EVERY_TENTH, noise=1000.0)))


def test_an_external_file_with_more_rows_is_refused_with_the_passes(tmp_path: Path) -> None:
    fake = thinned(tmp_path / "run", EVERY_TENTH)
    del fake.arrays["raw_logits_dist.npz"]
    run = read(fake.save())
    assert run.external_mc is None
    assert "cannot be matched" in run.absent["external_mc"]
