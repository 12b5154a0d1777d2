"""Everything that is timed, one table after the other, as docs/performance.md shows them.

python -m benchmarks [ROOT --data-root DIR] [--work FOLDER] [--poster DATA]

Without ROOT the digits demo stands in for a real folder. It takes about half an hour, and nothing else should
run meanwhile.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path


def commands(root: Path | None, data_roots: list[Path], work: Path, poster: Path | None) -> list[list[str]]:
    """Arguments of each benchmark; each runs in a process of its own."""
    folder = [str(root)] if root else []
    for data_root in data_roots:
        folder += ["--data-root", str(data_root)]
    return [
        ["benchmarks.bench_demo"],
        ["benchmarks.bench_app", *folder, "--work", str(work)],
        ["benchmarks.bench_app", "--synthetic", "1000000", "--work", str(work)],
        ["benchmarks.bench_cockpit", "--work", str(work)],
        ["benchmarks.bench_umap", "--repeats", "3"],
        ["benchmarks.bench_concepts"],
        ["benchmarks.bench_capture", "--million"],
        ["benchmarks.bench_metrics"],
        ["benchmarks.planted", "--seeds", "1000", "1059"],
        ["benchmarks.bench_explain"],
        ["benchmarks.bench_attributes"],
        *([["benchmarks.bench_poster", str(poster), "--work", str(work / "poster")]] if poster else []),
    ]


def main() -> int:
    """Run them in turn; the exit status is that of the first that fails."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", type=Path, help="folder of experiments")
    parser.add_argument("--data-root", type=Path, action="append", default=[])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "sfvisuals-bench")
    parser.add_argument("--poster", type=Path, metavar="DATA", help="train on the packed images in DATA too")
    asked = parser.parse_args()
    for command in commands(asked.root, asked.data_root, asked.work, asked.poster):
        status = subprocess.run([sys.executable, "-m", *command], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
