"""Faults in the numbers of a run that has been read: each one its own problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sfvisuals.io import names
from sfvisuals.io.config import EXTERNAL_NAMES, RunConfig
from sfvisuals.io.notes import Notes, listed
from sfvisuals.io.outputs import Outputs
from sfvisuals.types import FloatArray, Run

CHUNK = 2**22
SATURATED = 1 - 2.0**-12
LEAST_TIED = 5
LEAST_SHARE = 0.01


def check_values(run: Run, outputs: Outputs, config: RunConfig, notes: Notes) -> None:
    """Note every fault in the arrays of a run: NaN and inf, labels, number of classes, saturation."""
    _check_finite(run, outputs, notes)
    _check_classes(run, outputs, config, notes)
    _check_labels(run, outputs, notes)
    _check_saturation(run, outputs, notes)
    if run.external is not None and run.external_name not in EXTERNAL_NAMES:
        notes.info(
            "The external confidence has no known name",
            f"eval.ext_confid_name is {run.external_name or 'missing'}; known are"
            f" {', '.join(EXTERNAL_NAMES)}.",
            "Set eval.ext_confid_name in the config.",
        )


def check_finite(name: str, values: FloatArray, notes: Notes) -> None:
    """Note NaN and inf in an array whose first axis is the sample, in chunks."""
    nan, inf, first = 0, 0, -1
    step = max(1, CHUNK // max(1, int(np.prod(values.shape[1:], dtype=np.int64))))
    for start in range(0, values.shape[0], step):
        chunk = values[start : start + step]
        finite = np.isfinite(chunk)
        if finite.all():
            continue
        axes = tuple(range(1, chunk.ndim))
        is_nan = np.isnan(chunk)
        nan += int(is_nan.any(axis=axes).sum())
        inf += int((~finite & ~is_nan).any(axis=axes).sum())
        if first < 0:
            first = start + int(np.flatnonzero(~finite.all(axis=axes))[0])
    if nan or inf:
        notes.error(
            f"{name} holds {'NaN and inf' if nan and inf else 'NaN' if nan else 'inf'}",
            f"{nan} rows with NaN, {inf} with inf, of {values.shape[0]}; the first is row {first}.",
            "Scores of these samples are undefined: they count as rejected. A float16 overflow gives inf;"
            " write the outputs with output_precision: 32.",
        )


def _check_finite(run: Run, outputs: Outputs, notes: Notes) -> None:
    results = run.path / names.RESULTS
    check_finite(outputs.path.name, outputs.values, notes)
    arrays = (
        (names.MC, run.mc_logits if run.mc_logits is not None else run.mc_probabilities),
        (names.EXTERNAL, run.external),
        (names.EXTERNAL_MC, run.external_mc),
        (names.LATENTS, run.latents),
        (names.TRAIN_FEATURES, run.train_latents),
        (names.LAST_LAYER, None if run.last_layer is None else run.last_layer[0]),
    )
    for spellings, values in arrays:
        if values is not None:
            check_finite(_name(results, spellings), values, notes)


def _check_classes(run: Run, outputs: Outputs, config: RunConfig, notes: Notes) -> None:
    d = run.n_classes
    if config.num_classes is not None and config.num_classes != d:
        notes.error(
            "Outputs and config differ in the number of classes",
            f"{outputs.path.name} has outputs for {d} classes, the config says num_classes:"
            f" {config.num_classes}.",
            "Check that the config belongs to these outputs.",
        )


def _check_labels(run: Run, outputs: Outputs, notes: Notes) -> None:
    outside = ((run.label < 0) | (run.label >= run.n_classes)) & ~run.new_class
    if not outside.any():
        return
    where = [
        f"{study.name} ({int(outside[run.study == position].sum())})"
        for position, study in enumerate(run.studies)
        if outside[run.study == position].any()
    ]
    row = int(np.flatnonzero(outside)[0])
    notes.error(
        "Labels outside the classes",
        f"{int(outside.sum())} samples of {outputs.path.name} have a label that is none of 0 to"
        f" {run.n_classes - 1}: {listed(where)}; the first is row {row} with {int(run.label[row])}.",
        "If a study holds other classes, list it under new_class_study or say so in an sfvisuals.yaml.",
    )


def _check_saturation(run: Run, outputs: Outputs, notes: Notes) -> None:
    tied, value = largest_tie(_top_probability(outputs))
    if run.n_classes > 1 and tied >= max(LEAST_TIED, LEAST_SHARE * run.n):
        notes.warning(
            "Ties by saturation: many samples share one maximal softmax",
            f"{tied} of {run.n} samples in {outputs.path.name} ({outputs.dtype}) have the same maximal"
            f" softmax {value:.10g}. float16 cannot tell values above {SATURATED:.5f} from 1. Scores on it"
            " cannot rank these samples; ties are accepted whole.",
            "Write the outputs as logits with output_precision: 32 or more.",
        )
    if run.external is not None:
        tied, value = largest_tie(run.external)
        if tied >= max(LEAST_TIED, LEAST_SHARE * run.n):
            notes.info(
                "Ties by saturation in the external confidence",
                f"{tied} of {run.n} samples have the same value {value:.10g}; it cannot rank them.",
            )


def largest_tie(confidence: FloatArray) -> tuple[int, float]:
    """How many samples share the most frequent value that float16 cannot tell from 1, and that value."""
    top = confidence[np.asarray(confidence >= SATURATED)].astype(np.float64)
    if not top.size:
        return 0, 1.0
    values, counts = np.unique(top, return_counts=True)
    most = int(np.argmax(counts))
    return int(counts[most]), float(values[most])


def _top_probability(outputs: Outputs) -> FloatArray:
    """(N,) maximal softmax in float64."""
    values = outputs.values
    if outputs.probabilities:
        top: FloatArray = values.max(axis=1).astype(np.float64)
        return top
    rows = max(1, CHUNK // values.shape[1])
    parts = []
    for start in range(0, values.shape[0], rows):
        chunk = values[start : start + rows].astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            parts.append(1 / np.exp(chunk - chunk.max(axis=1, keepdims=True)).sum(axis=1))
    return np.concatenate(parts)


def _name(results: Path, spellings: tuple[str, ...]) -> str:
    path = names.first_file(results, spellings)
    return path.name if path else spellings[0]
