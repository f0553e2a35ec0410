"""Functions of JAX's arrays: traced as they are, judged by JAX's own gradient."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff
from symdiff.errors import FunctionError, InputError
from symdiff.tracing.graph import Graph
from tests.frameworks import installed

jax = installed("jax")
jnp, lax = jax.numpy, jax.lax


def graph_of(explanation: symdiff.Explanation) -> Graph:
    return explanation.explained.evidence.traced.graph


def operations(explanation: symdiff.Explanation) -> list[str]:
    return [node.op.name for node in graph_of(explanation).nodes if node.op is not None]


@pytest.fixture
def in_double() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def mean_of_squares(x: Any) -> Any:
    y = x * x
    return jnp.mean(y)


def test_the_notes_lines_are_checked_in_three() -> None:
    x = jnp.arange(4.0)
    report = symdiff.check_gradients(mean_of_squares, x)
    assert report.verdict == "agree"
    assert report.judged == "JAX"
    assert report.inputs["x"].automatic.tolist() == [0.0, 0.5, 1.0, 1.5]
    assert report.inputs["x"].automatic.dtype == np.float32


@pytest.mark.usefixtures("in_double")
def test_in_double_precision() -> None:
    report = symdiff.check_gradients(mean_of_squares, jnp.arange(4.0))
    assert report.verdict == "agree"
    assert report.inputs["x"].automatic.dtype == np.float64


@pytest.mark.parametrize("wrapped", [lambda f: f, jax.jit, jax.checkpoint, lambda f: jax.jit(jax.jit(f))])
def test_names_and_formulas_are_those_of_the_function(wrapped: Any) -> None:
    explanation = symdiff.explain(wrapped(mean_of_squares), jnp.arange(4.0))
    assert explanation.expression == "mean_of_squares(x)"
    assert str(explanation.general["x"]) == "2*x[k]/n"
    assert [node.name for node in graph_of(explanation).nodes] == ["x", "y", None]
    assert explanation.value == 3.5


def test_names_are_seen_although_a_jitted_function_was_traced_before() -> None:
    @jax.jit
    def inner(x: Any) -> Any:
        square = x * x
        return square + 1.0

    inner(jnp.arange(4.0))
    explanation = symdiff.explain(lambda x: jnp.sum(inner(x)), jnp.arange(4.0))
    assert "square" in [node.name for node in graph_of(explanation).nodes]


def test_a_sum_over_a_number_is_no_mean() -> None:
    assert str(symdiff.explain(lambda x: jnp.sum(x * x) / 4, jnp.arange(4.0)).general["x"]) == "x[k]/2"
    assert str(symdiff.explain(jax.jit(lambda x: (x * x).mean()), jnp.arange(4.0)).general["x"]) == "2*x[k]/n"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (jax.nn.softmax, "softmax"),
        (jax.nn.log_softmax, "log_softmax"),
        (jax.nn.logsumexp, "logsumexp"),
        (lambda x: jax.nn.logsumexp(x, axis=-1, keepdims=True), "logsumexp"),
        (jnp.var, "variance"),
        (jax.nn.softplus, "softplus"),
        (jax.nn.relu, "relu"),
        (jax.nn.silu, "silu"),
    ],
)
def test_what_is_one_operation_of_ours_is_told_as_one(function: Any, name: str) -> None:
    x = jnp.array([[0.5, -1.0, 2.0], [0.25, 3.0, 1.5]])
    explanation = symdiff.explain(function, x)
    assert operations(explanation) == [name]
    assert explanation.report.verdict in ("agree", "imprecise")


def test_every_format_is_written() -> None:
    weight = jnp.array([[1.0, 2.0], [0.5, -1.0]])
    explanation = symdiff.explain(lambda x: jnp.tanh(weight @ x).sum(), jnp.array([0.5, -1.0]))
    for written in (explanation.to_text(), explanation.to_html(), explanation.to_latex(), explanation.to_markdown()):
        assert "weight" in written


class Layer(NamedTuple):
    w: Any
    b: Any


def test_pytrees_are_inputs_by_their_paths() -> None:
    def loss(params: Any, x: Any) -> Any:
        hidden = jnp.tanh(x @ params["first"].w + params["first"].b)
        return jnp.sum(hidden @ params["last"][0])

    params = {"first": Layer(jnp.ones((2, 3)), jnp.zeros(3)), "last": [jnp.ones((3, 1))]}
    report = symdiff.check_gradients(loss, params, jnp.array([[0.5, -1.0]]))
    assert list(report.inputs) == ['params["first"].w', 'params["first"].b', 'params["last"][0]', "x"]
    assert report.verdict == "agree"
    assert list(symdiff.check_gradients(loss, params, jnp.ones((1, 2)), wrt=["x"]).inputs) == ["x"]


def test_an_if_on_a_value_is_a_condition() -> None:
    def branched(x: Any) -> Any:
        return x * x if x.sum() > 0 else -x

    taken = [graph_of(symdiff.explain(branched, jnp.array([s]))).conditions[0].taken for s in (1.0, -1.0)]
    assert taken == [True, False]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_cond_takes_its_branch_and_is_a_condition(sign: float) -> None:
    def f(x: Any) -> Any:
        return lax.cond(x[0] > 0, lambda x: jnp.sin(x).sum(), lambda x: jnp.cos(x).sum(), x)

    explanation = symdiff.explain(f, jnp.array([sign, 0.5]))
    assert [condition.taken for condition in graph_of(explanation).conditions] == [sign > 0]
    assert operations(explanation)[-2:] == ["sin" if sign > 0 else "cos", "sum"]
    assert symdiff.check_gradients(jax.jit(f), jnp.array([sign, 0.5])).verdict == "agree"


def test_loops_are_followed_up_to_a_limit() -> None:
    def scanned(x: Any) -> Any:
        return lax.scan(lambda c, e: (jnp.sin(c + e), None), 0.0, x)[0]

    assert operations(symdiff.explain(scanned, jnp.ones(5))).count("sin") == 5
    report = symdiff.check_gradients(scanned, jnp.ones(300))
    assert report.verdict == "unsupported"
    assert report.unsupported == ("scan (300 steps, more than 256)",)


def test_what_is_stopped_is_a_constant() -> None:
    report = symdiff.check_gradients(lambda x: (x * lax.stop_gradient(x)).sum(), jnp.array([1.0, 2.0]))
    assert report.inputs["x"].symbolic.tolist() == [1.0, 2.0]
    assert report.verdict == "agree"


@pytest.mark.parametrize("key", [jax.random.PRNGKey(0), jax.random.key(0)], ids=["raw", "typed"])
def test_random_numbers_by_a_key_are_constants(key: Any) -> None:
    def dropped(x: Any, key: Any) -> Any:
        keep = jax.random.bernoulli(key, 0.5, x.shape)
        return jnp.where(keep, x / 0.5, 0.0).sum() + (x * jax.random.normal(key, x.shape)).sum()

    report = symdiff.check_gradients(dropped, jnp.arange(1.0, 5.0), key)
    assert (list(report.inputs), report.verdict) == (["x"], "agree")


def test_labels_masks_and_options_are_no_inputs() -> None:
    def loss(x: Any, t: Any, keep: Any, reduction: str, scale: float) -> Any:
        picked = jnp.take_along_axis(jax.nn.log_softmax(jnp.where(keep, x, -5.0)), t[:, None], 1)
        return -scale * (picked.sum() if reduction == "sum" else picked.mean())

    x = jnp.array([[0.5, -1.0, 2.0], [0.0, 1.0, 0.3]])
    given = (x, jnp.array([2, 0]), jnp.array([True, False, True]), "sum", 0.5)
    report = symdiff.check_gradients(loss, *given)
    assert (list(report.inputs), report.verdict) == (["x"], "agree")
    with pytest.raises(InputError, match="t is used as an index or a mask"):
        symdiff.check_gradients(loss, *given, wrt=["t"])
    with pytest.raises(InputError, match="no input holds floating numbers"):
        symdiff.check_gradients(lambda t: t.astype(float).sum(), jnp.array([1, 2]))


def test_vmap_and_grad_inside_of_a_function() -> None:
    per_example = jax.vmap(lambda x, t: (x @ x - t) ** 2)
    x, t = jnp.array([[1.0, 2.0], [0.5, -1.0]]), jnp.array([1.0, 2.0])
    assert symdiff.check_gradients(lambda x, t: per_example(x, t).mean(), x, t).verdict == "agree"
    explanation = symdiff.explain(lambda x: jax.grad(lambda y: jnp.sum(y**3))(x).sum(), jnp.array([1.0, 2.0]))
    assert str(explanation.general["x"]) == "6*x[k]"


def test_an_array_result_has_a_jacobian() -> None:
    report = symdiff.check_gradients(jnp.cumsum, jnp.arange(3.0))
    assert report.verdict == "agree"
    assert report.inputs["a"].automatic.tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_kinks_and_undefined_points() -> None:
    assert symdiff.check_gradients(lambda x: jax.nn.relu(x).sum(), jnp.array([0.0, 1.0])).verdict == "kink"
    assert symdiff.check_gradients(jnp.max, jnp.array([1.0, 1.0])).verdict == "kink"
    assert symdiff.check_gradients(lambda x: jnp.log(x).sum(), jnp.array([0.0, 1.0])).verdict == "undefined"
    # where the branch that is not taken is not finite, JAX gives nan
    report = symdiff.check_gradients(lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0).sum(), jnp.array([-1.0, 4.0]))
    assert report.verdict == "disagree"


def test_a_primitive_without_an_entry_is_unsupported_by_name() -> None:
    @jax.custom_jvp
    def called_back(x: Any) -> Any:
        return jax.pure_callback(lambda x: np.sin(x), x, x)

    called_back.defjvp(lambda primals, tangents: (called_back(*primals), jnp.cos(*primals) * tangents[0]))
    x = jnp.array([0.5, 1.0])

    def loss(x: Any) -> Any:
        return called_back(x).sum()

    report = symdiff.check_gradients(loss, x)
    assert (report.verdict, report.unsupported) == ("unsupported", ("pure_callback",))
    assert any("reference=" in reason for reason in report.reasons)
    assert symdiff.check_gradients(loss, x, reference=lambda x: jnp.sin(x).sum()).verdict == "agree"
    assert symdiff.check_gradients(loss, x, reference=lambda x: np.sin(x).sum()).verdict == "agree"
    assert symdiff.check_gradients(loss, x, reference=lambda x: jnp.cos(x).sum()).verdict == "disagree"


def test_a_reduction_whose_first_value_jax_forgets() -> None:
    """``lax.reduce`` by multiplication: where it differentiates, JAX leaves the initial value out."""

    def halved(x: Any) -> Any:
        return lax.reduce(x, 0.5, lax.mul, (0,))

    x = jnp.array([2.0, 3.0])
    assert symdiff.check_gradients(halved, x, gradient=jnp.array([1.5, 1.0])).verdict == "agree"
    with pytest.raises(FunctionError, match=r"has another value while JAX differentiates it: 6\., and otherwise 3\."):
        symdiff.check_gradients(halved, x)


def test_gradients_that_are_given_are_judged_instead() -> None:
    x, check = jnp.arange(4.0), symdiff.check_gradients
    assert check(mean_of_squares, x, gradient=lambda x: x / 2).verdict == "agree"
    assert check(mean_of_squares, x, gradient=jax.grad(mean_of_squares)).verdict == "agree"
    assert check(mean_of_squares, x, gradient=lambda x: jnp.ones_like(x)).verdict == "disagree"
    assert check(mean_of_squares, x, gradient=x / 2).verdict == "agree"
    assert check("sum(x * x)", at={"x": x}, gradient=2 * x).verdict == "agree"
    assert check(lambda x: x * x, x, gradient=lambda g, x: 2 * g * x).verdict == "agree"


def test_several_results_are_checked_with_a_cotangent_and_explained_one_at_a_time() -> None:
    def both(x: Any) -> Any:
        return x * x, {"last": jnp.exp(x[-1])}

    x = jnp.array([0.5, 1.0])
    assert symdiff.check_gradients(both, x).verdict == "agree"
    with pytest.raises(InputError, match="returns a tuple of 2; give one of them, such as lambda x: both"):
        symdiff.explain(both, x)


def test_second_derivatives_are_jaxs_own() -> None:
    report = symdiff.check_gradients(lambda x: (x**3).sum(), jnp.array([0.5, 1.0]), order=2)
    assert report.verdict == "agree"
    assert report.inputs["x, x"].automatic.tolist() == [[3.0, 0.0], [0.0, 6.0]]


def test_numbers_from_outside_are_taken_in_the_dtype_that_jax_has() -> None:
    explanation = symdiff.explain(mean_of_squares, [0, 1, 2, 3])
    assert explanation.gradients["x"].dtype == np.float32
    assert explanation.report.verdict == "agree"


@pytest.mark.parametrize(
    ("function", "given", "words"),
    [
        (lambda x: x @ x, jnp.ones((2, 3)), "raises TypeError at x of shape (2, 3)"),
        (lambda x: None, jnp.ones(2), "returns nothing"),
        (lambda x: x > 0, jnp.ones(2), "returns an array of bool"),
        (jnp.fft.fft, jnp.ones(2), "returns complex numbers"),
        (lambda x: x.sum(), jnp.ones(2, jnp.bfloat16), "give float64 or float32"),
        (lambda x: x.real.sum(), jnp.ones(2, jnp.complex64), "give float64 or float32"),
        (lambda x: float(x[0]) * x.sum(), jnp.ones(2), "reads the values of arrays as Python's numbers"),
        (lambda x: x.sum(), jnp.ones(0), "x has no elements"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(function: Any, given: Any, words: str) -> None:
    with pytest.raises(InputError) as error:
        symdiff.check_gradients(function, given)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_backward_pass_that_raises_is_the_users_own() -> None:
    @jax.custom_vjp
    def broken(x: Any) -> Any:
        return x * 2

    def backward(residual: Any, g: Any) -> Any:
        raise ValueError("not written yet")

    broken.defvjp(lambda x: (x * 2, None), backward)
    with pytest.raises(FunctionError, match=r"the backward pass of broken\(x\) raises ValueError: not written yet"):
        symdiff.check_gradients(broken, jnp.ones(2))


def test_a_forward_pass_that_returns_another_value_is_told() -> None:
    @jax.custom_vjp
    def doubled(x: Any) -> Any:
        return 2 * x

    doubled.defvjp(lambda x: (3 * x, None), lambda _, g: (2 * g,))
    with pytest.raises(FunctionError, match=r"has another value while JAX differentiates it: 6\.0?, and otherwise 4\."):
        symdiff.check_gradients(lambda x: doubled(x).sum(), jnp.ones(2))


def test_a_state_that_changes_is_seen() -> None:
    calls: list[int] = []

    def counted(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    with pytest.raises(InputError, match="two different values for one input"):
        symdiff.check_gradients(counted, jnp.ones(2))


def test_a_function_of_a_file_is_explained_from_the_shell(tmp_path: Any) -> None:
    file = tmp_path / "model.py"
    file.write_text("import jax.numpy as jnp\n\ndef loss(x):\n    y = x * x\n    return jnp.mean(y)\n")
    command = [sys.executable, "-m", "symdiff", "check", f"{file}:loss", "--at", "x=0,1,2,3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "JAX" in done.stdout
    assert "verdict: agree" in done.stdout


def test_a_file_holds_the_values_of_its_functions_parameters(tmp_path: Any) -> None:
    file = tmp_path / "note.py"
    file.write_text(
        "import jax.numpy as jnp\n\nx = jnp.arange(4.0)\nscale = {'by': jnp.ones(4)}\n\n"
        "def loss(x, scale):\n    y = x * x * scale['by']\n    return jnp.mean(y)\n\ny = loss(x, scale)\n"
    )
    command = [sys.executable, "-m", "symdiff", "check"]
    done = subprocess.run([*command, f"{file}:loss"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert 'scale["by"][3]' in done.stdout
    refused = subprocess.run([*command, f"{file}:y"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "is an array of JAX's, which does not say how it was computed" in refused.stderr


def test_nothing_of_jax_is_imported_unless_it_is_there() -> None:
    script = "import sys, symdiff; symdiff.explain('mean(x * x)', x=[0.0, 1.0]); assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
