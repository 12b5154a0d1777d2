"""The stories of the field, told by clicking, on real folders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard import Dashboard

XRAY = "xray_chestall/confidnet_bbsmall_cnn_do1_run1_rew2.2"
DERMOSCOPY = "dermoscopyall/confidnet_bbsmall_cnn_do1_run1_rew2.2"
IID, NIH = "xray_chestall", "xray_chestallnih14"
SOURCE_SET, NIH_SET = 1, 11

pytestmark = [pytest.mark.shared, pytest.mark.browser]


def test_story_a_an_acquisition_shift_is_found_seen_and_explained(
    page: Page, current_url: str, shared: Path, artifacts: Path
) -> None:
    """A confident error on another hospital's image lies among the source's pneumonia images."""
    dash = Dashboard(page, current_url).open(run=XRAY, source=IID, studies=[IID, NIH], projection="pca")

    label, study, wrong, confidence, silent = outcomes(shared)
    row = dash.first_cases(1)[0]
    rows = np.flatnonzero(silent & np.isin(study, [SOURCE_SET, NIH_SET]))
    assert confidence[row] == confidence[rows].max(), "the most silent failure comes first"
    assert (study[row], label[row], bool(wrong[row])) == (NIH_SET, 0, True)
    assert dash.silent() == rows.size

    dash.focus_case(row)
    verdict = page.locator(f"[data-verdict='{row}']")
    expect(verdict).to_contain_text("silent failure")
    expect(verdict).to_contain_text("positive")
    expect(verdict).to_contain_text("negative")
    expect(verdict).to_contain_text("nih14")

    shown = page.locator("#map-host").get_attribute("data-projection")
    coordinates = dash.column(XRAY, f"projections/{shown}/coordinates").reshape(2, -1).T
    source = np.flatnonzero(study == SOURCE_SET)
    nearest = source[np.argsort(np.linalg.norm(coordinates[source] - coordinates[row], axis=1))[:15]]
    assert label[nearest].mean() > 0.8, "the ringed point lies among the source's pneumonia images"
    x, y = dash.screen_of(row)
    far = [np.hypot(*np.subtract(dash.screen_of(int(other)), (x, y))) for other in nearest[:3]]
    assert max(far) < 60, "on the screen too"

    dash.lasso_around(row, radius=60)
    says = page.locator("#selection-says")
    expect(says).to_contain_text("Lasso")
    polygon = wait_for_selection(page)["polygon"]
    seen = np.isin(study, [SOURCE_SET, NIH_SET]) & inside(coordinates, polygon)
    expect(page.locator(".selection-counts")).to_contain_text(f"{seen.sum():,} samples")
    expect(page.locator(".selection-counts")).to_contain_text(f"{(seen & silent).sum():,} silent")
    expect(page.locator(f".case-cell[data-row='{row}']")).to_be_visible()

    heads = page.locator(".concept-head > div").all_inner_texts()
    assert [re.sub(r"\s+", " ", head) for head in heads] == ["source xray_chestall", "target nih14"]
    negative = page.locator(".concept-class", has=page.locator("h3", has_text="negative"))
    of_class = negative.locator(".concept-cell")
    sizes = [sum(map(number_of, of_class.nth(side).locator("[data-concept]").all())) for side in (0, 1)]
    assert sizes == [int(((study == place) & (label == 0)).sum()) for place in (SOURCE_SET, NIH_SET)]
    assert "silent" in of_class.nth(1).inner_text()

    page.wait_for_timeout(1500)  # the address takes the view of the map once it rests
    before = (dash.numbers(), says.inner_text(), dash.first_cases(), dash.state())
    page.screenshot(path=artifacts / "story-a.png")
    page.reload()
    dash.wait().expect_focus(row)
    expect(page.locator(".selection-counts")).to_be_visible()
    assert (dash.numbers(), says.inner_text(), dash.first_cases(), dash.state()) == before
    assert page.locator("#map-host").get_attribute("data-projection") == shown
    assert np.allclose(dash.screen_of(row), (x, y), atol=2)


def outcomes(shared: Path) -> tuple[np.ndarray[Any, Any], ...]:
    """Label, set, wrong, confidence and silent at 95 % coverage, from the run's logits alone."""
    place = shared / "experiments" / "current" / XRAY / "test_results" / "raw_logits.npz"
    with np.load(place, allow_pickle=False) as arrays:
        table = np.asarray(arrays["arr_0"], dtype=np.float64)
    logits, label, study = table[:, :-2], table[:, -2].astype(int), table[:, -1].astype(int)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    confidence = powers.max(axis=1) / powers.sum(axis=1)
    validation = np.sort(confidence[study == 0])[::-1]
    wrong = logits.argmax(axis=1) != label
    cut = validation[int(np.ceil(0.95 * validation.size)) - 1]
    return label, study, wrong, confidence, wrong & (confidence >= cut)


def inside(points: np.ndarray[Any, Any], polygon: list[list[float]]) -> np.ndarray[Any, Any]:
    """Which points a ray from them to the right leaves through the polygon's edges an odd number of times."""
    x, y = points.astype(float).T
    odd = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        crosses = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            odd ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return odd


def wait_for_selection(page: Page) -> dict[str, Any]:
    """The selection's recipe, once it stands in the address."""
    page.wait_for_function("() => decodeURIComponent(location.search).includes('\"sel\"')")
    recipe = Dashboard(page, "").state()["sel"]
    assert isinstance(recipe, dict)
    return recipe


def number_of(card: Locator) -> int:
    """The number of samples that a concept card states."""
    return int(card.locator("b").first.inner_text().replace(",", ""))


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
    same = page.locator("#case section", has_text="The same image").locator(".neighbour")
    assert "original" in same.first.inner_text()
    source = int(same.first.get_attribute("data-row") or -1)
    assert study[source] == 1
    place = [int(np.flatnonzero(study == position)[0]) for position in (1, 5)]
    assert source - place[0] == row - place[1], "the same row of both sets"
    same.first.click()
    dash.expect_focus(source)
    page.go_back()
    dash.expect_focus(row)
    neighbours = page.locator("#case section", has_text="Nearest in the latents").locator(".neighbour")
    expect(neighbours).to_have_count(5)
    neighbours.first.click()
    other = int(dash.state()["row"])
    assert other != row
    dash.expect_focus(other)
