"""Concepts are named on the map: labels lead to cards, cards to outlines, and the address keeps it."""

from __future__ import annotations

import json
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
    pointed = json.loads(page.evaluate(f"() => {CANVAS}.pointedAt()"))
    assert pointed[:3] == [asked["study"], asked["category"], asked["index"]]
    page.screenshot(path=artifacts / "concept-labels.png")

    page.mouse.move(*middle_of(page, shown[0]))
    expect(page.locator(".concept-card.is-pointed")).to_have_count(1)
    page.mouse.click(*middle_of(page, shown[0]))
    expect(page.locator("[data-concept][aria-pressed='true']")).to_have_count(1)
    sel = dash.state()["sel"]
    assert [sel["study"], sel["category"], sel["index"]] == json.loads(shown[0]["key"])[:3]
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
