"""Matrix forms: what comes out for known cases, and that every text has the gradient's value, wherever it is run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.matrix_form.verifying import value_of
from tests.cases.corpus import textbook

RANDOM = np.random.default_rng(11)
Arrays = dict[str, Any]


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.standard_normal(shape)


def positive(size: int) -> np.ndarray[Any, Any]:
    a = normal(size, size)
    return a @ a.T + size * np.eye(size)


def shares(rows: int, columns: int) -> np.ndarray[Any, Any]:
    return np.eye(columns)[RANDOM.integers(0, columns, rows)]


DATA = {"X": normal(5, 3), "w": normal(3), "b": 0.3, "y": normal(5), "t": np.array([1.0, 0, 1, 0, 1])}
SOFTMAX = {"X": normal(5, 4), "W": normal(4, 3), "b": normal(3), "T": shares(5, 3)}
HIDDEN = {"X": normal(5, 3), "U": normal(3, 4), "u": normal(4), "V": normal(4, 2), "v": normal(2), "t": normal(5, 2)}
HEADS = {"Q": normal(4, 3), "K": normal(5, 3), "V": normal(5, 2), "G": normal(4, 2)}
GAUSS = {"x": normal(3), "m": normal(3), "S": positive(3)}
SQUARES = {"X": normal(5, 3), "W": normal(3, 2), "b": normal(2), "Y": normal(5, 2)}

PERCEPTRON = "h = tanh(X @ U + u); y = h @ V + v; mean((y - t)**2)"
ATTENTION = "S = Q @ K.T/sqrt(K.shape[1]); A = softmax(S, axis=1); Z = A @ V; sum(G*Z)"
LOGISTIC = "p = 1/(1 + exp(-(X @ w + b))); -mean(t*log(p) + (1 - t)*log(1 - p))"
CROSS = "P = softmax(X @ W + b, axis=1); -sum(T*log(P))/X.shape[0]"
RECURRENT = "g = tanh(W @ h); k = tanh(W @ g); sum((k - t)**2)"
STATES = {"W": normal(3, 3), "h": normal(3), "t": normal(3)}
FORWARD = "h = tanh(X @ U + u); y = h @ V + v; "
HEAD = "n = Q.shape[1]; S = Q @ K.T/sqrt(n); A = softmax(S, axis=1); dA = G @ V.T; "
ROWS = "dS = A*(dA - sum(A*dA, axis=1, keepdims=True)); "

KNOWN: list[tuple[str, Arrays, str, str]] = [
    ("sum((X @ W + b - Y)**2)/X.shape[0]", SQUARES, "W", "2*X.T @ (X @ W + b - Y)/X.shape[0]"),
    ("mean((X @ w + b - y)**2)", DATA, "w", "2*X.T @ (X @ w + b - y)/X.shape[0]"),
    ("mean((X @ w + b - y)**2)", DATA, "b", "2*mean(X @ w + b - y)"),
    (LOGISTIC, DATA, "w", "p = sigmoid(X @ w + b); X.T @ (p - t)/X.shape[0]"),
    (LOGISTIC, DATA, "b", "p = sigmoid(X @ w + b); mean(p - t)"),
    ("z = X @ w; mean(softplus(z) - t*z)", DATA, "w", "z = X @ w; X.T @ (sigmoid(z) - t)/X.shape[0]"),
    (CROSS, SOFTMAX, "W", "P = softmax(X @ W + b, axis=1); X.T @ (P - T)/X.shape[0]"),
    (CROSS, SOFTMAX, "b", "P = softmax(X @ W + b, axis=1); mean(P - T, axis=0)"),
    ("-mean(sum(T*log_softmax(X @ W, axis=1), axis=1))", SOFTMAX, "W",
     "p = softmax(X @ W, axis=1); X.T @ (p - T)/X.shape[0]"),
    (PERCEPTRON, HIDDEN, "U", FORWARD + "dh = 2*(y - t) @ V.T/t.size; X.T @ (dh*(1 - h**2))"),
    (PERCEPTRON, HIDDEN, "u", FORWARD + "dh = 2*(y - t) @ V.T/t.size; sum(dh*(1 - h**2), axis=0)"),
    (PERCEPTRON, HIDDEN, "V", FORWARD + "2*h.T @ (y - t)/t.size"),
    (PERCEPTRON, HIDDEN, "v", FORWARD + "2*sum(y - t, axis=0)/t.size"),
    ("x @ S @ x", GAUSS, "x", "(S + S.T) @ x"),
    ("x @ S @ x", GAUSS, "S", "outer(x, x)"),
    ("sum((X @ w - y)**2)", DATA, "w", "2*X.T @ (X @ w - y)"),
    ("norm(X @ w - y)", DATA, "w", "u = X @ w - y; X.T @ u/norm(u)"),
    ("log(det(S))", GAUSS, "S", "inv(S).T"),
    ("det(S)", GAUSS, "S", "det(S)*inv(S).T"),
    ("log(det(X.T @ X))", DATA, "X", "2*X @ inv(X.T @ X)"),
    ("trace(X.T @ Z)", {"X": normal(3, 2), "Z": normal(3, 2)}, "X", "Z"),
    ("x @ inv(S) @ m", GAUSS, "S", "-outer(inv(S).T @ x, inv(S) @ m)"),
    ("trace(inv(S) @ B)", GAUSS | {"B": normal(3, 3)}, "S", "-(inv(S) @ B @ inv(S)).T"),
    ("sum(c*solve(S, x))", GAUSS | {"c": normal(3)}, "x", "inv(S).T @ c"),
    (ATTENTION, HEADS, "Q", HEAD + ROWS + "dS @ K/sqrt(n)"),
    (ATTENTION, HEADS, "K", HEAD + ROWS + "dS.T @ Q/sqrt(n)"),
    (ATTENTION, HEADS, "V", "S = Q @ K.T/sqrt(Q.shape[1]); A = softmax(S, axis=1); A.T @ G"),
    ("sum((X @ w - y)**2) + l*sum(w**2)", DATA | {"l": 0.1}, "w", "2*(l*w + X.T @ (X @ w - y))"),
    ("(x - m) @ inv(S) @ (x - m)", GAUSS, "x", "(inv(S) + inv(S).T) @ (x - m)"),
    ("(x - m) @ inv(S) @ (x - m)", GAUSS, "m", "(inv(S) + inv(S).T) @ (m - x)"),
    ("sum((R - U @ V.T)**2)", {"R": normal(5, 4), "U": normal(5, 2), "V": normal(4, 2)}, "U", "2*(U @ V.T - R) @ V"),
    ("mean((X @ E @ D - X)**2)", {"X": normal(5, 4), "E": normal(4, 2), "D": normal(2, 4)}, "E",
     "2*X.T @ (X @ E @ D - X) @ D.T/X.size"),
    ("exp(x)/sum(exp(x))", {"x": normal(3)}, "x", "p = softmax(x); diag(p) - outer(p, p)"),
    ("E = W[t]; sum((E @ v - y)**2)", {"W": normal(6, 3), "t": [0, 2, 2, 5], "v": normal(3), "y": normal(4)}, "W",
     "2*outer(eye(W.shape[0])[t].T @ (W[t] @ v - y), v)"),
    ("r = S @ x - m; r @ r + 0.1*(x @ S @ x)", GAUSS, "x", "r = S @ x - m; 0.1*S @ x + S.T @ (0.1*x + 2*r)"),
    ("r = X @ w - y; mean(r**2) + 0.1*sum(abs(w))", DATA, "w",
     "r = X @ w - y; 0.1*sign(w) + 2*X.T @ r/X.shape[0]"),
    ("sum(leaky_relu(X @ W)**2)", {"X": normal(5, 4), "W": normal(4, 3)}, "W",
     "X.T @ ((X @ W)*where(X @ W > 0, 2, 0.0002))"),
    ("r = X @ w - y; sum(s*r**2)", DATA | {"s": normal(5)}, "s", "(X @ w - y)**2"),
    (RECURRENT, STATES, "h", "g = tanh(W @ h); k = tanh(W @ g); 2*W.T @ ((W.T @ ((k - t)*(1 - k**2)))*(1 - g**2))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "name", "wanted"), KNOWN, ids=[f"{k[0]} by {k[2]}" for k in KNOWN])
def test_known_cases(text: str, at: Arrays, name: str, wanted: str) -> None:
    assert symdiff.explain(text, at=at, wrt=[name]).matrix[name] == wanted


LETTERS = "QZXHKRUVABMNPqzxhkruvabmnpw"


def renamed(text: str, at: Arrays, random: np.random.Generator) -> tuple[str, Arrays, dict[str, str]]:
    """The program in other names; those of values that it assigns are others, too."""
    names = [*at, *re.findall(r"(?:^|; )(\w+) = ", text)]
    drawn = random.choice(list(LETTERS), size=len(names), replace=False)
    to = dict(zip(names, map(str, drawn), strict=True))
    changed = re.sub(r"(?<![\w.])[A-Za-z_]\w*(?!\w|\(|=)", lambda m: to.get(m.group(), m.group()), text)
    return changed, {to[name]: value for name, value in at.items()}, to


def engine(text: str, at: Mapping[str, Any], name: str) -> np.ndarray[Any, Any]:
    """The gradient by walking back: nothing that the matrix form was made from."""
    from symdiff.agreement.engine_gradients import engine_gradients
    from symdiff.tracing.trace import trace_text

    return engine_gradients(trace_text(text, at, [name]))[name]


@pytest.mark.parametrize(("text", "at", "name", "wanted"), KNOWN, ids=[f"{k[0]} by {k[2]}" for k in KNOWN])
def test_in_other_names_its_value_is_the_gradient_elsewhere_too(text: str, at: Arrays, name: str, wanted: str) -> None:
    random = np.random.default_rng(5)
    other, values, to = renamed(text, at, random)
    form = symdiff.explain(other, at=values, wrt=[to[name]]).matrix[to[name]]
    assert form is not None
    assert len(form) <= len(wanted) + 4
    for factor in (1.1, 0.9):
        there = {each: _moved(value, factor) for each, value in values.items()}
        want = engine(other, there, to[name])
        np.testing.assert_allclose(value_of(form, there), want, rtol=1e-9, atol=1e-9 * np.abs(want).max())


def _moved(value: Any, factor: float) -> np.ndarray[Any, Any]:
    """Other values; labels stay, which are ones and zeros or positions."""
    array = np.asarray(value)
    labels = array.dtype.kind in "iu" or bool(np.all((array == 0) | (array == 1)))
    return array if labels else array * factor + 0.01


PERMUTED = [
    ("sum((Y - (b + X @ W))**2)", SQUARES, "W", "X.T"),
    ("-mean((1 - t)*log(1 - p) + t*log(p))", DATA, "w", "(p - t)/X.shape[0]"),
    ("sum((w @ X.T - y)**2)", DATA, "w", "2*X.T @ (X @ w - y)"),
    ("trace((Y - X @ W).T @ (Y - X @ W))", SQUARES, "W", "2*X.T @ (X @ W - Y)"),
    ("einsum('ij,jk->ik', X, W).sum()**2", SQUARES, "W", "X"),
]


@pytest.mark.parametrize(("text", "at", "name", "part"), PERMUTED, ids=[p[0] for p in PERMUTED])
def test_permuted_operands(text: str, at: Arrays, name: str, part: str) -> None:
    if "p)" in text:
        text = "p = sigmoid(b + X @ w); " + text
    form = symdiff.explain(text, at=at, wrt=[name]).matrix[name]
    assert form is not None
    assert part in form


WITH_MATRICES = [
    case
    for case in textbook()
    if case["kind"] != "second" and re.search(r"@|\.T|inv\(|trace\(|outer\(", case["answer"])
]


def test_textbook_cases_have_forms_about_as_long_as_their_answers() -> None:
    assert len(WITH_MATRICES) == 13
    found = []
    for case in WITH_MATRICES:
        form = symdiff.explain(case["expr"], at=case["inputs"], wrt=[case["wrt"]]).matrix[case["wrt"]]
        if form is None:
            continue
        at = {name: np.asarray(value) for name, value in case["inputs"].items()}
        np.testing.assert_allclose(value_of(form, at), case["answer_value"], rtol=1e-9, atol=1e-12)
        assert len(form.replace(" ", "")) <= 1.5 * len(case["answer"].replace(" ", "")) + 2, (form, case["answer"])
        found.append(form)
    assert len(found) >= 12


WITHOUT = [
    ("sum((X @ W)**2)", {"X": normal(2, 5, 3), "W": normal(3, 2)}, "W", "a batch of matrices"),
    ("sum(sort(x)*c)", {"x": normal(4), "c": normal(4)}, "x", "positions that the values decide"),
    ("sum(cumsum(x)**2)", {"x": normal(4)}, "x", "a sum that runs"),
    ("sum(x[1:]*x[:-1])", {"x": normal(4)}, "x", "elements that moved"),
    ("sum(cholesky(S))", {"S": positive(3)}, "S", "an equation without a formula"),
    ("X @ W", {"X": normal(2, 3), "W": normal(3, 2)}, "W", "four axes"),
]


@pytest.mark.parametrize(("text", "at", "name", "why"), WITHOUT, ids=[w[3] for w in WITHOUT])
def test_where_there_is_none(text: str, at: Arrays, name: str, why: str) -> None:
    assert symdiff.explain(text, at=at, wrt=[name]).matrix[name] is None


SHAPES = [
    ("sum((X + c)**2)", {"X": normal(5, 3), "c": normal(5, 1)}),
    ("sum((X*r)**2)", {"X": normal(5, 3), "r": normal(1, 3)}),
    ("sum(a*X)", {"X": normal(5, 3), "a": normal(1, 1)}),
    ("sum((A @ B)**2)", {"A": normal(1, 1), "B": normal(1, 1)}),
    ("sum((A @ x)**2)", {"A": normal(1, 3), "x": normal(3)}),
    ("sum((A @ x)**2)", {"A": normal(3, 1), "x": normal(1)}),
    ("sum((A @ x - b)**2)", {"A": normal(4, 3), "x": normal(3, 1), "b": normal(4, 1)}),
    ("x*x", {"x": 1.5}),
    ("sum(outer(x, y)*M)", {"x": normal(3), "y": normal(2), "M": normal(3, 2)}),
    ("sum(mean(X, axis=0, keepdims=True)*X)", {"X": normal(4, 3)}),
    ("sum(x)**2", {"x": normal(4)}),
    ("mean(X)", {"X": normal(4, 3)}),
    ("sum(X @ X.T)", {"X": normal(2, 2)}),
    ("lambda_*sum(x**2)", {"x": normal(3), "lambda_": 0.3}),
    ("gamma*sum((X @ beta)**2)", {"X": normal(4, 3), "beta": normal(3), "gamma": 0.5}),
    ("n*sum(x*m)/len(x)", {"x": normal(3), "m": normal(3), "n": 2.0}),
    ("sum(x**2)", {"x": [1, 2, 3]}),
    ("sum(ones(3)*x + [1, 2, 3]*x)", {"x": normal(3)}),
    ("x[0]**2 + 2*x[1]**2", {"x": normal(2)}),
    ("sum(maximum(X @ w, 0))", {"X": normal(5, 3), "w": normal(3)}),
    ("sum(abs(X @ w - y))", {"X": normal(5, 3), "w": normal(3), "y": normal(5)}),
    ("K = exp(-(x[:, None] - x)**2/2) + s*eye(4); y @ inv(K) @ y + log(det(K))",
     {"x": normal(4), "y": normal(4), "s": 0.5}),
    ("mean((X @ W.T)**2, axis=0) @ c", {"X": normal(5, 3), "W": normal(2, 3), "c": normal(2)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at"), SHAPES, ids=[s[0] + str([np.shape(v) for v in s[1].values()]) for s in SHAPES])
def test_shapes(text: str, at: Arrays) -> None:
    explanation = symdiff.explain(text, at=at)
    for name, form in explanation.matrix.items():
        assert form is not None, name
        got = value_of(form, {each: np.asarray(value, dtype=float) for each, value in at.items()})
        want = explanation.symbolic[name]
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


def test_rows_that_are_no_shares_keep_their_sums() -> None:
    at = SOFTMAX | {"T": normal(5, 3)}
    form = symdiff.explain(CROSS, at=at, wrt=["W"]).matrix["W"]
    assert form is not None
    assert "sum(T, axis=1, keepdims=True)" in form


def test_the_same_program_has_the_same_text() -> None:
    first, second = (symdiff.explain(ATTENTION, at=HEADS).matrix for _ in range(2))
    assert dict(first) == dict(second)


def test_a_wrong_text_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    from symdiff.matrix_form import statements

    right = statements.Statements.text.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(statements.Statements, "text", property(lambda self: right(self).replace("2*", "3*")))
    assert symdiff.explain("sum((X @ w - y)**2)", at=DATA, wrt=["w"]).matrix["w"] is None
