"""The rules of docs/architecture.md that a program can check, checked on the sources and on the built app."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
WEB = {"dash", "plotly", "flask", "flask_caching", "dash_mantine_components", "werkzeug", "gunicorn", "app"}
HEAVY = (
    "torch",
    "umap",
    "numba",
    "sklearn",
    "pandas",
    "pyarrow",
    "scipy",
    "plotly",
    "dash",
    "flask",
    "numpy",
)
MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_CALLBACK = 6


@dataclass(frozen=True)
class Source:
    """One module of the project."""

    name: str
    path: Path
    tree: ast.Module


def sources(*packages: str) -> tuple[Source, ...]:
    """Every module of the packages, sorted by name."""
    found = []
    for package in packages:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Source(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


ALL = sources("sfvisuals", "app")
NAMES = frozenset(source.name for source in ALL)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below, but not what only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from running(child)


def imports(source: Source) -> frozenset[str]:
    """Names of the modules that the source imports anywhere, inside functions too."""
    found: set[str] = set()
    for node in running(source.tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source.name} line {node.lineno}: imports are absolute here"
            module = node.module or ""
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                found.add(inner if inner in NAMES else module)
    return frozenset(found)


IMPORTS = {source.name: imports(source) for source in ALL}


def edges(of: str, *, to: str) -> list[str]:
    """`a -> b` for every import from below `of` to `to` or below it."""
    return [
        f"{name} -> {target}"
        for name, targets in IMPORTS.items()
        if is_below(name, of)
        for target in sorted(targets)
        if is_below(target, to)
    ]


def is_below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def test_the_library_knows_nothing_of_the_web() -> None:
    assert [edge for package in sorted(WEB) for edge in edges("sfvisuals", to=package)] == []


def test_figures_know_no_dash_and_nothing_of_the_app_but_its_theme() -> None:
    assert [edge for package in ("dash", "flask") for edge in edges("app.figures", to=package)] == []
    others = [e for e in edges("app.figures", to="app") if not e.split(" -> ")[1].startswith("app.figures")]
    assert [edge for edge in others if not edge.endswith("-> app.theme")] == []


def test_panels_never_import_panels() -> None:
    assert edges("app.panels", to="app.panels") == []


def test_the_app_reaches_experiments_only_through_the_workspace() -> None:
    rooms = ("io", "store", "demo", "concepts")
    found = [edge for room in rooms for edge in edges("app", to=f"sfvisuals.{room}")]
    assert [edge for edge in found if not edge.startswith("app.cli ")] == []


@pytest.mark.parametrize(
    ("module", "may_know"),
    [
        ("sfvisuals.errors", set()),
        ("sfvisuals.types", {"sfvisuals.errors"}),
        ("sfvisuals.store", {"sfvisuals.types", "sfvisuals.errors", "sfvisuals"}),
        ("app.ids", set()),
        ("app.theme", set()),
    ],
)
def test_what_everybody_stands_on_stands_on_nothing_else(module: str, may_know: set[str]) -> None:
    ours = {name for name in IMPORTS[module] if is_below(name, "sfvisuals") or is_below(name, "app")}
    assert ours <= may_know


@pytest.mark.parametrize("room", ["scores", "metrics", "projection", "concepts", "failures"])
def test_a_room_of_science_reads_no_files_and_knows_no_workspace(room: str) -> None:
    found = edges(f"sfvisuals.{room}", to="sfvisuals.io") + edges(
        f"sfvisuals.{room}", to="sfvisuals.workspace"
    )
    assert found == []


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    graph = {
        name: {t for t in targets if t in NAMES and t != name and not name.startswith(t + ".")}
        for name, targets in IMPORTS.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]), pytrace=False)


def test_files_and_functions_stay_short() -> None:
    long = [
        f"{source.name}: {count} lines"
        for source in ALL
        if (count := len(source.path.read_text(encoding="utf-8").splitlines())) > MOST_LINES_OF_A_FILE
    ]
    for source in ALL:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = lines_of_body(node)
                if count > MOST_LINES_OF_A_FUNCTION and not builds_routes(node):
                    long.append(f"{source.name}.{node.name}: {count} lines")
    assert long == []


def lines_of_body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines below the signature and the docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def builds_routes(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True for `register...`, which holds several small functions and nothing else of length."""
    return node.name.startswith("register")


def test_component_ids_are_spelled_in_ids_alone() -> None:
    wiring = {"Input", "Output", "State", "ServersideOutput"}
    found = []
    for source in sources("app"):
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            named = [k.value for k in node.keywords if k.arg in ("id", "component_id")]
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = named + (node.args[:1] if called in wiring else [])
            found += [f"{source.name} line {n.lineno}: {ast.unparse(n)}" for n in given if spells_an_id(n)]
    assert found == []


def spells_an_id(node: ast.expr) -> bool:
    """True for a text, a formatted text, or a pattern id {"type": "text", ...}."""
    if isinstance(node, ast.Dict):
        kinds = {
            k.value: v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)
        }
        return "type" in kinds and spells_an_id(kinds["type"])
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_no_two_ids_are_the_same() -> None:
    from app import ids

    spelled = Counter(v for k, v in vars(ids).items() if k.isupper() and isinstance(v, str))
    assert [text for text, count in spelled.items() if count > 1] == []


def test_the_switches_that_hide_mistakes_are_off() -> None:
    banned = ("allow_duplicate", "suppress_callback_exceptions", "prevent_initial_callbacks")
    found = []
    for source in sources("app"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.keyword) and node.arg in banned:
                found.append(f"{source.name}: {node.arg}")
        if any(target in ("dash.callback", "dash.clientside_callback") for target in from_dash(source)):
            found.append(f"{source.name}: the global callback registry")
    assert found == []


def from_dash(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "dash":
            yield from (f"dash.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


def test_a_callback_parses_asks_and_renders_and_no_more() -> None:
    long = []
    for source in sources("app"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef) and any(is_callback(d) for d in node.decorator_list):
                count = lines_of_body(node)
                if count > MOST_LINES_OF_A_CALLBACK:
                    long.append(f"{source.name}.{node.name}: {count} lines")
    assert long == []


def is_callback(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "callback"
    )


def test_every_output_has_one_writer(tmp_path: Path) -> None:
    written = Counter(outputs_of(build(tmp_path)))
    assert written, "the app registers callbacks"
    assert [f"{output} has {count} writers" for output, count in written.items() if count > 1] == []
    assert [output for output in written if "@" in output] == [], "allow_duplicate marks an output with @"


def test_two_apps_in_one_process_have_the_same_callbacks(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")
    assert sorted(outputs_of(first)) == sorted(outputs_of(second))


def build(folder: Path):  # type: ignore[no-untyped-def]
    """An app over an empty folder."""
    from app.factory import create_app
    from app.settings import checked_settings

    (folder / "root").mkdir(parents=True)
    return create_app(checked_settings(folder / "root", cache_dir=folder / "cache"))


def outputs_of(app) -> list[str]:  # type: ignore[no-untyped-def]
    """`id.property` of every callback output, as the browser is told them."""
    dependencies = app.server.test_client().get("/_dash-dependencies").get_json()
    joined = [entry["output"] for entry in dependencies]
    return [
        part for text in joined for part in (text[2:-2].split("...") if text.startswith("..") else [text])
    ]


def loaded_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after running the code."""
    tail = "\nimport sys; print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code + tail],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_help_is_answered_without_any_heavy_import() -> None:
    asked = "import contextlib, app.cli\nwith contextlib.suppress(SystemExit):\n    app.cli.main(['--help'])"
    assert loaded_after(asked).intersection(HEAVY) == set()


def test_the_library_itself_is_imported_without_any_heavy_import() -> None:
    assert loaded_after("import sfvisuals").intersection(HEAVY) == set()


def test_the_server_starts_without_what_only_a_projection_needs() -> None:
    assert loaded_after("import app.factory").intersection({"torch", "umap", "numba", "pynndescent"}) == set()
