"""The parts of the page "Concepts and slices": what answers for each."""

from __future__ import annotations

from app.panels import (
    causes_concepts,
    causes_explain,
    causes_hypothesis,
    causes_matches,
    causes_slices,
    causes_telling,
    causes_triage,
)
from app.part_media import PartAnswer

PARTS: dict[str, PartAnswer] = {
    "matches": causes_matches.answer,
    "concepts": causes_concepts.answer,
    "slices": causes_slices.answer,
    "telling": causes_telling.answer,
    "explain": causes_explain.answer,
    "hypothesis": causes_hypothesis.answer,
    "triage": causes_triage.answer,
}
