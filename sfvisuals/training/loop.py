"""One objective as Lightning sees it, and what watches over its epochs."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from torch import Tensor

from sfvisuals.training.augmentation import Augmentation
from sfvisuals.training.objective import Objective
from sfvisuals.training.options import FitOptions

MOMENTUM = 0.9
LOSS, ACCURACY = "loss", "balanced_accuracy"


class Loop(LightningModule):  # type: ignore[misc]
    """Steps, optimiser and validation of an objective.

    Args:
        objective: model and loss.
        augmentation: random changes of training batches.
        options: optimiser and schedule.
        classes: d.
    """

    def __init__(
        self, objective: Objective, augmentation: Augmentation, options: FitOptions, *, classes: int
    ) -> None:
        super().__init__()
        self.objective, self.augmentation, self.options = objective, augmentation, options
        # Plain tensors: several processes would overwrite each other's buffers.
        self.counts, self.trained, self.validated = torch.zeros(2, classes), torch.zeros(2), torch.zeros(2)
        self.history: list[dict[str, Any]] = []

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """The loss of one augmented batch."""
        x, y = batch
        loss = self.objective.loss(self.augmentation(x), y, epoch=self.current_epoch)
        self.trained += _sum_and_count(loss, y)
        return loss

    def on_train_epoch_start(self) -> None:
        """Count anew."""
        self.trained = torch.zeros(2, device=self.device)

    def on_validation_epoch_start(self) -> None:
        """Count anew."""
        self.counts = torch.zeros_like(self.counts, device=self.device)
        self.validated = torch.zeros(2, device=self.device)

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Count what is right in one batch."""
        x, y = batch
        loss, predicted = self.objective.validate(x, y, epoch=self.current_epoch)
        self.validated += _sum_and_count(loss, y)
        right = (predicted == y).float()
        self.counts[0].index_add_(0, y, right)
        self.counts[1].index_add_(0, y, torch.ones_like(right))

    def on_validation_epoch_end(self) -> None:
        """Log loss and balanced accuracy over all processes, and remember the epoch."""
        strategy = self.trainer.strategy
        right, there = strategy.reduce(self.counts, reduce_op="sum").cpu()
        accuracy = float((right[there > 0] / there[there > 0]).mean())
        loss, train_loss = (
            float(total / count)
            for total, count in (
                strategy.reduce(sums, reduce_op="sum").cpu() for sums in (self.validated, self.trained)
            )
        )
        self.log_dict({LOSS: loss, ACCURACY: accuracy}, prog_bar=True, sync_dist=True)
        row = {"epoch": self.current_epoch, "train_loss": train_loss, LOSS: loss, ACCURACY: accuracy}
        self.history = [*self.history, row]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Plain numbers only, so that a checkpoint needs no pickled code."""
        checkpoint["history"] = self.history

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on after the epochs that there were."""
        self.history = list(checkpoint["history"])

    def configure_optimizers(self) -> dict[str, Any]:
        """The optimiser of what may change, and its learning rate by step."""
        options = self.options
        changing = [weight for weight in self.objective.parameters() if weight.requires_grad]
        optimizer: torch.optim.Optimizer
        match options.optimizer:
            case "adamw":
                optimizer = torch.optim.AdamW(
                    changing, lr=options.learning_rate, weight_decay=options.weight_decay
                )
            case "sgd":
                optimizer = torch.optim.SGD(
                    changing, lr=options.learning_rate, weight_decay=options.weight_decay, momentum=MOMENTUM
                )
        steps = int(self.trainer.estimated_stepping_batches)
        warmup = steps * options.warmup_epochs // max(options.epochs, 1)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: share_of_rate(step, steps=steps, warmup=warmup, schedule=options.schedule)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def _sum_and_count(loss: Tensor, y: Tensor) -> Tensor:
    """(2,) the batch's loss times its size, and its size."""
    return torch.stack([loss.detach().float() * len(y), loss.new_tensor(float(len(y)), dtype=torch.float32)])


def share_of_rate(step: int, *, steps: int, warmup: int, schedule: str) -> float:
    """Share of the highest learning rate at a step: a linear rise, then constant or half a cosine to zero."""
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if schedule == "constant":
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup))))


class KeepBest(ModelCheckpoint):  # type: ignore[misc]
    """Keeps the best epoch among those from `first` on."""

    def __init__(self, *, first: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.first = first

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look at this epoch."""
        if trainer.current_epoch >= self.first:
            super().on_validation_end(trainer, pl_module)


class StopEarly(EarlyStopping):  # type: ignore[misc]
    """Stops when no epoch from `first` on was better for a while."""

    def __init__(self, *, first: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.first = first

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look at this epoch."""
        if trainer.current_epoch >= self.first:
            super().on_validation_end(trainer, pl_module)


class Bar(Callback):  # type: ignore[misc]
    """One bar on stderr for all steps of all epochs.

    Args:
        words: what is trained.
    """

    def __init__(self, words: str) -> None:
        self.words = words
        self.bar: Any = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin where the training begins or goes on."""
        from tqdm import tqdm

        if trainer.is_global_zero:
            steps = int(trainer.estimated_stepping_batches)
            self.bar = tqdm(total=steps, initial=trainer.global_step, unit="step", file=sys.stderr)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Name the epoch."""
        if self.bar is not None:
            words = f"{self.words}, epoch {trainer.current_epoch + 1} of {trainer.max_epochs}"
            self.bar.set_description(words, refresh=False)

    def on_train_batch_end(self, *_: Any) -> None:
        """One step further."""
        if self.bar is not None:
            self.bar.update()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Tell how good it is by now."""
        if self.bar is not None:
            found = {name: f"{float(value):.3f}" for name, value in trainer.callback_metrics.items()}
            self.bar.set_postfix(found, refresh=False)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Leave the bar as it stands, also after an interruption."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def callbacks(objective: Objective, options: FitOptions, folder: Path, *, words: str) -> list[Callback]:
    """Best epoch, last epoch, early stopping, progress bar. Their order does not matter."""
    watched = LOSS if objective.keeps_lowest_loss else options.monitor
    how = {"monitor": watched, "mode": "min" if watched == LOSS else "max"}
    kept = {"dirpath": folder, "enable_version_counter": False, "save_on_train_epoch_end": False}
    chosen: list[Callback] = [
        KeepBest(first=objective.first_kept, filename="best", save_top_k=1, **how, **kept),
        ModelCheckpoint(filename="last", save_top_k=1, **kept),
    ]
    if options.patience is not None:
        chosen.append(
            StopEarly(
                first=objective.first_kept, patience=options.patience, check_on_train_epoch_end=False, **how
            )
        )
    return [*chosen, Bar(words)] if options.progress else chosen
