"""The page fixture must catch what it is there to catch."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, Page

from browsing import PageLog, is_local

pytestmark = pytest.mark.browser

QUIET = "data:text/html,<title>quiet</title><p>nothing happens here</p>"


def test_a_quiet_page_passes(page: Page, page_log: PageLog) -> None:
    page.goto(QUIET)
    assert page.title() == "quiet"
    assert page_log.errors == []
    page_log.check()


def test_a_console_error_is_recorded_and_fails_the_check(page: Page, page_log: PageLog) -> None:
    page.goto(QUIET)
    page.evaluate("console.error('the map has no points')")
    with pytest.raises(pytest.fail.Exception, match="the map has no points"):
        page_log.check()
    page_log.allow("no points")
    page_log.check()


def test_an_uncaught_exception_is_recorded_and_fails_the_check(page: Page, page_log: PageLog) -> None:
    with page.expect_event("pageerror"):
        page.goto("data:text/html,<script>setTimeout(() => { throw new Error('boom') })</script>")
    with pytest.raises(pytest.fail.Exception, match="boom"):
        page_log.check()
    page_log.allow("boom")


def test_a_request_to_another_host_fails_the_check_and_goes_nowhere(page: Page, page_log: PageLog) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://elsewhere.invalid/script.js")
    assert page_log.foreign == ["http://elsewhere.invalid/script.js"]
    with pytest.raises(pytest.fail.Exception, match="request to another host"):
        page_log.check()
    page_log.requests.clear()


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8050/x", True),
        ("http://localhost/x", True),
        ("data:text/plain,x", True),
        ("blob:http://127.0.0.1/1", True),
        ("https://127.0.0.1.example.org/x", False),
        ("ws://example.org/x", False),
    ],
)
def test_only_this_computer_counts_as_local(url: str, local: bool) -> None:
    assert is_local(url) is local
