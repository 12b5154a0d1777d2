"""Where there is nothing to show, the page says which nothing it is and what to do."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from dashboard import CANVAS, PATIENCE, Dashboard

pytestmark = pytest.mark.browser


def test_each_empty_list_of_cases_has_its_own_words(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    words = page.locator("#case-grid .empty-inline")
    own = digits_samples[digits_samples["study"] == "digits"]
    surest = digits_samples.loc[digits_samples["study"] == "validation", "confidence"].max()
    assert not (own["wrong"] & (own["confidence"] >= surest)).any(), "at 0 % no failure is silent"
    dash = Dashboard(page, digits_url).open(run="digits", studies=["digits"], target=1000)
    expect(words).to_be_hidden()

    page.get_by_role("slider", name="Target coverage in percent").focus()
    page.keyboard.press("Home")
    expect(words).to_contain_text("No silent failures here")
    expect(words).to_contain_text("Raise the coverage")
    page.keyboard.press("End")
    expect(words).to_be_hidden()

    card = page.locator("[data-concept]", has_text=re.compile(r"accuracy 100 %")).first
    card.click()
    expect(words).to_contain_text("No failures here")
    expect(words).to_contain_text("right under this score")
    page.get_by_text("All failures", exact=True).click()
    expect(words).to_contain_text("Every prediction of these samples is right.")
    page.get_by_text("Wrongly rejected", exact=True).click()
    expect(words).to_contain_text("Nothing wrongly rejected")
    card.click()

    view = page.evaluate(f"() => {CANVAS}.view()")
    x, y = view["x0"] - 50, view["y0"] - 50
    corner = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]]
    page.evaluate(f"(corner) => {CANVAS}.lasso(corner, 'replace')", corner)
    expect(page.locator(".selection-counts")).to_contain_text("0 samples")
    expect(words).to_contain_text("Nothing is selected")
    expect(words).to_contain_text("Draw around some points, or clear it")
    assert dash.numbers()["shown"] == str(len(own))


def test_a_selection_outside_what_is_shown_says_so(page: Page, digits_url: str) -> None:
    concept = {"kind": "concept", "study": "thick_pen", "category": 1, "index": 0, "k": None, "basis": None}
    dash = Dashboard(page, digits_url).open(run="digits", studies=["digits"], sel=concept)
    expect(page.locator(".selection-counts")).to_contain_text("0 samples")
    words = page.locator("#case-grid .empty-inline")
    expect(words).to_contain_text("Nothing of this selection is shown")
    expect(words).to_contain_text("clear the selection")
    assert dash.numbers()["shown"] != "0"


def test_a_class_filter_that_leaves_nothing_says_so_in_every_region(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).go(run="digits", studies=["digits"], classes=["new"])
    expect(page.locator("#case-grid .empty-inline")).to_contain_text("Nothing is shown", timeout=PATIENCE)
    expect(page.locator("#map-empty")).to_contain_text("clear the class filter", timeout=PATIENCE)
    expect(page.locator("#map-host")).to_have_attribute("data-projection", "pca")
    dash.expect_drawn(0)
    numbers = dash.numbers()
    assert (numbers["shown"], numbers["accuracy"], numbers["silent"]) == ("0", "–", "0")
    expect(page.locator("#concepts[aria-busy=false]")).to_be_attached()
    expect(page.locator(".concept-card")).to_have_count(0)
