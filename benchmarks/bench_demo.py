"""The built-in demo, from the command to its UMAP map.

python -m benchmarks.bench_demo [--times 3]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.chromium import chromium, new_page, open_view
from benchmarks.dashboard import running
from benchmarks.report import Figure, machine, table

TARGET = 5.0


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="fresh processes per figure")
    asked = parser.parse_args()
    first: list[float] = []
    again: list[float] = []
    with chromium() as browser:
        for _ in range(asked.times):
            with tempfile.TemporaryDirectory(prefix="sfvisuals-bench-") as cache:
                for found in (first, again):
                    with running(["demo"], cache=Path(cache)) as served:
                        page = new_page(browser)
                        found.append(open_view(page, served.url, projection="umap") - served.started)
                        page.context.close()
    lines = [
        Figure("command to UMAP map drawn, empty cache", tuple(first), "s", TARGET),
        Figure("command to UMAP map drawn, unpacked before", tuple(again), "s", TARGET),
    ]
    print(f"{table('Built-in demo', lines)}\nMeasured on {machine()}.\n")


if __name__ == "__main__":
    main()
