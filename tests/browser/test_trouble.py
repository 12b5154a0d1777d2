"""When the server does not answer, the page says so, keeps what it had and lies about nothing.

Each test provokes its failures and names the console errors that Chromium reports for them.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from browsing import PageLog
from dashboard import CANVAS, PATIENCE, Dashboard

pytestmark = pytest.mark.browser

CALLBACKS = "**/_dash-update-component**"
SILENCE = "The server does not answer"
# The request itself, and Dash's report of the callback that it carried.
ABORTED = r"net::ERR_FAILED|Callback (failed|error)|Failed to fetch|status of 500"


def aborted(route: Route) -> None:
    """No server."""
    route.abort()


def test_a_case_that_cannot_be_read_is_said_and_the_old_one_does_not_stand_in(
    page: Page, digits_url: str, page_log: PageLog
) -> None:
    page_log.allow(ABORTED)
    dash = Dashboard(page, digits_url).open(run="digits")
    old, new, third = dash.first_cases(3)
    dash.focus_case(old)
    expect(page.locator(f"[data-verdict='{old}']")).to_be_visible()
    numbers = dash.numbers()

    page.route(CALLBACKS, aborted)
    page.locator(f".case-cell[data-row='{new}']").click()
    expect(page.locator(".toast")).to_contain_text(SILENCE)
    expect(page.locator(f"#map-host[data-ring='{new}']")).to_be_attached()
    expect(page.locator("#case [data-case-row]")).to_have_attribute("data-case-row", str(new))
    expect(page.locator("[data-verdict]")).to_have_count(0)
    assert dash.numbers() == numbers

    page.unroute(CALLBACKS)
    page.route(CALLBACKS, lambda route: route.fulfill(status=500, body="broken"))
    page.locator(f".case-cell[data-row='{old}']").click()
    expect(page.locator(".toast")).to_contain_text("It answered 500.")
    expect(page.locator("#case [data-case-row]")).to_have_attribute("data-case-row", str(old))

    page.unroute(CALLBACKS)
    page.locator(f".case-cell[data-row='{third}']").click()
    expect(page.locator(f"[data-verdict='{third}']")).to_be_visible()
    dash.expect_focus(third)


def test_a_selection_that_cannot_be_read_keeps_the_former_and_can_be_tried_again(
    page: Page, digits_url: str, page_log: PageLog
) -> None:
    page_log.allow(ABORTED)
    dash = Dashboard(page, digits_url).open(run="digits")
    cards = page.locator(".has-silent [data-concept]")
    says, counts = page.locator("#selection-says"), page.locator(".selection-counts")
    cards.nth(0).click()
    expect(counts).to_be_visible()
    former, recipe, cases = says.inner_text(), dash.state()["sel"], dash.first_cases()

    page.route("**/mask?**", aborted)
    cards.nth(1).click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text(SILENCE)
    expect(says).to_have_text(former, use_inner_text=True)
    expect(cards.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(cards.nth(1)).to_have_attribute("aria-pressed", "false")
    assert (dash.state()["sel"], dash.first_cases()) == (recipe, cases)

    page.unroute("**/mask?**")
    toast.get_by_role("button", name="Try again").click()
    expect(cards.nth(1)).to_have_attribute("aria-pressed", "true")
    wanted = (cards.nth(1).locator("b").first.inner_text()).replace(",", "")
    expect(counts).to_contain_text(f"{wanted} samples")
    assert dash.state()["sel"] != recipe
    expect(toast).to_have_count(0)


def test_a_map_that_cannot_be_read_says_so_in_its_place_and_can_be_tried_again(
    page: Page, digits_url: str, page_log: PageLog
) -> None:
    page_log.allow(ABORTED)
    page.route("**/projections/pca/coordinates**", aborted)
    dash = Dashboard(page, digits_url).go(run="digits")
    expect(page.locator("#map-empty")).to_contain_text(SILENCE, timeout=PATIENCE)
    expect(page.locator("#projection-status")).to_contain_text(SILENCE)
    assert page.evaluate(f"() => {CANVAS}.count") == 0
    dash.first_cases(1)

    page.unroute("**/projections/pca/coordinates**")
    page.locator("#projection-status").get_by_role("button", name="Try again").click()
    dash.wait()
    expect(page.locator("#map-empty")).to_be_hidden()
    assert page.evaluate(f"() => {CANVAS}.drawnCount()") == int(dash.numbers()["shown"].replace(",", ""))
