"""Metrics and bootstrap in time: all metrics of a million samples, AURC and AUGRC against others, resamples.

python -m benchmarks.bench_metrics [--repeats 5]

The legacy loop is ours, written from the description of fd-shifts' first AURC: one Python step per sample,
one point per distinct score. torch-uncertainty's module is loaded by its file, since importing the package
needs torchvision; where it or what it imports is not installed, that comparison is left out, with words.
Everything compared runs in the same process on the same arrays, in turn.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from benchmarks.report import Figure, machine, table
from sfvisuals.metrics import METRICS, augrc, aurc, bootstrap, compute_metrics, rank

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MANY, COMPARED, RESAMPLED, SCORES = 1_000_000, 100_000, 10_000, 9
# samples and classes of the resamples of every metric
ALL_RESAMPLED = ((500, 2), (3_000, 9), (10_000, 9), (16_000, 1_139))
TIMES_FASTER = 20.0
NAMED = "TORCH_UNCERTAINTY_RISK_COVERAGE"


def samples(n: int, *, seed: int, classes: int = 5) -> tuple[Floats, Bools, npt.NDArray[np.int64], Floats]:
    """MSR, failures, labels and softmax of a calibrated model."""
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(classes, 0.5), n)
    labels = (probabilities.cumsum(axis=1) > random.random(n)[:, None]).argmax(axis=1)
    return probabilities.max(axis=1), probabilities.argmax(axis=1) != labels, labels, probabilities


def seconds(call: Callable[[], object], repeats: int) -> tuple[float, ...]:
    """Wall time of each of several calls, after one that does not count."""
    call()
    measured = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        measured.append(time.perf_counter() - start)
    return tuple(measured)


def legacy_areas(values: Floats, failure: Bools) -> tuple[float, float]:
    """AURC and AUGRC by walking from the least confident sample up."""
    order = np.argsort(values)
    left, wrong = len(values), int(failure.sum())
    coverages, risks = [1.0], [wrong / left]
    for i in range(len(order) - 1):
        left -= 1
        wrong -= int(failure[order[i]])
        if values[order[i]] != values[order[i + 1]]:
            coverages.append(left / len(values))
            risks.append(wrong / left)
    coverages.append(0.0)
    risks.append(risks[-1])
    area = generalized = 0.0
    for i in range(len(risks) - 1):
        width = coverages[i] - coverages[i + 1]
        area += width * (risks[i] + risks[i + 1]) / 2
        generalized += width * (risks[i] * coverages[i] + risks[i + 1] * coverages[i + 1]) / 2
    return area, generalized


def torch_uncertainty() -> ModuleType | None:
    """Its module of risk-coverage metrics, or None where it cannot be had."""
    named = os.environ.get(NAMED)
    if named:
        file = Path(named)
    else:
        package = importlib.util.find_spec("torch_uncertainty")
        if package is None or package.origin is None:
            return None
        file = Path(package.origin).parent / "metrics/classification/risk_coverage.py"
    spec = importlib.util.spec_from_file_location("risk_coverage_of_torch_uncertainty", file)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        print(f"{file} cannot be loaded: {error}\n")
        return None
    return module


def compare(repeats: int) -> list[Figure]:
    """AURC and AUGRC of 100,000 samples: ours, the loop, torch-uncertainty."""
    values, failure, labels, probabilities = samples(COMPARED, seed=1)

    def ours() -> tuple[float | None, float | None]:
        ranked = rank(values, failure)
        return aurc(ranked).value, augrc(ranked).value

    mine = seconds(ours, repeats)
    loop = seconds(lambda: legacy_areas(values, failure), min(repeats, 3))
    np.testing.assert_allclose(ours(), legacy_areas(values, failure), rtol=1e-9)
    figures = [
        _milliseconds("AURC and AUGRC of 100,000 samples, ours", mine),
        _milliseconds("the same, the loop", loop),
        Figure("times faster than the loop", (_ratio(loop, mine),), "x", TIMES_FASTER, at_least=True),
    ]
    module = torch_uncertainty()
    if module is None:
        print(
            "torch-uncertainty is not installed (or named by TORCH_UNCERTAINTY_RISK_COVERAGE): not compared\n"
        )
        return figures
    return figures + _against(module, probabilities, labels, ours, repeats)


def _against(
    module: ModuleType,
    probabilities: Floats,
    labels: npt.NDArray[np.int64],
    ours: Callable[[], object],
    repeats: int,
) -> list[Figure]:
    import torch

    # one thread each: with two, either waits for the other on a busy machine
    torch.set_num_threads(1)
    softmax, targets = torch.from_numpy(probabilities), torch.from_numpy(labels)
    filled = {}
    for name in ("AURC", "AUGRC"):
        filled[name] = getattr(module, name)()
        filled[name].update(softmax, targets)

    def theirs() -> list[float]:
        # `_computed` is the answer that torchmetrics keeps; without it every call computes
        answers = []
        for metric in filled.values():
            metric._computed = None
            answers.append(float(metric.compute()))
        return answers

    ours_now, theirs_now = seconds(ours, repeats), seconds(theirs, repeats)
    return [
        _milliseconds("the same, torch-uncertainty (argmax of the softmax not counted)", theirs_now),
        Figure(
            "times as fast as torch-uncertainty", (_ratio(theirs_now, ours_now),), "x", 1.0, at_least=True
        ),
    ]


def resample(repeats: int) -> list[Figure]:
    """1,000 resamples of AURC and AUGRC for nine scores of 10,000 samples, untied and tied."""
    random = np.random.default_rng(2)
    failure = random.random(RESAMPLED) < 0.2
    figures = []
    for name, levels in (("all different", 0), ("float16-like ties", 2000)):
        scores = {}
        for score in range(SCORES):
            values = random.normal(size=RESAMPLED) - failure * score / 4
            scores[f"s{score}"] = rank(np.round(values * levels) / levels if levels else values, failure)

        text = f"1,000 resamples of AURC and AUGRC, 9 scores of 10,000, {name}"
        run = partial(bootstrap, scores, ("aurc", "augrc"), resamples=1000)
        figures.append(Figure(text, seconds(run, min(repeats, 3)), "s", 10.0))
    return figures


def resample_all(repeats: int) -> list[Figure]:
    """1,000 resamples of every metric of one score."""
    figures = []
    for n, classes in ALL_RESAMPLED:
        values, failure, labels, probabilities = samples(n, seed=3, classes=classes)
        ranked = rank(values, failure, labels=labels, probabilities=probabilities)
        run = partial(bootstrap, {"score": ranked}, tuple(m.key for m in METRICS), resamples=1000)
        text = f"1,000 resamples of all {len(METRICS)} metrics, one score of {n:,}, {classes:,} classes"
        figures.append(Figure(text, seconds(run, min(repeats, 3)), "s"))
    return figures


def _milliseconds(name: str, measured: tuple[float, ...]) -> Figure:
    return Figure(name, tuple(1000 * value for value in measured), "ms")


def _ratio(slow: tuple[float, ...], fast: tuple[float, ...]) -> float:
    return float(np.median(slow) / np.median(fast))


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench_metrics",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    values, failure, labels, probabilities = samples(MANY, seed=0)
    everything = seconds(
        lambda: compute_metrics(values, failure, labels=labels, probabilities=probabilities), repeats
    )
    tied = np.round(values * 2048) / 2048
    half = seconds(
        lambda: compute_metrics(tied, failure, labels=labels, probabilities=probabilities), repeats
    )
    figures = [
        Figure(f"all {len(METRICS)} metrics of one score, 1,000,000 samples", everything, "s", 1.0),
        Figure("the same with ties (2,048 levels)", half, "s", 1.0),
        *compare(repeats),
        *resample(repeats),
        *resample_all(repeats),
    ]
    print(machine() + "\n")
    print(table("Metrics and bootstrap", figures))


if __name__ == "__main__":
    main()
