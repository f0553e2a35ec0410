"""Processes that make cases: what hangs, crashes or eats memory is ended with its reason, and the others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from symdiff.build.case import case_of
from symdiff.build.outcome import Limits, Outcome, Task, Wanted
from symdiff.build.workers import LocalWorkers, Worker
from symdiff.errors import InputError

FUNCTIONS = """
import ctypes, os, signal, sys, time
import numpy as np
import symdiff

def good(x): return x * x
def chatty(x): print("noise"); sys.stdout.flush(); os.write(1, b"noise"); return x * x
def loops(x):
    while True: pass
def deaf(x):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    while True: pass
def leaves(x): os._exit(3)
def crashes(x): ctypes.string_at(0)
def eats(x): return np.sum(np.ones(10**10)) * x
def quits(x): sys.exit(4)
def raises(x): raise RuntimeError("no\\x1b[31m")
"""


def tasks(folder: Path, names: Iterable[str]) -> Iterator[Task]:
    for number, name in enumerate(names):
        given = {"function": f"functions.py:{name}", "at": {"x": 3.0}}
        yield Task(case_of(given, number, "here", folder, {}), Wanted(table="en"), name, "key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    return tmp_path


def test_each_ends_as_it_must_and_the_others_go_on(folder: Path) -> None:
    wanted = {
        "good": ("made", ""),
        "chatty": ("made", ""),
        "loops": ("time", "the limit of 1 s was reached: the function loops(x) took"),
        "leaves": ("crashed", "its process ended itself with status 3, twice"),
        "crashes": ("crashed", "its process was ended by signal 11 (SIGSEGV), twice"),
        "eats": ("memory", "MemoryError"),
        "quits": ("raised", "SystemExit"),
        "raises": ("raised", r"RuntimeError"),
    }
    names = [*wanted, "good"]
    workers = LocalWorkers(2, Limits(1.0, 1000.0))
    found = {outcome.number: outcome for outcome in workers.outcomes(tasks(folder, names))}
    assert sorted(found) == list(range(len(names)))
    for number, name in enumerate(names):
        ending, words = wanted[name]
        assert (found[number].ending, words in found[number].reason) == (ending, True), found[number]
        assert found[number].reason.isprintable()
        assert found[number].ok is (ending == "made")


def test_a_step_that_hears_no_alarm_is_ended_with_its_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symdiff.build.workers.GRACE", 0.5)
    workers = LocalWorkers(1, Limits(0.5, None))
    deaf, good = sorted(workers.outcomes(tasks(folder, ["deaf", "good"])), key=lambda outcome: outcome.number)
    assert (deaf.ending, good.ending) == ("time", "made")
    assert "in a step that does not look at the time, and its process was ended" in deaf.reason


def test_a_worker_that_is_shot_loses_nothing(folder: Path) -> None:
    worker = Worker(Limits())
    (task,) = tasks(folder, ["good"])
    assert worker.ask(task).ending == "made"
    assert worker._process is not None
    os.kill(worker._process.pid, signal.SIGKILL)
    assert worker.ask(task).ending == "made"
    worker.close()
    assert worker.ask(task).ending == "crashed"  # closed means closed


def test_tasks_are_not_read_far_ahead(folder: Path) -> None:
    read = 0

    def counted() -> Iterator[Task]:
        nonlocal read
        for task in tasks(folder, ["good"] * 60):
            read += 1
            yield task

    ahead = []
    for came, _ in enumerate(LocalWorkers(1, Limits()).outcomes(counted()), start=1):
        ahead.append(read - came)
    assert read == 60
    assert max(ahead) < 10


def test_whoever_stops_listening_leaves_no_process(folder: Path) -> None:
    workers = LocalWorkers(2, Limits(60.0))
    outcomes = workers.outcomes(tasks(folder, ["good", "loops", "loops", "good"]))
    assert next(outcomes).ending == "made"
    running = [process for worker in workers._workers if (process := worker._process)]
    began = time.monotonic()
    outcomes.close()
    assert time.monotonic() - began < 10
    assert running
    assert all(process.poll() is not None for process in running)


def test_a_worker_ends_with_its_parent(folder: Path) -> None:
    """Its parent is killed while it makes a case, and it ends when that case does."""
    script = f"""
        import os, pathlib, sys
        from symdiff.build.outcome import Limits
        from symdiff.build.workers import Worker
        from tests.build.test_workers import tasks
        worker = Worker(Limits(1.0))
        good, loops = tasks(pathlib.Path({str(folder)!r}), ["good", "loops"])
        worker.ask(good)
        print(worker._process.pid, flush=True)
        worker.ask(loops)
    """
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, cwd=root, env=environment
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 30
    while _runs(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status != "Z"


def test_marked_functions_are_found_by_a_worker(tmp_path: Path) -> None:
    path = tmp_path / "marked.py"
    path.write_text(
        "import numpy as np, symdiff\n"
        "@symdiff.case(x=[1, 2.0])\n@symdiff.case({'title': 3.0}, x='uniform(1, 3)', title='Twice', wrt='x')\n"
        "def first(x, title=1.0): return x\n"
        "again = first\n"
        "@symdiff.case(x=np.float32([1, 2]))\ndef second(x): return x\n"
        "def not_marked(x): return x\n"
    )
    workers = LocalWorkers(1, Limits(20.0))
    (one, mark), (two, twice), (three, arrays) = workers.marked(str(path))
    assert (one, two, three) == ("first", "first", "second")
    assert mark == {"at": {"x": [1, 2.0]}}
    assert twice == {"at": {"title": 3.0, "x": "uniform(1, 3)"}, "title": "Twice", "wrt": "x"}
    assert arrays["at"]["x"].dtype == "float32"
    path.write_text("1/0")
    with pytest.raises(InputError, match=r"marked.py raises ZeroDivisionError when it is loaded"):
        workers.marked(str(path))


def test_an_outcome_crosses_a_pipe(folder: Path) -> None:
    worker = Worker(Limits())
    (task,) = tasks(folder, ["good"])
    outcome = worker.ask(task)
    worker.close()
    assert isinstance(outcome, Outcome)
    assert (outcome.verdict, outcome.elements, outcome.ulps) == ("agree", 1, 0.0)
    assert "verdict: agree (1 element)" in outcome.table
