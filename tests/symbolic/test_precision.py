"""High precision: doubled until what is computed stands still, and no further than is said."""

from __future__ import annotations

from symdiff.evaluation.precision import PRECISIONS, mp, settled


def bits_taken(stands: bool, most: int = PRECISIONS[-1]) -> list[int]:
    taken: list[int] = []

    def compute() -> int:
        taken.append(mp.prec)
        return len(taken)

    assert settled(compute, lambda before, now: stands, most) == len(taken)
    return taken


def test_what_never_stands_still_is_left_at_the_last_precision() -> None:
    assert bits_taken(False) == list(PRECISIONS) == [125, 250, 500, 1000, 2000]
    assert bits_taken(False, 1000) == [125, 250, 500, 1000]


def test_what_stands_still_is_computed_twice() -> None:
    before = mp.prec
    assert bits_taken(True) == [125, 250]
    assert mp.prec == before


def test_a_sum_that_cancels_takes_the_bits_that_it_needs() -> None:
    assert settled(lambda: float((mp.mpf(10) ** 60 + mp.pi) - mp.mpf(10) ** 60), float.__eq__) == 3.141592653589793
