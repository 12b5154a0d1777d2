"""Everything that is known of the samples of a run, as features: metadata, shift, image, model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.explain.columns import column_feature, level_feature, number_feature
from sfvisuals.explain.evidence import (
    K,
    Progress,
    TrainEvidence,
    output_evidence,
    percentile_among,
    train_evidence,
)
from sfvisuals.explain.records import Feature, FeatureOrigin
from sfvisuals.failures.thresholds import reference_rows
from sfvisuals.image_attributes.catalogue import IMAGE_ATTRIBUTES
from sfvisuals.image_attributes.jobs import keyed_table_of
from sfvisuals.types import BoolArray, FloatArray, IntArray, Judge, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

EVIDENCE_VERSION: Final = 2
NOT_CORRUPTED: Final = "not corrupted"
OWN_NAMES: Final = ("study", "corruption", "severity")
OWN_ORIGINS: Final = ("image:", "model:", "column:")


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """The features of a run, and what is not among them.

    Attributes:
        features: all with at least two different values, in the order metadata, shift, image, model.
        left_out: column or feature -> why it is not among them.
        measured: key of the image attributes among them, empty without: other images, other features.
    """

    features: tuple[Feature, ...]
    left_out: Mapping[str, str]
    measured: str = ""


def features_of(workspace: Workspace, run: Run) -> tuple[Feature, ...]:
    """The features of a run; those of the images join once they are measured."""
    return feature_table(workspace, run).features


def feature_table(workspace: Workspace, run: Run) -> FeatureTable:
    """The features of a run and what is left out, with reasons; kept in memory."""
    known = workspace.remember((run.fingerprint, "features"), lambda: known_features(workspace, run))
    found = keyed_table_of(workspace, run)
    if found is None:
        why = {"image:*": "the attributes of the images are not measured (yet)"}
        return FeatureTable(known.features, {**known.left_out, **why})

    measured, table = found

    def joined() -> FeatureTable:
        others = [one for one in known.features if one.origin is not FeatureOrigin.MODEL]
        model = [one for one in known.features if one.origin is FeatureOrigin.MODEL]
        return FeatureTable((*others, *image_features(table), *model), known.left_out, measured)

    return workspace.remember((run.fingerprint, "features with images", measured), joined)


def described_features(workspace: Workspace, run: Run) -> tuple[Feature, ...]:
    """Metadata, shift and, once measured, the images: what is known without asking the model, so at once."""
    found = keyed_table_of(workspace, run)
    described = workspace.remember((run.fingerprint, "described"), lambda: _described(run)).features
    if found is None:
        return described
    measured, table = found
    return workspace.remember(
        (run.fingerprint, "described with images", measured), lambda: (*described, *image_features(table))
    )


def known_features(workspace: Workspace, run: Run) -> FeatureTable:
    """The features that need no image: metadata, shift, model."""
    described = _described(run)
    left_out = dict(described.left_out)
    model = model_features(workspace, run, left_out)
    return FeatureTable((*described.features, *model), left_out)


def _described(run: Run) -> FeatureTable:
    """Metadata and shift."""
    left_out: dict[str, str] = {}
    columns = []
    for name in map(str, run.metadata.columns):
        made = column_feature(
            name,
            run.metadata[name],
            clean=clean_images(run),
            leave_out=run.leave_out,
            group=run.group_column,
        )
        if isinstance(made, str):
            left_out[name] = made
        else:
            columns.append(replace(made, name=f"column:{name}") if _is_own(name) else made)
    return FeatureTable((*columns, *shift_features(run)), left_out)


def _is_own(name: str) -> bool:
    """Whether a column is called as a feature of another origin is."""
    return name in OWN_NAMES or name.startswith(OWN_ORIGINS)


def clean_images(run: Run) -> BoolArray:
    """(N,) True where the sample is no corrupted copy; everywhere if all are."""
    corrupted = (run.corruption >= 0) if run.corruption.size else np.zeros(run.n, np.bool_)
    copied = (run.source_row >= 0) if run.source_row.size else np.zeros(run.n, np.bool_)
    clean: BoolArray = ~(corrupted | copied)
    return clean if clean.any() else np.ones(run.n, np.bool_)


def shift_features(run: Run) -> tuple[Feature, ...]:
    """Study, corruption and severity, each where it differs between samples.

    The levels of the study are the studies' labels in the run's order (their names where labels repeat), so
    its codes are those of `run.study`. Severity is 0 without corruption and missing where it is unknown.
    """
    found = []
    if len(np.unique(run.study)) > 1:
        labels = tuple(study.label for study in run.studies)
        levels = labels if len(set(labels)) == len(labels) else tuple(study.name for study in run.studies)
        found.append(level_feature("study", "study", FeatureOrigin.SHIFT, run.study, levels))
    if run.corruption.size and len(np.unique(run.corruption)) > 1:
        codes = np.where(run.corruption < 0, len(run.corruptions), run.corruption)
        found.append(
            level_feature(
                "corruption", "corruption", FeatureOrigin.SHIFT, codes, (*run.corruptions, NOT_CORRUPTED)
            )
        )
        severity = np.where((run.corruption >= 0) & (run.severity == 0), np.nan, run.severity)
        if len(np.unique(severity[np.isfinite(severity)])) > 1:
            found.append(number_feature("severity", "severity", FeatureOrigin.SHIFT, severity))
    return tuple(found)


def image_features(table: FloatArray) -> tuple[Feature, ...]:
    """The measured attributes (N, A), in the order of IMAGE_ATTRIBUTES, as features."""
    return tuple(
        number_feature(
            f"image:{one.name}",
            one.label,
            FeatureOrigin.IMAGE,
            table[:, column],
            unit=one.unit,
            higher=one.higher,
            lower=one.lower,
        )
        for column, one in enumerate(IMAGE_ATTRIBUTES)
        if np.isfinite(table[:, column]).any()
    )


def model_features(workspace: Workspace, run: Run, left_out: dict[str, str]) -> tuple[Feature, ...]:
    """What outputs and latents say; `left_out` gets the reasons for what is not there."""
    prediction = workspace.judged(run, Judge.PLAIN).prediction
    outputs = output_evidence(run, prediction)
    found = []
    if run.n_classes > 1:
        found.append(_of_model("margin", "margin between the two largest probabilities", outputs.margin))
    if outputs.spread is None:
        left_out["model:mc_spread"] = run.absent.get("mc", "this run has no Monte-Carlo dropout")
    else:
        found.append(_of_model("mc_spread", "spread over the dropout passes", outputs.spread))
    near = train_evidence_of(workspace, run)
    if isinstance(near, str):
        names = ("model:train_distance", "model:train_predicted", "model:train_true")
        return (*found, *_without(near, names, left_out))
    far = percentile_among(near.distance, near.distance[reference_rows(run).rows])
    found.append(_of_model("train_distance", "distance from the training samples", far, unit="percentile"))
    if run.train_labels is None:
        why = run.absent.get("train_labels", "this run has no labels of training samples")
        return (*found, *_without(why, ("model:train_predicted", "model:train_true"), left_out))
    said, true = near.share(prediction), near.share(known_labels(run))
    words = f"share of the {K} nearest training samples"
    found.append(_of_model("train_predicted", f"{words} of the predicted class", said))
    found.append(_of_model("train_true", f"{words} of the true class", np.where(run.new_class, np.nan, true)))
    return tuple(found)


def train_evidence_of(
    workspace: Workspace, run: Run, *, progress: Progress | None = None
) -> TrainEvidence | str:
    """The nearest training samples of every sample, kept in the store; or why there are none.

    Takes ten seconds at 100,000 samples of 64 latents the first time; `progress` is told a share and words.
    """
    if run.latents is None:
        return run.absent.get("latents", "this run has no latents")
    if run.train_latents is None:
        return run.absent.get("train_latents", "this run has no latents of training samples")
    latents, train = run.latents, run.train_latents

    def make() -> tuple[dict[str, FloatArray | IntArray], dict[str, int]]:
        found = train_evidence(latents, known_labels(run), train, run.train_labels, progress=progress)
        return {"distance": found.distance, "own": found.own, "labels": found.labels}, {"used": found.used}

    def load() -> TrainEvidence:
        key = workspace.store.key(run.fingerprint, "train evidence", EVIDENCE_VERSION, K)
        entry = workspace.store.get_or_make("train-evidence", key, make)
        arrays = entry.arrays
        return TrainEvidence(
            np.asarray(arrays["distance"]),
            np.asarray(arrays["own"]),
            np.asarray(arrays["labels"]),
            entry.meta["used"],
        )

    return workspace.remember((run.fingerprint, "train evidence"), load)


def known_labels(run: Run) -> IntArray:
    """(N,) true classes, -1 in new-class studies, whose labels mean other classes."""
    return np.where(run.new_class, -1, run.label)


def _of_model(name: str, label: str, values: FloatArray, *, unit: str = "") -> Feature:
    return number_feature(f"model:{name}", label, FeatureOrigin.MODEL, values, unit=unit)


def _without(why: str, names: tuple[str, ...], left_out: dict[str, str]) -> tuple[Feature, ...]:
    left_out.update(dict.fromkeys(names, why))
    return ()
