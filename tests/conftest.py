"""Fixtures for every test: the reference material, a real Chromium, and pages that watch what they do.

Where something a test needs is missing, the test skips and says why; in CI it fails, so that a green run
there means that everything ran.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from browsing import PageLog
from needs import in_ci, missing

REPOSITORY = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page asks for elsewhere fails at once instead of leaving this computer.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)

# A busy machine is no error, and CI tries the same examples every time.
settings.register_profile("sfvisuals", deadline=None, derandomize=in_ci())
settings.load_profile("sfvisuals")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the repository (SFVISUALS_SHARED names another place)."""
    folder = Path(os.environ.get("SFVISUALS_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "experiments").is_dir():
        missing("the reference material is not beside the repository (../shared/experiments)")
    return folder


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where tests leave screenshots for a person to look at; ignored by git."""
    folder = REPOSITORY / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder


def chromium_executable() -> str | None:
    """The system's Chromium: SFVISUALS_CHROMIUM, else the first known name on PATH, else None."""
    named = os.environ.get("SFVISUALS_CHROMIUM")
    return named or next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole session; every page gets a context of its own."""
    executable = chromium_executable()
    if executable is None:
        missing(f"no Chromium on PATH (any of {', '.join(CHROMIUM_NAMES)}); SFVISUALS_CHROMIUM may name one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        yield started
        started.close()


@pytest.fixture
def page_log() -> PageLog:
    """What the pages of this test did so far."""
    return PageLog()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether the test's own body failed, for `open_page` to take a screenshot."""
    report = yield
    if report.when == "call":
        item.stash[BODY_FAILED] = report.failed
    return report


BODY_FAILED = pytest.StashKey[bool]()
OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(
    browser: Browser, page_log: PageLog, artifacts: Path, request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """`open_page(width=1440, height=900, **context_options)` opens a watched tab in a fresh profile.

    Options are those of playwright's `Browser.new_context`, for example `color_scheme="dark"`. Two calls are
    two people; for a second tab of the same person use `page.context.new_page()` and `page_log.watch(it)`.
    """
    contexts: list[BrowserContext] = []

    def opened(*, width: int = 1440, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page_log.watch(page)
        return page

    yield opened
    if request.node.stash.get(BODY_FAILED, False):
        stem = re.sub(r"[^\w.-]+", "-", request.node.name)
        for number, page in enumerate(page for context in contexts for page in context.pages):
            page.screenshot(path=artifacts / f"failed-{stem}-{number}.png")
    for context in contexts:
        context.close()
    page_log.check()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One watched 1440x900 tab: a console error, an exception or a request elsewhere fails the test."""
    return open_page()
