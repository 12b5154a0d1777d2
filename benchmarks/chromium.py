"""A real Chromium without GPU, and what is measured in its pages with real mouse and key events."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
SIZE = {"width": 1440, "height": 900}
PATIENCE = 180_000

MEASURING = Path(__file__).with_name("measuring.js")


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened while something was dragged: per second, and the median time of a picture in ms."""

    frames: float
    pictures: float
    updates: float
    ms: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """One headless browser."""
    named = os.environ.get("SFVISUALS_CHROMIUM")
    executable = named or next((found for name in NAMES if (found := shutil.which(name))), None)
    if executable is None:
        raise SystemExit(f"no Chromium on PATH (any of {', '.join(NAMES)}); SFVISUALS_CHROMIUM may name one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


def new_page(browser: Browser) -> Page:
    """A tab in a fresh profile: nothing is in the browser's cache."""
    page = browser.new_context(viewport=SIZE).new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(path=MEASURING)
    return page


def open_view(page: Page, url: str, *, projection: str, **state: Any) -> float:
    """Load the page and wait until that projection stands in full quality; returns time.perf_counter()."""
    page.goto(f"{url}?s={quote(json.dumps({'projection': projection, **state}))}")
    page.wait_for_function("(kind) => measuring.drawn(kind)", arg=projection, timeout=PATIENCE)
    return time.perf_counter()


def settle(page: Page) -> None:
    """Wait until concepts are shown and the map rests."""
    page.wait_for_selector("#concepts > *", timeout=PATIENCE)
    page.wait_for_timeout(700)


def map_box(page: Page) -> tuple[float, float, float, float]:
    """x, y, width and height of the map on the page."""
    box = page.locator("#latent-map").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def lasso(page: Page, *, share: float, turn: float) -> dict[str, float]:
    """Draw a lasso around a share of the map's middle; `turn` makes it another polygon each time."""
    from math import cos, pi, sin

    x, y, width, height = map_box(page)
    around = [
        (
            x + width * (0.5 + share * cos(turn + 2 * pi * i / 40)),
            y + height * (0.5 + share * sin(turn + 2 * pi * i / 40) * (1 + 0.1 * sin(5 * turn + i))),
        )
        for i in range(40)
    ]
    page.evaluate("document.querySelector('#latent-map').pointmap.setMode('lasso')")
    page.mouse.move(*around[0])
    page.mouse.down()
    for corner in around[1:]:
        page.mouse.move(*corner)
    page.evaluate("measuring.release()")
    page.mouse.up()
    times: dict[str, float] = page.evaluate("measuring.released")
    page.wait_for_timeout(400)
    return times


def pan(page: Page, *, seconds: float = 3.0) -> Counted:
    """Drag the map to and fro."""
    x, y, width, height = map_box(page)
    page.evaluate("document.querySelector('#latent-map').pointmap.setMode('pan')")
    page.mouse.move(x + width / 2, y + height / 2)
    page.mouse.down()
    page.evaluate("measuring.count()")
    step = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        step += 1
        swing = abs(step % 60 - 30) / 30
        page.mouse.move(x + width * (0.4 + 0.2 * swing), y + height * (0.5 + 0.1 * swing))
    counted = _counted(page)
    page.mouse.up()
    return counted


def zoom(page: Page, *, seconds: float = 3.0) -> Counted:
    """Turn the wheel in and out over the middle of the map."""
    x, y, width, height = map_box(page)
    page.mouse.move(x + width / 2, y + height / 2)
    page.evaluate("measuring.count()")
    step = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        step += 1
        page.mouse.wheel(0, -40 if step % 40 < 20 else 40)
    return _counted(page)


def drag_threshold(page: Page, *, seconds: float = 3.0) -> Counted:
    """Drag the threshold's thumb to and fro with the mouse."""
    box = page.locator("#threshold").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.95 * box["width"], middle)
    page.mouse.down()
    page.evaluate("measuring.count()")
    step = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        step += 1
        swing = abs(step % 80 - 40) / 40
        page.mouse.move(box["x"] + box["width"] * (0.4 + 0.55 * swing), middle)
    counted = _counted(page)
    page.mouse.up()
    page.wait_for_timeout(600)
    return counted


def _counted(page: Page) -> Counted:
    found = page.evaluate("measuring.counted()")
    times = sorted(found["ms"]) or [0.0]
    seconds = found["seconds"]
    return Counted(
        found["frames"] / seconds,
        found["pictures"] / seconds,
        found["says"] / seconds,
        times[len(times) // 2],
    )


class Wire:
    """Bytes that a page received, headers included, by the address they were asked for."""

    def __init__(self, page: Page) -> None:
        self._addresses: dict[str, str] = {}
        self._bytes: dict[str, float] = {}
        protocol = page.context.new_cdp_session(page)
        protocol.on("Network.requestWillBeSent", self._asked)
        protocol.on("Network.loadingFinished", self._received)
        protocol.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _received(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = event["encodedDataLength"]

    def bytes_of(self, *parts: str) -> float:
        """Bytes of the answers whose address holds any of these parts."""
        wanted = [key for key, url in self._addresses.items() if any(part in url for part in parts)]
        return sum(self._bytes.get(key, 0) for key in wanted)
