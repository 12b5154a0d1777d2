"""The benchmark's methods by name: what each trains, which rows of the benchmark it gives, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from sfvisuals.errors import NotFoundError, SettingsError
from sfvisuals.training.augmentation import Augmentation
from sfvisuals.training.classifier import Classifier
from sfvisuals.training.confidnet import ConfidNet, ConfidNetModel
from sfvisuals.training.cross_entropy import CrossEntropy
from sfvisuals.training.deep_gamblers import DeepGamblers, DeepGamblersModel
from sfvisuals.training.devries import Devries, DevriesModel
from sfvisuals.training.fit import Fitted, check_epochs, fit
from sfvisuals.training.images import Inputs, LabelledImages
from sfvisuals.training.objective import Objective, balanced_weights
from sfvisuals.training.options import Options
from sfvisuals.training.quiet import seeded


class Method(StrEnum):
    """The methods that can be trained."""

    CROSS_ENTROPY = "cross_entropy"
    CONFIDNET = "confidnet"
    DEEP_GAMBLERS = "deep_gamblers"
    DEVRIES = "devries"


EXTERNAL_NAMES: Final[dict[Method, str | None]] = {
    Method.CROSS_ENTROPY: None,
    Method.CONFIDNET: "tcp",
    Method.DEEP_GAMBLERS: "dg",
    Method.DEVRIES: "devries",
}
"""Which head a method's run has, as run.json names it."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained method.

    Attributes:
        method: which.
        model: gives logits, or (logits, confidence); on the CPU, in eval mode; fit for `capture`.
        external_name: of its confidence head for `capture`, or None.
        stages: what each stage's fit gave, by its name.
    """

    method: Method
    model: nn.Module
    external_name: str | None
    stages: dict[str, Fitted]

    @property
    def balanced_accuracy(self) -> float:
        """Of the kept classifier on the validation images, 0..1."""
        return self.stages["classifier"].best.balanced_accuracy


def method_named(name: str) -> Method:
    """The method of that name. Raises NotFoundError with the known ones."""
    if name not in list(Method):
        raise NotFoundError(
            f"There is no method named {name!r}",
            detail=f"Known: {', '.join(Method)}.",
            hint="Use one of these names.",
        )
    return Method(name)


def train_methods(
    methods: Sequence[str],
    *,
    train: LabelledImages,
    validation: LabelledImages,
    classes: int,
    options: Options | None = None,
    seed: int = 0,
    folder: Path | None = None,
) -> dict[Method, Trained]:
    """Train several methods on the same images; cross_entropy and confidnet share one classifier.

    Args:
        methods: names; see `Method`.
        train: training images.
        validation: images that choose the epoch; they come from other patients than the training images.
        classes: d.
        options: all of them.
        seed: of everything random; the same seed on the same kind of machine gives the same weights.
        folder: where checkpoints are kept, as <method>/<stage>; an interrupted training goes on there.

    Returns:
        Method -> what was trained, in the order asked for.
    """
    bench = Bench.of(train, validation, classes=classes, options=options or Options(), seed=seed)
    asked = [method_named(name) for name in methods]
    done: dict[Method, Trained] = {}
    for method in sorted(asked, key=list(Method).index):
        classifier = done.get(Method.CROSS_ENTROPY)
        done[method] = bench.trained(method, classifier=classifier, folder=folder)
    return {method: done[method] for method in asked}


def train_method(
    method: str,
    *,
    train: LabelledImages,
    validation: LabelledImages,
    classes: int,
    options: Options | None = None,
    seed: int = 0,
    folder: Path | None = None,
) -> Trained:
    """Train one method; see `train_methods`."""
    given = train_methods(
        [method],
        train=train,
        validation=validation,
        classes=classes,
        options=options,
        seed=seed,
        folder=folder,
    )
    return given[method_named(method)]


@dataclass(frozen=True, eq=False)
class Bench:
    """Images and options that several methods are trained with."""

    train: Inputs
    validation: Inputs
    classes: int
    options: Options
    seed: int
    weights: Tensor | None

    @classmethod
    def of(
        cls,
        train: LabelledImages,
        validation: LabelledImages,
        *,
        classes: int,
        options: Options,
        seed: int,
    ) -> Bench:
        """Check what is given and read the images once. Raises SettingsError."""
        made = [
            Inputs(
                images.checked(classes=classes, called=called),
                options.preprocessing,
                memory_mb=options.fit.memory_mb,
            )
            for images, called in ((train, "training"), (validation, "validation"))
        ]
        labels = torch.from_numpy(train.labels.astype("int64"))
        return cls(made[0], made[1], classes, options, seed, _weights(options, labels, classes))

    def with_seed(self, seed: int) -> Bench:
        """The same images with another seed."""
        return replace(self, seed=seed)

    def trained(
        self, method: Method, *, classifier: Trained | None = None, folder: Path | None = None
    ) -> Trained:
        """Train a method; `classifier` is a trained plain one that ConfidNet may build on."""
        with seeded(self.seed):
            match method:
                case Method.CROSS_ENTROPY:
                    model, stages = self._cross_entropy(folder)
                case Method.CONFIDNET:
                    model, stages = self._confidnet(classifier, folder)
                case Method.DEEP_GAMBLERS:
                    model, stages = self._deep_gamblers(folder)
                case Method.DEVRIES:
                    model, stages = self._devries(folder)
        return Trained(method, model.eval(), EXTERNAL_NAMES[method], stages)

    def _cross_entropy(self, folder: Path | None) -> tuple[nn.Module, dict[str, Fitted]]:
        classifier = self._classifier(self.classes)
        objective = CrossEntropy(classifier, weights=self.weights)
        return classifier, {"classifier": self._fit(objective, "cross_entropy", folder, "classifier")}

    def _confidnet(
        self, classifier: Trained | None, folder: Path | None
    ) -> tuple[nn.Module, dict[str, Fitted]]:
        if classifier is None:
            with seeded(self.seed):
                plain, stages = self._cross_entropy(folder)
        else:
            plain, stages = classifier.model, dict(classifier.stages)
        assert isinstance(plain, Classifier)
        chosen = self.options.confidnet
        model = ConfidNetModel(plain, hidden=chosen.hidden)
        for stage, epochs, rate in (
            ("confidence", chosen.epochs, chosen.learning_rate),
            ("fine_tuning", chosen.fine_tuning_epochs, chosen.fine_tuning_learning_rate),
        ):
            if epochs:
                objective = ConfidNet(model, fine_tuning=stage == "fine_tuning")
                stages[stage] = self._fit(objective, "confidnet", folder, stage, epochs=epochs, rate=rate)
        return model, stages

    def _deep_gamblers(self, folder: Path | None) -> tuple[nn.Module, dict[str, Fitted]]:
        classifier = self._classifier(self.classes + 1)
        objective = DeepGamblers(classifier, self.options.deep_gamblers, weights=self.weights)
        fitted = self._fit(objective, "deep_gamblers", folder, "classifier")
        return DeepGamblersModel(classifier), {"classifier": fitted}

    def _devries(self, folder: Path | None) -> tuple[nn.Module, dict[str, Fitted]]:
        channels = self.options.preprocessing.channels
        model = DevriesModel(self.options.backbone, channels=channels, classes=self.classes)
        objective = Devries(model, self.options.devries, weights=self.weights)
        return model, {"classifier": self._fit(objective, "devries", folder, "classifier")}

    def _classifier(self, outputs: int) -> Classifier:
        channels = self.options.preprocessing.channels
        return Classifier(self.options.backbone, channels=channels, outputs=outputs)

    def _fit(
        self,
        objective: Objective,
        method: str,
        folder: Path | None,
        stage: str,
        *,
        epochs: int | None = None,
        rate: float | None = None,
    ) -> Fitted:
        options = self.options.fit
        if epochs is not None and rate is not None:
            options = replace(options, epochs=epochs, learning_rate=rate)
        return fit(
            objective,
            train=self.train,
            validation=self.validation,
            augmentation=Augmentation(self.options.augmentation, self.options.preprocessing),
            options=options,
            classes=self.classes,
            words=f"{method}, {stage}, seed {self.seed}",
            folder=None if folder is None else folder / method / stage,
        )


def check_options(methods: Sequence[Method], options: Options, *, classes: int) -> None:
    """Raise SettingsError or NotFoundError where a training would fail for its options, before it starts."""
    blank = torch.zeros(1, dtype=torch.long)
    weights = _weights(options, blank, classes)
    classifier = Classifier(options.backbone, channels=options.preprocessing.channels, outputs=classes + 1)
    if Method.DEEP_GAMBLERS in methods:
        objective = DeepGamblers(classifier, options.deep_gamblers, weights=weights)
        check_epochs(objective, options.fit)


def _weights(options: Options, labels: Tensor, classes: int) -> Tensor | None:
    """(d,) class weights, or None. Raises SettingsError for a list of another length."""
    given = options.fit.class_weights
    if given is None:
        return None
    if given == "balanced":
        return balanced_weights(labels, classes=classes)
    if len(given) != classes or min(given) < 0:
        raise SettingsError(
            "The class weights do not fit",
            detail=f"training.class_weights: found {list(given)}; expected {classes} numbers of 0 or more.",
            hint="Give one number per class, or balanced.",
        )
    return torch.tensor(given, dtype=torch.float32)
