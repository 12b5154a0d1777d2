"""Seeds, and silence for what Lightning says about itself."""

from __future__ import annotations

import logging
import os
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

LOGGERS = ("lightning.pytorch.utilities.rank_zero", "lightning.pytorch.accelerators.cuda", "lightning.fabric")
VARIABLES = ("PL_GLOBAL_SEED", "PL_SEED_WORKERS", "CUBLAS_WORKSPACE_CONFIG")
# Advice that does not hold here: small data sets need no workers, short epochs log nothing by step, a
# training goes on in the folder in which it was interrupted, and what has no deterministic form on a GPU is
# used as it is.
ADVICE = (
    r"The '\w+_dataloader' does not have many workers",
    r"The number of training batches \(\d+\) is smaller than the logging interval",
    r"Checkpoint directory .* exists and is not empty",
    r".* does not have a deterministic implementation",
    # ConfidNet's frozen classifier.
    r"Found \d+ module\(s\) in eval mode at the start of training",
    r"You're resuming from a checkpoint that ended before the epoch ended",
    # Lightning calls what newer versions of torch call otherwise.
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
)


@contextmanager
def quiet() -> Iterator[None]:
    """Within it Lightning keeps its tips and the advice listed above to itself; all else is heard."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.WARNING)
        with warnings.catch_warnings():
            for message in ADVICE:
                warnings.filterwarnings("ignore", message=message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it all random numbers follow from the seed; afterwards they go on as if nothing had happened."""
    with quiet():
        from lightning.pytorch import seed_everything

    before = (
        random.getstate(),
        np.random.get_state(),  # noqa: NPY002 - Lightning seeds the old generator too
        torch.random.get_rng_state(),
    )
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
    variables = {name: os.environ.get(name) for name in VARIABLES}
    try:
        seed_everything(seed, workers=True, verbose=False)
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002 - as above
        torch.random.set_rng_state(before[2])
        torch.use_deterministic_algorithms(deterministic, warn_only=only_warns)
        for name, value in variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
