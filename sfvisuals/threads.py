"""Heavy arithmetic on one thread: the same digits on every machine, and no threads that wait for each other.

With several threads the order of additions, and so the last digit of a sum, depends on how many there are.
Small matrix products gain nothing from a second thread, and where other work fills the cores they take many
times as long: each of the threads spins until the last one was given a core.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra and scikit-learn on one thread inside; may be nested.

    The pool of OpenMP belongs to the thread that asks. That of the linear algebra is one for the process and
    belongs to the first inside (`threadpoolctl`), so it is wide again once that one has left.
    """
    with _pools().limit(limits=1):
        yield


@functools.cache
def _pools() -> Any:
    """The thread pools of this process, looked up once: the look-up costs more than a small fit."""
    # loaded before they are looked for: what is not there yet would not be narrowed later
    import sklearn.cluster  # noqa: F401
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # comes with scikit-learn

    return ThreadpoolController()
