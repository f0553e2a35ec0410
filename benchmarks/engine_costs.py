"""What two promises of the engine cost in the benchmark's rows: ``python benchmarks/engine_costs.py [--rounds N]``.

The derivative of ``tanh`` is accurate where ``1 - y*y`` has no correct digit, and inputs and constants are copied, so
that nobody can write into what the way back needs.  The rows that have much of both are measured as they are and with
each promise broken, in turn, as ratios to the gradient by hand.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
from engine import built, in_environment

ROWS = (
    "sum(tanh(x*sin(x))*exp(-x*x)), 10^6",
    "128-256-10 perceptron, cross-entropy, batch 64",
    "200 steps of h = tanh(W @ h), 8 units",
)
BROKEN = {"as it is": (), "without copies": ("copies",), "with 1 - y*y": ("slope",), "both": ("copies", "slope")}


@contextmanager
def broken(promises: tuple[str, ...]) -> Iterator[None]:
    """The engine without some of its promises."""
    from autodiff import transforms
    from autodiff.declare.op import TABLE

    def uncopied(x: Any, f: Any, place: int) -> Any:
        return transforms.wrap(x, transforms.Node(x.shape, x.dtype))

    tanh: Any = TABLE["tanh"]
    with ExitStack() as stack:
        if "copies" in promises:
            stack.enter_context(patch.object(transforms, "_input", uncopied))
            recording = sys.modules["autodiff.record.recording"]
            stack.enter_context(patch.object(recording, "constant", lambda x: x))
        if "slope" in promises:
            stack.enter_context(patch.object(tanh, "rules", (lambda g, y, x: g * (1.0 - y * y),)))
        tanh.plans.clear()
        try:
            yield
        finally:
            tanh.plans.clear()


def medians(row: str, rounds: int) -> dict[str, float]:
    """The median time of a call by hand and of ours in every way, in an order that changes from round to round."""
    calls = built(row, ["autodiff"])
    ways = ["by hand", *BROKEN]
    times: dict[str, list[float]] = {way: [] for way in ways}
    repeats = 1 if "10^6" in row else 8
    for _ in range(rounds):
        random.shuffle(ways)
        for way in ways:
            with broken(BROKEN.get(way, ())):
                call = calls["hand" if way == "by hand" else "autodiff"]
                call()
                start = process_time()
                for _ in range(repeats):
                    call()
                times[way].append((process_time() - start) / repeats)
    return {way: statistics.median(taken) for way, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    in_environment()
    np.ones(4_000_000)  # with so much to spare, the allocator takes no fresh pages any more
    print(f"{'':48}" + "".join(f"{way:>16}" for way in BROKEN))
    for row in ROWS:
        times = medians(row, options.rounds)
        print(f"{row:48}" + "".join(f"{times[way] / times['by hand']:16.2f}" for way in BROKEN), flush=True)


if __name__ == "__main__":
    main()
