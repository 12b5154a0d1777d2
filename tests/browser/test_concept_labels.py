"""Concepts are named on the map: labels lead to cards, cards to outlines, and the address keeps it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard import CANVAS, PATIENCE, Dashboard

pytestmark = pytest.mark.browser


def labels(page: Page) -> list[dict[str, Any]]:
    """The labels that have found room."""
    page.wait_for_function(f"() => {CANVAS}.labelsShown().length > 0", timeout=PATIENCE)
    page.evaluate(f"() => {CANVAS}.settled()")
    found: list[dict[str, Any]] = page.evaluate(f"() => {CANVAS}.labelsShown()")
    return found


def middle_of(page: Page, label: dict[str, Any]) -> tuple[float, float]:
    """Where a label lies in the window."""
    box = page.locator("#latent-map").bounding_box()
    assert box is not None
    return box["x"] + label["x"] + label["w"] / 2, box["y"] + label["y"] + label["h"] / 2


def test_labels_and_cards_lead_to_each_other(page: Page, digits_url: str, artifacts: Path) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    assert page.evaluate(f"() => {CANVAS}.labelsShown()") == []
    page.get_by_role("button", name="Labels", exact=True).click()
    shown = labels(page)
    assert dash.state()["labels"] is True
    for at, one in enumerate(shown):
        for other in shown[at + 1 :]:
            apart = (
                abs(one["x"] - other["x"]) >= min(one["w"], other["w"]) or abs(one["y"] - other["y"]) >= 18
            )
            assert apart, "no label lies over another"

    card = page.locator(".concept-card").nth(1)
    card.hover()
    recipe = card.locator("[data-concept]").get_attribute("data-concept")
    page.wait_for_function(f"() => {CANVAS}.pointedAt() !== null")
    assert recipe is not None
    asked = json.loads(recipe)
    pointed = page.evaluate(f"() => {CANVAS}.pointedAt()")
    assert pointed == f"{asked['study']}|{asked['category']}|label|kmeans|auto|{asked['index']}"
    page.screenshot(path=artifacts / "concept-labels.png")

    page.mouse.move(*middle_of(page, shown[0]))
    expect(page.locator(".concept-card.is-pointed")).to_have_count(1)
    page.mouse.click(*middle_of(page, shown[0]))
    expect(page.locator("[data-concept][aria-pressed='true']")).to_have_count(1)
    sel = dash.state()["sel"]
    assert f"{sel['study']}|{sel['category']}|label|kmeans|auto|{sel['index']}" == shown[0]["key"]
    assert "row" not in dash.state(), "the click was the label's, not that of a point below"


def test_an_address_with_labels_shows_them_and_one_without_does_not(page: Page, digits_url: str) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", labels=True)
    assert labels(page)
    page.get_by_role("button", name="Labels", exact=True).click()
    page.wait_for_function(f"() => {CANVAS}.labelsShown().length === 0")
    assert "labels" not in dash.state()


def test_zooming_in_makes_room_for_labels_that_had_none(page: Page, digits_url: str) -> None:
    Dashboard(page, digits_url).open(run="digits", labels=True)
    before = {label["key"] for label in labels(page)}
    view = page.evaluate(f"() => {CANVAS}.view()")
    wide, high = (view["x1"] - view["x0"]) / 3, (view["y1"] - view["y0"]) / 3
    closer = {
        "x0": view["x0"] + wide,
        "x1": view["x1"] - wide,
        "y0": view["y0"] + high,
        "y1": view["y1"] - high,
    }
    page.evaluate(f"(bounds) => {CANVAS}.setView(bounds)", closer)
    page.evaluate(f"() => {CANVAS}.settled()")
    assert {label["key"] for label in labels(page)} - before


def test_the_keyboard_outlines_the_concept_of_the_card_in_focus(page: Page, digits_url: str) -> None:
    Dashboard(page, digits_url).open(run="digits")
    page.locator(".concept-pick").first.focus()
    page.wait_for_function(f"() => {CANVAS}.pointedAt() !== null")
    page.locator("#latent-map").focus()
    page.wait_for_function(f"() => {CANVAS}.pointedAt() === null")


def named_cards(page: Page) -> list[str]:
    """The names that stand on the cards of Explore."""
    return [name for name in page.locator(".concept-card .concept-name").all_inner_texts() if name]


def test_a_name_given_on_concepts_stands_on_the_map_and_on_the_card_of_that_concept_alone(
    page: Page, open_page: Callable[..., Page], digits_url: str, artifacts: Path
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", studies=["digits", "thick_pen"], labels=True)
    page.get_by_role("link", name="Concepts").click()
    first = page.locator("#causes .match").first
    field = first.locator(".cause-name input")
    field.fill("<i>bold</i> strokes " + "x" * 99)
    field.press("Enter")
    name = ("<i>bold</i> strokes " + "x" * 99)[:60]
    expect(first.locator("h3")).to_have_text(name)
    recipe = json.loads(first.locator("[data-recipe]").get_attribute("data-recipe") or "")
    first.get_by_role("button", name="Select").click()
    link = dash.state()

    page.get_by_role("link", name="Explore").click()
    chosen = page.locator(".concept-card", has=page.locator("[aria-pressed='true']"))
    expect(chosen.locator(".concept-name")).to_have_text(name)
    expect(chosen.locator(".concept-pick")).to_have_attribute(
        "aria-label", re.compile(rf"^{re.escape(name)}\. Concept ")
    )
    assert named_cards(page) == [name]
    expect(page.locator("#selection-says b").first).to_contain_text(
        f"{name} (concept {recipe['index'] + 1} of"
    )
    page.screenshot(path=artifacts / "concept-names.png")
    page.get_by_text("Gaussian mixture", exact=True).locator("visible=true").first.click()
    expect(page.locator("[data-concept*='gaussian']").first).to_be_visible()
    assert named_cards(page) == []

    other = open_page()
    alone = {"page": None, "classes": [recipe["category"]]}  # so that every label finds room
    Dashboard(other, digits_url).open(**{**link, **alone})
    assert named_cards(other) == [name]
    assert sum(label["text"].startswith("<i>bold</i> strokes") for label in labels(other)) == 1
    other.get_by_role("link", name="Concepts").click()
    field = other.locator("#causes .match").first.locator(".cause-name input")
    expect(field).to_have_value(name)
    field.fill("")
    field.press("Enter")
    other.get_by_role("link", name="Explore").click()
    assert named_cards(other) == []
    assert "names" not in Dashboard(other, digits_url).state().get("causes", {})
    assert dash.state()["causes"]["names"]["digits"], "the other tab keeps its own"


def test_the_gaussian_mixture_makes_other_cards_labels_and_selections_and_is_in_the_address(
    page: Page, digits_url: str
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits", studies=["digits"], classes=[3], labels=True)
    assert all("|kmeans|" in label["key"] for label in labels(page))
    page.get_by_text("Gaussian mixture", exact=True).locator("visible=true").first.click()
    card = page.locator(".concept-card", has=page.locator("[data-concept*='gaussian']")).first
    samples = card.locator("b").inner_text()
    page.wait_for_function(f"() => {CANVAS}.labelsShown().some(({{ key }}) => key.includes('|gaussian|'))")
    assert dash.state()["method"] == "gaussian"
    card.locator(".concept-pick").click()
    expect(page.locator(".selection-counts")).to_contain_text(f"{samples} samples")
    assert dash.state()["sel"]["method"] == "gaussian"
    page.reload()
    dash.wait()
    expect(page.locator("[data-concept][aria-pressed='true']")).to_have_count(1)
    expect(page.get_by_label("Gaussian mixture", exact=True)).to_be_checked()
    page.get_by_text("k-means", exact=True).locator("visible=true").first.click()
    expect(page.locator("[data-concept*='kmeans']").first).to_be_visible()
    assert "method" not in dash.state()
