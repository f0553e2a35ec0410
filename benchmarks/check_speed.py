"""What a check costs: time and memory, beside the engine's value and gradient and PyTorch's gradcheck.

    python -m benchmarks.check_speed [--json FILE] [rounds]

Everything is measured in turn in one process, warm; times are processor time, medians of the rounds. ``gradcheck`` is
given the same program on PyTorch's tensors; its slow mode takes a difference by every element, so that it is asked at 4
elements only, its fast mode compares one number. Every element is compared by ours. Memory is the peak that
tracemalloc sees, as a multiple of what the inputs take.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

import autodiff as ad
from benchmarks.results import keep
from symdiff import check_gradients

Array = np.ndarray[Any, Any]
ONES = np.ones((8, 64))
MILLISECONDS = {("mean of squares", 4): 5, ("cross-entropy", 4): 5, ("mean of squares", 4096): 10}
MILLISECONDS |= {("cross-entropy", 4096): 10, ("perceptron", 4096): 40, ("attention", 4096): 40}
"""What is to be reached, by program and elements; at a million 10 times the engine and 12 times the input's memory."""
TIMES, MEMORY = 10, 12
LEAST = 0.02
"""Shorter works are repeated until they take so many seconds: the clock's tick is no part of them."""


def mean_of_squares(m: Any, x: Any) -> Any:
    """The opening example; ``m`` is the module whose functions are called."""
    return m.mean(x * x)


def cross_entropy(m: Any, x: Any) -> Any:
    """As it is written out by hand."""
    return -m.sum(m.log(m.exp(x) / m.sum(m.exp(x)))) / x.shape[0]


def perceptron(m: Any, W: Any) -> Any:
    """One layer, by its weights."""
    ones, zero = (ONES, 0.0) if m is ad else (m.as_tensor(ONES), m.zeros(1, dtype=W.dtype))
    return m.sum(m.maximum(ones @ W, zero) ** 2)


def attention(m: Any, Q: Any, K: Any, V: Any) -> Any:
    """Softmax of the rows of QKᵀ, without a shift, times V; its squares summed."""
    E = m.exp(Q @ K.T / 8.0)
    return m.sum((E / m.sum(E, axis=1, keepdims=True) @ V) ** 2)


@dataclass(frozen=True)
class Work:
    """A program at its point."""

    name: str
    program: Callable[..., Any]
    inputs: tuple[Array, ...]

    @property
    def elements(self) -> int:
        """Of the largest input."""
        return max(each.size for each in self.inputs)


def works() -> list[Work]:
    """The programs, small, medium and large; inputs are normal."""
    normal = np.random.default_rng(0).normal
    pairs = (("mean of squares", mean_of_squares), ("cross-entropy", cross_entropy))
    small, medium, large = ([Work(name, f, (normal(size=n),)) for name, f in pairs] for n in (4, 4096, 10**6))
    layers = [
        Work("perceptron", perceptron, (normal(size=(64, 64)),)),
        Work("attention", attention, tuple(normal(size=(64, 64)) for _ in range(3))),
    ]
    return [*small, *medium, *layers, *large]


def seconds(work: Callable[[], object]) -> float:
    """The processor time of one run."""
    began = time.process_time()
    count = 0
    while True:
        work()
        count += 1
        taken = time.process_time() - began
        if taken >= LEAST:
            return taken / count


def _gradchecks(work: Work) -> dict[str, Callable[[], object]]:
    import torch

    inputs = tuple(torch.tensor(each, requires_grad=True) for each in work.inputs)

    def asked(fast: bool) -> object:
        return torch.autograd.gradcheck(
            lambda *xs: work.program(torch, *xs), inputs, fast_mode=fast, raise_exception=False
        )

    modes = {"gradcheck, fast": lambda: asked(True)}
    return modes | ({"gradcheck, slow": lambda: asked(False)} if work.elements == 4 else {})


def measured(work: Work, rounds: int) -> dict[str, Any]:
    """One row: medians in seconds by what was measured, memory, the verdict."""

    def program(*xs: Any) -> Any:
        return work.program(ad, *xs)

    engine = ad.value_and_grad(program, argnums=tuple(range(len(work.inputs))))
    report = check_gradients(program, *work.inputs)
    assert sum(each.verdicts.size for each in report.inputs.values()) == sum(each.size for each in work.inputs)
    runs: dict[str, Callable[[], object]] = {
        "check": lambda: check_gradients(program, *work.inputs),
        "engine": lambda: engine(*work.inputs),
    }
    if find_spec("torch") is not None:
        runs |= _gradchecks(work)
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            taken[name].append(seconds(run))
    gc.collect()
    tracemalloc.start()
    check_gradients(program, *work.inputs)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "program": work.name,
        "elements": work.elements,
        "verdict": str(report.verdict),
        "seconds": {name: statistics.median(each) for name, each in taken.items()},
        "memory": peak / sum(each.nbytes for each in work.inputs),
    }


def main() -> int:
    """Prints the table; the status says whether everything is reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=9)
    parser.add_argument("--json", metavar="FILE", help="write what was measured to this file, too")
    options = parser.parse_args()
    rows, reached = [], True
    for work in works():
        row = measured(work, options.rounds)
        rows.append(row)
        taken = row["seconds"]
        ratio = taken["check"] / taken["engine"]
        wanted = MILLISECONDS.get((row["program"], row["elements"]))
        if wanted is None:
            fine = ratio <= TIMES and row["memory"] <= MEMORY
            goal = f"{TIMES} times, memory {MEMORY}"
        else:
            fine, goal = taken["check"] * 1e3 <= wanted, f"{wanted} ms"
        reached &= fine
        others = "  ".join(f"{name} {each * 1e3:.2f} ms" for name, each in taken.items() if "gradcheck" in name)
        print(
            f"{row['program']:16} {row['elements']:8} {row['verdict']:8} check {taken['check'] * 1e3:8.2f} ms, "
            f"{ratio:6.1f} times the engine, memory {row['memory']:7.1f}; to reach {goal}: "
            f"{'yes' if fine else 'no'}  {others}",
            flush=True,
        )
    if options.json:
        keep(options.json, {"rounds": options.rounds, "rows": rows})
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
