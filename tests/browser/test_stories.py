"""The stories of the field, told by clicking, on real folders."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboard import Dashboard

XRAY = "xray_chestall/confidnet_bbsmall_cnn_do1_run1_rew2.2"
DERMOSCOPY = "dermoscopyall/confidnet_bbsmall_cnn_do1_run1_rew2.2"
IID, NIH = "xray_chestall", "xray_chestallnih14"

pytestmark = [pytest.mark.shared, pytest.mark.browser]


def test_story_a_an_acquisition_shift_is_found_seen_and_explained(
    page: Page, current_url: str, artifacts: Path
) -> None:
    """A confident error on another hospital's image lies among the source's pneumonia images."""
    dash = Dashboard(page, current_url).open(run=XRAY, source=IID, studies=[IID, NIH])

    row = dash.first_cases(1)[0]
    dash.focus_case(row)
    verdict = page.locator(f"[data-verdict='{row}']")
    expect(verdict).to_contain_text("positive")
    expect(verdict).to_contain_text("negative")
    expect(verdict).to_contain_text("nih14")

    coordinates = dash.column(XRAY, "projections/pca/coordinates").reshape(2, -1).T
    label, study = dash.column(XRAY, "columns/label"), dash.column(XRAY, "columns/study")
    source = np.flatnonzero(study == 1)
    nearest = source[np.argsort(np.linalg.norm(coordinates[source] - coordinates[row], axis=1))[:15]]
    assert label[row] == 0
    assert label[nearest].mean() > 0.8, "the ringed point lies among the source's pneumonia images"

    dash.lasso_around(row, radius=60)
    says = page.locator("#selection-says")
    expect(says).to_contain_text("Lasso")
    expect(page.locator(f".case-cell[data-row='{row}']")).to_be_visible()

    heads = page.locator(".concept-head > div").all_inner_texts()
    assert [re.sub(r"\s+", " ", head) for head in heads] == ["source xray_chestall", "target nih14"]
    negative = page.locator(".concept-class", has=page.locator("h3", has_text="negative"))
    for side in (0, 1):
        assert negative.locator(".concept-cell").nth(side).locator(".concept-card").count() >= 1
    assert "silent" in negative.locator(".concept-cell").nth(1).inner_text()

    before = (dash.numbers(), says.inner_text(), dash.first_cases(), dash.state())
    page.screenshot(path=artifacts / "story-a.png")
    page.reload()
    dash.wait().expect_focus(row)
    expect(says).to_contain_text("samples")
    assert (dash.numbers(), says.inner_text(), dash.first_cases(), dash.state()) == before


def test_a_concept_selects_its_samples_everywhere_and_again_lets_them_go(
    page: Page, current_url: str
) -> None:
    dash = Dashboard(page, current_url).open(run=XRAY, source=IID, studies=[IID, NIH])
    card = page.locator("[data-concept]", has_text=re.compile(r"\d+ silent")).first
    size = int(re.search(r"(\d+) samples", card.inner_text())[1])  # type: ignore[index]
    silent = int(re.search(r"(\d+) silent", card.inner_text())[1])  # type: ignore[index]
    card.click()
    counts = page.locator(".selection-counts")
    expect(counts).to_contain_text(f"{size} samples")
    expect(counts).to_contain_text(f"{silent} silent")
    expect(card).to_have_attribute("aria-pressed", "true")
    assert dash.state()["sel"]["kind"] == "concept"
    card.click()
    expect(counts).to_have_count(0)


def test_story_c_brightening_is_followed_from_the_failure_to_its_source_image(
    page: Page, current_url: str
) -> None:
    """First half: the brightened images fail confidently, and a case knows its corruption and severity."""
    iid, bright = "dermoscopyall", "dermoscopyallcorrbrhighhigh"
    dash = Dashboard(page, current_url).open(run=DERMOSCOPY, source=iid, studies=[iid, bright])
    study, label = dash.column(DERMOSCOPY, "columns/study"), dash.column(DERMOSCOPY, "columns/label")
    prediction = dash.column(DERMOSCOPY, "columns/prediction.plain")
    wrong = prediction != label
    brightened = study == 5
    assert wrong[brightened].mean() > wrong[study == 1].mean()

    page.get_by_label("dermoscopyall", exact=True).check()
    row = next(r for r in dash.first_cases(30) if brightened[r])
    dash.focus_case(row)
    facts = page.locator(".facts")
    expect(facts).to_contain_text("brhigh")
    expect(facts).to_contain_text("severity")
    expect(facts).to_contain_text("_brhighhigh.jpg")
    neighbours = page.locator(".neighbour")
    expect(neighbours).to_have_count(5)
    neighbours.first.click()
    other = int(dash.state()["row"])
    assert other != row
    dash.expect_focus(other)
