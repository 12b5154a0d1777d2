"""Run a torch classifier over named studies and write an experiment folder (extra `torch`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfvisuals.lazy import exports

if TYPE_CHECKING:
    from sfvisuals.capture.exporting import export as export
    from sfvisuals.capture.manifest import read_manifest as read_manifest
    from sfvisuals.capture.program import load_program as load_program
    from sfvisuals.capture.records import CapturedBatch as CapturedBatch
    from sfvisuals.capture.records import CaptureStudy as CaptureStudy
    from sfvisuals.capture.records import CorruptionPlan as CorruptionPlan
    from sfvisuals.capture.records import ImageArray as ImageArray
    from sfvisuals.capture.records import ImageFiles as ImageFiles
    from sfvisuals.capture.records import Preprocessing as Preprocessing
    from sfvisuals.capture.records import ScoreFunction as ScoreFunction
    from sfvisuals.capture.session import capture as capture

# Looked up on first use, so that importing the package loads no torch.
EXPORTS = {
    "CaptureStudy": "sfvisuals.capture.records",
    "CapturedBatch": "sfvisuals.capture.records",
    "CorruptionPlan": "sfvisuals.capture.records",
    "ImageArray": "sfvisuals.capture.records",
    "ImageFiles": "sfvisuals.capture.records",
    "Preprocessing": "sfvisuals.capture.records",
    "ScoreFunction": "sfvisuals.capture.records",
    "capture": "sfvisuals.capture.session",
    "export": "sfvisuals.capture.exporting",
    "load_program": "sfvisuals.capture.program",
    "read_manifest": "sfvisuals.capture.manifest",
}

__getattr__, __dir__ = exports(globals(), EXPORTS)
