"""The page without a mouse: skip buttons, the case grid, the drawer, the legend."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from dashboard import Dashboard

pytestmark = pytest.mark.browser

AT_FIRST = ("digits", "thick_pen", "eight_nine")
GRID = """() => {
  const places = [...document.querySelectorAll(".case-cell:not([hidden])")].map((cell) => {
    const { m41, m42 } = new DOMMatrix(cell.style.transform);
    return [m42, m41];
  }).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const columns = places.filter(([top]) => top === places[0][0]).length;
  const line = places[columns][0] - places[0][0];
  return [columns, Math.floor(document.getElementById("case-grid").clientHeight / line)];
}"""


def keyboard_is_in(page: Page, selector: str) -> bool:
    """Whether what the keyboard is on is that element or lies in it."""
    return bool(page.evaluate("(s) => document.activeElement.closest(s) !== null", selector))


def test_skip_buttons_come_first_and_move_the_keyboard_past_what_lies_between(
    page: Page, digits_url: str
) -> None:
    Dashboard(page, digits_url).open(run="digits")
    for number, (name, region) in enumerate(
        (("map", "#map-host"), ("concepts", "#concepts"), ("cases", "#case-grid")), start=1
    ):
        page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); }")
        page.evaluate("() => document.querySelector('.skip').focus()")
        for _ in range(number - 1):
            page.keyboard.press("Tab")
        skip = page.get_by_role("button", name=f"Skip to the {name}", exact=True)
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert keyboard_is_in(page, region)
        expect(skip).not_to_be_in_viewport()


def test_arrows_pages_and_ends_walk_the_case_grid_in_its_order(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    failures = digits_samples[digits_samples["wrong"] & digits_samples["study"].isin(AT_FIRST)]
    order = failures.index[np.lexsort((failures.index, -failures["confidence"]))].tolist()
    dash = Dashboard(page, digits_url).open(run="digits", tab="failures")
    dash.first_cases(1)
    grid = page.locator("#case-grid")
    grid.focus()

    def step(key: str, place: int) -> None:
        page.keyboard.press(key)
        ring = page.locator(f"#map-host[data-ring='{order[place]}']")
        expect(ring, f"{key} goes to place {place}").to_be_attached()
        expect(page.locator(f"#case-{order[place]}[aria-selected=true]")).to_be_in_viewport()
        expect(grid).to_have_attribute("aria-activedescendant", f"case-{order[place]}")
        expect(grid).to_be_focused()

    step("Home", 0)
    step("ArrowRight", 1)
    columns, lines = page.evaluate(GRID)  # now that the case below takes its room
    last = len(order) - 1
    assert columns > 1
    step("ArrowDown", 1 + columns)
    step("ArrowLeft", columns)
    step("ArrowUp", 0)
    step("PageDown", columns * lines)
    step("End", last)
    step("ArrowRight", last)
    step("PageUp", last - columns * lines)
    step("Home", 0)


def test_escape_closes_the_drawer_and_gives_the_keyboard_back(
    open_page: Callable[..., Page], digits_url: str
) -> None:
    page = open_page(width=1024, height=768)
    Dashboard(page, digits_url).open(run="digits")
    button = page.get_by_role("button", name="Show or hide the inspector")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#inspector")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert keyboard_is_in(page, "#inspector")
    page.keyboard.press("Escape")
    expect(page.locator("#inspector")).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


def test_only_keeps_the_keyboard_so_that_the_same_key_brings_everything_back(
    page: Page, digits_url: str, digits_samples: pd.DataFrame
) -> None:
    shown = digits_samples[digits_samples["study"].isin(AT_FIRST)]
    dash = Dashboard(page, digits_url).open(run="digits", colour="study")
    page.locator("#map-legend").get_by_role("button", name="Thicker pen", exact=True).focus()
    page.keyboard.press("Tab")
    only = page.locator("#map-legend button:focus")
    expect(only).to_have_text("only")
    page.keyboard.press("Enter")
    dash.expect_drawn(int((shown["study"] == "thick_pen").sum()))
    expect(only).to_have_text("all")
    expect(only).to_have_attribute("data-item", "only:Thicker pen")
    page.keyboard.press("Enter")
    dash.expect_drawn(len(shown))
    expect(only).to_have_text("only")
