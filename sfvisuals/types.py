"""The frozen records that every room shares, and the array aliases with their meaning.

A run has N samples, d classes, l latent dimensions and M Monte-Carlo dropout passes. Every per-sample array
of a run is in one order; the row number in that order is the identity of a sample within its run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from sfvisuals.errors import NotFoundError

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
IntArray: TypeAlias = npt.NDArray[np.integer[Any]]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.int64]


class StudyKind(StrEnum):
    """What kind of shift a study is, relative to the training data."""

    IID = "iid"
    CORRUPTION = "corruption"
    ACQUISITION = "acquisition"
    MANIFESTATION = "manifestation"
    NEW_CLASS = "new_class"
    VALIDATION = "validation"
    TRAIN = "train"


class RunFormat(StrEnum):
    """Which writer's layout a run folder has."""

    FD_SHIFTS_CURRENT = "fd-shifts current"
    FD_SHIFTS_V0_1_1 = "fd-shifts v0.1.1"
    FD_SHIFTS_2022 = "fd-shifts 2022"
    SFVISUALS = "sfvisuals"


class Level(StrEnum):
    """How much a problem matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Judge(StrEnum):
    """Which prediction a score is judged against."""

    PLAIN = "plain"
    MC_MEAN = "mc_mean"


class ClusterMethod(StrEnum):
    """How concepts are found in the latents."""

    KMEANS = "kmeans"
    GAUSSIAN = "gaussian"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a run folder: what, the evidence, and how to mend it."""

    level: Level
    title: str
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """One test set of a run.

    Attributes:
        name: the data set's name as the folder gives it; unique within the run.
        kind: what kind of shift it is.
        label: what a person reads (defaults to the name).
        corruption: name of the corruption if the whole study is one corruption, else None.
        severity: its severity (1 is weakest) if the whole study has one, else None.
        assumed: True where the kind was inferred from the name rather than stated.
    """

    name: str
    kind: StudyKind
    label: str
    corruption: str | None = None
    severity: int | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class GivenScore:
    """A confidence score that came with the run's own files (our format), oriented high = confident."""

    name: str
    label: str
    values: FloatArray
    judge: Judge = Judge.PLAIN


@dataclass(frozen=True, eq=False)
class Run:
    """One experiment, read-only. `None` means the folder lacks it; `absent` then says why.

    Attributes:
        name: posix path below the root (the folder's name if the root is the run itself).
        path: the run's folder.
        format: which layout it was read from.
        classes: d class names.
        studies: S studies.
        study: (N,) position of each sample's study in `studies`.
        label: (N,) int64 true class; in new-class studies the label of the foreign data set.
        logits: (N, d) unnormalised outputs, or None if only probabilities were written.
        probabilities: (N, d) softmax, or None if logits were written. Exactly one of the two is given.
        mc_logits: (N, d, M) the same under Monte-Carlo dropout, or None.
        mc_probabilities: (N, d, M), or None. At most one of the two is given.
        external: (N,) the model's own confidence, high = confident, or None.
        external_mc: (N, M) the same under Monte-Carlo dropout, or None.
        external_name: which head wrote it: tcp (ConfidNet), dg (Deep Gamblers), devries; None if unknown.
        latents: (N, l) penultimate features, memory-mapped where the file allows, or None.
        train_latents: (Ntrain, l), or None.
        train_labels: (Ntrain,) int64, or None.
        last_layer: (w, b) of the last linear layer, w (d or d+1, l), b (d or d+1,), or None.
        image: N image paths as the folder writes them (missing where the sample has none), or None.
        metadata: N rows, any columns; image, label, study and corruption columns are not repeated here.
        group_column: the metadata column that names patient, lesion or nodule, or None.
        leave_out: metadata columns that never enter rules or explanations, since they are the answer.
        corruptions: names that `corruption` codes into.
        corruption: (N,) int16 code into `corruptions`, -1 where the sample is not corrupted.
        severity: (N,) int16, 1 is the weakest, 0 where not corrupted or where the severity is unknown.
        source_row: (N,) int64 row of the uncorrupted image in this run, -1 where unknown or not corrupted.
        corruption_seed: (N,) int64 where `image` names the clean image, to which the sample's corruption is
            applied whenever it is shown; -1 where it is shown as it is; empty if that is so everywhere.
        corruption_parameters: corruption -> its parameters by severity, the first is that of severity 1.
        given_scores: scores read from the run's files.
        source: name of the study that is the source domain at first (the iid study).
        problems: what the reader noticed (assumptions as info).
        absent: feature -> why it is not there, for every optional feature that is None.
        fingerprint: content key of the folder's files; equal content gives equal keys.
        provenance: free text facts about where the run came from.
    """

    name: str
    path: Path
    format: RunFormat
    classes: tuple[str, ...]
    studies: tuple[Study, ...]
    study: IntArray
    label: IntArray
    logits: FloatArray | None
    probabilities: FloatArray | None
    mc_logits: FloatArray | None = None
    mc_probabilities: FloatArray | None = None
    external: FloatArray | None = None
    external_mc: FloatArray | None = None
    external_name: str | None = None
    latents: FloatArray | None = None
    train_latents: FloatArray | None = None
    train_labels: IntArray | None = None
    last_layer: tuple[FloatArray, FloatArray] | None = None
    image: pd.Series | None = None
    metadata: pd.DataFrame = field(default_factory=pd.DataFrame)
    group_column: str | None = None
    leave_out: tuple[str, ...] = ()
    corruptions: tuple[str, ...] = ()
    corruption: IntArray = field(default_factory=lambda: np.empty(0, np.int16))
    severity: IntArray = field(default_factory=lambda: np.empty(0, np.int16))
    source_row: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    corruption_seed: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    corruption_parameters: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    given_scores: tuple[GivenScore, ...] = ()
    source: str | None = None
    problems: tuple[Problem, ...] = ()
    absent: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of samples N."""
        return int(self.label.shape[0])

    @property
    def n_classes(self) -> int:
        """Number of classes d."""
        return len(self.classes)

    @property
    def mc_passes(self) -> int:
        """Number of Monte-Carlo dropout passes M, 0 without."""
        for stack in (self.mc_logits, self.mc_probabilities):
            if stack is not None:
                return int(stack.shape[2])
        return 0

    @property
    def latent_dim(self) -> int:
        """Latent width l, 0 without latents."""
        return 0 if self.latents is None else int(self.latents.shape[1])

    @cached_property
    def new_class(self) -> BoolArray:
        """(N,) True where the sample belongs to a new-class study: always a failure."""
        kinds = np.array([s.kind is StudyKind.NEW_CLASS for s in self.studies], dtype=bool)
        mask: BoolArray = kinds[self.study]
        mask.flags.writeable = False
        return mask

    def failure(self, prediction: IntArray) -> BoolArray:
        """(N,) True where `prediction` (N,) is wrong; every sample of a new-class study is wrong."""
        wrong: BoolArray = (prediction != self.label) | self.new_class
        return wrong

    def position_of(self, study: str) -> int:
        """Position of the study of that name; NotFoundError that lists the known ones."""
        names = [s.name for s in self.studies]
        if study not in names:
            raise NotFoundError(
                f"There is no study {study!r}", detail=f"Studies of this run: {', '.join(names)}."
            )
        return names.index(study)

    def rows_of(self, study: str) -> Rows:
        """Rows of the study of that name, ascending; NotFoundError where there is none."""
        return np.flatnonzero(self.study == self.position_of(study)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class ScoreVector:
    """One confidence score over a run.

    Attributes:
        name: fd-shifts' name (the external score under its real name: tcp, dg, devries).
        label: the poster's name.
        values: (N,) float64, high = confident, NaN where undefined.
        prediction: (N,) int32, the prediction that this score is judged against.
        failure: (N,) True where that prediction is wrong.
        judge: which prediction that is.
    """

    name: str
    label: str
    values: FloatArray
    prediction: IntArray
    failure: BoolArray
    judge: Judge
