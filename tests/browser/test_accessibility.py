"""axe-core finds nothing serious or critical on the page, whatever is open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard import CANVAS, Dashboard
from grave import graves

pytestmark = pytest.mark.browser


def test_nothing_grave_on_the_start_page_with_a_case_in_focus_or_an_open_picker(
    page: Page, digits_url: str
) -> None:
    dash = Dashboard(page, digits_url).open(run="digits")
    dash.first_cases(1)
    assert graves(page) == []

    row = dash.first_cases(1)[0]
    dash.focus_case(row)
    expect(page.locator(f"[data-verdict='{row}']")).to_be_visible()
    dash.lasso_around(row, radius=60)
    assert graves(page) == []

    page.get_by_label("Confidence score", exact=True).locator("visible=true").first.click()
    expect(page.get_by_role("option", name="MCD-EE", exact=True)).to_be_visible()
    assert graves(page) == []


def test_nothing_grave_in_dark_mode(open_page: Callable[..., Page], digits_url: str) -> None:
    page = open_page(color_scheme="dark")
    dash = Dashboard(page, digits_url).open(run="digits", colour="class")
    dash.focus_case(dash.first_cases(1)[0])
    expect(page.locator("[data-verdict]")).to_be_visible()
    page.evaluate(f"() => {CANVAS}.settled()")
    assert graves(page) == []


def test_nothing_grave_on_a_small_screen_with_the_inspector_open(
    open_page: Callable[..., Page], digits_url: str
) -> None:
    page = open_page(width=1024, height=768)
    dash = Dashboard(page, digits_url).open(run="digits")
    page.get_by_role("button", name="Show or hide the inspector").click()
    expect(page.locator("#inspector")).to_be_visible()
    dash.focus_case(dash.first_cases(1)[0])
    expect(page.locator("[data-verdict]")).to_be_visible()
    assert graves(page) == []
