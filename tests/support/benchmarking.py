"""The page Benchmark as a person drives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from dashboard import Dashboard


@dataclass(frozen=True)
class Bench:
    """The page Benchmark in one tab."""

    page: Page
    url: str

    def open(self, run: str = "digits", bench: dict[str, Any] | None = None, **state: Any) -> Bench:
        """Go to it by its address and wait for the table."""
        asked = {"run": run, "page": "benchmark", "projection": "pca", "bench": bench or {}, **state}
        self.page.goto(f"{self.url}?s={quote(json.dumps(asked))}")
        return self.wait()

    def wait(self) -> Bench:
        """Until table and operating point stand."""
        expect(self.page.locator(".scores td.cell").first).to_be_visible(timeout=60_000)
        expect(self.page.locator(".cockpit tbody tr").first).to_be_attached()
        return self

    def part(self, name: str) -> Locator:
        """Scroll to a part and wait until it stands."""
        section = self.page.locator(f"[data-part='{name}']")
        section.evaluate("part => part.scrollIntoView({ block: 'start', behavior: 'instant' })")
        expect(section.locator(".bench-body[data-ready]")).to_be_attached(timeout=60_000)
        return section

    def cell(self, score: str, column: int) -> Locator:
        """A cell of the table, by the score's label and the place of the column."""
        row = self.page.locator(
            ".scores tbody tr", has=self.page.get_by_role("rowheader", name=score, exact=True)
        )
        return row.locator("td").nth(column)

    def study(self, label: str) -> dict[str, str]:
        """What the operating point says of a study: heading -> number."""
        table = self.page.locator("table.cockpit")
        heads = table.locator("thead th").all_inner_texts()
        row = table.locator("tbody tr", has=self.page.get_by_text(label, exact=True))
        texts = row.locator("th, td").all_inner_texts()
        return dict(zip(heads, (text.strip() for text in texts), strict=True))

    def state(self) -> dict[str, Any]:
        """The state in the address bar."""
        return Dashboard(self.page, self.url).state()
