"""A tensor of a PyTorch file wherever a function of a file may stand: in a book of Sphinx's, in many documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symdiff.cli import run
from tests.frameworks import installed

torch = installed("torch")

NOTE = """import torch
x = torch.arange(4.0, requires_grad=True)
y = x * x
m = y.mean()
m.backward()
print(x.grad)
y.backward()
"""


def test_many_documents_take_a_tensor_and_a_function_of_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "note.py").write_text(NOTE.removesuffix("y.backward()\n") + "def f(x):\n    return (x * x).sum()\n")
    cases = [{"function": "note.py:m"}, {"function": "note.py:f", "at": {"x": [1.0, 2.0]}}]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    assert run(["build", str(tmp_path / "cases.jsonl"), "-o", str(tmp_path / "site"), "--jobs", "1"]) == 0
    pages = {page.name: page.read_text() for page in (tmp_path / "site").rglob("*.html")}
    (mine,) = (text for text in pages.values() if "symdiff explain note.py:m" in text)
    assert "PyTorch" in mine
    assert str(tmp_path) not in mine
    assert len([text for text in pages.values() if "agree" in text]) >= 2


def test_a_book_takes_a_tensor_and_the_error_behind_it_is_no_warning(tmp_path: Path) -> None:
    installed("sphinx")
    from tests.hosts.test_sphinx import CONF, build  # once Sphinx is there

    source = tmp_path / "book"
    source.mkdir()
    (source / "conf.py").write_text(CONF)
    (source / "note.py").write_text(NOTE)
    (source / "index.rst").write_text("B\n=\n\n.. derivation:: /note.py:m\n   :detail: result\n")
    found = build(source)
    assert found.told == ""
    assert "PyTorch" in found.text("index.html")
