"""`sfvisuals benchmark`: every score under every shift, as a table or as rows."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfvisuals.errors import NotFoundError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfvisuals.benchmark.records import Method, Row, Table
    from sfvisuals.benchmark.weighing import NamedWeights
    from sfvisuals.workspace import Workspace

FORMATS = ("table", "csv", "json", "markdown", "latex")
ALL = "all"
METRICS = ("aurc", "augrc")


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
    parser.add_argument(
        "--cost", action="append", metavar="CLASS=NUMBER",
        help=f"a mistake on this class (its name or position) counts as so many; default 1{several}",
    )  # fmt: skip
    parser.add_argument(
        "--prevalence", action="append", metavar="CLASS=SHARE",
        help="share (0..1) of this class where the model is used; the others share what is left as in the iid"
        f" study; `new` is all new classes{several}",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the resamples (default: 0)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument(
        "--describe", type=Path, metavar="FILE", help="an sfvisuals.yaml that describes the runs"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there (default: print)")
    parser.add_argument("--cache-dir", type=Path, metavar="DIR", help="where results are kept")


# what a shell expects of a program that Ctrl-C ended
INTERRUPTED = 130


def run(arguments: argparse.Namespace) -> int:
    """Do it; returns the exit status.

    Raises NotFoundError where there is no run, or nothing of what was asked for; SettingsError where an
    option makes no sense or the output cannot be written.
    """
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        # what was computed so far is in the cache, run by run
        sys.stderr.write("stopped; runs that were done are kept in the cache folder\n")
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
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
    if arguments.group_by is not None and arguments.bootstrap == 0:
        raise SettingsError(
            f"--group-by {arguments.group_by} changes nothing without intervals",
            hint="Add --bootstrap 1000; whole groups are drawn in a bootstrap.",
        )
    if arguments.out is not None and not arguments.out.absolute().parent.is_dir():
        raise SettingsError(f"--out {arguments.out} lies in no folder", hint="Make the folder first.")


def _answer(workspace: Workspace, arguments: argparse.Namespace, bar: Any) -> str:
    from sfvisuals.benchmark.evaluation import evaluate
    from sfvisuals.benchmark.grouping import methods_of
    from sfvisuals.benchmark.joining import joined
    from sfvisuals.benchmark.plan import all_metrics
    from sfvisuals.benchmark.progress import part
    from sfvisuals.benchmark.records import POSTER

    names = tuple(dict.fromkeys(arguments.run or workspace.run_names()))
    if not names:
        raise NotFoundError(
            f"There is no run below {arguments.root}",
            hint="A run is a folder with test_results/ or run.json; `sfvisuals check` says what is there.",
        )
    weights = _weights(arguments)
    asked: dict[str, Any] = {
        "metrics": all_metrics() if ALL in (arguments.metric or ()) else arguments.metric or METRICS,
        "bootstrap": arguments.bootstrap,
        "confidence": arguments.confidence,
        "group_by": arguments.group_by,
        "weights": weights,
        "seed": arguments.seed,
    }
    everything = ALL in (arguments.score or ())
    if arguments.format == "json":
        scores = None if everything else arguments.score
        rows = evaluate(workspace, runs=names, scores=scores, studies=arguments.study, report=bar, **asked)
        _warn(rows)
        return _json(rows, weights)
    studies = tuple(arguments.study or POSTER)
    listed = methods_of(
        workspace, runs=names, scores=None if everything else arguments.score, report=part(bar, 0.0, 0.1)
    )
    methods = _rows_of_table(listed, arguments.score)
    made = joined(
        workspace,
        runs=names,
        methods=methods,
        scores=None if everything else arguments.score,
        studies=studies,
        report=part(bar, 0.1, 1.0),
        **asked,
    )
    if not any(row.score for row in made.rows):
        raise NotFoundError(
            f"There is nothing to show of {arguments.root}",
            detail=next((f"{row.run}: {row.why}" for row in made.rows), "No row was asked for."),
            hint="`sfvisuals check` says what is there.",
        )
    _warn(made.rows)
    _warn_of_studies(made.rows, arguments.study or ())
    if arguments.format != "table":
        for why in dict.fromkeys(why for table in made.tables for why in table.left_out):
            sys.stderr.write(f"warning: {why}\n")
    return _table(made.tables, arguments, weights)


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


def _warn_of_studies(rows: Sequence[Row], asked: Sequence[str]) -> None:
    """A column that was asked for by its name and has no number is no column of the table."""
    for name in asked:
        found = [row for row in rows if row.study == name]
        if found and all(row.value is None for row in found):
            sys.stderr.write(f"warning: no {name}: {found[0].run}: {found[0].why}\n")


def _weights(arguments: argparse.Namespace) -> NamedWeights | None:
    from sfvisuals.benchmark.weighing import NamedWeights

    cost = _numbers("--cost", arguments.cost or (), "malignant=10")
    prevalence = _numbers("--prevalence", arguments.prevalence or (), "malignant=0.02")
    return NamedWeights(cost, prevalence) if cost or prevalence else None


def _numbers(option: str, given: Sequence[str], example: str) -> dict[str, float]:
    """class -> number of the values of an option.

    Raises SettingsError for what is no CLASS=NUMBER of at least 0, or a class that is given twice.
    """
    import math

    found: dict[str, float] = {}
    for text in given:
        # the last sign of equality: a name may hold one
        name, sign, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not sign or not name or not math.isfinite(value) or value < 0:
            raise SettingsError(
                f"{option} {text} is no class with a number of at least 0",
                hint=f"Such as {option} {example}.",
            )
        if name in found:
            raise SettingsError(f"{option} names {name} twice", hint="Give each class once.")
        found[name] = value
    return found


def _json(rows: Sequence[Row], weights: NamedWeights | None) -> str:
    import json
    from dataclasses import asdict

    document: dict[str, Any] = {"rows": [asdict(row) for row in rows]}
    if weights is not None:
        document["weights"] = {"cost": dict(weights.cost), "prevalence": dict(weights.prevalence)}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _table(tables: Sequence[Table], arguments: argparse.Namespace, weights: NamedWeights | None) -> str:
    from sfvisuals.benchmark.rendering import as_csv, as_latex, as_markdown
    from sfvisuals.benchmark.terminal import as_text

    words = "" if weights is None else weights.words()
    match arguments.format:
        case "csv":
            return as_csv(tables, weights=words)
        case "markdown":
            return as_markdown(tables, weights=words)
        case "latex":
            return as_latex(tables, weights=words)
        case _:
            shown = arguments.out is None and sys.stdout.isatty()
            width = shutil.get_terminal_size().columns if shown else None
            return as_text(tables, colour=shown and wants_colour(sys.stdout), weights=words, width=width)


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
