"""Image attributes in time: one picture of 96 and of 512 pixels.

python -m benchmarks.bench_attributes [--repeats 5]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import numpy.typing as npt

from benchmarks.report import Figure, machine, table
from sfvisuals.demo.dermoscopy import draw, plan
from sfvisuals.image_attributes import measure

PICTURES = 40
TARGET_MS = 6.0


def milliseconds(pictures: npt.NDArray[np.uint8], repeats: int) -> tuple[float, ...]:
    """CPU time of one picture, the mean over all, in each repetition."""
    measure(pictures[0])
    found = []
    for _ in range(repeats):
        start = time.process_time()
        for picture in pictures:
            measure(picture)
        found.append(1000 * (time.process_time() - start) / len(pictures))
    return tuple(found)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    small = draw(plan(0).iloc[:PICTURES])
    large = np.repeat(np.repeat(small[: PICTURES // 4], 6, axis=1), 6, axis=2)[:, :512, :512]
    print(machine() + "\n")
    print(
        table(
            "Image attributes, CPU time of one picture",
            [
                Figure("all attributes of 96 x 96 pixels", milliseconds(small, repeats), "ms", TARGET_MS),
                Figure("all attributes of 512 x 512 pixels", milliseconds(large, repeats), "ms"),
            ],
        )
    )


if __name__ == "__main__":
    main()
