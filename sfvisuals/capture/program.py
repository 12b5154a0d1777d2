"""Exported programs: opened without running code of theirs, and run by a capture like a model.

A program returns (logits, latents) or (logits, latents, confidence). A second one makes the Monte-Carlo
passes: with two inputs (images, keys) the keys decide the masks of every sample, with one input torch's own
stream does, which is seeded for every batch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor
from torch.export import ExportedProgram
from torch.export.passes import move_to_device_pass

from sfvisuals.capture.dropout import pass_keys
from sfvisuals.capture.layers import flat
from sfvisuals.capture.recorder import NOT_ASKED, Plain
from sfvisuals.capture.records import Preprocessing
from sfvisuals.capture.vetting import vetted
from sfvisuals.errors import CaptureError
from sfvisuals.io.config import EXTERNAL_NAMES
from sfvisuals.types import FloatArray

ABOUT = "sfvisuals.json"
NO_PROGRAM = "no program for Monte-Carlo dropout was given (--mc-model, or model.mc.pt2 beside model.pt2)"
MC_SUFFIX = ".mc.pt2"


@dataclass(frozen=True, eq=False)
class Program:
    """An exported model that `capture` runs as it runs an nn.Module.

    Attributes:
        path: its file.
        exported: logits, latents and perhaps confidence.
        mc: the same with active dropout, or None.
        keyed: True where the second program takes a key per sample beside the images.
        about: what `export` wrote beside it: classes, preprocessing, latents, external_name.
        key: content key of both files.
    """

    path: Path
    exported: ExportedProgram
    mc: ExportedProgram | None
    keyed: bool
    about: dict[str, Any]
    key: str

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The class names that `export` was given."""
        names = self.about.get("classes")
        return None if names is None else tuple(str(name) for name in names)

    @property
    def preprocessing(self) -> Preprocessing | None:
        """The preprocessing that `export` was given."""
        return preprocessing_of(self.about.get("preprocessing"))

    @property
    def external_name(self) -> str | None:
        """Which confidence head it is, as `export` was told."""
        name = self.about.get("external_name")
        return None if name is None else str(name)

    @property
    def last_layer(self) -> tuple[str, str] | None:
        """Names of weight and bias of the linear layer between latents and logits within the program."""
        names = self.about.get("last_layer")
        return None if names is None else (str(names[0]), str(names[1]))


def load_program(path: str | Path, *, mc: str | Path | None = None) -> Program:
    """Open an exported program, and the one for dropout: `model.mc.pt2` beside `model.pt2` unless named.

    Raises CaptureError where a file is no program, or holds what could run code.
    """
    file = Path(path)
    beside = file.with_name(file.name.removesuffix(".pt2") + MC_SUFFIX)
    second = Path(mc) if mc is not None else (beside if beside.is_file() else None)
    exported, about = _opened(file)
    dropping, about_second = (None, {}) if second is None else _opened(second)
    key = hashlib.blake2b(digest_size=16)
    for part in (file, second):
        if part is not None:
            with part.open("rb") as stream:
                key.update(hashlib.file_digest(stream, "blake2b").digest())
    return Program(file, exported, dropping, bool(about_second.get("mc_keys", False)), about, key.hexdigest())


def _opened(path: Path) -> tuple[ExportedProgram, dict[str, Any]]:
    looked_through = vetted(path)
    about = _facts(looked_through.extra.get(ABOUT, "{}"), path)
    try:
        exported = torch.export.load(looked_through.archive)
    except (RuntimeError, ValueError, AssertionError, KeyError, TypeError) as error:
        raise CaptureError(
            f"{path.name} cannot be opened",
            detail=f"torch {torch.__version__} says: {str(error).strip().splitlines()[0][:300]}",
            hint="Export the model again with this version of torch.",
        ) from error
    return exported, about


def preprocessing_of(facts: Any) -> Preprocessing | None:
    """What `export` wrote of a preprocessing, None where it wrote nothing.

    Raises CaptureError, TypeError, ValueError, LookupError or AttributeError for what it never writes.
    """
    if facts is None:
        return None
    size = facts.get("size")
    return Preprocessing(
        size=None if size is None else (int(size[0]), int(size[1])),
        channels=int(facts.get("channels", 3)),
        mean=tuple(float(value) for value in facts.get("mean", (0.0,))),
        std=tuple(float(value) for value in facts.get("std", (1.0,))),
    )


def _facts(text: str, path: Path) -> dict[str, Any]:
    """The facts of a program. Raises CaptureError where they are no JSON, or not what `export` writes."""
    try:
        about: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"They are no JSON: {str(error)[:200]}.") from error
    if not isinstance(about, dict):
        raise _unreadable(path, f"Found {type(about).__name__}; expected an object.")
    classes, last, head = (about.get(key) for key in ("classes", "last_layer", "external_name"))
    for good, key, expected in (
        (classes is None or _are_texts(classes), "classes", "a list of names"),
        (last is None or (_are_texts(last) and len(last) == 2), "last_layer", "names of weight and bias"),
        (head is None or head in EXTERNAL_NAMES, "external_name", f"one of {', '.join(EXTERNAL_NAMES)}"),
    ):
        if not good:
            raise _unreadable(path, f"{key}: found {str(about[key])[:80]}; expected {expected}.")
    try:
        preprocessing_of(about.get("preprocessing"))
    except (CaptureError, TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        why = f"{error.title}. {error.detail}" if isinstance(error, CaptureError) else f"{error}."
        raise _unreadable(path, f"preprocessing: {why}") from error
    return about


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _unreadable(path: Path, detail: str) -> CaptureError:
    return CaptureError(
        f"The facts in {path.name} are broken",
        detail=f"{ABOUT}: {detail}",
        hint="Export the model again with sfvisuals.capture.export.",
    )


class ProgramRecorder:
    """Runs an exported program; see `ModuleRecorder`.

    Args:
        program: what is run.
        device: where its inputs are.
        passes: Monte-Carlo passes that are wanted.
        seed: of the dropout masks.
    """

    def __init__(self, program: Program, *, device: torch.device, passes: int, seed: int) -> None:
        self._program = program
        self._plain = _runnable(program.exported, device)
        self._mc = None if program.mc is None or not passes else _runnable(program.mc, device)
        self._seed = seed
        self.passes = passes if program.mc is not None else 0
        self.without_passes = "" if self.passes else (NOT_ASKED if not passes else NO_PROGRAM)
        self.latent_place = str(program.about.get("latents", "second output of the program"))
        self.last_layer = _last_layer(program)

    def plain(self, inputs: Tensor) -> Plain:
        """One deterministic pass."""
        return self._outputs(self._plain(inputs), len(inputs))

    def dropped(self, inputs: Tensor, rows: npt.NDArray[Any]) -> Iterator[tuple[Tensor, Tensor | None]]:
        """(logits, confidence) of each Monte-Carlo pass."""
        assert self._mc is not None
        keys = torch.from_numpy(pass_keys(rows, passes=self.passes, seed=self._seed)).to(inputs.device)
        devices = [inputs.device] if inputs.device.type == "cuda" else []
        for number in range(self.passes):
            if self._program.keyed:
                given = self._mc(inputs, keys[:, number])
            else:
                with torch.random.fork_rng(devices):
                    torch.manual_seed(int(keys[0, number]))
                    given = self._mc(inputs)
            plain = self._outputs(given, len(inputs))
            yield plain.logits, plain.confidence

    def _outputs(self, given: Any, batch: int) -> Plain:
        parts = list(given) if isinstance(given, tuple | list) else [given]
        tensors = [part for part in parts if isinstance(part, Tensor)]
        good = len(tensors) == len(parts) and len(parts) in (2, 3) and tensors[0].dim() == 2
        if not good or (len(parts) == 3 and tensors[2].numel() != batch):
            found = ", ".join(
                str(tuple(p.shape)) if isinstance(p, Tensor) else type(p).__name__ for p in parts
            )
            raise CaptureError(
                f"{self._program.path.name} returns something else than logits and latents",
                detail=f"Found {found} for a batch of {batch}; expected (batch, classes), (batch, width) and"
                " at most the model's own confidence (batch,).",
                hint="Make the program with sfvisuals.capture.export, which returns just these.",
            )
        confidence = tensors[2].reshape(batch) if len(parts) == 3 else None
        return Plain(tensors[0], flat(tensors[1], self.latent_place), confidence)


def _runnable(exported: ExportedProgram, device: torch.device) -> Callable[..., Any]:
    """The program on that device."""
    if device.type != "cpu":
        exported = move_to_device_pass(exported, device)
    run: Callable[..., Any] = exported.module(check_guards=False)
    return run


def _last_layer(program: Program) -> tuple[FloatArray, FloatArray] | None:
    if program.last_layer is None:
        return None
    state = program.exported.state_dict
    weight, bias = (state.get(name) for name in program.last_layer)
    if weight is None:
        return None
    w = weight.detach().float().cpu().numpy().copy()
    b = torch.zeros(len(w)) if bias is None else bias.detach().float().cpu()
    return w, b.numpy().copy()
