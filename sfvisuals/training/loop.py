"""One objective as Lightning sees it, and what watches over its epochs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
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
        self.register_buffer("counts", torch.zeros(3, classes, dtype=torch.float64), persistent=False)
        self.register_buffer("sums", torch.zeros(4, dtype=torch.float64), persistent=False)
        self.history: list[dict[str, Any]] = []

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """The loss of one augmented batch."""
        x, y = batch
        loss = self.objective.loss(self.augmentation(x), y, epoch=self.current_epoch)
        self.sums[:2] += torch.stack([loss.detach().double() * len(y), loss.new_tensor(len(y)).double()])
        return loss

    def on_train_epoch_start(self) -> None:
        """Count anew."""
        self.sums.zero_()

    def on_validation_epoch_start(self) -> None:
        """Count anew."""
        self.counts.zero_()
        self.sums[2:].zero_()

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Count what is right in one batch."""
        x, y = batch
        loss, predicted = self.objective.validate(x, y, epoch=self.current_epoch)
        self.sums[2:] += torch.stack([loss.double() * len(y), loss.new_tensor(len(y)).double()])
        right = (predicted == y).double()
        self.counts[0].index_add_(0, y, right)
        self.counts[1].index_add_(0, y, torch.ones_like(right))

    def on_validation_epoch_end(self) -> None:
        """Log loss and balanced accuracy over all processes, and remember the epoch."""
        strategy = self.trainer.strategy
        sums = strategy.reduce(self.sums.clone(), reduce_op="sum").cpu()
        right, there = strategy.reduce(self.counts.clone(), reduce_op="sum").cpu()[:2]
        accuracy = float((right[there > 0] / there[there > 0]).mean())
        loss = float(sums[2] / sums[3])
        self.log_dict({LOSS: loss, ACCURACY: accuracy}, prog_bar=True, sync_dist=False)
        train_loss = float(sums[0] / sums[1]) if sums[1] else math.nan
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


class Bar(TQDMProgressBar):  # type: ignore[misc]
    """Lightning's bar with the name of what is trained."""

    def __init__(self, words: str) -> None:
        super().__init__(leave=False)
        self.words = words

    def init_train_tqdm(self) -> Any:
        """The bar of the training steps."""
        bar = super().init_train_tqdm()
        bar.set_description(self.words)
        return bar

    def on_train_epoch_start(self, trainer: Trainer, *rest: Any) -> None:
        """Name the epoch."""
        super().on_train_epoch_start(trainer, *rest)
        self.train_progress_bar.set_description(
            f"{self.words}: epoch {trainer.current_epoch + 1} of {trainer.max_epochs}"
        )


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
        chosen.append(StopEarly(first=objective.first_kept, patience=options.patience, **how))
    return [*chosen, Bar(words)] if options.progress else chosen
