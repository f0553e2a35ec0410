"""A limit on time: raised between steps, in words that tell what took so long, and never taken for another error."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.deadline import Deadline, TimeLimit, look, stage
from symdiff.errors import InputError
from symdiff.turns import turn

TOWER = "**".join(["x"] * 60)


@pytest.fixture
def own_heap() -> Iterator[None]:
    """What earlier tests left in memory is not looked through by the garbage collector, which can take seconds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def work(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        look()


def test_without_a_deadline_nothing_ends() -> None:
    look()
    with Deadline(None).at_work(), stage("anything"):
        look()


def test_the_message_names_the_stage_that_took_longest() -> None:
    def in_stages() -> None:
        with Deadline(0.2).at_work():
            for name, seconds in (("the short one", 0.02), ("the long one", 0.15), ("the last one", 5.0)):
                with stage(name):
                    work(seconds)

    with pytest.raises(TimeLimit, match=r"the limit of 0\.2 s was reached: the long one took 0\.[12] s") as caught:
        in_stages()
    assert isinstance(caught.value, InputError)
    look()  # it is over


def test_only_work_counts() -> None:
    deadline = Deadline(0.2)
    for _ in range(3):
        with deadline.at_work():
            work(0.03)
        time.sleep(0.1)
    with pytest.raises(TimeLimit), deadline.at_work():
        work(0.2)


def test_the_shorter_of_two_holds() -> None:
    with pytest.raises(TimeLimit, match=r"0\.05 s"), Deadline(0.05).at_work(), Deadline(60.0).at_work():
        work(5.0)
    with pytest.raises(TimeLimit, match=r"0\.05 s"), Deadline(60.0).at_work(), Deadline(0.05).at_work():
        work(5.0)


def test_a_limit_that_somebody_swallowed_is_raised_in_the_end() -> None:
    with pytest.raises(TimeLimit), Deadline(0.01).at_work(), contextlib.suppress(ValueError):
        work(5.0)


def test_one_thread_s_limit_is_no_other_thread_s() -> None:
    went_on: list[bool] = []

    def other() -> None:
        look()
        went_on.append(True)

    def here_and_there() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        look()

    with pytest.raises(TimeLimit), Deadline(1e-9).at_work():
        here_and_there()
    assert went_on == [True]


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), "1"])
def test_seconds_are_a_positive_number(seconds: Any) -> None:
    with pytest.raises(InputError, match=r"timeout=.*positive number of seconds"):
        symdiff.explain("x*x", x=1.0, timeout=seconds)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("sum(exp(sin(outer(x, x)) @ outer(x, x))**2)/sum(x)", {"x": np.linspace(0.1, 2.0, 60)}),
        (TOWER, {"x": [0.5, 1.5]}),
        ("sinc(A)", {"A": np.arange(16.0).reshape(4, 4)}),
    ],
)
@pytest.mark.usefixtures("own_heap")
def test_explain_and_check_end_in_time(text: str, at: dict[str, Any]) -> None:
    symdiff.explain("x*x", x=1.0).to_html()  # imports are not what is measured
    for call in (
        lambda: symdiff.explain(text, at=at, timeout=0.5).to_html(),
        lambda: symdiff.check_gradients(text, at=at, timeout=0.5),
    ):
        began = time.monotonic()
        with contextlib.suppress(TimeLimit):
            call()
        assert time.monotonic() - began < 0.5 + 2.0


def test_a_loop_of_the_user_s_ends_in_time() -> None:
    def endless(x: Any) -> Any:
        while True:
            len("")

    with pytest.raises(TimeLimit, match=r"the function endless\(x\) took"):
        symdiff.explain(endless, 1.0, timeout=0.2)


def test_threads_take_turns() -> None:
    inside: list[int] = []
    most: list[int] = []

    def one() -> None:
        with turn(), turn():
            inside.append(1)
            time.sleep(0.01)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_who_waits_for_a_turn_looks_at_the_time() -> None:
    def waits() -> None:
        with pytest.raises(TimeLimit), Deadline(0.2).at_work(), turn():
            pass

    with turn():
        thread = threading.Thread(target=waits)
        thread.start()
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.mark.parametrize(("error", "words"), [(RecursionError(), "too deep"), (MemoryError(), "not enough memory")])
def test_what_python_cannot_hold_is_a_limit(error: Exception, words: str) -> None:
    with pytest.raises(InputError, match=words), turn():
        raise error
