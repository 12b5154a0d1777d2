"""The wheel: what it puts into site-packages, and that it works where there is no checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import fetch, fetch_json, served
from sfvisuals import __version__

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without touching it."""
    out = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(out),
        str(REPOSITORY),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def empty_place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel, which borrows its dependencies from the tests' own one.

    They are lent by a .pth file, so that nothing is downloaded. It does not run the lender's .pth files:
    the editable checkout there stays out of sight.
    """
    place = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    (Path(site_packages(place)) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        str(place / "bin" / "python"),
    ]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    return place


def site_packages(place: Path) -> str:
    """The folder of that environment into which packages are installed."""
    return sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)})


def run_there(place: Path, cwd: Path, *command: str) -> str:
    """Output of a command of the environment, started outside the checkout."""
    done = subprocess.run(
        [str(place / "bin" / command[0]), *command[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_it_puts_nothing_but_two_packages_at_the_top_level(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names_in(wheel)}
    assert top == {"sfvisuals", "app", f"sfvisuals-{__version__}.dist-info"}


def files_below(folder: str) -> Iterator[str]:
    """Files of a folder of the checkout that git knows or would add, relative to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    yield from (line.removeprefix(folder + "/") for line in listed.stdout.splitlines())


@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        ("sfvisuals", "sfvisuals"),
        ("app", "app"),
        ("assets", "app/assets"),
        ("data_schema", "sfvisuals/data_schema"),
    ],
)
def test_every_file_of_the_sources_is_inside(wheel: Path, folder: str, inside: str) -> None:
    expected = {f"{inside}/{name}" for name in files_below(folder)}
    assert expected
    assert expected <= set(names_in(wheel))


def test_it_holds_nothing_that_was_compiled_or_cached(wheel: Path) -> None:
    assert [n for n in names_in(wheel) if "__pycache__" in n or n.endswith(".pyc")] == []


def test_its_version_is_the_one_of_the_library(wheel: Path) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
    assert wheel.name == f"sfvisuals-{__version__}-py3-none-any.whl"


def test_an_editable_install_copies_no_sources(tmp_path: Path) -> None:
    code = "import hatchling.build, sys; print(hatchling.build.build_editable(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    names = names_in(tmp_path / done.stdout.strip())
    assert [n for n in names if ".dist-info/" not in n] == ["_sfvisuals.pth"]


def test_the_command_answers_where_there_is_no_checkout(empty_place: Path, tmp_path: Path) -> None:
    assert run_there(empty_place, tmp_path, "sfvisuals", "--version").strip() == f"sfvisuals {__version__}"
    assert "serve" in run_there(empty_place, tmp_path, "sfvisuals", "--help")
    where = run_there(
        empty_place,
        tmp_path,
        "python",
        "-c",
        "import app, sfvisuals; print(app.__file__, sfvisuals.__file__)",
    )
    assert all(Path(file).is_relative_to(empty_place) for file in where.split())


def test_it_makes_the_demo_checks_and_serves_it(empty_place: Path, tmp_path: Path) -> None:
    run = tmp_path / "digits"
    run_there(empty_place, tmp_path, "sfvisuals", "demo", "digits", "--out", str(run))
    assert "digits" in run_there(empty_place, tmp_path, "sfvisuals", "check", str(run))
    command = [
        *(str(empty_place / "bin" / "sfvisuals"), "serve", str(run), "--port", "0", "--no-browser"),
        *("--cache-dir", str(tmp_path / "cache")),
    ]
    with served(command, cwd=tmp_path) as address:
        assert fetch_json(f"{address}/health") == {"status": "ok", "runs": 1}
        page = fetch(address).decode()
        assert "sfvisuals" in page
        assert "/assets/" in page, "the page names its style sheets and scripts"
        assert fetch(f"{address}/runs/digits/images/0") == (run / "images/00/00000.png").read_bytes()


def test_the_demo_that_ships_opens_with_its_maps_and_without_torch(empty_place: Path, tmp_path: Path) -> None:
    command = [
        *(str(empty_place / "bin" / "sfvisuals"), "demo", "--port", "0", "--no-browser"),
        *("--cache-dir", str(tmp_path / "cache")),
    ]
    with served(command, cwd=tmp_path) as address:
        assert fetch_json(f"{address}/health") == {"status": "ok", "runs": 3}
        for run in ("confidnet", "deep_gamblers", "devries"):
            for kind in ("umap", "umap3"):
                assert fetch_json(f"{address}/runs/{run}/projections/{kind}")["state"] == "ready"
        assert fetch(f"{address}/runs/confidnet/images/0")[:4] == b"RIFF", "a WebP file"


def test_the_wheel_holds_the_demo_and_stays_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.compress_size for entry in archive.infolist()}
    assert 1_000_000 < sizes["sfvisuals/demo/dermoscopy.zip"] <= 15_000_000
    assert sum(sizes.values()) < 16_500_000
