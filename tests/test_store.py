"""The store keeps whole entries, survives damage, and lets processes meet at one key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest

from sfvisuals.errors import SettingsError
from sfvisuals.store import Entry, Store


class Kind(StrEnum):
    """A closed choice, as keys hold them."""

    UMAP = "umap"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store whose folder does not exist yet."""
    return Store(tmp_path / "cache")


def leftovers(store: Store) -> list[Path]:
    """Temporary folders that a write or removal left behind."""
    return list(store.root.glob("**/.tmp-*"))


def test_what_was_put_comes_back_as_read_only_memory_maps(store: Store) -> None:
    key = store.key("fingerprint", 15)
    xy = np.arange(6, dtype=np.float32).reshape(3, 2)
    store.put("projection", key, arrays={"xy": xy, "empty": np.empty((0, 2))}, meta={"seed": 0})
    entry = store.get("projection", key)
    assert entry is not None
    np.testing.assert_array_equal(entry.arrays["xy"], xy)
    assert entry.arrays["xy"].dtype == np.float32
    assert isinstance(entry.arrays["xy"], np.memmap)
    assert entry.arrays["empty"].shape == (0, 2)
    assert entry.meta == {"seed": 0}
    with pytest.raises(ValueError, match="read-only"):
        entry.arrays["xy"][0] = 1


def test_arrays_in_column_order_come_back_equal(store: Store) -> None:
    columns = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(store.put("k", "a", arrays={"x": columns}).arrays["x"], columns)


def test_what_was_never_put_is_none(store: Store) -> None:
    assert store.get("projection", "none") is None
    assert not store.root.exists()


def test_a_key_is_the_same_in_another_process(store: Store) -> None:
    program = (
        "import numpy as np; from sfvisuals.store import Store;"
        "print(Store.key('a', 1, {'y': 2, 'x': None}, np.arange(3)))"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == store.key("a", 1, {"x": None, "y": 2}, np.arange(3))


def test_keys_differ_with_every_part() -> None:
    parts: list[tuple[object, ...]] = [
        (),
        ("1",),
        (1,),
        (1.5,),
        (True,),
        (None,),
        ("a", "b"),
        ("ab",),
        (["a", "b"],),
        ({"a": "b"},),
        (np.array([1, 2]),),
        (np.array([1, 2], np.int32),),
        (np.array([[1, 2]]),),
        (np.array([2, 1]),),
    ]
    assert len({Store.key(*p) for p in parts}) == len(parts)


def test_equal_parts_give_equal_keys() -> None:
    assert Store.key(Kind.UMAP, (1, 2), np.int64(3)) == Store.key("umap", [1, 2], 3)
    assert Store.key(np.asfortranarray(np.eye(3)[:2])) == Store.key(np.eye(3)[:2])


@pytest.mark.parametrize("part", [object(), {1: 2}, {1, 2}, np.array([None])])
def test_a_part_without_stable_content_is_refused(part: object) -> None:
    with pytest.raises(TypeError):
        Store.key(part)


def test_a_value_is_made_once_and_then_read(store: Store) -> None:
    calls = []

    def make() -> tuple[dict[str, np.ndarray], dict[str, object]]:
        calls.append(1)
        return {"x": np.ones(2)}, {"n": 2}

    for _ in range(3):
        assert store.get_or_make("concepts", "key", make).meta == {"n": 2}
    assert len(calls) == 1


def test_threads_that_want_the_same_value_make_it_once(store: Store) -> None:
    calls = []

    def make() -> tuple[dict[str, np.ndarray], dict[str, object]]:
        calls.append(1)
        time.sleep(0.05)
        return {"x": np.ones(2)}, {}

    threads = [threading.Thread(target=store.get_or_make, args=("k", "key", make)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_failed_make_leaves_nothing_and_may_be_tried_again(store: Store) -> None:
    def fail() -> tuple[dict[str, np.ndarray], dict[str, object]]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.get_or_make("k", "key", fail)
    assert store.get_or_make("k", "key", lambda: ({}, {"ok": True})).meta == {"ok": True}


def truncate(folder: Path) -> None:
    file = folder / "x.npy"
    file.write_bytes(file.read_bytes()[:-8])


def drop_array(folder: Path) -> None:
    (folder / "x.npy").unlink()


def spoil_header(folder: Path) -> None:
    file = folder / "x.npy"
    file.write_bytes(b"\0" * file.stat().st_size)


def spoil_meta(folder: Path) -> None:
    (folder / "meta.json").write_text("{", encoding="utf-8")


def empty_meta(folder: Path) -> None:
    (folder / "meta.json").write_text("{}", encoding="utf-8")


def binary_meta(folder: Path) -> None:
    (folder / "meta.json").write_bytes(b"\xff\xfe\x00")


def drop_meta(folder: Path) -> None:
    (folder / "meta.json").unlink()


def other_version(folder: Path) -> None:
    meta = folder / "meta.json"
    meta.write_text(json.dumps(json.loads(meta.read_text()) | {"version": -1}), encoding="utf-8")


DAMAGES = [truncate, drop_array, spoil_header, spoil_meta, empty_meta, binary_meta, drop_meta, other_version]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_removed_and_made_anew(store: Store, damage: Callable[[Path], None]) -> None:
    store.put("k", "key", arrays={"x": np.arange(4.0)})
    damage(store.folder("k", "key"))
    assert store.get("k", "key") is None
    assert not store.folder("k", "key").exists()
    made = store.get_or_make("k", "key", lambda: ({"x": np.arange(4.0)}, {}))
    np.testing.assert_array_equal(made.arrays["x"], np.arange(4.0))
    assert leftovers(store) == []


def test_putting_onto_a_damaged_entry_replaces_it(store: Store) -> None:
    store.put("k", "key", arrays={"x": np.zeros(4)})
    truncate(store.folder("k", "key"))
    np.testing.assert_array_equal(store.put("k", "key", arrays={"x": np.ones(4)}).arrays["x"], np.ones(4))


def test_a_second_put_of_a_key_gives_way_to_the_first(store: Store) -> None:
    store.put("k", "key", meta={"first": True})
    assert store.put("k", "key", meta={"first": False}).meta == {"first": True}
    assert leftovers(store) == []


def test_an_interrupted_write_leaves_no_entry(store: Store) -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        store.put("k", "key", arrays={"x": np.arange(3), "y": np.array([None])})
    assert store.get("k", "key") is None
    assert leftovers(store) == []


def test_two_processes_may_put_the_same_key_at_once(store: Store) -> None:
    program = (
        "import sys, numpy as np; from pathlib import Path; from sfvisuals.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for i in range(40):\n"
        "    entry = store.put('k', f'key{i}', arrays={'x': np.full(1000, i)}, meta={'i': i})\n"
        "    assert entry.meta == {'i': i} and (entry.arrays['x'] == i).all()\n"
        "    if i % 3 == 0: store.remove('k', f'key{i}')\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(store.root)], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert leftovers(store) == []
    assert store.get("k", "key1") is not None


def test_a_cache_folder_that_cannot_be_written_says_which_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be written") as caught:
        Store(tmp_path / "file" / "cache").put("k", "key", meta={})
    assert "--cache-dir" in caught.value.hint
    assert "file" in caught.value.detail


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\\b", "a\0"])
def test_a_name_cannot_lead_out_of_the_store(store: Store, name: str) -> None:
    with pytest.raises(ValueError):
        store.folder("k", name)
    with pytest.raises(ValueError):
        store.folder(name, "key")
    with pytest.raises(ValueError):
        store.put("k", "key", arrays={name: np.ones(1)})


def test_open_maps_stay_readable_after_removal(store: Store) -> None:
    entry = store.put("k", "key", arrays={"x": np.arange(3)})
    store.remove("k", "key")
    assert store.get("k", "key") is None
    assert entry.arrays["x"].tolist() == [0, 1, 2]


def used_at(store: Store, key: str, when: float) -> Entry:
    """Put an entry of a few kilobytes and say when it was last used."""
    entry = store.put("k", key, arrays={"x": np.zeros(1000)})
    os.utime(store.folder("k", key) / "meta.json", (when, when))
    return entry


def test_pruning_removes_the_least_recently_used_first(store: Store) -> None:
    for key, when in (("old", 10.0), ("older", 5.0), ("new", 20.0)):
        used_at(store, key, when)
    size = store.size()
    assert store.prune(max_bytes=size) == 0
    assert store.prune(max_bytes=size * 2 // 3) > 8000
    assert store.get("k", "older") is None
    assert store.get("k", "old") is not None
    assert store.get("k", "new") is not None


def test_reading_an_entry_counts_as_use(store: Store) -> None:
    used_at(store, "a", 5.0)
    used_at(store, "b", 10.0)
    store.get("k", "a")
    store.prune(max_bytes=store.size() // 2)
    assert store.get("k", "a") is not None
    assert store.get("k", "b") is None


def test_pruning_sweeps_leftovers_older_than_a_day_and_spares_a_write_in_progress(store: Store) -> None:
    store.put("k", "key", meta={})
    stale, fresh = (store.folder("k", "key").parent / f".tmp-{name}" for name in ("stale", "fresh"))
    stale.mkdir()
    fresh.mkdir()
    os.utime(stale, (0, 0))
    store.prune(max_bytes=10**9)
    assert not stale.exists()
    assert fresh.exists()
