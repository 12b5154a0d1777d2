"""Train the benchmark's methods (extra `train`): cross-entropy, ConfidNet, Deep Gamblers, DeVries and Taylor.

trained = train_method("deep_gamblers", train=LabelledImages(ImageArray(pixels), labels),
                       validation=LabelledImages(...), classes=2, options=Options(...), seed=0)
capture(trained.model, studies, external_name=trained.external_name, ...)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfvisuals.lazy import exports

if TYPE_CHECKING:
    from sfvisuals.training.config import TrainConfig as TrainConfig
    from sfvisuals.training.config import read_train_config as read_train_config
    from sfvisuals.training.experiment import train as train
    from sfvisuals.training.images import LabelledImages as LabelledImages
    from sfvisuals.training.methods import Method as Method
    from sfvisuals.training.methods import Trained as Trained
    from sfvisuals.training.methods import train_method as train_method
    from sfvisuals.training.methods import train_methods as train_methods
    from sfvisuals.training.options import AugmentationOptions as AugmentationOptions
    from sfvisuals.training.options import BackboneOptions as BackboneOptions
    from sfvisuals.training.options import ConfidNetOptions as ConfidNetOptions
    from sfvisuals.training.options import DeepGamblersOptions as DeepGamblersOptions
    from sfvisuals.training.options import DevriesOptions as DevriesOptions
    from sfvisuals.training.options import FitOptions as FitOptions
    from sfvisuals.training.options import Options as Options

# Looked up on first use, so that importing the package loads no torch.
EXPORTS = {
    "AugmentationOptions": "sfvisuals.training.options",
    "BackboneOptions": "sfvisuals.training.options",
    "ConfidNetOptions": "sfvisuals.training.options",
    "DeepGamblersOptions": "sfvisuals.training.options",
    "DevriesOptions": "sfvisuals.training.options",
    "FitOptions": "sfvisuals.training.options",
    "LabelledImages": "sfvisuals.training.images",
    "Method": "sfvisuals.training.methods",
    "Options": "sfvisuals.training.options",
    "TrainConfig": "sfvisuals.training.config",
    "Trained": "sfvisuals.training.methods",
    "read_train_config": "sfvisuals.training.config",
    "train": "sfvisuals.training.experiment",
    "train_method": "sfvisuals.training.methods",
    "train_methods": "sfvisuals.training.methods",
}

__getattr__, __dir__ = exports(globals(), EXPORTS)
