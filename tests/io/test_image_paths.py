"""Image paths: what is found, and what must never be."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from app.settings import parse_path_map
from sfvisuals.io.image_paths import LIST_FROM, ImagePaths


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with three files, and a secret beside it."""
    folder = tmp_path / "lab"
    for name in ("pneu/test/00001.png", "pneu/test/two..dots.png", "flat.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    (tmp_path / "secret.png").write_bytes(b"secret")
    return folder


def test_a_relative_path_is_found_as_it_is(root: Path) -> None:
    assert ImagePaths([root]).resolve("pneu/test/00001.png") == root / "pneu/test/00001.png"


def test_two_dots_inside_a_name_are_a_name(root: Path) -> None:
    assert ImagePaths([root]).resolve("pneu/test/two..dots.png") == root / "pneu/test/two..dots.png"


@pytest.mark.parametrize(
    "attack",
    [
        "../secret.png",
        "pneu/../../secret.png",
        "pneu/../flat.png",
        "/etc/passwd",
        "/../secret.png",
        "//etc//passwd",
        "..",
        ".",
        "/",
        "",
        "pneu",
        "pneu/test/00001.png/",
        "pneu\\test\\00001.png",
        "..\\secret.png",
        "flat.png\x00.jpg",
        "flat.png\n",
        "\x00",
        "%2e%2e/secret.png",
        "..%2fsecret.png",
        "%252e%252e%252fsecret.png",
        "..%c0%afsecret.png",
        "\uff0e\uff0e/secret.png",
        "\udcff\ud800.png",
        "file:///etc/passwd",
        "http://127.0.0.1/flat.png",
        "~/secret.png",
        "$HOME/secret.png",
        "a/" * 3000 + "x.png",
        "x" * 5000,
        None,
        7,
        float("nan"),
    ],
)
def test_a_path_that_would_lead_astray_gives_nothing(root: Path, attack: object) -> None:
    paths = ImagePaths([root])
    assert paths.resolve(attack) is None
    assert not paths.resolve_many([attack] * (LIST_FROM + 1)).any()


def test_the_whole_path_of_a_file_outside_the_roots_gives_nothing(root: Path, tmp_path: Path) -> None:
    assert ImagePaths([root]).resolve(str(tmp_path / "secret.png")) is None


def test_the_whole_path_of_a_file_below_a_root_is_found(root: Path) -> None:
    assert ImagePaths([root]).resolve(str(root / "flat.png")) == root / "flat.png"


def test_a_root_whose_name_begins_alike_is_another_folder(root: Path, tmp_path: Path) -> None:
    (tmp_path / "laboratory").mkdir()
    (tmp_path / "laboratory/x.png").write_bytes(b"x")
    (root / "link.png").symlink_to(tmp_path / "laboratory/x.png")
    assert ImagePaths([root]).resolve("link.png") is None


def test_a_link_out_of_all_roots_is_refused_and_one_into_another_root_is_followed(
    root: Path, tmp_path: Path
) -> None:
    (root / "out.png").symlink_to(tmp_path / "secret.png")
    (root / "out").symlink_to(tmp_path)
    assert ImagePaths([root]).resolve("out.png") is None
    assert ImagePaths([root]).resolve("out/secret.png") is None
    other = tmp_path / "other"
    other.mkdir()
    (other / "far.png").write_bytes(b"x")
    (root / "far.png").symlink_to(other / "far.png")
    (root / "farther").symlink_to(other)
    assert ImagePaths([root]).resolve("far.png") is None
    both = ImagePaths([root, other])
    assert both.resolve("farther/far.png") == other / "far.png"
    many = ["far.png", "out.png", "out/secret.png", "farther/far.png"] * LIST_FROM
    assert both.resolve_many(many).reshape(-1, 4).tolist() == [[True, False, False, True]] * LIST_FROM


def test_a_root_may_itself_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    assert ImagePaths([tmp_path / "alias"]).resolve("flat.png") == root / "flat.png"


def test_a_loop_of_links_a_pipe_and_a_folder_are_no_images(root: Path) -> None:
    (root / "loop.png").symlink_to(root / "loop.png")
    os.mkfifo(root / "pipe.png")
    (root / "folder.png").mkdir()
    paths = ImagePaths([root])
    names = ["loop.png", "pipe.png", "folder.png"]
    assert [paths.resolve(name) for name in names] == [None, None, None]
    assert not paths.resolve_many(names * LIST_FROM).any()


def test_an_absolute_cluster_path_is_found_by_its_longest_existing_end(root: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    (second / "test").mkdir(parents=True)
    (second / "test/00001.png").write_bytes(b"shorter end")
    paths = ImagePaths([second, root])
    # second/test/00001.png keeps two components of the path, lab/pneu/test/00001.png keeps three
    assert paths.resolve("/cluster/gpu/pneu/test/00001.png") == root / "pneu/test/00001.png"
    assert paths.resolve("/cluster/gpu/pneu/test/00002.png") is None
    assert paths.resolve("C:/lab/pneu/test/00001.png") == root / "pneu/test/00001.png"


def test_a_relative_path_is_not_shortened_until_it_fits(root: Path) -> None:
    assert ImagePaths([root]).resolve("elsewhere/flat.png") is None


def test_a_relative_path_goes_through_the_path_maps_whose_beginning_is_relative(
    root: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "00001.png").write_bytes(b"mapped")
    texts = ["pneu/test/00001.png", "./pneu/test/00001.png"]
    paths = ImagePaths([root], path_maps=[("pneu/test", str(new))])
    assert [paths.resolve(text) for text in texts] == [new / "00001.png"] * 2
    assert paths.resolve_many(texts).all()
    absolute = ImagePaths([root], path_maps=[("/pneu/test", str(new))])
    assert absolute.resolve("pneu/test/00001.png") == root / "pneu/test/00001.png"
    assert absolute.resolve("/pneu/test/00001.png") == new / "00001.png"


def test_the_new_beginning_of_a_path_map_counts_from_the_current_folder_where_it_lies_there(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.png").write_bytes(b"mapped")
    monkeypatch.chdir(tmp_path)
    maps = [parse_path_map("/cluster=mine"), parse_path_map("/data/x=pneu"), parse_path_map("/old=")]
    assert maps == [("/cluster", str(tmp_path / "mine")), ("/data/x", "pneu"), ("/old", "")]
    paths = ImagePaths([root], path_maps=maps)
    assert paths.resolve("/cluster/a.png") == tmp_path / "mine" / "a.png"
    assert paths.resolve("/data/x/test/00001.png") == root / "pneu/test/00001.png"


def test_a_path_map_replaces_whole_components_and_comes_before_the_search(root: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    (new / "pneu/test").mkdir(parents=True)
    (new / "pneu/test/00001.png").write_bytes(b"mapped")
    paths = ImagePaths([root], path_maps=[("/cluster/gpu/", str(new))])
    assert paths.resolve("/cluster/gpu/pneu/test/00001.png") == new / "pneu/test/00001.png"
    assert paths.resolve("/cluster/gpu2/pneu/test/00001.png") == root / "pneu/test/00001.png"
    assert paths.resolve("/cluster/gpu/../secret.png") is None
    relative = ImagePaths([root], path_maps=[("/data/x", "pneu")])
    assert relative.resolve("/data/x/test/00001.png") == root / "pneu/test/00001.png"


def test_the_run_folder_counts_for_that_run_only(root: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "images").mkdir(parents=True)
    (run / "images/1.png").write_bytes(b"x")
    paths = ImagePaths([root])
    assert paths.resolve("images/1.png") is None
    assert paths.resolve("images/1.png", base=run) == run / "images/1.png"
    assert paths.resolve("../secret.png", base=run) is None
    assert paths.resolve_many(["images/1.png", "images/2.png"], base=run).tolist() == [True, False]


def test_many_paths_agree_with_one_at_a_time(root: Path) -> None:
    for number in range(100):
        (root / f"{number:05d}.png").write_bytes(b"x")
    (root / "copy.png").symlink_to(root / "flat.png")
    paths = ImagePaths([root])
    texts = [f"{n:05d}.png" for n in range(0, 200, 2)] + [
        "copy.png",
        "pneu/test/00001.png",
        "/x/flat.png",
        None,
    ]
    one_by_one = np.array([paths.resolve(text) is not None for text in texts])
    assert paths.resolve_many(texts).tolist() == one_by_one.tolist()
    assert one_by_one.sum() == 50 + 3


@pytest.mark.shared
def test_every_image_of_the_reference_experiments_is_found(shared: Path) -> None:
    images = shared / "experiments/images"
    files = [p.relative_to(images).as_posix() for p in sorted(images.rglob("*")) if p.is_file()]
    dotted = [name for name in files if ".." in name]
    assert dotted, "the reference material has names with two dots in them"
    paths = ImagePaths([images])
    assert paths.resolve_many(files).all()
    assert paths.resolve_many([f"/cluster/somebody/{name}" for name in files]).all()
    assert all(paths.resolve(name) is not None for name in dotted)
