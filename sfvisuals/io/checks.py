"""Faults in the numbers of a run that has been read: each one its own problem."""

from __future__ import annotations

from sfvisuals.io.config import RunConfig
from sfvisuals.io.notes import Notes
from sfvisuals.io.outputs import Outputs
from sfvisuals.types import Run


def check_values(run: Run, outputs: Outputs, config: RunConfig, notes: Notes) -> None:
    """Placeholder."""
