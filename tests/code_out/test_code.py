"""The gradient as code: it stands alone, runs in each framework, and has the derivation's values."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.code_out.layout import WIDTH
from symdiff.errors import InputError
from tests.matrix_form.test_forms import KNOWN, SHAPES

RANDOM = np.random.default_rng(7)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.standard_normal(shape)


TERMS: list[tuple[str, dict[str, Any]]] = [
    ("sum((X @ W)**2)", {"X": normal(2, 5, 3), "W": normal(3, 2)}),
    ("max(x*x)", {"x": normal(4)}),
    ("sum(max(X, axis=1)*c)", {"X": normal(3, 4), "c": normal(3)}),
    ("max(x)", {"x": np.array([1.0, 1.0, 0.0])}),
    ("sum(x[1:]*x[:-1]) + x[0]**3", {"x": normal(5)}),
    ("sum(x[::2]**3)", {"x": normal(5)}),
    ("sum(x[::-1]*x)", {"x": normal(4)}),
    ("sum(roll(x, 1)*x**2)", {"x": normal(4)}),
    ("sum(pad(x, 2)**2*arange(8))", {"x": normal(4)}),
    ("sum(W[t]**2)", {"W": normal(5, 3), "t": np.array([0, 2, 2])}),
    ("sum(W[t]**2, axis=0) @ c", {"W": normal(2, 5, 3)[0], "t": np.array([0, 2, 2]), "c": normal(3)}),
    ("sum(conv1d(x, w)**2)", {"x": normal(1, 2, 7), "w": normal(3, 2, 3)}),
    ("sum(avg_pool2d(x, 2)**2)", {"x": normal(1, 1, 4, 4)}),
    ("sum(reshape(x, (2, 3)) @ w)", {"x": normal(6), "w": normal(3)}),
    ("sum(concatenate((x, y))**2)", {"x": normal(2), "y": normal(3)}),
    ("A = softmax(Q @ swapaxes(K, -1, -2)/sqrt(2), axis=-1); sum((A @ V)**2)",
     {"Q": normal(2, 3, 2), "K": normal(2, 4, 2), "V": normal(2, 4, 2)}),
    ("sum(where(x > 0, log(x), 0))", {"x": np.array([1.0, 0.0, 2.0])}),
    ("sum(solve(A, b)**2)", {"A": np.eye(3) + 0.1 * normal(3, 3), "b": normal(3)}),
    ("m = mean(X, axis=-1, keepdims=True); d = X - m; sum((d/sqrt(mean(d*d, axis=-1, keepdims=True) + 1e-5))**3)",
     {"X": normal(2, 3, 4)}),
    ("sum(einsum('bij,bjk->bik', A, B)**2)", {"A": normal(2, 3, 4), "B": normal(2, 4, 2)}),
    ("sum(0.5*x*(1 + erf(x/sqrt(2))))", {"x": normal(4)}),
    ("logsumexp(x)", {"x": normal(4) * 100}),
    ("sum(minimum(x, y)*x)", {"x": normal(3), "y": normal(3)}),
    ("x*sin(x)/y", {"x": 0.3, "y": 2.0}),
    ("sum(x**2)", {"x": np.array([1, 2, 3])}),
    ("sum(X*total*flat)", {"X": normal(2, 2, 2), "total": normal(2), "flat": 2.0}),
]  # fmt: skip
SCALAR = [(text, at) for text, at, *_ in KNOWN if text != "exp(x)/sum(exp(x))"]
PROGRAMS = {f"{text[:60]} {[np.shape(v) for v in at.values()]}": (text, at) for text, at in [*TERMS, *SCALAR, *SHAPES]}


def run(source: str, at: dict[str, Any]) -> tuple[Any, ...]:
    """What the function in a source text returns: a tuple for several inputs, here always."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "gradient.py", "exec"), namespace)  # noqa: S102 - the code is ours, and that it runs is tested
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # what a condition discards is computed, too
        found = namespace["gradient"](**at)
    return found if isinstance(found, tuple) else (found,)


def check(program: str, framework: str) -> None:
    text, at = PROGRAMS[program]
    explanation = symdiff.explain(text, at=at)
    source = explanation.code(framework)
    found = run(source, {name: np.asarray(value) for name, value in at.items()})
    for got, want in zip(found, explanation.symbolic.values(), strict=True):
        got = np.asarray(got)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11)
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.For | ast.While | ast.Lambda)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_numpy(program: str) -> None:
    check(program, "numpy")


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
@pytest.mark.parametrize("program", PROGRAMS)
def test_torch(program: str) -> None:
    check(program, "torch")


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("program", PROGRAMS)
def test_jax(program: str) -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    check(program, "jax")


def test_it_stands_alone_and_takes_lists(tmp_path: Path) -> None:
    explanation = symdiff.explain("sum((A @ x - b)**2)", A=[[1, 2], [3, 4]], x=[1, 1], b=[0, 1], wrt=["x"])
    script = explanation.code() + "\n\nprint(gradient([[1, 2], [3, 4]], [1, 1], [0, 1]).tolist())\n"
    (tmp_path / "alone.py").write_text(script)
    said = subprocess.run([sys.executable, "-I", tmp_path / "alone.py"], capture_output=True, text=True, check=True)
    assert said.stdout == "[42.0, 60.0]\n"


def test_in_matrix_form_where_there_is_one() -> None:
    at = {"X": normal(5, 3), "w": normal(3), "y": normal(5)}
    source = symdiff.explain("mean((X @ w - y)**2)", at=at, wrt=["w"]).code()
    assert "    return 2 * X.T @ (X @ w - y) / X.shape[0]\n" in source, source
    assert "By w_k: " in source


def test_it_holds_for_other_sizes_and_labels_than_those_here() -> None:
    text = "P = softmax(X @ W, axis=1); -sum(T*log(P))/X.shape[0]"
    source = symdiff.explain(text, X=normal(5, 3), W=normal(3, 2), T=np.eye(2)[[0, 1, 1, 0, 1]], wrt=["W"]).code()
    other = {"X": normal(7, 4), "W": normal(4, 3), "T": abs(normal(7, 3))}
    (found,) = run(source, other)
    np.testing.assert_allclose(found, symdiff.explain(text, at=other).gradients["W"], rtol=1e-10)


@pytest.mark.parametrize("framework", ["numpy", "torch", "jax"])
def test_it_is_clean(framework: str, tmp_path: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not installed")
    for number, (text, at) in enumerate([*TERMS, *SCALAR[::5]]):
        source = symdiff.explain(text, at=at).code(framework)
        (tmp_path / f"program_{number}.py").write_text(source)
        body = source.rpartition('"""')[2].splitlines()
        assert all(len(line) <= WIDTH or "arange" in line for line in body), source
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E7,E9,F,I,W", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_the_same_program_has_the_same_code() -> None:
    text, at = "max(x*x)", {"x": [1.0, 3.0]}
    assert symdiff.explain(text, at=at).code() == symdiff.explain(text, at=at).code()


@pytest.mark.parametrize(
    ("text", "at", "framework", "words"),
    [
        ("sum(x)", {"x": [1.0, 2]}, "tensorflow", "choose one of numpy, torch, jax"),
        ("sum(eigh(A)[0])", {"A": [[2.0, 1], [1, 3]]}, "numpy", "eigh"),
        ("sum(np*2)", {"np": [1.0]}, "numpy", "the input np"),
    ],
)
def test_what_cannot_be_written_is_named(text: str, at: dict[str, Any], framework: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        symdiff.explain(text, at=at).code(framework)


def test_hostile_names_and_text_stay_in_the_docstring() -> None:
    source = symdiff.explain('x * 1  # """ + "\\', at={"x": 2.0}).code()
    assert run(source, {"x": 2.0}) == (1.0,)


def test_as_a_format(tmp_path: Path) -> None:
    explanation = symdiff.explain("sum(x**2)", x=[1.0, 2])
    explanation.save(tmp_path / "gradient.py")
    assert (tmp_path / "gradient.py").read_text() == explanation.code()
