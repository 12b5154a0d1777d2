"""`capture`: a torch classifier over named studies, into an experiment folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sfvisuals.capture import checking, finishing
from sfvisuals.capture.arguments import check_kinds, check_model, check_names, check_numbers
from sfvisuals.capture.devices import device_of
from sfvisuals.capture.draft import Draft, Writer, draft_place, locked
from sfvisuals.capture.dropout import dropout_layers
from sfvisuals.capture.layers import LatentFunction
from sfvisuals.capture.layout import lay_out
from sfvisuals.capture.parts import Layout
from sfvisuals.capture.program import Program, ProgramRecorder
from sfvisuals.capture.reading import first_inputs
from sfvisuals.capture.recorder import FAULTS, ModuleRecorder, Recorder, evaluating, told
from sfvisuals.capture.recording import Job, inputs, keep, record, shapes
from sfvisuals.capture.records import (
    CapturedBatch,
    CaptureStudy,
    CorruptionPlan,
    Preprocessing,
    ScoreFunction,
)
from sfvisuals.errors import CaptureError
from sfvisuals.io.own_arguments import place_of
from sfvisuals.io.own_save import check_place

Score = Callable[[CapturedBatch], Any] | ScoreFunction


def capture(
    model: nn.Module | Program,
    studies: Sequence[CaptureStudy],
    *,
    out: str | PathLike[str],
    classes: Sequence[str],
    latent: str | LatentFunction | None = None,
    mc_passes: int = 10,
    device: str | torch.device = "auto",
    scores: Mapping[str, Score] | None = None,
    corruptions: CorruptionPlan | None = None,
    preprocessing: Preprocessing | None = None,
    batch_size: int = 64,
    workers: int = 0,
    group: str | None = None,
    source: str | None = None,
    external_name: str | None = None,
    name: str | None = None,
    provenance: Mapping[str, str] | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> Path:
    """Run a classifier over studies and write an experiment folder that `sfvisuals serve` opens.

    What is recorded goes straight to disk, into a hidden folder beside `out` that takes its place at the end.
    Interrupted, the capture goes on where it stopped when it is called again with the same arguments.

    Args:
        model: returns logits (B, d), or logits and its own confidence (B,), high = confident; or a mapping
            with the keys logits and confidence, whose other keys are left. It is run in evaluation mode; its
            modes and its device are as before afterwards. Or an exported program, as `load_program` opens it.
        studies: test sets, and at most a training set (kind train), which gives latents and labels only.
        out: the folder to make.
        classes: d names in the order of the outputs.
        latent: where the features are: the name of a layer (its output), a function of model and inputs, or
            None for the input of the last linear layer.
        mc_passes: Monte-Carlo dropout passes; a model without dropout layers gets none.
        device: auto (a GPU if there is one), or as torch names it.
        scores: further confidence scores, from a batch's outputs to (B,) numbers; a plain function is high =
            confident.
        corruptions: corruption studies to be made from the first iid study.
        preprocessing: from 8-bit pixels to the model's input.
        batch_size: samples that the model gets at once.
        workers: processes that read images, 0 for none.
        group: metadata column that names patient, lesion or nodule.
        source: the study that is the source domain at first; the first iid study if None.
        external_name: which head gives the confidence: tcp, dg, devries.
        name: for people; the folder's name if None.
        provenance: facts about where the run comes from.
        seed: of the dropout masks.
        overwrite: replace a run folder that is there already.
        progress: show a bar on stderr.

    Returns:
        The folder. It appears complete or not at all.

    Raises:
        CaptureError: model, studies or images do not fit.
        RunFormatError: `out` is in the way, or what would be written is not valid.
    """
    target = place_of(out)
    check_model(model)
    check_numbers(mc_passes=mc_passes, batch_size=batch_size, workers=workers, seed=seed)
    check_kinds(
        studies=studies,
        scores=scores,
        corruptions=corruptions,
        preprocessing=preprocessing,
        group=group,
        provenance=provenance,
    )
    head = external_name or (model.external_name if isinstance(model, Program) else None)
    check_names(classes, external_name=head)
    check_place(target, overwrite=overwrite)
    checking.check_studies(studies, classes=classes)
    checking.check_group(studies, group)
    given = {key: _score(value) for key, value in (scores or {}).items()}
    chosen = device_of(device)
    place = draft_place(target.absolute())
    ready = preprocessing or (model.preprocessing if isinstance(model, Program) else None) or Preprocessing()
    with ExitStack() as stack:
        stack.enter_context(locked(place, out=target))
        layout = lay_out(studies, corruptions, run_folder=target, draft=place / "run")
        if isinstance(model, nn.Module):
            stack.enter_context(evaluating(model, chosen))
        # Passes reuse results by version counters, which tensors of the inference mode lack.
        passes = mc_passes and isinstance(model, nn.Module) and dropout_layers(model)
        stack.enter_context(torch.no_grad() if passes else torch.inference_mode())
        example = first_inputs(layout.parts, preprocessing=ready).to(chosen, dtype_of(model))
        recorder = _recorder(model, example, latent=latent, passes=mc_passes, seed=seed, device=chosen)
        job = Job(layout, recorder, given, ready, chosen, dtype_of(model), batch_size, workers, progress)
        key = checking.whole_key(
            {
                "model": model.key if isinstance(model, Program) else checking.weights_key(model),
                "studies": checking.studies_key(studies),
                "corruptions": (corruptions, dict(layout.parameters)),
                "preprocessing": ready,
                "classes": list(classes),
                "latent": recorder.latent_place,
                "passes": recorder.passes,
                "scores": sorted(given),
                "seed": seed,
            }
        )
        facts = finishing.Facts(
            classes=[str(c) for c in classes],
            scores=given,
            group=group,
            source=source,
            external_name=head,
            name=target.absolute().name if name is None else name,
            provenance=_provenance(model, recorder, seed=seed) | dict(provenance or {}),
            reasons=_reasons(recorder, layout),
        )
        return _recorded(job, Draft(place, key=key), facts, example, target, overwrite=overwrite)


def _recorded(
    job: Job, draft: Draft, facts: finishing.Facts, example: Tensor, out: Path, *, overwrite: bool
) -> Path:
    """Record what is not recorded yet, and finish."""
    first = _first(job, example)
    if first.logits.shape[1] != len(facts.classes):
        raise CaptureError(
            f"The model has {first.logits.shape[1]} outputs for {len(facts.classes)} classes",
            detail=f"The classes are {', '.join(map(repr, facts.classes))}.",
            hint="Name every class, in the order of the outputs.",
        )
    files = draft.files(shapes(job, first))
    folder = finishing.folder_of(job.layout, facts, files, job.recorder.last_layer)
    if draft.began_anew:
        say(f"The capture into {out.name} begins anew: an unfinished one was of something else.")
    elif draft.damaged:
        say(f"The capture into {out.name} begins anew: {draft.damaged} of an unfinished one is damaged.")
    elif draft.done:
        say(f"The capture into {out.name} goes on after {draft.done:,} samples.")
    with closing(Writer(files)) as writer:
        done = draft.done
        try:
            for batch in inputs(job, done):
                keep(job, batch, writer)
                done = batch.stop
                draft.note(done, writer)
        except BaseException as error:
            draft.note(done, writer, now=True)
            if isinstance(error, KeyboardInterrupt):
                words = f"Interrupted after {done:,} samples. Call it again with the same arguments to go on."
                raise KeyboardInterrupt(words) from error
            raise
        draft.note(done, writer, now=True)
    return finishing.finish(folder, files, draft, out, overwrite=overwrite)


def _first(job: Job, example: Tensor) -> CapturedBatch:
    """Everything that the model gives for one sample. Raises CaptureError where a pass fails."""
    try:
        return record(job, example, rows=np.zeros(len(example), np.int64))
    except FAULTS as error:
        raise CaptureError(
            "The model fails at the first image",
            detail=f"With {job.recorder.passes} dropout passes, for an input of {tuple(example.shape)}:"
            f" {told(error)}",
            hint="A plain pass went well before. mc_passes=0 leaves the dropout passes out.",
        ) from error


def dtype_of(model: nn.Module | Program) -> torch.dtype:
    """The type of the model's weights, float32 without any."""
    weights = model.exported.parameters() if isinstance(model, Program) else model.parameters()
    return next((p.dtype for p in weights if p.dtype.is_floating_point), torch.float32)


def _recorder(
    model: nn.Module | Program,
    example: Tensor,
    *,
    latent: str | LatentFunction | None,
    passes: int,
    seed: int,
    device: torch.device,
) -> Recorder:
    """What runs the model, tried on one sample. Raises CaptureError where it cannot take it."""
    try:
        if isinstance(model, Program):
            if latent is not None:
                raise CaptureError(
                    "An exported program has its latents in it",
                    detail=f"latent is {latent!r}.",
                    hint="Name the layer when the program is exported, or leave latent out.",
                )
            program = ProgramRecorder(model, device=device, passes=passes, seed=seed)
            program.plain(example)
            return program
        return ModuleRecorder(model, example, latent=latent, passes=passes, seed=seed)
    except FAULTS as error:
        raise CaptureError(
            "The model cannot take the images",
            detail=f"For an input of {tuple(example.shape)}, {example.dtype}, it says: {told(error)}",
            hint="Check size and channels of the preprocessing; the model gets one batch of images.",
        ) from error


def _score(given: Score) -> ScoreFunction:
    return given if isinstance(given, ScoreFunction) else ScoreFunction(given)


def _provenance(model: nn.Module | Program, recorder: Recorder, *, seed: int) -> dict[str, str]:
    facts = {
        "model": str(model.about.get("model", model.path.name))
        if isinstance(model, Program)
        else type(model).__name__,
        "latents": recorder.latent_place,
        "torch": str(torch.__version__),
        "capture seed": str(seed),
    }
    if recorder.passes:
        facts["mc"] = f"{recorder.passes} passes with only the dropout layers active"
    return facts


def _reasons(recorder: Recorder, layout: Layout) -> dict[str, str]:
    """File -> why it is not there."""
    linear = (
        f"the latents ({recorder.latent_place}) are not the input of a linear layer that gives the logits"
    )
    train = "no training study was captured"
    head = "the model returns no confidence of its own"
    return {
        "mc_logits.npy": recorder.without_passes,
        "mc_probabilities.npy": recorder.without_passes or "the logits were recorded instead",
        "probabilities.npy": "the logits were recorded instead",
        "external.npy": head,
        "external_mc.npy": head if not recorder.without_passes else recorder.without_passes,
        "train_latents.npy": train,
        "train_labels.npy": train,
        "last_layer_w.npy": linear,
        "last_layer_b.npy": linear,
    }


def say(text: str) -> None:
    """A word to the person who waits, on stderr."""
    sys.stderr.write(text + "\n")
