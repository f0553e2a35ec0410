"""A function that is profiled while it is checked."""

from __future__ import annotations

import cProfile

from symdiff import check_gradients


def test_a_profiler_written_in_c_goes_on_afterwards() -> None:
    profile = cProfile.Profile()
    profile.enable()
    try:
        assert check_gradients(lambda x: x * x, 2.0).verdict == "agree"
        after = sum(range(3))
    finally:
        profile.disable()
    assert after == 3
    assert any("sum" in str(each.code) for each in profile.getstats())
