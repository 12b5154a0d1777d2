"""The command `sfvisuals` with its subcommands. Answers `--help` without heavy imports."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sfvisuals import __version__
from sfvisuals.errors import SfvisualsError


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command and option."""
    parser = argparse.ArgumentParser(
        prog="sfvisuals", description="Find, count, explain and report silent failures of image classifiers."
    )
    parser.add_argument("--version", action="version", version=f"sfvisuals {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="open the dashboard on a folder of experiments")
    serve.add_argument("root", type=Path, help="folder of experiments at any depth, or one experiment")
    _reading_options(serve)
    _server_options(serve)

    demo = commands.add_parser("demo", help="open the dashboard on the built-in demo")
    from sfvisuals.demo import command as demonstration

    demonstration.add_options(demo)
    _server_options(demo)

    from sfvisuals.capture import command as capture

    capture.add_options(
        commands.add_parser("capture", help="run an exported model over images into an experiment folder")
    )

    from sfvisuals.training import command as training

    training.add_options(
        commands.add_parser("train", help="train the benchmark's methods and capture each into a folder")
    )

    from sfvisuals.benchmark import command as benchmark

    benchmark.add_options(
        commands.add_parser("benchmark", help="metrics of every confidence score under every shift")
    )

    from sfvisuals.image_attributes import command as attributes

    measuring = commands.add_parser("attributes", help="measure the images ahead, for explanations")
    attributes.add_options(measuring)
    _reading_options(measuring)

    check = commands.add_parser(
        "check", help="the folder doctor: what is there, what is missing, how to mend it"
    )
    check.add_argument("root", type=Path, help="folder of experiments at any depth, or one experiment")
    _reading_options(check)
    check.add_argument("--json", action="store_true", help="print JSON instead of text")

    convert = commands.add_parser("convert", help="write a run in sfvisuals' own format")
    convert.add_argument("run", type=Path, help="folder of one run, in any format that can be read")
    convert.add_argument("out", type=Path, help="new folder to write")
    convert.add_argument(
        "--describe", type=Path, metavar="FILE", help="an sfvisuals.yaml that describes the run"
    )
    convert.add_argument(
        "--root", type=Path, metavar="DIR",
        help="look for sfvisuals.yaml in the folders above the run too, up to this one (default: RUN)",
    )  # fmt: skip
    return parser


def _reading_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-root", type=Path, action="append", default=[], metavar="DIR",
        help="folder below which images are looked for; may be given several times (default: ROOT)",
    )  # fmt: skip
    parser.add_argument(
        "--path-map", action="append", default=[], metavar="OLD=NEW",
        help="replace the beginning of image paths; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--describe", type=Path, metavar="FILE", help="an sfvisuals.yaml that describes the runs"
    )


def _server_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)"
    )
    parser.add_argument(
        "--port", type=int, default=8050, help="port to listen on, 0 for a free one (default: 8050)"
    )
    parser.add_argument(
        "--cache-dir",
        type=Path,
        metavar="DIR",
        help="where projections and thumbnails are kept (default: the user's cache folder)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status (2 for an error of input, or an unforeseen one with its trace).

    Left to Python, an unforeseen exception would exit with 1, which `check` uses for warnings.
    """
    arguments = build_parser().parse_args(argv)
    try:
        match arguments.command:
            case "serve":
                return _serve(arguments, arguments.root)
            case "demo":
                return _demo(arguments)
            case "capture":
                from sfvisuals.capture import command

                return command.run(arguments)
            case "train":
                from sfvisuals.training.command import run

                return run(arguments)
            case "benchmark":
                from sfvisuals.benchmark import command as benchmark

                return benchmark.run(arguments)
            case "attributes":
                return _attributes(arguments)
            case "check":
                return _check(arguments)
            case _:
                return _convert(arguments)
    except SfvisualsError as error:
        from app.problems import as_text

        print(as_text(error), file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # noqa: BLE001 - the outermost border: nothing is hidden, the trace is printed
        import traceback

        traceback.print_exc()
        return 2


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Modules that load leave little garbage, and looking for it takes a tenth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _serve(arguments: argparse.Namespace, root: Path) -> int:
    with _no_collecting():
        from app.server import serve
        from app.settings import checked_settings

    settings = checked_settings(
        root,
        data_roots=getattr(arguments, "data_root", []),
        path_maps=getattr(arguments, "path_map", []),
        describe=getattr(arguments, "describe", None),
        cache_dir=arguments.cache_dir,
        host=arguments.host,
        port=arguments.port,
    )
    return serve(settings, browser=not arguments.no_browser)


def _demo(arguments: argparse.Namespace) -> int:
    import platformdirs

    from sfvisuals.demo.command import demo_folder

    cache = arguments.cache_dir or Path(platformdirs.user_cache_dir("sfvisuals"))
    folder = demo_folder(arguments, cache_dir=cache)
    if arguments.out is not None:
        print(folder)
        return 0
    return _serve(arguments, folder)


def _attributes(arguments: argparse.Namespace) -> int:
    from app.factory import create_workspace
    from app.settings import checked_settings
    from sfvisuals.image_attributes import command

    settings = checked_settings(
        arguments.root,
        data_roots=arguments.data_root,
        path_maps=arguments.path_map,
        describe=arguments.describe,
        cache_dir=arguments.cache_dir,
    )
    return command.run(create_workspace(settings), names=arguments.run or ())


def _check(arguments: argparse.Namespace) -> int:
    import json

    from app.settings import checked_settings
    from sfvisuals.io.doctor import check

    settings = checked_settings(
        arguments.root,
        data_roots=arguments.data_root,
        path_maps=arguments.path_map,
        describe=arguments.describe,
    )
    report = check(
        settings.root,
        data_roots=settings.data_roots,
        path_maps=settings.path_maps,
        describe=settings.describe,
    )
    print(json.dumps(report.to_json(), indent=2, allow_nan=False) if arguments.json else report.render())
    return report.exit_code


def _convert(arguments: argparse.Namespace) -> int:
    from app.settings import checked_settings
    from sfvisuals.errors import NotFoundError, SettingsError
    from sfvisuals.io import discover, read_run
    from sfvisuals.io.convert import convert

    settings = checked_settings(arguments.run, describe=arguments.describe)
    root = settings.root if arguments.root is None else checked_settings(arguments.root).root
    if not settings.root.is_relative_to(root):
        raise SettingsError(
            f"--root {arguments.root} is not above the run",
            detail=f"The run is {settings.root}.",
            hint="Name a folder above the run, as one would open it with `sfvisuals serve`.",
        )
    found = discover(settings.root)
    if len(found) != 1:
        raise NotFoundError(
            f"{arguments.run} is not one run",
            detail=f"Runs found there: {', '.join(ref.name for ref in found) or 'none'}.",
            hint="Name the folder of one run (the one that holds test_results/ or run.json).",
        )
    run = read_run(found[0], root=root, describe=settings.describe)
    for problem in run.problems:
        print(f"{problem.level}: {problem.title}. {problem.detail}".rstrip(), file=sys.stderr)
    print(convert(run, arguments.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
