"""What a training is told: backbone, augmentation, optimiser, and each method's own numbers.

Nothing here needs torch. data_schema/train.schema.json is the same for a config file; a test holds the two
together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sfvisuals.capture.records import Preprocessing


@dataclass(frozen=True)
class BackboneOptions:
    """The network that makes features of images.

    Attributes:
        name: one of `sfvisuals.training.backbones.BACKBONES`.
        dropout: rate of the dropout before the last layer, in training and in Monte-Carlo passes.
        weights: a local file with the backbone's weights (a state dict, as `torch.save` writes it), or None
            to begin with random ones. Nothing is ever downloaded.
    """

    name: str = "small_cnn"
    dropout: float = 0.2
    weights: str | None = None


@dataclass(frozen=True)
class AugmentationOptions:
    """Random changes of the training images, drawn anew for every image and epoch.

    Attributes:
        flip_horizontal: mirror left and right half of the time.
        flip_vertical: mirror top and bottom half of the time.
        shift: move by up to this share of the size in both directions, edges repeated.
        brightness: add up to this much, in units of 0..1.
        contrast: stretch about the image's mean by a factor of up to 1 +- this.
    """

    flip_horizontal: bool = False
    flip_vertical: bool = False
    shift: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0


@dataclass(frozen=True)
class FitOptions:
    """How the weights are found.

    Attributes:
        epochs: at most so many passes over the training images.
        batch_size: images per step and device.
        learning_rate: the highest one.
        optimizer: adamw, or sgd with momentum 0.9.
        weight_decay: of the optimiser.
        schedule: cosine (down to zero at the last step) or constant.
        warmup_epochs: the learning rate rises from zero during so many first epochs.
        monitor: what the validation images are asked for: the epoch with the lowest loss, or with the highest
            balanced accuracy, is kept.
        patience: stop after so many epochs without a better one; None trains all epochs.
        class_weights: balanced (all classes count the same), one number per class, or None.
        gradient_clip: largest norm of the gradient, or None.
        precision: as Lightning names it: 32-true, 16-mixed, bf16-mixed.
        accelerator: as Lightning names it: auto, cpu, gpu, mps.
        devices: how many, or their numbers, or auto.
        strategy: auto (one process per device) or a strategy of Lightning.
        workers: processes that read images; 0 reads them in this one.
        memory_mb: the model's inputs are kept in memory if they need no more than this.
        progress: show a progress bar on stderr.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-3
    optimizer: Literal["adamw", "sgd"] = "adamw"
    weight_decay: float = 1e-4
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_epochs: int = 0
    monitor: Literal["loss", "balanced_accuracy"] = "loss"
    patience: int | None = None
    class_weights: Literal["balanced"] | tuple[float, ...] | None = None
    gradient_clip: float | None = None
    precision: str = "32-true"
    accelerator: str = "auto"
    devices: int | tuple[int, ...] | Literal["auto"] = 1
    strategy: str = "auto"
    workers: int = 0
    memory_mb: int = 1024
    progress: bool = False


@dataclass(frozen=True)
class ConfidNetOptions:
    """ConfidNet's two stages after the classifier's training.

    Attributes:
        epochs: of the confidence network alone, upon the frozen features.
        fine_tuning_epochs: of the confidence network together with its own copy of the encoder; 0 for none.
        learning_rate: of the first stage.
        fine_tuning_learning_rate: of the second, much lower.
        hidden: widths of the layers before the confidence.
    """

    epochs: int = 30
    fine_tuning_epochs: int = 10
    learning_rate: float = 1e-3
    fine_tuning_learning_rate: float = 1e-5
    hidden: tuple[int, ...] = (400, 400, 400, 400)


@dataclass(frozen=True)
class DeepGamblersOptions:
    """Deep Gamblers.

    Attributes:
        reward: o, greater than 1 and at most the number of classes; the lower, the more is abstained.
        pretraining_epochs: first epochs with plain cross-entropy; they count among all epochs.
    """

    reward: float = 1.8
    pretraining_epochs: int = 5


@dataclass(frozen=True)
class DevriesOptions:
    """DeVries and Taylor's confidence.

    Attributes:
        budget: beta, what the confidence loss is held at.
        confidence_weight: lambda at the beginning.
        hint_share: share of each batch that may ask for hints.
    """

    budget: float = 0.3
    confidence_weight: float = 0.1
    hint_share: float = 0.5


@dataclass(frozen=True)
class Options:
    """Everything that a training of any method is told."""

    backbone: BackboneOptions = field(default_factory=BackboneOptions)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    augmentation: AugmentationOptions = field(default_factory=AugmentationOptions)
    fit: FitOptions = field(default_factory=FitOptions)
    confidnet: ConfidNetOptions = field(default_factory=ConfidNetOptions)
    deep_gamblers: DeepGamblersOptions = field(default_factory=DeepGamblersOptions)
    devries: DevriesOptions = field(default_factory=DevriesOptions)
