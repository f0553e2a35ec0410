"""Running a program: the same numbers as NumPy gives, under the names that the text gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.errors import InputError
from symdiff.language import Limits
from symdiff.tracing.graph import Graph
from symdiff.tracing.trace import trace_text

X = np.array([0.5, 2.0, -1.5, 3.0])
W = np.array([[1.0, 2.0], [3.0, 5.0]])
NUMPY: dict[str, Any] = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")} | {"ln": np.log}


def value(text: str, **at: object) -> Any:
    return trace_text(text, at or {"x": X, "W": W}).result.data


@pytest.mark.parametrize(
    "text",
    [
        "x * x", "1 - x", "2 / x", "x // 2", "x % 2", "2 ** x", "x ** 2", "-x", "+x", "W @ W", "W @ x[:2]", "x[:2] @ W",
        "x[0]", "x[-1]", "x[1:3]", "x[::-1]", "x[:, None]", "x[None, ...]", "W[:, 1]", "W[1]", "W[[1, 0]]",
        "W[[0, 1], [1, 1]]",
        "x[x > 0]", "W.T", "W.T @ W", "sum(x)", "mean(W, axis=0)", "mean(W, axis=0, keepdims=True)",
        "sum(W, axis=(0, 1))",
        "W.sum(axis=1)", "(x * x).mean()", "x.reshape((2, 2)) @ W", "W.reshape(4)", "where(x > 0, x, -x)",
        "where((x > 0) & (x < 2.5), x, 0)",
        "where((x < 0) | ~(x < 2.5), x, 0)", "where(any(x < 0), x, 2*x)", "maximum(x, 1)", "concatenate((x, x))",
        "concatenate([x, [1, 2]])",
        "array([1, 2, 3, 4]) * x", "x * [1, 2, 3, 4]", "x * (1, 2, 3, 4)", "arange(4) * x",
        "arange(1, 5) ** -1.0 + x", "linspace(0, 1, 4) + x",
        "zeros((2, 2)) + W", "ones(4) * x", "eye(2) @ W", "full((2, 2), 3) * W", "zeros_like(x) + x", "outer(x, x)",
        "einsum('ij,jk->ik', W, W)",
        "exp(x) + ln(x * x)", "x - x - x", "x / x / x", "2 ** x ** 0.5", "sqrt(2 * pi) * x", "pi * e * x",
        "exp(-(x / 2) ** 2 / 2)",
        "clip(x, 0, 1)", "max(x)", "argmax(x) * x", "sum(where(x > 0, 1, 0))", "3 // 2 * x", "7 % 4 * x",
        "(2 + 3 * 4 - 1) * x",
        "1e16 + x - 1e16", "x * 1_000 + 1_0.2_5 + 1e1_0", "9007199254740993 * x", "x.T", "x + 0 * 1",
    ],
)  # fmt: skip
def test_like_numpy(text: str) -> None:
    with np.errstate(all="ignore"):
        wanted = eval(text, dict(NUMPY), {"x": X, "W": W})  # noqa: S307 - the texts stand above
    np.testing.assert_allclose(value(text), np.asarray(wanted, dtype=float), rtol=1e-15, atol=0)
    assert value(text).dtype == np.float64


@given(st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from("+-*/"), st.sampled_from("xy")).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        inner.map(lambda t: f"-{t}"), inner.map(lambda t: f"tanh({t})"), inner.map(lambda t: f"({t})"),
    ),
    max_leaves=12,
))  # fmt: skip
def test_any_expression_has_the_value_that_python_gives_it(text: str) -> None:
    x, y = np.float64(0.75), np.float64(-1.25)
    wanted = eval(text, {"tanh": np.tanh, "x": x, "y": y})  # noqa: S307 - the text is made here, of ten harmless words
    assert value(text, x=x, y=y).item() == pytest.approx(float(wanted), rel=1e-15)


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_text() -> None:
    assert value("\ufeffx * 2", x=3.0) == 6.0


def test_an_input_inside_a_list_of_positions() -> None:
    assert value("x[[i, 0, 1 + 1]]", x=X, i=1).tolist() == X[[1, 0, 2]].tolist()
    with pytest.raises(
        InputError, match=r"column 7: a list of positions holds single ones, not an array of shape \(2,\)"
    ):
        value("x[[0, i]]", x=X, i=[1, 2])


def node_named(graph: Graph, name: str) -> Any:
    (found,) = [node for node in graph.nodes if node.name == name]
    return found


def test_the_names_of_a_text_are_the_names_in_its_graph() -> None:
    graph = trace_text("y = x*x; s = 2; z = s*y; mean(z)", {"x": X}).graph
    assert node_named(graph, "y").op.name == "multiply"
    assert node_named(graph, "s").op is None
    assert node_named(graph, "z").parents == (node_named(graph, "s").index, node_named(graph, "y").index)
    assert graph.inputs == {"x": 0}
    assert graph.wrt == ("x",)
    assert graph.nodes[graph.result].op.name == "mean"
    np.testing.assert_array_equal(graph.nodes[graph.result].value, np.mean(2 * X * X))


def test_a_second_name_for_an_input_changes_nothing() -> None:
    graph = trace_text("t = x; t*t", {"x": 2.0}).graph
    assert [node.name for node in graph.nodes] == ["x", None]


def test_constants_keep_their_names_and_numbers_their_operations() -> None:
    graph = trace_text("sqrt(2*pi) * x ** (1/3)", {"x": 2.0}).graph
    assert [node.constant for node in graph.nodes if node.constant] == ["pi"]
    assert [node.op.name for node in graph.nodes if node.op] == ["multiply", "sqrt", "divide", "power", "multiply"]


def test_nodes_stand_in_topological_order() -> None:
    graph = trace_text("a = exp(x); b = a*W; sum(b @ b) + sum(a) + mean(x)", {"x": [1.0, 2.0], "W": W}).graph
    for place, node in enumerate(graph.nodes):
        assert node.index == place
        assert all(parent < place for parent in node.parents)


def test_an_input_that_only_indexes_stays_whole_and_gets_no_partials() -> None:
    traced = trace_text("sum(W[i, 1:n])", {"W": W, "i": [0, 1, 1], "n": 2})
    assert traced.graph.wrt == ("W",)
    assert traced.tensors["i"].dtype == np.int64
    assert traced.result.item() == 12.0


def test_whole_numbers_that_are_computed_with_become_floats_and_never_wrap() -> None:
    traced = trace_text("i ** 20", {"i": [10]})
    assert traced.result.tolist() == [1e20]
    assert traced.graph.wrt == ("i",)
    assert value("prod(arange(1, 30) + x)", x=0.0).item() == pytest.approx(8.841761993739702e30)


def test_masks_may_be_inputs() -> None:
    traced = trace_text("sum(where(m, x, 0))", {"x": X, "m": [True, False, True, False]})
    assert traced.result.item() == -1.0
    assert traced.graph.wrt == ("x",)


def test_float32_stays_float32() -> None:
    traced = trace_text("mean(exp(x) * (1/3) + pi)", {"x": np.ones(3, np.float32)})
    assert traced.result.dtype == np.float32
    assert trace_text("x * y", {"x": np.float32(1), "y": 2.0}).result.dtype == np.float64


def test_inputs_are_copied() -> None:
    given_array = X.copy()
    traced = trace_text("x * 2", {"x": given_array})
    given_array[0] = 99.0
    assert traced.tensors["x"].data[0] == 0.5


def test_wrt_chooses() -> None:
    traced = trace_text("sum(x) * y", {"x": X, "y": 2.0}, ["y"])
    assert traced.graph.wrt == ("y",)
    assert not traced.tensors["x"].requires_grad


def test_what_the_result_does_not_depend_on_is_noted() -> None:
    (note,) = trace_text("y * 2", {"x": X, "y": 2.0}).graph.notes
    assert (note.kind, note.names) == ("independent", ("x",))


def test_no_warning_leaks() -> None:
    for text in ("log(x)", "1 / (x - x)", "exp(1000 * x)", "x ** -0.5", "arccosh(x)", "mean(x) / 0"):
        value(text)


def test_the_work_of_a_run_is_bounded() -> None:
    with pytest.raises(InputError, match="more than 1000 elements"):
        trace_text("a = x*x; b = a*a; b*b", {"x": np.ones(400)}, limits=Limits(elements=1000))
    with pytest.raises(InputError, match=r"column 1: einsum.*Limits\.created"):
        trace_text("einsum('i,j->ij', x, x)", {"x": np.ones(10_000)})


@pytest.mark.parametrize(
    "text",
    [
        "outer(x, x)", "kron(x, x)", "meshgrid(x, x)[0]", "tensordot(x, x, axes=0)", "diag(x)", "repeat(x, 9999)",
        "tile(x, (9999, 1))", "pad(x, 9999999)", "zeros((9999, 9999))", "arange(0, 1, 1e-9)",
        "linspace(0, 1, 99999999)", "eye(9999)",
        "matmul(x[:, None], x[None])", "full((9999, 9999), 1)", "broadcast_to(x, (9999, 5000))", "ones(9999999999)",
    ],
)  # fmt: skip
def test_no_result_out_of_proportion_is_made(text: str) -> None:
    with pytest.raises(InputError, match=r"Limits\.created"):
        trace_text(text, {"x": np.ones(5000)})
