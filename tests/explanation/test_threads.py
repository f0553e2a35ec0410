"""Threads: the same bytes as alone, the process's streams and a user's own mpmath as they were."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mpmath
import numpy as np
import pytest

import symdiff

THREADS = 8
DOCUMENTS = int(os.environ.get("SYMDIFF_DOCUMENTS", "40"))
"""So many are explained at once; ``SYMDIFF_DOCUMENTS=500 pytest tests/explanation/test_threads.py`` for the whole."""

PROGRAMS: list[tuple[Any, dict[str, Any]]] = [
    ("mean(x * x)", {"x": [0.0, 1.0, 2.0, 3.0]}),
    ("y = x * x; max(y)", {"x": [0.0, 1.0, 2.0, 3.0]}),
    ("sum(softmax(x)**2)", {"x": [20.0, -3.0, 7.5]}),
    ("log(sum(exp(x)))*erf(2)", {"x": [0.1, 700.0]}),
    ("sum(gamma(x)) + gamma(2.5)*x[0]", {"x": [0.3, 4.2]}),
    ("det(A)*s", {"A": [[4.0, 2.0], [0.0, -3.0]], "s": 0.7}),
    ("sum(maximum(W @ x, 0)**2)", {"W": [[1.0, -2.0], [0.5, 3.0]], "x": [0.3, -0.7]}),
    ("log_ndtr(x)", {"x": -12.5}),
]


def chatty(x: Any) -> Any:
    """A user's function; what it prints goes to standard error."""
    print("called")
    return np.sum(np.tanh(x) * x)


def document(number: int) -> str:
    text, at = PROGRAMS[number % len(PROGRAMS)]
    scaled = {name: np.asarray(value) * (1 + number // len(PROGRAMS)) for name, value in at.items()}
    explanation = symdiff.explain(text, at=scaled)
    return explanation.to_html() + explanation.to_json() + str(explanation.report)


@pytest.fixture
def many_switches() -> Any:
    """Threads change places a thousand times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("many_switches")
def test_eight_threads_write_the_same_documents_as_one() -> None:
    for number in range(len(PROGRAMS)):
        document(number)  # what is imported late is imported now: scipy adds a filter for its own warnings
    stdout, stderr, filters = sys.stdout, sys.stderr, list(warnings.filters)
    with mpmath.workprec(170), np.errstate(over="raise"):
        with ThreadPoolExecutor(THREADS) as pool:
            together = list(pool.map(document, range(DOCUMENTS)))
            functions = [pool.submit(symdiff.explain, chatty, np.array([0.5, float(k)])) for k in range(THREADS)]
            assert {each.result().report.ok for each in functions} == {True}
        assert mpmath.mp.prec == 170
        assert np.geterr()["over"] == "raise"
    assert mpmath.mp.prec == 53
    assert (sys.stdout, sys.stderr) == (stdout, stderr)
    assert warnings.filters == filters
    assert "print" not in globals()
    for number, found in enumerate(together):
        assert found == document(number), PROGRAMS[number % len(PROGRAMS)]


def test_streams_are_never_replaced_while_a_function_runs(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[bool] = []
    stdout = sys.stdout

    def curious(x: Any) -> Any:
        seen.append(sys.stdout is stdout)
        print("curious")
        return x * 2

    symdiff.explain(curious, 1.0)
    assert set(seen) == {True}
    assert capsys.readouterr() == ("", "curious\n")


def test_another_thread_prints_as_always_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    def with_another(x: Any) -> Any:
        other = threading.Thread(target=lambda: print("from the other thread"))
        other.start()
        other.join()
        return x * 2

    symdiff.explain(with_another, 1.0)
    out, err = capsys.readouterr()
    assert set(out.splitlines()) == {"from the other thread"}
    assert err == ""
