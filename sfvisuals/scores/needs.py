"""What a run must have for a score, and why it has not."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sfvisuals.types import Run, StudyKind


class Need(StrEnum):
    """What a run must have for a score to be computed."""

    OUTPUTS = "outputs"
    LOGITS = "logits"
    MC = "mc"
    MC_LOGITS = "mc_logits"
    EXTERNAL = "external"
    EXTERNAL_MC = "external_mc"
    LATENTS = "latents"
    TRAIN_LATENTS = "train_latents"
    LAST_LAYER = "last_layer"
    VALIDATION = "validation"


# need -> the fields of Run whose absence explains it (the reader's words come first), and words for a run
# whose reader had none
_EXPLAINED: Final[dict[Need, tuple[tuple[str, ...], str]]] = {
    Need.OUTPUTS: ((), ""),
    Need.LOGITS: (("logits",), "needs logits, and this run has probabilities only"),
    Need.MC: (
        ("mc_logits", "mc_probabilities", "mc"),
        "needs outputs under Monte-Carlo dropout, which this run lacks",
    ),
    Need.MC_LOGITS: (
        ("mc_logits", "mc", "logits"),
        "needs logits under Monte-Carlo dropout, which this run lacks",
    ),
    Need.EXTERNAL: (("external",), "needs the model's own confidence, which this run lacks"),
    Need.EXTERNAL_MC: (
        ("external_mc",),
        "needs the model's own confidence under Monte-Carlo dropout, which this run lacks",
    ),
    Need.LATENTS: (("latents",), "needs latents, which this run lacks"),
    Need.TRAIN_LATENTS: (("train_latents",), "needs latents of training samples, which this run lacks"),
    Need.LAST_LAYER: (("last_layer",), "needs the weights of the last layer, which this run lacks"),
    Need.VALIDATION: (("validation",), "needs a validation study to be fitted on, which this run lacks"),
}


def missing(run: Run, need: Need) -> str | None:
    """Why the run does not meet this need, or None where it does. The reader's own words come first."""
    if _met(run, need):
        return None
    features, otherwise = _EXPLAINED[need]
    return next((run.absent[feature] for feature in features if feature in run.absent), otherwise)


def _met(run: Run, need: Need) -> bool:
    match need:
        case Need.OUTPUTS:
            return True
        case Need.LOGITS:
            return run.logits is not None
        case Need.MC:
            return run.mc_passes > 0
        case Need.MC_LOGITS:
            return run.mc_logits is not None
        case Need.EXTERNAL:
            return run.external is not None
        case Need.EXTERNAL_MC:
            return run.external_mc is not None
        case Need.LATENTS:
            return run.latents is not None
        case Need.TRAIN_LATENTS:
            return (
                run.train_latents is not None and run.train_labels is not None and len(run.train_latents) > 1
            )
        case Need.LAST_LAYER:
            return run.last_layer is not None
        case Need.VALIDATION:
            return any(s.kind is StudyKind.VALIDATION and run.rows_of(s.name).size for s in run.studies)
