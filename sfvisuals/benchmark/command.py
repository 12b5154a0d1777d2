"""`sfvisuals benchmark`: every score under every shift, as a table or as rows."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfvisuals.errors import NotFoundError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfvisuals.benchmark.records import Method, Row
    from sfvisuals.workspace import Workspace

FORMATS = ("table", "csv", "json", "markdown", "latex")
ALL = "all"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("root", type=Path, help="folder of experiments at any depth, or one experiment")
    several = "; may be given several times"
    parser.add_argument(
        "--metric", action="append", metavar="KEY",
        help=f"aurc, augrc, failauc, ece, ... (docs/metrics.md), or all{several} (default: aurc, augrc)",
    )  # fmt: skip
    parser.add_argument(
        "--score", action="append", metavar="NAME",
        help=f"det_mcp, mcd_ee, ext, ... (docs/scores.md), or all{several}"
        " (default: the poster's in a table, all in JSON)",
    )  # fmt: skip
    parser.add_argument(
        "--study", action="append", metavar="NAME",
        help=f"iid, a data set, cor, acq or man{several} (default: these four in a table, all in JSON)",
    )  # fmt: skip
    parser.add_argument("--run", action="append", metavar="NAME", help=f"only this run{several}")
    parser.add_argument(
        "--bootstrap", type=int, default=0, metavar="N", help="intervals from N resamples (default: none)"
    )
    parser.add_argument(
        "--confidence", type=float, default=0.95, metavar="C", help="of the intervals (default: 0.95)"
    )
    parser.add_argument(
        "--group-by", metavar="COLUMN",
        help="draw patients, lesions, ... as a whole (default: images with their corrupted versions)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the resamples (default: 0)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument(
        "--describe", type=Path, metavar="FILE", help="an sfvisuals.yaml that describes the runs"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there (default: print)")
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where results are kept")


def run(arguments: argparse.Namespace) -> int:
    """Do it; returns the exit status.

    Raises NotFoundError where there is no run, or nothing of what was asked for; SettingsError where an
    option makes no sense or the output cannot be written.
    """
    import platformdirs

    from sfvisuals.benchmark.progress import ProgressBar
    from sfvisuals.workspace import Workspace

    _check(arguments)
    cache = arguments.cache_dir or Path(platformdirs.user_cache_dir("sfvisuals"))
    workspace = Workspace(arguments.root.resolve(), cache_dir=cache.absolute(), describe=arguments.describe)
    bar = ProgressBar(sys.stderr)
    try:
        text = _answer(workspace, arguments, bar)
    finally:
        bar.close()
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    _write(arguments.out, text)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if not arguments.root.is_dir():
        found = "it is a file" if arguments.root.exists() else "nothing is there"
        raise SettingsError(
            f"ROOT {arguments.root} is not a folder", detail=f"Found: {found}.", hint="Check the spelling."
        )
    if arguments.describe is not None and not arguments.describe.is_file():
        raise SettingsError(
            f"--describe {arguments.describe} is not a file", hint="It takes an sfvisuals.yaml."
        )
    if arguments.out is not None and not arguments.out.absolute().parent.is_dir():
        raise SettingsError(f"--out {arguments.out} lies in no folder", hint="Make the folder first.")


def _answer(workspace: Workspace, arguments: argparse.Namespace, bar: Any) -> str:
    from sfvisuals.benchmark.evaluation import evaluate
    from sfvisuals.benchmark.grouping import methods_of
    from sfvisuals.benchmark.plan import all_metrics
    from sfvisuals.benchmark.records import POSTER

    names = tuple(arguments.run or workspace.run_names())
    if not names:
        raise NotFoundError(
            f"There is no run below {arguments.root}",
            hint="A run is a folder with test_results/ or run.json; `sfvisuals check` says what is there.",
        )
    as_rows = arguments.format == "json"
    metrics = tuple(arguments.metric or ("aurc", "augrc"))
    studies = arguments.study or (None if as_rows else POSTER)
    everything = as_rows if arguments.score is None else ALL in arguments.score
    methods: tuple[Method, ...] = ()
    scores = None if everything else arguments.score
    if not as_rows:
        methods = _rows_of_table(methods_of(workspace, runs=names, scores=scores), arguments.score)
        scores = scores or list(dict.fromkeys(method.score for method in methods))
    rows = evaluate(
        workspace,
        runs=names,
        metrics=all_metrics() if ALL in metrics else metrics,
        scores=scores,
        studies=studies,
        bootstrap=arguments.bootstrap,
        confidence=arguments.confidence,
        group_by=arguments.group_by,
        seed=arguments.seed,
        report=bar,
    )
    _warn(rows)
    return _json(rows) if as_rows else _table(rows, methods, arguments, studies or POSTER)


def _rows_of_table(methods: Sequence[Method], asked: Sequence[str] | None) -> tuple[Method, ...]:
    """The rows that are shown: by default the poster's, and those that only this run or a sidecar has."""
    from sfvisuals.benchmark.records import POSTER_SCORES
    from sfvisuals.scores import SCORES
    from sfvisuals.scores.catalogue import EXTERNAL_LABELS

    if asked is not None:
        return tuple(methods)
    hidden = {score.name for score in SCORES} - {*POSTER_SCORES, *EXTERNAL_LABELS}
    shown = [method for method in methods if method.stated or method.score not in hidden]
    return tuple(method for method in shown if method.stated or not method.why)


def _warn(rows: Sequence[Row]) -> None:
    """Runs that cannot be read are told where no table shows them."""
    told = set()
    for row in rows:
        if not row.score and row.run not in told:
            told.add(row.run)
            sys.stderr.write(f"warning: {row.run}: {row.why}\n")


def _json(rows: Sequence[Row]) -> str:
    import json
    from dataclasses import asdict

    return json.dumps({"rows": [asdict(row) for row in rows]}, indent=1, allow_nan=False) + "\n"


def _table(
    rows: Sequence[Row], methods: Sequence[Method], arguments: argparse.Namespace, studies: Sequence[str]
) -> str:
    from sfvisuals.benchmark.layouts import layout
    from sfvisuals.benchmark.rendering import as_csv, as_latex, as_markdown, as_text

    keys = dict.fromkeys(row.metric for row in rows)
    shown = _columns(rows, studies)
    tables = [layout(rows, methods=methods, metric=key, studies=shown) for key in keys]
    match arguments.format:
        case "csv":
            return as_csv(tables)
        case "markdown":
            return as_markdown(tables)
        case "latex":
            return as_latex(tables)
        case _:
            return as_text(tables, colour=arguments.out is None and wants_colour(sys.stdout))


def _columns(rows: Sequence[Row], studies: Sequence[str]) -> list[str]:
    """The columns in the order asked for; a data set that gives several stands for all of them."""
    named = dict.fromkeys(row.study for row in rows if row.study)
    asked = [study for study in studies if study in named]
    return [*asked, *(name for name in named if name not in asked)]


def wants_colour(stream: Any) -> bool:
    """True for a terminal that shows colours, unless NO_COLOR is set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _write(path: Path, text: str) -> None:
    """All or nothing: the file is as it was until the new one is whole."""
    import contextlib
    import tempfile

    fresh: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.absolute().parent)
        fresh = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        mask = os.umask(0)
        os.umask(mask)
        fresh.chmod(0o666 & ~mask)
        fresh.replace(path)
    except OSError as error:
        if fresh is not None:
            with contextlib.suppress(OSError):
                fresh.unlink()
        raise SettingsError(
            f"{path} cannot be written", detail=str(error), hint="Choose another place with --out."
        ) from error
