"""A file of PyTorch's lines: a tensor of its top level, explained by the leaves that require grad."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import symdiff
from symdiff.cli import run
from symdiff.errors import FunctionError, InputError
from symdiff.frameworks.files import loaded
from tests.frameworks import installed

torch = installed("torch")

HEAD = """import torch
x = torch.arange(4.0, requires_grad=True)
y = x * x
"""
NOTE = HEAD + "m = y.mean()\nm.backward()\nprint(x.grad)\n"


def checked(tmp_path: Path, lines: str, name: str) -> tuple[Any, list[str]]:
    """The report on a tensor of a file with these lines, and what was said beside it."""
    file = tmp_path / "note.py"
    file.write_text(lines)
    told: list[str] = []
    found = loaded(f"{file}:{name}", {}, told.append)
    return symdiff.check_gradients(found.target, at=found.at), told


def refused(tmp_path: Path, lines: str, name: str) -> str:
    with pytest.raises(InputError) as caught:
        checked(tmp_path, lines, name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_mean_of_the_note_is_explained_under_its_own_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "note.py"
    file.write_text(NOTE)
    assert run(["explain", f"{file}:m"]) == 0
    out, err = capsys.readouterr()
    assert err == "tensor([0.0000, 0.5000, 1.0000, 1.5000])\n"
    assert "∂m/∂xₖ = 2xₖ/n" in out
    assert "Step 1: y = x * x" in out
    assert "Step 2: m = mean(y)" in out
    (again,) = (line.strip() for line in out.splitlines() if "-o page.html" in line)
    assert shlex.split(again) == ["symdiff", "explain", f"{file}:m", "-o", "page.html"]


def test_a_backward_that_raises_is_told_and_what_stands_before_it_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "note.py"
    file.write_text(HEAD + "y.backward()\nm = y.mean()\n")
    assert run(["check", f"{file}:y"]) == 0
    out, err = capsys.readouterr()
    assert "verdict: agree (16 elements)" in out
    assert err == (
        "symdiff: note.py, line 4, raises RuntimeError: grad can be implicitly created only for scalar outputs; y is "
        "explained by the lines before it\n"
    )
    assert run(["check", f"{file}:m"]) == 2
    assert capsys.readouterr().err == (
        "symdiff: note.py, line 4, raises RuntimeError: grad can be implicitly created only for scalar outputs, before "
        "m is assigned\n"
    )


def test_a_name_that_is_assigned_again_is_what_it_was_last(tmp_path: Path) -> None:
    again = NOTE + "x = torch.arange(4.0, requires_grad=True)\ny = x * x\nm = y.max()\nm.backward()\n"
    report, told = checked(tmp_path, again, "m")
    assert (report.verdict, told) == ("agree", [])
    assert {name: each.automatic.tolist() for name, each in report.inputs.items()} == {"x": [0.0, 0.0, 0.0, 6.0]}


def test_two_leaves_of_one_name_are_told_apart(tmp_path: Path) -> None:
    report, _ = checked(tmp_path, HEAD + "x = torch.ones(4, requires_grad=True)\nr = (x * y).sum()\n", "r")
    assert report.verdict == "agree"
    assert report.inputs["x"].automatic.tolist() == [0.0, 1.0, 4.0, 9.0]
    assert report.inputs["x_1"].automatic.tolist() == [0.0, 2.0, 4.0, 6.0]


CUBE = """
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.detach() ** 3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return FACTOR * g * x * x

r = Cube.apply(x).sum()
"""


@pytest.mark.parametrize(("factor", "verdict"), [("3.0", "agree"), ("3.1", "disagree")])
def test_a_backward_of_the_files_own_is_judged(tmp_path: Path, factor: str, verdict: str) -> None:
    assert checked(tmp_path, HEAD + CUBE.replace("FACTOR", factor), "r")[0].verdict == verdict


@pytest.mark.parametrize(
    ("lines", "gradient"),
    [
        ("b = torch.zeros(2)\nb[0] = x[1] * x[2]\nb[1] = x[3]\nr = b.prod()", [0.0, 6.0, 3.0, 2.0]),
        ("v = y.view(2, 2)\nw = v[1]\nw.mul_(2.0)\nr = y.sum()", [0.0, 2.0, 8.0, 12.0]),
        ("with torch.no_grad():\n    k = x * 2\nr = (k * x).sum()", [0.0, 2.0, 4.0, 6.0]),
        ("r = y.sum()\nif r > 3:\n    r = r * 2", [0.0, 4.0, 8.0, 12.0]),
        ("def f(x):\n    return 3 * x.sum()\nr = f(x)", [3.0, 3.0, 3.0, 3.0]),
        ("c = torch.ones(4)\nr = (c * x).sum()\nc += 1.0", [1.0, 1.0, 1.0, 1.0]),
        ("r = torch.mv(torch.eye(4).to_sparse(), x).sum()", [1.0, 1.0, 1.0, 1.0]),
        ("r = x[x.argmax()]", [0.0, 0.0, 0.0, 1.0]),
        ("r = (torch.rand(()) * 0 + 2) * x.sum()", [2.0, 2.0, 2.0, 2.0]),
    ],
)
def test_what_the_lines_did_is_done_again(tmp_path: Path, lines: str, gradient: list[float]) -> None:
    report, told = checked(tmp_path, f"{HEAD}{lines}\n", "r")
    assert (report.verdict, told) == ("agree", [])
    assert report.inputs["x"].automatic.tolist() == gradient


TRAINING = """
import torch
layer = torch.nn.Linear(2, 1, dtype=torch.float64)
with torch.no_grad():
    layer.weight.copy_(torch.tensor([[1.0, 2.0]]))
    layer.bias.zero_()
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
steps = torch.optim.SGD(layer.parameters(), 0.01)
for _ in range(3):
    steps.zero_grad()
    loss = layer(X).square().mean()
    loss.backward()
    steps.step()
told = layer.weight.grad.tolist()
"""


def test_a_loop_of_training_is_explained_at_the_weights_of_its_last_turn(tmp_path: Path) -> None:
    report, _ = checked(tmp_path, TRAINING, "loss")
    names: dict[str, Any] = {}
    layer = torch.nn.Linear(2, 1, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0]]))
        layer.bias.zero_()
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    for turn in range(3):
        names = dict(zip(("layer.weight", "layer.bias"), layer.parameters(), strict=True))
        found = torch.autograd.grad(layer(X).square().mean(), list(names.values()))
        with torch.no_grad():
            for each, slope in zip(names.values(), found, strict=True):
                each.sub_(0.01 * slope) if turn < 2 else None
    assert report.verdict == "agree"
    assert list(report.inputs) == list(names)
    for each, slope in zip(report.inputs.values(), found, strict=True):
        assert each.automatic == pytest.approx(slope.numpy(), rel=1e-12)


@pytest.mark.parametrize(
    ("lines", "name", "said"),
    [
        (NOTE, "n", "has no tensor or function n; it has x, y, m"),
        (NOTE, "x", "x in .* is a leaf itself"),
        (NOTE + "k = y.detach() * 2\n", "k", "k in .* requires no grad: it depends on x not at all, or through detach"),
        ("import torch\nk = torch.ones(2) * 3\n", "k", "no leaf of the file does; write requires_grad=True"),
        (NOTE + "k = y.argmax()\n", "k", "holds torch.int64, which has no derivative"),
        (HEAD + "k = torch.vmap(lambda z: z * z)(x).sum() + y.sum()\n", "k", "does not show call by call"),
        (HEAD + "k = torch.func.grad(lambda z: (z**3).sum())(x)\n", "k", "does not show call by call"),
        (NOTE + "k = 3\n", "k", "k in .* is int, not a function"),
        ("import torch\nraise SystemExit('no')\n", "k", "note.py, line 2, raises SystemExit: no, before k is assigned"),
        ("import torch\nx = = 2\n", "k", "note.py, line 2, raises SyntaxError"),
        (NOTE + "k = y * 1\nk.data.mul_(3.0)\n", "k", "k in .* has another value when the file's calls are done again"),
    ],
)
def test_errors_are_one_line_that_says_what_and_where(tmp_path: Path, lines: str, name: str, said: str) -> None:
    message = refused(tmp_path, lines, name)
    assert re.search(said, message), message


def test_values_stand_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "note.py"
    file.write_text(NOTE)
    with pytest.raises(InputError, match=r"--at x=\.\.\.: m is computed by the file's lines"):
        loaded(f"{file}:m", {"x": 1.0}, print)


def test_a_function_of_such_a_file_is_what_it_was(tmp_path: Path) -> None:
    file = tmp_path / "note.py"
    file.write_text(NOTE + "def f(x):\n    return (x * x).sum()\n")
    found = loaded(f"{file}:f", {"x": 1.0}, print)
    assert (found.target.__name__, found.at, found.holds_values) == ("f", {"x": 1.0}, False)
    file.write_text("import torch\ndef f(x):\n    return x\ntorch.ones(2).backward()\n")
    with pytest.raises(FunctionError, match=r"note\.py, line 4, raises RuntimeError"):
        loaded(f"{file}:f", {}, print)


def test_nothing_of_the_recorder_stays(tmp_path: Path) -> None:
    before = torch.autograd.Function.__dict__["apply"]
    checked(tmp_path, NOTE, "m")
    with pytest.raises(FunctionError):
        checked(tmp_path, "import torch\n1 / 0\n", "m")
    assert torch.autograd.Function.__dict__["apply"] is before
    assert not torch.overrides._get_current_function_mode_stack()


ONCE_MORE = HEAD + "y.mean().backward()\nprint(x.grad)\nx.grad.zero_()\ny = x * x\ny.max().backward()\n"


@pytest.mark.parametrize(("line", "gradient"), [(4, [0.0, 0.5, 1.0, 1.5]), (8, [0.0, 0.0, 0.0, 6.0])])
def test_what_has_no_name_is_named_by_the_line_that_calls_backward(
    tmp_path: Path, line: int, gradient: list[float]
) -> None:
    report, told = checked(tmp_path, ONCE_MORE, str(line))
    assert (report.verdict, told) == ("agree", [])
    assert report.inputs["x"].automatic.tolist() == gradient


@pytest.mark.parametrize("name", ["x", "x.grad", "m", "5"])
def test_an_error_says_which_lines_call_backward(tmp_path: Path, name: str) -> None:
    assert "lines 4, 8 call backward(), which note.py:8 explains" in refused(tmp_path, ONCE_MORE, name)


def test_a_backward_through_a_graph_that_was_freed_is_told_and_explained(tmp_path: Path) -> None:
    report, told = checked(tmp_path, HEAD + "y.mean().backward()\nx.grad.zero_()\ny.max().backward()\n", "6")
    assert report.inputs["x"].automatic.tolist() == [0.0, 0.0, 0.0, 6.0]
    assert "line 6, raises RuntimeError: Trying to backward through the graph a second time" in told[0]


def test_the_command_line_names_pytorch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "note.py"
    file.write_text(NOTE)
    assert run(["check", f"{file}:m"]) == 0
    assert "PyTorch" in capsys.readouterr().out.splitlines()[0]
