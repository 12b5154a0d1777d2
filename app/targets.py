"""Which of the chosen studies count as target."""

from __future__ import annotations

from collections.abc import Sequence

from sfvisuals.types import Run, StudyKind


def target_studies(run: Run, chosen: Sequence[str], source: str) -> tuple[str, ...]:
    """The chosen studies that count as target: neither the source nor validation nor train."""
    aside = {StudyKind.VALIDATION, StudyKind.TRAIN}
    return tuple(s.name for s in run.studies if s.name in chosen and s.name != source and s.kind not in aside)
