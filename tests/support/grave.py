"""What axe-core finds on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_core_python
from playwright.sync_api import Page

AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
GRAVE = {"serious", "critical"}


def graves(page: Page) -> list[str]:
    """What axe-core calls serious or critical, one line per finding with the elements it names."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    answer = page.evaluate("async () => await axe.run(document, { resultTypes: ['violations'] })")
    found: list[dict[str, Any]] = answer["violations"]
    assert len(answer["passes"]) > 20, "axe-core looked at the page"
    return [
        f"{rule['impact']} {rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]
