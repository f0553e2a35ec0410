"""A corpus: whole shards in the order of the cases, lines that are not made twice, and what a line holds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from symdiff.build import corpus as module
from symdiff.build.ledger import FOLDER
from tests.build.inline import contents, corpus


def cases(path: Path, numbers: list[int]) -> Path:
    written = [{"expression": "x * x", "at": {"x": number}, "title": f"Case {number}"} for number in numbers]
    path.write_text("".join(f"{json.dumps(case)}\n" for case in written))
    return path


def titles(folder: Path) -> dict[str, list[str]]:
    shards = sorted(folder.glob("corpus-*.jsonl"))
    return {shard.name: [json.loads(line)["title"] for line in shard.read_bytes().splitlines()] for shard in shards}


def test_shards_in_the_order_of_the_cases(tmp_path: Path) -> None:
    summary, _ = corpus(cases(tmp_path / "c.jsonl", list(range(5))), tmp_path / "out", size=2, backwards=True)
    assert summary.made == 5
    assert titles(tmp_path / "out") == {
        "corpus-00000.jsonl": ["Case 0", "Case 1"],
        "corpus-00001.jsonl": ["Case 2", "Case 3"],
        "corpus-00002.jsonl": ["Case 4"],
    }
    assert sorted(contents(tmp_path / "out")) == [
        ".symdiff/lock", ".symdiff/manifest.jsonl", *titles(tmp_path / "out"), "corpus.json",
    ]  # fmt: skip
    told = json.loads((tmp_path / "out" / "corpus.json").read_text())
    assert (told["cases"], told["verdicts"]) == (5, {"agree": 5})
    assert [(shard["lines"], shard["bytes"]) for shard in told["shards"]] == [
        (len(names), (tmp_path / "out" / name).stat().st_size) for name, names in titles(tmp_path / "out").items()
    ]
    corpus(tmp_path / "c.jsonl", tmp_path / "other", size=2)
    assert contents(tmp_path / "out") == contents(tmp_path / "other")


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        ([0, 1, 2, 3, 4], 2),
        ([9, 0, 1, 2, 3, 4], 2),
        ([1, 2, 3, 4], 2),
        ([4, 3, 2, 1, 0], 2),
        ([0, 1], 2),
        ([0, 1, 2, 3, 4], 3),
        ([0, 1, 2, 3, 4], 1),
        ([7, 4, 8, 0], 3),
        ([8], 2),
    ],
)
def test_lines_move_and_are_not_made_again(tmp_path: Path, numbers: list[int], size: int) -> None:
    corpus(cases(tmp_path / "c.jsonl", list(range(5))), tmp_path / "out", size=2)
    _, made = corpus(cases(tmp_path / "c.jsonl", numbers), tmp_path / "out", size=size)
    assert made == [f"Case {number}" for number in numbers if number > 4]
    corpus(tmp_path / "c.jsonl", tmp_path / "fresh", size=size)
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")


def test_what_was_made_before_an_end_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends while the second shard is written, in whatever step."""
    corpus(cases(tmp_path / "c.jsonl", list(range(5))), tmp_path / "fresh", size=2)
    seen = 0
    moving = module.Corpus._place

    class Ended(Exception):
        pass

    for step in range(30):
        calls = 0

        def ending(self: module.Corpus, key: str, place: module.Place, step: int = step) -> None:
            nonlocal calls
            calls += 1
            if calls > step:
                raise Ended
            moving(self, key, place)

        folder = tmp_path / f"out{step}"
        with monkeypatch.context() as patched:
            patched.setattr(module.Corpus, "_place", ending)
            try:
                corpus(tmp_path / "c.jsonl", folder, size=2)
            except Ended:
                seen += 1
        _, made = corpus(tmp_path / "c.jsonl", folder, size=2)
        assert len(made) <= 5
        assert contents(folder) == contents(tmp_path / "fresh")
        if calls <= step:
            assert made == []
            break
    assert seen == 10  # every case is placed twice: beside its shard, and in it


def test_a_case_that_fails_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"expression": "x", "at": {"x": 1}}\n{"expression": "x y", "at": {"x": 1}}\nbroken\n'
        '{"expression": "log(x)", "at": {"x": 0}}\n'
    )
    summary, _ = corpus(tmp_path / "c.jsonl", tmp_path / "out", size=10)
    assert (summary.made, summary.failed, summary.status) == (2, 2, 1)
    assert titles(tmp_path / "out") == {"corpus-00000.jsonl": ["x", "log(x)"]}


def test_a_shard_that_was_damaged_is_made_again(tmp_path: Path) -> None:
    corpus(cases(tmp_path / "c.jsonl", list(range(4))), tmp_path / "out", size=2)
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "corpus-00001.jsonl").write_bytes(b"")
    _, made = corpus(tmp_path / "c.jsonl", tmp_path / "out", size=2)
    assert made == ["Case 2", "Case 3"]
    assert contents(tmp_path / "out") == before


def test_leftovers_of_a_run_that_was_killed_are_cleared_away(tmp_path: Path) -> None:
    corpus(cases(tmp_path / "c.jsonl", [0, 1]), tmp_path / "out", size=2)
    before = contents(tmp_path / "out")
    shutil.copy(tmp_path / "out" / "corpus-00000.jsonl", tmp_path / "out" / FOLDER / "spill-3-0")
    (tmp_path / "out" / FOLDER / "part").write_bytes(b"half")
    corpus(tmp_path / "c.jsonl", tmp_path / "out", size=2)
    assert contents(tmp_path / "out") == before


def test_a_line_is_the_json_document_with_steps_as_latex_and_markdown(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"expression": "y = x * x; mean(y)", "at": {"x": [0, 1, 2, 3]}, "title": "the \\u2028 mean \\ud800"}\n'
    )
    corpus(tmp_path / "c.jsonl", tmp_path / "out", size=2)
    (shard,) = (tmp_path / "out").glob("corpus-*.jsonl")
    (line,) = shard.read_text(encoding="ascii").splitlines()
    found = json.loads(line)
    assert list(found)[:5] == ["id", "title", "language", "expression", "value"]
    assert (found["title"], found["language"], found["value"], found["verdict"]) == (
        "the \u2028 mean \ud800",
        "en",
        3.5,
        "agree",
    )
    assert found["inputs"]["x"]["general"] == "2*x_k/n"
    assert found["inputs"]["x"]["general_latex"] == r"\frac{\partial y}{\partial x_k} = \frac{2 x_k}{n}"
    forward, _, _, backward = found["steps"]
    assert "y_i &= x_i^{2}" in forward["latex"]
    assert "y_i&= x_i^{2}" in forward["markdown"]
    assert "```math\n" in forward["markdown"]
    assert r"\frac{1}{4} \cdot 2" in backward["latex"]
    assert backward["markdown"].startswith("### ")
