"""PyTorch's own samples of its operations, a part of them: the whole is ``python -m benchmarks.op_db``."""

from __future__ import annotations

import random
from collections import Counter

from tests.frameworks import installed

torch = installed("torch")
installed("expecttest")  # PyTorch's list of operations imports it

from benchmarks.op_db import BEGIN, Counts, mapped, markdown, operations, run, write  # noqa: E402 - once they are there

OPERATIONS = 45
SAMPLES = 2


def test_at_least_150_aten_operations_are_mapped_and_each_is_one() -> None:
    names = mapped()
    assert len(names) >= 150
    assert [name for name in names if not hasattr(torch.ops.aten, name)] == []


def test_most_samples_whose_primitives_are_mapped_agree() -> None:
    have = operations()
    told: list[str] = []
    found = Counts()
    for name in random.Random(0).sample(sorted(have), OPERATIONS):
        counts = run(name, have[name], told.append, SAMPLES)
        found.samples += counts.samples
        found.unmapped += counts.unmapped
    assert found.mapped >= OPERATIONS
    assert found.samples["agree"] >= 0.85 * found.mapped, "\n".join(told)


def test_a_page_is_written_from_what_is_kept(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    counts = Counts(Counter(agree=3, kink=1, unsupported=2), {"unsupported": Counter({"aten.mode": 2})}, 2)
    monkeypatch.setattr("benchmarks.op_db.kept", lambda: {"mode": counts})
    text = markdown({"mode": counts})
    assert "Of the 4 samples that have a gradient" in text
    assert "3 *agree* (75.0%)" in text
    assert "| `mode` | unsupported | 2 | aten.mode |" in text
    assert "| `mode` | 3 |  | 1 |  |  | 2 |  |" in text
    page = tmp_path / "page.md"
    page.write_text("before\n" + BEGIN + "\nold\n<!-- end of what is written -->\nafter\n")
    write(page)
    assert page.read_text().startswith("before\n" + BEGIN)
    assert page.read_text().endswith("<!-- end of what is written -->\nafter\n")
    assert "old" not in page.read_text()
