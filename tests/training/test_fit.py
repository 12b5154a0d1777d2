from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from sfvisuals.errors import SettingsError
from sfvisuals.training.augmentation import Augmentation
from sfvisuals.training.fit import BEST, HISTORY, LAST, Fitted, fit, read_checkpoint
from sfvisuals.training.images import Inputs
from sfvisuals.training.loop import share_of_rate
from sfvisuals.training.objective import Objective
from sfvisuals.training.options import AugmentationOptions
from sfvisuals.training.quiet import seeded
from toy_training import toy_images, toy_options


class Scripted(Objective):
    """Has one weight, and the validation losses that it is told, epoch by epoch."""

    def __init__(self, losses: list[float], *, first_kept: int = 0, stop_at: int | None = None) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.losses, self.first_kept, self.stop_at = losses, first_kept, stop_at

    def loss(self, x: Tensor, y: Tensor, *, epoch: int) -> Tensor:
        if epoch == self.stop_at:
            raise KeyboardInterrupt
        return -self.weight.sum()

    def validate(self, x: Tensor, y: Tensor, *, epoch: int) -> tuple[Tensor, Tensor]:
        # Class 0 always, class 1 from epoch 1 on.
        return torch.tensor(self.losses[epoch]), y if epoch else torch.zeros_like(y)


def fitted(objective: Objective, folder: Path | None = None, **options: object) -> Fitted:
    inputs = Inputs(toy_images(8), toy_options().preprocessing, memory_mb=10)
    return fit(
        objective,
        train=inputs,
        validation=inputs,
        augmentation=Augmentation(AugmentationOptions(), toy_options().preprocessing),
        options=toy_options(batch_size=4, **options).fit,
        classes=2,
        folder=folder,
    )


def test_the_epoch_with_the_lowest_validation_loss_is_kept(tmp_path: Path) -> None:
    objective = Scripted([3.0, 1.0, 2.0])
    found = fitted(objective, tmp_path)
    assert [epoch.loss for epoch in found.history] == [3.0, 1.0, 2.0]
    assert [epoch.balanced_accuracy for epoch in found.history] == [0.5, 1.0, 1.0]
    assert found.kept == 1
    kept = read_checkpoint(tmp_path / BEST)["state_dict"]["objective.weight"]
    last = read_checkpoint(tmp_path / LAST)["state_dict"]["objective.weight"]
    assert float(objective.weight.detach()) == float(kept) != float(last)
    assert not objective.training


def test_the_highest_balanced_accuracy_may_decide_instead() -> None:
    assert fitted(Scripted([1.0, 3.0, 2.0]), monitor="balanced_accuracy").kept == 1


def test_training_stops_early_when_nothing_gets_better() -> None:
    found = fitted(Scripted([3.0, 1.0, 2.0, 2.0, 0.5, 0.1]), epochs=6, patience=2)
    assert len(found.history) == 4
    assert found.kept == 1


def test_epochs_of_pretraining_are_never_kept_nor_stop_the_training() -> None:
    found = fitted(Scripted([0.1, 0.1, 0.1, 5.0, 4.0, 6.0], first_kept=3), epochs=6, patience=2)
    assert len(found.history) == 6
    assert found.kept == 4


def test_an_interrupted_training_goes_on_after_its_last_epoch(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fitted(Scripted([3.0, 2.0, 1.0, 4.0], stop_at=2), tmp_path, epochs=4)
    assert not (tmp_path / HISTORY).exists()
    found = fitted(Scripted([9.0, 9.0, 1.0, 4.0]), tmp_path, epochs=4)
    assert [epoch.loss for epoch in found.history] == [3.0, 2.0, 1.0, 4.0]
    assert found.kept == 2


def test_a_training_that_ended_is_read_and_not_repeated(tmp_path: Path) -> None:
    first = fitted(Scripted([3.0, 1.0, 2.0]), tmp_path)
    again = Scripted([0.0, 0.0, 0.0], stop_at=0)
    assert fitted(again, tmp_path) == first
    assert float(again.weight.detach()) > 0


def test_ctrl_c_works_after_an_interruption_and_nothing_is_left_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fitted(Scripted([1.0] * 3, stop_at=1))
    assert signal.getsignal(signal.SIGINT) is before
    assert list(tmp_path.iterdir()) == []


def test_a_broken_checkpoint_is_told_with_its_file(tmp_path: Path) -> None:
    fitted(Scripted([1.0] * 3), tmp_path)
    (tmp_path / BEST).write_bytes(b"broken")
    with pytest.raises(SettingsError, match="cannot be read") as error:
        fitted(Scripted([1.0] * 3), tmp_path)
    assert str(tmp_path / BEST) in error.value.detail


def test_more_pretraining_than_epochs_is_refused_before_anything_runs() -> None:
    with pytest.raises(SettingsError, match="No epoch is left"):
        fitted(Scripted([1.0], first_kept=3), epochs=3)


def test_seeds_are_given_back() -> None:
    states = random.getstate(), torch.random.get_rng_state().tolist(), dict(os.environ)
    legacy = np.random.get_state()[1].tolist()  # type: ignore[union-attr] # noqa: NPY002 - what Lightning seeds
    with seeded(3):
        drawn = torch.rand(1).item()
    assert (random.getstate(), torch.random.get_rng_state().tolist(), dict(os.environ)) == states
    assert np.random.get_state()[1].tolist() == legacy  # type: ignore[union-attr] # noqa: NPY002
    with seeded(3):
        assert torch.rand(1).item() == drawn


def test_the_learning_rate_rises_and_falls_as_half_a_cosine() -> None:
    shares = [share_of_rate(step, steps=10, warmup=2, schedule="cosine") for step in range(11)]
    # From step 2 to step 10 the cosine runs from 0 to pi; step 6 is its middle.
    assert shares[:3] == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert shares[6] == pytest.approx(0.5)
    assert shares[10] == pytest.approx(0.0)
    assert [share_of_rate(s, steps=9, warmup=0, schedule="constant") for s in (0, 8)] == [1.0, 1.0]


@pytest.mark.slow
def test_two_processes_train_together_and_the_program_runs_once(tmp_path: Path) -> None:
    found = fitted(Scripted([3.0, 1.0]), tmp_path, epochs=2, devices=2)
    assert [epoch.loss for epoch in found.history] == [3.0, 1.0]
    assert [epoch.balanced_accuracy for epoch in found.history] == [0.5, 1.0]
