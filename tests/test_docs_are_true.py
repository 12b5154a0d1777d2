"""What the documentation tells a person to type, exists; what it links to, too."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [*REPOSITORY.glob("*.md"), *(p for p in (REPOSITORY / "docs").rglob("*.md") if "adr" not in p.parts)]
)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def commands(page: Path) -> Iterator[str]:
    """Every line of a plain fenced block and every inline code of the page."""
    text = page.read_text(encoding="utf-8")
    for language, block in FENCED.findall(text):
        if language in ("", "sh", "bash", "console"):
            yield from block.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(FENCED.sub("", text))


def calls_of(program: str) -> list[tuple[str, list[str]]]:
    """(page, words after the program) of every call in the documentation."""
    found = []
    for page in PAGES:
        for line in commands(page):
            words = shlex.split(line.removeprefix("$ "), comments=True) if program in line else []
            if words and Path(words[0]).name == program:
                found.append((page.name, words[1:]))
    return found


def subparsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    from app.cli import build_parser

    (action,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize(("page", "words"), calls_of("sfvisuals"))
def test_every_sfvisuals_command_with_its_options_exists(page: str, words: list[str]) -> None:
    from app.cli import build_parser

    top = {option for action in build_parser()._actions for option in action.option_strings}
    if not words or words[0].startswith("-"):
        assert set(words) <= top
        return
    known = subparsers()
    assert words[0] in known, f"{page} names the command {words[0]!r}; there are {', '.join(known)}"
    options = {option for action in known[words[0]]._actions for option in action.option_strings}
    written = {word.partition("=")[0] for word in words[1:] if word.startswith("--")}
    assert written <= options, f"{page}: {words[0]} has no {', '.join(sorted(written - options))}"


def test_whole_commands_of_the_documentation_are_accepted() -> None:
    from app.cli import build_parser

    whole = [words for _, words in calls_of("sfvisuals") if len(words) > 1]
    assert len(whole) >= 4
    for words in whole:
        assert build_parser().parse_args(words).command == words[0]


def test_the_readme_names_every_command() -> None:
    named = {words[0] for page, words in calls_of("sfvisuals") if page == "README.md" and words}
    assert set(subparsers()) - {"demo"} <= named, "`make demo` stands for the demo"


def test_every_option_of_the_command_line_has_words_of_help() -> None:
    silent = [
        f"{name} {'/'.join(action.option_strings) or action.dest}"
        for name, parser in subparsers().items()
        for action in parser._actions
        if not action.help
    ]
    assert silent == []


class Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(key)
        return super().get(key, default)


def test_every_environment_variable_is_explained_and_every_explained_one_is_read(tmp_path: Path) -> None:
    from app.settings import settings_from_environment

    environment = Asked({"SFVISUALS_ROOT": str(tmp_path)})
    settings_from_environment(environment)
    text = (REPOSITORY / "docs/deployment.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(SFVISUALS_\w+)` \|", text, re.MULTILINE)) == environment.names


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(
        re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = [(page, word) for page, words in calls_of("make") for word in words if not word.startswith("-")]
    assert {"demo", "test", "check", "bench", "help"} <= targets
    assert [(page, word) for page, word in named if word not in targets] == []
    assert {("README.md", "demo"), ("README.md", "test")} <= set(named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = [t.partition("#")[0] for t in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if t and not (page.parent / t).exists()] == []


def test_every_place_in_the_table_of_rooms_exists() -> None:
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    places = [
        place for row in re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE) for place in INLINE.findall(row)
    ]
    rooms = [p for p in places if "/" in p]
    assert len(rooms) > 10
    assert [p for p in rooms if not (REPOSITORY / p).exists()] == []


def test_every_member_of_the_latent_map_is_documented_and_every_documented_one_exists() -> None:
    source = (REPOSITORY / "assets/pointmap.mjs").read_text(encoding="utf-8")
    handle = source.partition("  #handle() {")[2].partition("\n  }\n")[0].partition("return {")[2]
    members = set(re.findall(r"^      (?:get )?(\w+)(?=[:(])", handle, re.MULTILINE))
    assert {"ready", "count", "frameTimes", "screenOf", "rowAt", "lasso", "focus", "setView"} <= members
    section = (REPOSITORY / "docs/pointmap.md").read_text(encoding="utf-8").partition("## The handle")[2]
    rows = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    assert {name.partition("(")[0] for row in rows for name in INLINE.findall(row)} == members


def test_the_python_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np
    import pandas as pd

    from sfvisuals.io import discover, read_run

    (example,) = (
        b for language, b in FENCED.findall((REPOSITORY / "README.md").read_text()) if language == "python"
    )
    monkeypatch.chdir(tmp_path)
    samples = pd.DataFrame({"study": ["validation", "clinic_a", "clinic_b"] * 4, "label": [0, 1] * 6})
    chance = np.random.default_rng(0)
    given = {
        "samples": samples,
        "logits": chance.normal(size=(12, 2)),
        "features": chance.normal(size=(12, 5)),
    }
    exec(compile(example, "README.md", "exec"), given)
    (ref,) = discover(tmp_path)
    assert (ref.name, read_run(ref).n) == ("my-run", 12)


def test_the_yaml_example_of_the_readme_is_a_valid_sidecar() -> None:
    import jsonschema
    import yaml

    from sfvisuals.io.schemas import schema

    (example,) = (
        b for language, b in FENCED.findall((REPOSITORY / "README.md").read_text()) if language == "yaml"
    )
    jsonschema.validate(yaml.safe_load(example), schema("sidecar"))
