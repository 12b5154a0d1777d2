"""The dashboard as a person drives it: open a view, read its numbers, draw a lasso with a real mouse."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

import numpy as np
from playwright.sync_api import Locator, Page, expect

CANVAS = "document.getElementById('latent-map').pointmap"
DTYPES = {"u1": "<u1", "u2": "<u2", "u4": "<u4", "i4": "<i4", "f4": "<f4"}
PATIENCE = 60_000
READ_PIXELS = """
  const canvas = new OffscreenCanvas(wide, high), context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const bytes = context.getImageData(0, 0, wide, high).data;
  let text = "";
  for (let i = 0; i < bytes.length; i += 1) text += String.fromCharCode(bytes[i]);
  return [wide, high, btoa(text)];
"""


def eventually(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Wait until `holds()`; fails with `what` was waited for."""
    for _ in range(PATIENCE // 50):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"still not so after {PATIENCE / 1000:.0f} s: {what}")


@dataclass(frozen=True)
class Dashboard:
    """One tab on one server."""

    page: Page
    url: str

    def open(self, **state: Any) -> Dashboard:
        """Go to a view (PCA unless it says otherwise) and wait until map and cases stand."""
        return self.go(**state).wait()

    def go(self, **state: Any) -> Dashboard:
        """Go to a view (PCA unless it says otherwise) and wait for nothing."""
        state.setdefault("projection", "pca")
        self.page.goto(f"{self.url}?s={quote(json.dumps(state))}")
        return self

    def wait(self) -> Dashboard:
        """Wait for the map's points, the header's numbers and the concept cards."""
        self.page.wait_for_function(
            "() => document.querySelector('#latent-map')?.pointmap.count > 0", timeout=PATIENCE
        )
        self.page.evaluate(f"() => {CANVAS}.ready")
        expect(self.page.locator("#stats .figure").first).to_be_visible()
        expect(self.page.locator(".concept-card").first).to_be_visible(timeout=PATIENCE)
        return self

    def state(self) -> dict[str, Any]:
        """The state in the address bar."""
        found = json.loads(parse_qs(urlsplit(self.page.url).query)["s"][0])
        assert isinstance(found, dict)
        return found

    def numbers(self) -> dict[str, str]:
        """The header line: name -> number, as shown."""
        figures = self.page.locator("#stats > .figure")
        return {f.locator("span").inner_text(): f.locator("b").inner_text() for f in figures.all()}

    def expect_drawn(self, count: int) -> None:
        """Exactly so many points are visible on the map."""
        self.page.wait_for_function(f"(n) => {CANVAS}.drawnCount() === n", arg=count)

    def silent(self) -> int:
        """The number of silent failures that the header shows."""
        return int(self.numbers()["silent"].replace(",", ""))

    def first_cases(self, count: int = 6) -> list[int]:
        """Rows of the first visible cases, in their order."""
        self.page.wait_for_function("() => document.querySelector('.case-cell:not([hidden])')")
        cells = self.page.locator(".case-cell:not([hidden])").all()[:count]
        return [int(cell.get_attribute("data-row") or -1) for cell in cells]

    def focus_case(self, row: int) -> None:
        """Click the case of that row in the grid and wait until it stands below."""
        self.page.locator(f".case-cell[data-row='{row}']:not([hidden])").click()
        self.expect_focus(row)

    def expect_focus(self, row: int) -> None:
        """The case of that row stands in the inspector and is ringed on the map."""
        expect(self.page.locator(f"[data-case-row='{row}']")).to_be_visible(timeout=PATIENCE)
        expect(self.page.locator(f"#map-host[data-ring='{row}']")).to_be_attached()

    def screen_of(self, row: int) -> tuple[float, float]:
        """Where a row lies on the screen."""
        place = self.page.evaluate(f"(row) => {CANVAS}.screenOf(row)", row)
        return float(place["x"]), float(place["y"])

    def lasso_around(self, row: int, *, radius: float, modifier: str | None = None) -> None:
        """Draw a circle of that many pixels around a row, in lasso mode, with the mouse, within the map."""
        x, y = self.screen_of(row)
        box = self.page.locator("#latent-map").bounding_box()
        assert box is not None
        low = np.array([box["x"], box["y"]]) + 2
        high = low + np.array([box["width"], box["height"]]) - 4
        self.page.get_by_role("button", name="Lasso", exact=True).click()
        angles = np.linspace(0, 2 * np.pi, 28)
        circle = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
        corners = np.clip(circle, low, high).tolist()
        if modifier:
            self.page.keyboard.down(modifier)
        self.page.mouse.move(*corners[0])
        self.page.mouse.down()
        for corner in corners[1:]:
            self.page.mouse.move(*corner)
        self.page.mouse.up()
        if modifier:
            self.page.keyboard.up(modifier)
        expect(self.page.locator(".selection-counts")).to_be_visible()

    def choose(self, label: str, option: str) -> None:
        """Choose an option of one of the page's pickers."""
        self.page.get_by_label(label, exact=True).locator("visible=true").first.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def column(self, run: str, path: str) -> np.ndarray[Any, Any]:
        """A column over HTTP, as the page itself gets it."""
        with urlopen(f"{self.url}runs/{quote(run)}/{path}") as answer:
            return np.frombuffer(answer.read(), DTYPES[answer.headers["X-Dtype"]])


def pixels_shown(image: Locator) -> np.ndarray[Any, Any]:
    """What an <img> on the page shows, in its own size: (height, width, 4)."""
    decoded = "await picture.decode(); const wide = picture.naturalWidth, high = picture.naturalHeight;"
    return _as_array(image.evaluate(f"async (picture) => {{ {decoded} {READ_PIXELS} }}"))


def pixels_of_file(page: Page, path: Path) -> np.ndarray[Any, Any]:
    """What the same browser makes of a file's bytes: (height, width, 4)."""
    decoded = """
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes]));
      const wide = picture.width, high = picture.height;"""
    text = base64.b64encode(path.read_bytes()).decode()
    return _as_array(page.evaluate(f"async (text) => {{ {decoded} {_apart(READ_PIXELS)} }}", text))


def _apart(script: str) -> str:
    """The script in a scope of its own, where `text` is free."""
    return f"return (() => {{ {script} }})();"


def _as_array(answer: tuple[int, int, str]) -> np.ndarray[Any, Any]:
    wide, high, text = answer
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(high, wide, 4)
