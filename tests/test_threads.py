"""One thread inside, also where it is nested; afterwards as many as before."""

from __future__ import annotations

import threading

from sfvisuals.threads import _pools, one_thread


def counts() -> list[int]:
    """Numbers of threads of every pool of the process, seen from the thread that asks."""
    found = [pool["num_threads"] for pool in _pools().info()]
    assert found
    return found


def test_inside_everything_has_one_thread_and_afterwards_as_many_as_before() -> None:
    before = counts()
    with one_thread():
        with one_thread():
            assert set(counts()) == {1}
        assert set(counts()) == {1}
    assert counts() == before


def test_two_threads_inside_at_once_have_one_thread_each_and_leave_as_many_as_before() -> None:
    before = counts()
    seen: list[set[int]] = []

    def other() -> None:
        with one_thread():
            seen.append(set(counts()))

    with one_thread():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert set(counts()) == {1}
    assert seen == [{1}]
    assert counts() == before
