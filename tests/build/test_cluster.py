"""A Dask cluster of real processes: the same outcomes, also where a worker is killed half way."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from symdiff.build import cluster as module
from symdiff.build.case import case_of
from symdiff.build.cluster import ClusterWorkers, cluster
from symdiff.build.outcome import Limits, Task, Wanted
from symdiff.errors import InputError

distributed = pytest.importorskip("distributed", reason="Dask is an optional extra")

# Dask's own, which its processes leave behind when they are killed or closed
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """Two workers in processes of their own."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as made:
        yield made


FUNCTIONS = "import os\ndef good(x): return x * x\ndef leaves(x): os._exit(3)\ndef loops(x):\n    while True: pass\n"


def tasks(folder: Path, count: int, special: dict[int, str] | None = None) -> Iterator[Task]:
    (folder / "functions.py").write_text(FUNCTIONS)
    for number in range(count):
        given = {"function": f"functions.py:{(special or {}).get(number, 'good')}", "at": {"x": float(number)}}
        yield Task(case_of(given, number, "here", folder, {}), Wanted(), f"{number}", f"{number}")


def test_nothing_is_lost_and_nothing_comes_twice_when_a_worker_is_killed(tmp_path: Path, local: Any) -> None:
    """The limits hold on the cluster, too: what hangs or crashes is ended, and its Dask worker lives on."""
    with cluster(local.scheduler_address, Limits(2.0)) as workers:
        pids = workers.client.run(os.getpid)
        found = []
        for outcome in workers.outcomes(tasks(tmp_path, 80, {3: "leaves", 5: "loops"})):
            found.append(outcome)
            if len(found) == 24:
                assert workers.client.run(os.getpid) == pids
                os.kill(next(iter(pids.values())), signal.SIGKILL)
        assert sorted(outcome.number for outcome in found) == list(range(80))
        endings = {outcome.number: outcome.ending for outcome in found if outcome.ending != "made"}
        assert endings == {3: "crashed", 5: "time"}
        assert workers.client.run(os.getpid) != pids


def test_few_are_in_flight(tmp_path: Path, local: Any) -> None:
    read = 0

    def counted() -> Iterator[Task]:
        nonlocal read
        for task in tasks(tmp_path, 200):
            read += 1
            yield task

    with cluster(local.scheduler_address, Limits()) as workers:
        ahead = [read - came for came, _ in enumerate(workers.outcomes(counted()), start=1)]
    assert len(ahead) == 200
    assert max(ahead) <= module.BATCH * module.AHEAD * 2


def test_workers_of_another_version_are_refused(tmp_path: Path, local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "code_digest", lambda: "another")
    with (
        cluster(local.scheduler_address, Limits()) as workers,
        pytest.raises(InputError, match="another version of symdiff"),
    ):
        list(workers.outcomes(tasks(tmp_path, 1)))


class _Future:
    """A batch that Dask gave up: the machines that were at it died."""

    status = "error"

    def exception(self) -> Exception:
        return RuntimeError("killed")


def test_a_batch_that_is_lost_goes_out_one_by_one_and_then_is_given_up(tmp_path: Path) -> None:
    class _Client:
        def submit(self, function: object, batch: list[Task], *given: object, **options: object) -> object:
            return object()

    class _Pool:
        def add(self, future: object) -> None:
            pass

    workers = ClusterWorkers(_Client(), Limits())  # type: ignore[arg-type]
    flying: dict[Any, list[Task]] = {}
    batch = list(tasks(tmp_path, 3))
    assert list(workers._lost(batch, _Future(), flying, _Pool())) == []
    assert [task.case.number for each in flying.values() for task in each] == [0, 1, 2]
    (given_up,) = workers._lost(batch[1:2], _Future(), flying, _Pool())
    assert (given_up.number, given_up.ending) == (1, "crashed")
    assert "killed" in given_up.reason


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1:9"):
        with pytest.raises(InputError, match="no Dask scheduler answers there"), cluster(address, Limits()):
            pass
