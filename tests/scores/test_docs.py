"""docs/scores.md lists every score as it is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfvisuals.scores import SCORES, Score
from sfvisuals.scores.catalogue import EXTERNAL_LABELS
from sfvisuals.scores.needs import Need
from sfvisuals.types import Judge

JUDGES = {Judge.PLAIN: "plain argmax", Judge.MC_MEAN: "MC-mean prediction"}
NEEDS = {
    Need.OUTPUTS: "outputs",
    Need.LOGITS: "logits",
    Need.MC: "MC outputs",
    Need.MC_LOGITS: "MC logits",
    Need.EXTERNAL: "external confidence",
    Need.EXTERNAL_MC: "external confidence under MC",
    Need.LATENTS: "latents",
    Need.TRAIN_LATENTS: "training latents",
    Need.LAST_LAYER: "last layer",
    Need.VALIDATION: "validation study",
}


@pytest.fixture
def page(repository: Path) -> str:
    """The text of the page."""
    return (repository / "docs" / "scores.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("score", SCORES, ids=lambda score: score.name)
def test_the_page_has_a_row_for_every_score(page: str, score: Score) -> None:
    needs = ", ".join(NEEDS[need] for need in score.needs)
    cells = (score.name, score.label, f"`{score.formula}`", JUDGES[score.judge], needs, score.source)
    assert f"| {' | '.join(cells)} |" in page.splitlines()


@pytest.mark.parametrize(("name", "label"), EXTERNAL_LABELS.items())
def test_the_page_says_what_each_external_head_is_called(page: str, name: str, label: str) -> None:
    assert f"| {name} | {name} | {label} |" in page


def test_the_page_explains_every_need(page: str) -> None:
    for words in NEEDS.values():
        assert f"*{words}*" in page
