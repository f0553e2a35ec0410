"""A build that is killed at random moments is completed by the next run to the bytes of one that was not disturbed.

Few moments here; ``python benchmarks/build.py kill`` tries twenty of a site and twenty of a corpus.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.build import killed


@pytest.mark.parametrize("more", [(), ("--format", "jsonl", "--shard", "5")])
def test_the_next_run_completes_it(tmp_path: Path, more: tuple[str, ...]) -> None:
    assert len(list(killed(tmp_path, 16, 2, ("--jobs", "1", *more), seed=7))) == 2
