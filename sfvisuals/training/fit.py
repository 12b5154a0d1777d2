"""The training loop: Lightning trains an objective, keeps the best epoch, goes on where it was cut off."""

from __future__ import annotations

import csv
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from sfvisuals.errors import SettingsError
from sfvisuals.training.augmentation import Augmentation
from sfvisuals.training.images import Inputs, loader
from sfvisuals.training.objective import Objective
from sfvisuals.training.options import FitOptions
from sfvisuals.training.plain import read_plain
from sfvisuals.training.quiet import quiet

BEST: Final = "best.ckpt"
LAST: Final = "last.ckpt"
HISTORY: Final = "history.csv"


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes:
        epoch: from 0.
        train_loss: mean over its batches, while the weights changed.
        loss: on the validation images.
        balanced_accuracy: on the validation images, 0..1: the mean over classes of the share that is right.
    """

    epoch: int
    train_loss: float
    loss: float
    balanced_accuracy: float


@dataclass(frozen=True)
class Fitted:
    """What a fit gave: its epochs, and which of them is kept."""

    history: tuple[Epoch, ...]
    kept: int

    @property
    def best(self) -> Epoch:
        """The epoch whose weights are kept."""
        return next(epoch for epoch in self.history if epoch.epoch == self.kept)


def fit(
    objective: Objective,
    *,
    train: Inputs,
    validation: Inputs,
    augmentation: Augmentation,
    options: FitOptions,
    classes: int,
    words: str = "training",
    folder: Path | None = None,
) -> Fitted:
    """Train the objective in place; then it has the weights of its best epoch, in eval mode, on the CPU.

    Args:
        objective: model and loss.
        train: training images, shuffled anew every epoch.
        validation: images that choose the epoch.
        augmentation: random changes of the training images.
        options: epochs, optimiser and so on.
        classes: d.
        words: what the progress bar says.
        folder: where checkpoints are kept. A fit that was interrupted there goes on from its last epoch; one
            that ended there is not repeated.

    Raises SettingsError where the options contradict each other or a checkpoint cannot be read.
    """
    check_epochs(objective, options)
    with ExitStack() as stack:
        stack.enter_context(quiet())
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sfvisuals-fit-")))
        place.mkdir(parents=True, exist_ok=True)
        return _fit(objective, train, validation, augmentation, options, classes, words, place)


def check_epochs(objective: Objective, options: FitOptions) -> None:
    """Raise SettingsError where no epoch would be left to keep."""
    if objective.first_kept >= options.epochs:
        raise SettingsError(
            "No epoch is left after the pretraining",
            detail=f"Found {objective.first_kept} epochs of pretraining of {options.epochs} epochs.",
            hint="Train for more epochs, or pretrain for fewer.",
        )


def _fit(
    objective: Objective,
    train: Inputs,
    validation: Inputs,
    augmentation: Augmentation,
    options: FitOptions,
    classes: int,
    words: str,
    folder: Path,
) -> Fitted:
    from lightning.pytorch import Trainer

    from sfvisuals.training.loop import Loop, callbacks

    loop = Loop(objective, augmentation, options, classes=classes)
    trainer = Trainer(
        accelerator=options.accelerator,
        devices=list(options.devices) if isinstance(options.devices, tuple) else options.devices,
        strategy=_strategy(options),
        precision=options.precision,
        max_epochs=options.epochs,
        gradient_clip_val=options.gradient_clip,
        deterministic="warn",
        benchmark=False,
        logger=False,
        callbacks=callbacks(objective, options, folder, words=words),
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=True,
    )
    loop.train()
    if not (folder / HISTORY).is_file():
        with _interruptible(trainer):
            trainer.fit(
                loop,
                loader(train, options, shuffle=True),
                loader(validation, options, shuffle=False),
                ckpt_path=folder / LAST if (folder / LAST).is_file() else None,
                weights_only=True,
            )
    return _kept(loop, folder)


def _kept(loop: Any, folder: Path) -> Fitted:
    """Give the objective the weights of its best epoch; the history that is then written marks the end."""
    best = read_checkpoint(folder / BEST)
    loop.load_state_dict(best["state_dict"])
    loop.objective.cpu().eval()
    history = tuple(Epoch(**row) for row in read_checkpoint(folder / LAST)["history"])
    _write_history(history, folder / HISTORY)
    return Fitted(history, int(best["epoch"]))


@contextmanager
def _interruptible(trainer: Any) -> Iterator[None]:
    """Interrupting raises KeyboardInterrupt: Lightning would end the program and leave Ctrl-C ignored."""
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT) if main else None
    try:
        yield
    except SystemExit as error:
        if not trainer.interrupted:
            raise
        raise KeyboardInterrupt from error
    finally:
        if main:
            signal.signal(signal.SIGINT, handler)


def _strategy(options: FitOptions) -> str:
    """One process per device by spawning, so that the program itself, which goes on to capture, runs once."""
    match options.devices:
        case "auto":
            several = torch.cuda.device_count() > 1 and options.accelerator in ("auto", "gpu")
        case int():
            several = options.devices > 1
        case _:
            several = len(options.devices) > 1
    return "ddp_spawn" if several and options.strategy == "auto" else options.strategy


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content, never running pickled code. Raises SettingsError where it cannot be read."""
    return read_plain(
        path, called="A checkpoint", hint="Delete its folder; this part of the training then begins anew."
    )


def _write_history(history: Sequence[Epoch], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(Epoch.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(vars(epoch) for epoch in history)
