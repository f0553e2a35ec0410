"""The same work on a Dask cluster: batches of cases go out, results come back as they are ready.

Every thread of a Dask worker has a process of its own that makes the cases, as on one machine, with the same limits: a
case that hangs or crashes is ended there, and the Dask worker lives on. A machine that is lost costs the batches
that it was at: Dask gives them to others, and what came back twice is taken once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from symdiff.build.keys import code_digest
from symdiff.build.outcome import Limits, Outcome, Task
from symdiff.build.workers import Worker
from symdiff.errors import InputError, said_by
from symdiff.language.names import shown

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["BATCH", "ClusterWorkers", "cluster"]

BATCH = 8
"""Cases that go out together, so that the scheduler's millisecond is shared."""

AHEAD = 3
"""Batches in flight for every thread of the cluster: one is made, the others wait or come back."""

PATIENCE = 20
"""Seconds until a cluster must have answered."""

_OWN = threading.local()


class _OtherCode(Exception):
    """The workers have another version of us, or of what we are made with."""


def made(tasks: list[Task], limits: Limits, digest: str) -> list[Outcome]:
    """In a thread of a Dask worker: the outcomes of some cases, made by the thread's own process."""
    if code_digest() != digest:
        raise _OtherCode
    worker: Worker | None = getattr(_OWN, "worker", None)
    if worker is None or worker.limits != limits:
        if worker is not None:
            worker.close()
        worker = _OWN.worker = Worker(limits)
    return [worker.ask(task) for task in tasks]


@contextmanager
def cluster(address: str, limits: Limits) -> Iterator[ClusterWorkers]:
    """The cluster at an address, such as tcp://scheduler:8786.

    Raises:
        InputError: Dask is not installed, or nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError("--dask needs Dask: pip install 'symdiff-explain[dask]', here and on the cluster") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"--dask {shown(address, 100)}: no Dask scheduler answers there ({said_by(error, 100)})"
        ) from None
    with client:
        yield ClusterWorkers(client, limits)


class ClusterWorkers:
    """Whoever makes cases on a cluster."""

    def __init__(self, client: Client, limits: Limits) -> None:
        self.client = client
        self.limits = limits

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes in the order in which they come; no more is in flight than keeps everybody busy.

        Raises:
            InputError: the scheduler is lost, or the workers have another version of us.
        """
        from distributed import as_completed

        waiting = iter(tasks)
        flying: dict[Any, list[Task]] = {}
        pool = as_completed(loop=self.client.loop, with_results=True, raise_errors=False)
        self._send(waiting, flying, pool)
        while flying:
            future, result = next(pool)
            batch = flying.pop(future)
            if future.status == "finished":
                yield from result
            else:
                yield from self._lost(batch, future, flying, pool)
            future.release()
            self._send(waiting, flying, pool)

    def _send(self, waiting: Iterator[Task], flying: dict[Any, list[Task]], pool: Any) -> None:
        room = AHEAD * max(1, sum(self.client.nthreads().values()))
        while len(flying) < room and (batch := list(islice(waiting, BATCH))):
            self._submit(batch, flying, pool)

    def _submit(self, batch: list[Task], flying: dict[Any, list[Task]], pool: Any) -> None:
        future = self.client.submit(made, batch, self.limits, code_digest(), pure=False)
        flying[future] = batch
        pool.add(future)

    def _lost(self, batch: list[Task], future: Any, flying: dict[Any, list[Task]], pool: Any) -> Iterator[Outcome]:
        """A batch that did not come back: its cases go out one by one, and one that is lost again is given up."""
        if future.status == "cancelled":
            raise InputError("the Dask scheduler was lost; run the command again, and it goes on where it was")
        error = future.exception()
        if isinstance(error, _OtherCode | ImportError | AttributeError):
            raise InputError(
                "the Dask workers have another version of symdiff, or of what it is made with, than this process; "
                "install the same on all of them"
            )
        if len(batch) > 1:
            for task in batch:
                self._submit([task], flying, pool)
            return
        yield Outcome(batch[0].case.number, "crashed", f"the machines that were at it were lost: {said_by(error, 200)}")
