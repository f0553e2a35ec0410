"""The engine beside its peers: ``python benchmarks/engine.py [--rounds N] [--only WORD] [--alone] [--json FILE]``.

Value and gradient, each engine in turn in one process and on one thread; medians of interleaved rounds, as ratios to a
gradient written by hand in NumPy, or, of rows that say so, to the function itself.  Time is the processor's, so that
what else runs on the machine counts little.  Peers that are not installed are named and left out.  Libraries that are
loaded change how memory comes and goes for all: with ``--alone`` every engine has a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from engine_work import WORK, chain
from numpy_work import NUMPY_WORK, OVERHEAD, X
from results import keep

# Libraries read these when they are loaded, so that they must stand before the process begins.
OURS = [str(folder) for folder in Path(__file__).resolve().parents[:2]]
OTHERS = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each and each not in OURS]
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "PYTHONPATH": os.pathsep.join([*OURS, *OTHERS]),
}

ALL = {**WORK, **NUMPY_WORK}
ENGINES = ("autodiff", "torch", "mygrad", "autograd", "jax")


def in_environment() -> None:
    """Begin again with :data:`ENVIRONMENT` where the process has another one."""
    if any(os.environ.get(name) != value for name, value in ENVIRONMENT.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ENVIRONMENT)


def installed() -> list[str]:
    return [engine for engine in ENGINES if find_spec(engine) is not None]


def timed(call: Callable[[], Any], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - start) / repeats


def compared(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median time of each call, in rounds that take the calls in turn."""
    repeats = {name: max(1, int(0.02 / max(timed(call, 3), 1e-7))) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            gc.collect()
            times[name].append(timed(call, repeats[name]))
    return {name: statistics.median(taken) for name, taken in times.items()}


def leaves(result: Any) -> list[np.ndarray]:
    """The value and the gradients of a call as a flat list of arrays."""
    if isinstance(result, tuple | list):
        return [leaf for each in result for leaf in leaves(each)]
    return [np.asarray(result.detach() if hasattr(result, "detach") else getattr(result, "data", result), dtype=float)]


def agreeing(calls: dict[str, Callable[[], Any]]) -> None:
    """AssertionError unless all engines compute the same numbers: a benchmark of something else says nothing."""
    calls = {name: call for name, call in calls.items() if name != "forward"}
    wanted = leaves(next(iter(calls.values()))())
    for name, call in calls.items():
        for got, want in zip(leaves(call()), wanted, strict=True):
            np.testing.assert_allclose(got.reshape(want.shape), want, rtol=1e-6, atol=1e-9, err_msg=name)


def built(name: str, engines: list[str]) -> dict[str, Callable[[], Any]]:
    work = ALL[name]()
    return {engine: work[engine]() for engine in ("hand", "forward", *engines) if engine in work}


def ratios(names: list[str], engines: list[str], rounds: int) -> list[dict[str, Any]]:
    """By work what the base takes, in microseconds, and each engine as a multiple of it."""
    width, found = max(map(len, names)), []
    print(f"{'work'.ljust(width)} {'by hand':>12} " + " ".join(engine.rjust(9) for engine in engines))
    for name in names:
        calls = built(name, engines)
        agreeing(calls)
        gc.collect()
        gc.freeze()  # what the engines keep for good is not looked through in the loops of another
        times = compared(calls, rounds)
        hand = times["hand"] if "hand" in times else times["forward"]
        row = [f"{times[e] / hand:9.2f}" if e in times else "        -" for e in engines]
        print(f"{name.ljust(width)} {hand * 1e6:9.1f} us {' '.join(row)}", flush=True)
        found.append(
            {
                "work": name,
                "base": "hand" if "hand" in times else "forward",
                "microseconds": hand * 1e6,
                "ratios": {engine: times[engine] / hand for engine in engines if engine in times},
            }
        )
    return found


def overhead(rounds: int) -> list[dict[str, Any]]:
    """What NumPy's names take beside ours, in microseconds."""
    import autodiff

    found: list[dict[str, Any]] = []
    x = autodiff.tensor(X, requires_grad=True)
    print("\na call on five numbers, in us    NumPy's name   ours   more")
    for name, make in OVERHEAD.items():
        times = compared({"numpy": make(np, x), "ours": make(autodiff, x)}, rounds)
        theirs, ours = times["numpy"] * 1e6, times["ours"] * 1e6
        print(f"{name.ljust(30)} {theirs:12.1f} {ours:8.1f} {theirs - ours:6.1f}", flush=True)
        found.append({"call": name, "numpy": theirs, "ours": ours})
    return found


def growth(engines: list[str], rounds: int) -> dict[str, float]:
    """By engine, how many times as long a chain of 100,000 operations takes as one of 10,000."""
    found = {}
    gc.collect()
    gc.freeze()
    for engine in engines:
        if engine in ("autodiff", "torch"):
            short, long = (chain(length)[engine]() for length in (10_000, 100_000))
            times = compared({"short": short, "long": long}, max(3, rounds // 3))
            ratio = times["long"] / times["short"]
            print(f"a chain of 100,000 operations takes {ratio:.1f} times one of 10,000: {engine}")
            found[engine] = ratio
    return found


def peaks(engines: list[str]) -> dict[str, float]:
    """By engine what the large row adds to the highest memory, in MiB; nothing where that cannot be asked for."""
    if not Path("/proc/self/clear_refs").exists():
        print("peak memory is measured on Linux only")
        return {}
    name = next(name for name in WORK if "10^6" in name)
    found = {}
    for engine in ("hand", *engines):
        found[engine] = peak(name, engine) / 2**20
        print(f"peak memory of {name}: {found[engine]:6.1f} MiB, {engine}")
    return found


def peak(name: str, engine: str) -> int:
    """What a call adds to the highest memory of this process, in bytes; each engine in a fresh process."""
    code = f"import engine; engine.report_peak({name!r}, {engine!r})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(run.stdout.split()[-1])


def report_peak(name: str, engine: str) -> None:
    built("(x*x).mean(), 4 elements", [engine])[engine]()  # what the engine loads at its first use
    call = built(name, [engine])[engine]
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest memory so far
    before = highest()
    result = call()
    print(highest() - before)
    del result


def highest() -> int:
    """The highest resident memory since it was last forgotten, in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="the rows whose name holds this word")
    parser.add_argument("--engines", default=",".join(ENGINES), help="the engines to compare, by commas")
    parser.add_argument("--alone", action="store_true", help="every engine in a process of its own")
    parser.add_argument("--json", metavar="FILE", help="write what was measured to this file, too")
    options = parser.parse_args()
    in_environment()
    engines = [engine for engine in installed() if engine in options.engines.split(",")]
    for engine in ENGINES:
        if engine not in installed():
            print(f"{engine} is not installed and is left out")
    names = [name for name in ALL if options.only in name]
    if options.alone:
        for engine in engines:
            print(f"\n{engine} alone")
            command = [sys.executable, __file__, "--engines", engine, "--only", options.only or " "]
            subprocess.run([*command, "--rounds", str(options.rounds)], check=True)
        return
    measured: dict[str, Any] = {"rounds": options.rounds}
    if names:
        measured["rows"] = ratios(names, engines, options.rounds)
    if options.only in ("", "overhead", "NumPy"):
        measured["overhead"] = overhead(options.rounds)
    if not options.only:
        measured["growth"] = growth(engines, options.rounds)
        measured["peak"] = peaks(engines)
    if options.json:
        keep(options.json, measured)


if __name__ == "__main__":
    main()
