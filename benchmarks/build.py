"""Many documents: how fast, whether time and memory grow with the cases, what a cluster costs, what a kill leaves.

    python benchmarks/build.py rate|scale|again|jobs|dask|kill|paper|all [--cases N] [--json FILE]

``rate`` counts documents a second and core, warm; ``scale`` compares 100 cases with N (10,000), and memory; ``again`` a
second run over N unchanged cases; ``jobs`` one process with two, in turn; ``dask`` local processes with a LocalCluster;
``kill`` ends a build at twenty random moments and compares bytes; ``paper`` computes a million cases on 100 machines
from what it measures. Every part prints its rows; ``--json`` keeps them, in the place of older ones of the same part,
for ``make figures``. An idle machine is wanted for ``again``, ``jobs`` and ``dask``, which go by the clock.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.results import keep  # noqa: E402 - the checkout's own packages

if TYPE_CHECKING:
    from symdiff.build.case import Case

OPENING = {"expression": "y = x * x; mean(y)", "at": {"x": [0, 1, 2, 3]}}
FEYNMAN = ROOT / "tests" / "cases" / "feynman.json"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MACHINES, CORES, MILLION = 100, 16, 1_000_000


ROWS: list[list[str]] = []
"""The rows of the part that is running."""


def row(what: str, found: str) -> None:
    """A row of the table."""
    ROWS.append([what, found])
    print(f"| {what} | {found} |", flush=True)


def cases(path: Path, number: int) -> Path:
    """The opening example so many times, at drawn values, so that no two are the same."""
    with open(path, "w") as file:
        for each in range(number):
            case = {**OPENING, "at": {"x": "uniform(1, 3, shape=(4,))"}, "seed": each, "title": f"Case {each}"}
            file.write(f"{json.dumps(case)}\n")
    return path


def command(source: Path, folder: Path, *more: str) -> list[str]:
    """A build as a process."""
    return [sys.executable, "-m", "symdiff", "build", str(source), "-o", str(folder), *more]


def run(source: Path, folder: Path, *more: str) -> tuple[float, float, int]:
    """A build: its seconds, the seconds of all its processors, and the KiB that the largest of its processes took."""
    began = time.perf_counter()
    with subprocess.Popen(
        command(source, folder, *more), env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the build ended with status {process.returncode}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


# --- rate -------------------------------------------------------------------------------------------------------------


def rate(number: int) -> dict[str, float]:
    """Documents a second of one core, warm: processor time, which others on the machine do not count in.

    The opening example comes at ten points. Feynman's equations are told apart: "new" ones, which the process has not
    seen but for one in three others, and the same "at another point", of which it knows the formulas: a corpus has
    every equation at many.
    """
    from symdiff.build.making import done
    from symdiff.build.outcome import Limits, Task, Wanted
    from symdiff.build.reading import read
    from symdiff.build.worker import settle
    from symdiff.explained.shared_forms import forget

    settle()
    with tempfile.TemporaryDirectory() as folder:
        opening = list(read([cases(Path(folder) / "c.jsonl", 10)], lambda path: []))
    feynman = list(read([FEYNMAN], lambda path: []))
    kinds = {"HTML": Wanted((("en", "html"),), ("en",)), "JSON Lines": Wanted(corpus="en"), "check": Wanted(table="en")}
    found = {}

    def timed(name: str, items: Sequence[Case], wanted: Wanted) -> None:
        began = time.process_time()
        endings = {done(Task(item, wanted, "a", "b"), Limits()).ending for item in items}
        found.setdefault(name, []).append((time.process_time() - began) / len(items))
        if endings != {"made"}:
            raise SystemExit(f"not all were made: {endings}")

    for kind, wanted in kinds.items():
        timed("warming up", [*opening, *feynman[1::6]], wanted)
        for _ in range(max(1, number // len(opening))):
            timed(f"opening example, {kind}", opening, wanted)
        forget()
        timed(f"Feynman file, {kind}, new equations", feynman[::3], wanted)
        for turn in range(max(1, number // len(feynman[::3]))):
            moved = [_elsewhere(case, 1 + 0.01 * (turn + 1)) for case in feynman[::3]]
            timed(f"Feynman file, {kind}, at another point", moved, wanted)
    del found["warming up"]
    for name, times in found.items():
        row(name, f"{1 / statistics.median(times):.0f} a second and core")
    return {name: 1 / statistics.median(times) for name, times in found.items()}


def _elsewhere(case: Case, factor: float) -> Case:
    """The same case with every number of its values a little larger."""

    def larger(value: Any) -> Any:
        if isinstance(value, list):
            return list(map(larger, value))
        return value * factor if isinstance(value, float) else value

    return replace(case, at={name: larger(value) for name, value in case.at.items()})


# --- growth, a second run, processes ----------------------------------------------------------------------------------


def scale(number: int) -> float:
    """How many times longer N cases take than 100, as a corpus, in time of the processors; and the memory of both."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _, start, _ = run(cases(place / "1.jsonl", 1), place / "one", "--format", "jsonl")
        _, few, small = run(cases(place / "few.jsonl", 100), place / "few", "--format", "jsonl")
        _, many, large = run(cases(place / "many.jsonl", number), place / "many", "--format", "jsonl")
    ratio = (many - start) / (few - start) / (number / 100)
    times = f"{ratio * number / 100:.0f} times as long, {ratio:.2f} of {number // 100}"
    row(f"{number} cases against 100, less the start, processors' time", times)
    row(f"memory of the largest process, {number} cases against 100", f"{large // 1024} MiB against {small // 1024}")
    return ratio


def again(number: int) -> float:
    """Seconds of a second run over N cases that did not change, as a site."""
    with tempfile.TemporaryDirectory() as folder:
        source = cases(Path(folder) / "c.jsonl", number)
        first, *_ = run(source, Path(folder) / "site")
        seconds = min(run(source, Path(folder) / "site")[0] for _ in range(3))
    row(f"a second run over {number} unchanged pages", f"{seconds:.1f} s (the first: {first:.0f} s)")
    return seconds


def jobs(number: int) -> float:
    """How many times faster two processes are than one, in turn; the machine must be idle for it to mean anything."""
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        source = cases(Path(folder) / "c.jsonl", number)
        for turn in range(3):
            one, two = (run(source, Path(folder) / f"{turn}-{each}", "--jobs", each)[0] for each in ("1", "2"))
            ratios.append(one / two)
    row(f"two processes against one, {number} pages", f"{statistics.median(ratios):.2f} times as fast")
    return statistics.median(ratios)


def dask(number: int) -> float:
    """What a LocalCluster of two processes costs over two local processes, in turn, both warm."""
    from distributed import LocalCluster

    ratios = []
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
    ):
        source = cases(Path(folder) / "c.jsonl", number)
        run(cases(Path(folder) / "1.jsonl", 50), Path(folder) / "warm", "--dask", cluster.scheduler_address)
        for turn in range(3):
            local, *_ = run(source, Path(folder) / f"{turn}-local", "--jobs", "2")
            far, *_ = run(source, Path(folder) / f"{turn}-dask", "--dask", cluster.scheduler_address)
            ratios.append(far / local)
    row(
        f"Dask on one machine against local processes, {number} pages", f"{statistics.median(ratios):.2f} times as long"
    )
    return statistics.median(ratios)


# --- killed at random moments -----------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def killed(folder: Path, number: int, moments: int, more: Sequence[str] = (), seed: int = 0) -> Iterator[int]:
    """Kills a build at random moments and completes it, each time: how many files were there when it was killed.

    Raises:
        AssertionError: what the next run completed is not what an undisturbed run makes, to the last byte.
    """
    draw = random.Random(seed)
    source = cases(folder / "c.jsonl", number)
    began = time.perf_counter()
    run(source, folder / "whole", *more)
    seconds, whole = time.perf_counter() - began, contents(folder / "whole")
    for moment in range(moments):
        place = folder / f"killed{moment}"
        with subprocess.Popen(
            command(source, place, *more), env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                process.wait(draw.uniform(0.1, 1.05) * seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        there = len(contents(place)) if place.exists() else 0
        run(source, place, *more)
        assert contents(place) == whole, f"not the same after the kill at moment {moment}"
        yield there


def kill(number: int) -> None:
    """Twenty kills of a site and twenty of a corpus."""
    for more in ((), ("--format", "jsonl", "--shard", "7")):
        with tempfile.TemporaryDirectory() as folder:
            there = sorted(killed(Path(folder), number, 20, more))
        told = f"the same bytes 20 times; files there: {there[0]} to {there[-1]}"
        row(f"20 kills of a {'corpus' if more else 'site'}", told)


# --- a million, on paper ----------------------------------------------------------------------------------------------


def paper(number: int) -> None:
    """A million cases on 100 machines of 16 cores, from what one core makes and what the one writer takes."""
    from symdiff.build.corpus import Corpus
    from symdiff.build.folder import opened
    from symdiff.build.making import done
    from symdiff.build.outcome import Limits, Task, Wanted
    from symdiff.build.reading import read

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        items = list(read([cases(folder / "c.jsonl", number)], lambda path: []))
        (first, *_) = items
        task = Task(first, Wanted(corpus="en"), "a", "b" * 32)  # type: ignore[arg-type]
        outcome = done(task, Limits())
        began = time.process_time()
        for _ in range(20):
            done(task, Limits())
        making = (time.process_time() - began) / 20
        with opened(folder / "corpus"):
            began = time.process_time()
            _written(Corpus(folder / "corpus", ("en",), 1000), items, outcome)
            writing = (time.process_time() - began) / number
    made = MACHINES * CORES / making
    size, slowest = len(outcome.line), max(writing, 1 / made)
    row("one core makes, JSON Lines", f"{1 / making:.0f} a second")
    row(
        f"{MACHINES} machines of {CORES} cores could make",
        f"{made:.0f} a second: {MILLION / made / 60:.1f} min for a million",
    )
    row(
        "the one process that reads, keys and writes takes",
        f"{writing * 1e3:.2f} ms a case: {1 / writing:.0f} a second",
    )
    row(
        "the lines of a million cases",
        f"{MILLION * size / 1e9:.1f} GB, {size / slowest / 1e6:.0f} MB a second at that rate",
    )
    first = "the writer" if writing * made > 1 else "the cores"
    row("first to saturate", f"{first}: a million takes {MILLION * slowest / 60:.0f} min")
    row("the writer is busy from", f"{making / writing:.0f} cores on")


def _written(target: object, items: Sequence[object], outcome: object) -> None:
    """Reads, keys and writes every case as a build does, the making left out."""
    import dataclasses

    from symdiff.build.build import build
    from symdiff.build.progress import Progress

    class Told:
        def outcomes(self, tasks: Iterator[object]) -> Iterator[object]:
            for task in tasks:
                line = outcome.line.replace(b'"id":"' + b"b" * 32, b'"id":"' + task.key.encode())  # type: ignore[attr-defined]
                yield dataclasses.replace(outcome, number=task.case.number, line=line)  # type: ignore[type-var,attr-defined]

    build(items, target, Told(), Progress(None))  # type: ignore[arg-type]
    target.close()  # type: ignore[attr-defined]


PARTS: dict[str, tuple[Callable[[int], object], int]] = {
    "rate": (rate, 100), "scale": (scale, 10_000), "again": (again, 10_000), "jobs": (jobs, 400), "dask": (dask, 400),
    "kill": (kill, 40), "paper": (paper, 2000),
}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Runs one part, or all."""
    which = arguments[0] if arguments else "all"
    number = int(arguments[arguments.index("--cases") + 1]) if "--cases" in arguments else None
    path = Path(arguments[arguments.index("--json") + 1]) if "--json" in arguments else None
    for name in PARTS if which == "all" else (which,):
        part, usual = PARTS[name]
        ROWS.clear()
        part(number or usual)
        if path is not None:
            before = json.loads(path.read_text(encoding="utf-8"))["parts"] if path.exists() else {}
            keep(path, {"parts": {**before, name: list(ROWS)}})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
