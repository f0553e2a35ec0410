"""The parent's side of worker processes: one for each thread, started when it is needed, replaced when it dies.

`concurrent.futures.ProcessPoolExecutor` breaks as a whole when one worker dies. Here every thread of a
`ThreadPoolExecutor` has a process of its own and pipes of its own: a case that ends its process, or is ended with it,
takes nobody along. The same works in the threads of a Dask worker, whose process may have no children by
``multiprocessing``; and no script that calls us is run again in a child.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import IO, Any

from symdiff.build.frames import PipeEnded, receive, send
from symdiff.build.outcome import Limits, Listing, Outcome, Task
from symdiff.build.worker import GRACE, READY, Reply

__all__ = ["LocalWorkers", "Worker", "cores"]

START = 120.0
"""Seconds that a worker may take to import everything, on a machine that is busy."""

AHEAD = 4
"""So many cases wait for each worker, so that none waits for the one that reads them."""

_RUN = "from symdiff.build.worker import main; main()"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Worker:
    """One process that makes cases, and its successors."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def ask(self, task: Task | Listing) -> Outcome:
        """How the case ended; one whose process dies without a limit being reached is tried a second time."""
        number = task.case.number if isinstance(task, Task) else 0
        died = ""
        for _ in range(2):
            try:
                return self._asked(task, number)
            except PipeEnded:
                died = self._end()
            if self._closed:
                break
        return Outcome(number, "crashed", f"its process {died or 'could not be started'}, twice")

    def _asked(self, task: Task | Listing, number: int) -> Outcome:
        process = self._started()
        seconds = None if self.limits.seconds is None else self.limits.seconds + GRACE
        with _ended_after(process, seconds) as over:
            try:
                send(_pipe(process.stdin), task)
                reply: Reply = receive(_pipe(process.stdout))
            except PipeEnded:
                if not over.is_set():
                    raise
                reply = (Outcome(number, "time", self._hung()), True)
        outcome, last = reply
        if last or over.is_set():
            self._end()
        return outcome

    def _hung(self) -> str:
        return (
            f"the limit of {self.limits.seconds:g} s was reached in a step that does not look at the time, and its "
            "process was ended; give more time with --timeout SECONDS, or use smaller inputs"
        )

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = process = _start()
            with _ended_after(process, START):
                send(_pipe(process.stdin), self.limits)
                if receive(_pipe(process.stdout)) != READY:
                    raise PipeEnded
        if self._closed:
            self._end()
            raise PipeEnded
        return self._process

    def stop(self) -> None:
        """End the process, whatever it does; whoever waits for it gets no answer."""
        self._closed = True
        process = self._process
        if process is not None:
            _kill(process)

    def close(self) -> None:
        """End the process, and wait until it is gone; nobody may be waiting for its answer."""
        self.stop()
        self._end()

    def _end(self) -> str:
        """Wait for the process to be gone; how it went."""
        process, self._process = self._process, None
        if process is None:
            return ""
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()
        try:
            status = process.wait(1.0)
        except subprocess.TimeoutExpired:
            _kill(process)
            status = process.wait()
        return _told(status)


def _start() -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    for name in _ONE_THREAD:
        environment.setdefault(name, "1")  # the processes are as many as the cores
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # its own children are ended with it, and Ctrl-C is not for it
    )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


@contextlib.contextmanager
def _ended_after(process: subprocess.Popen[bytes], seconds: float | None) -> Iterator[threading.Event]:
    """Ends the process when the block takes longer; the event says whether that happened."""
    over = threading.Event()
    if seconds is None:
        yield over
        return

    def end() -> None:
        over.set()
        _kill(process)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg") and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _told(status: int) -> str:
    """How a process ended, after "its process"."""
    if status >= 0:
        return f"ended itself with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = "unknown"
    why = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return f"was ended by signal {-status} ({name}){why}"


# --- many of them -----------------------------------------------------------------------------------------------------


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


class LocalWorkers:
    """So many processes of this machine."""

    def __init__(self, jobs: int, limits: Limits) -> None:
        self.jobs = jobs
        self.limits = limits
        self._workers: list[Worker] = []
        self._own = threading.local()

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes in the order in which they come; tasks are read no further ahead than keeps everybody busy."""
        pending: set[Future[Outcome]] = set()
        executor = ThreadPoolExecutor(self.jobs, thread_name_prefix="symdiff-build")
        try:
            for task in tasks:
                pending.add(executor.submit(self._ask, task))
                if len(pending) >= self.jobs * (1 + AHEAD):
                    finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in finished)
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in finished)
        finally:
            for worker in self._workers:
                worker.stop()
            executor.shutdown(wait=True, cancel_futures=True)
            self.close()

    def marked(self, path: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The marked functions of a module, which a process of its own runs.

        Raises:
            InputError: the module cannot be run.
        """
        from symdiff.errors import InputError

        worker = Worker(self.limits)
        try:
            outcome = worker.ask(Listing(path))
        finally:
            worker.close()
        if outcome.ending != "made":
            raise InputError(outcome.reason)
        return outcome.marks

    def _ask(self, task: Task) -> Outcome:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = Worker(self.limits)
            self._workers.append(worker)
        return worker.ask(task)

    def close(self) -> None:
        """End all processes, and wait until they are gone."""
        while self._workers:
            self._workers.pop().close()
