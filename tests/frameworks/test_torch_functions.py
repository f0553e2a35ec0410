"""Functions of PyTorch's tensors: traced as they are, judged by PyTorch's own gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff
from symdiff.errors import FunctionError, InputError
from symdiff.tracing.graph import Graph
from tests.frameworks import installed

torch = installed("torch")
F = torch.nn.functional

DTYPES = [torch.float32, torch.float64]


def graph_of(explanation: symdiff.Explanation) -> Graph:
    return explanation.explained.evidence.traced.graph


def mean_of_squares(x: Any) -> Any:
    y = x * x
    return y.mean()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_notes_lines_are_checked_in_three(dtype: Any) -> None:
    x = torch.arange(4.0, dtype=dtype, requires_grad=True)
    report = symdiff.check_gradients(mean_of_squares, x)
    assert report.verdict == "agree"
    assert report.inputs["x"].automatic.tolist() == [0.0, 0.5, 1.0, 1.5]
    assert report.inputs["x"].automatic.dtype == np.dtype(str(dtype).removeprefix("torch."))
    assert x.grad is None


def test_names_values_and_formulas_are_those_of_the_function() -> None:
    explanation = symdiff.explain(mean_of_squares, torch.arange(4.0))
    assert explanation.expression == "mean_of_squares(x)"
    assert str(explanation.general["x"]) == "2*x[k]/n"
    assert [node.name for node in graph_of(explanation).nodes] == ["x", "y", None]
    assert explanation.value == 3.5
    assert explanation.gradients["x"].tolist() == [0.0, 0.5, 1.0, 1.5]


def test_every_format_is_written() -> None:
    layer = torch.nn.Linear(2, 2)
    explanation = symdiff.explain(lambda x: layer(x).tanh().sum(), torch.tensor([0.5, -1.0]))
    for written in (explanation.to_text(), explanation.to_html(), explanation.to_latex(), explanation.to_markdown()):
        assert "weight" in written
    assert '"layer.weight"' in explanation.to_json()


class Square(torch.autograd.Function):
    """``x*x``, with a factor in the backward pass that may be wrong."""

    @staticmethod
    def forward(ctx: Any, x: Any, factor: float = 2.0) -> Any:
        ctx.save_for_backward(x)
        ctx.factor = factor
        return x.detach() * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return ctx.factor * g * x, None


class SquareInTwo(torch.autograd.Function):
    """The same in the style with ``setup_context``."""

    @staticmethod
    def forward(x: Any) -> Any:
        return x * x

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return -2.0 * g * x


@pytest.mark.parametrize(("factor", "verdict"), [(2.0, "agree"), (3.0, "disagree"), (2.0 + 1e-9, "disagree")])
def test_an_autograd_function_is_judged_by_its_own_backward(factor: float, verdict: str) -> None:
    x = torch.arange(4.0, dtype=torch.float64)
    assert symdiff.check_gradients(lambda x: Square.apply(x, factor).mean(), x).verdict == verdict


def test_an_autograd_function_itself_has_the_parameters_of_its_forward() -> None:
    report = symdiff.check_gradients(Square.apply, torch.tensor([1.0, 2.0]))
    assert (list(report.inputs), report.verdict) == (["x"], "agree")
    assert report.of == "Square(x)"
    wrong = symdiff.check_gradients(SquareInTwo.apply, torch.tensor([1.0, 2.0]))
    assert (list(wrong.inputs), wrong.verdict) == (["x"], "disagree")


def test_what_is_detached_or_without_grad_is_a_constant() -> None:
    def centred(x: Any) -> Any:
        with torch.no_grad():
            m = x.mean()
        return ((x - m) ** 2).sum() * x.detach().sum()

    report = symdiff.check_gradients(centred, torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64))
    assert report.verdict == "agree"
    assert report.inputs["x"].symbolic == pytest.approx(np.array([-56 / 3, -14 / 3, 70 / 3]))


def test_no_grad_inside_of_a_forward_is_not_the_users() -> None:
    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            with torch.no_grad():
                return x.exp()

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0].exp()

    x = torch.tensor([0.5, 1.0], dtype=torch.float64)
    assert symdiff.check_gradients(lambda x: Inner.apply(x).sum(), x).verdict == "agree"


def test_writes_in_place_are_followed_through_views() -> None:
    def written(x: Any) -> Any:
        y = x.clone()
        y[0] = x[1] * 3
        z = y.mul_(2)
        return (z * z).sum()

    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    explanation = symdiff.explain(written, x)
    assert explanation.report.verdict == "agree"
    assert explanation.gradients["x"].tolist() == [0.0, 160.0, 24.0]
    assert "z" in [node.name for node in graph_of(explanation).nodes]
    assert x.tolist() == [1.0, 2.0, 3.0]


def test_an_input_written_in_place_stays_the_callers() -> None:
    x = torch.tensor([1.0, 2.0])
    assert symdiff.check_gradients(lambda x: x.mul_(2).sum(), x).verdict == "agree"
    assert x.tolist() == [1.0, 2.0]


def test_an_if_on_a_tensor_is_a_condition() -> None:
    def branched(x: Any) -> Any:
        return x * x if x.sum() > 0 else -x

    graph = graph_of(symdiff.explain(branched, torch.tensor([1.0])))
    assert [condition.taken for condition in graph.conditions] == [True]
    other = graph_of(symdiff.explain(branched, torch.tensor([-1.0])))
    assert [condition.taken for condition in other.conditions] == [False]


def test_numbers_read_from_tensors_are_constants() -> None:
    x = torch.tensor([2.0, 3.0], dtype=torch.float64)
    report = symdiff.check_gradients(lambda x: (x * x[0].item()).sum(), x)
    assert (report.verdict, report.inputs["x"].symbolic.tolist()) == ("agree", [2.0, 2.0])


def test_what_went_through_numpy_is_unsupported() -> None:
    class Kernel(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.from_numpy(np.sin(x.detach().numpy()))

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * torch.cos(ctx.saved_tensors[0])

    x = torch.tensor([0.5, 1.0], dtype=torch.float64)

    def loss(x: Any) -> Any:
        return Kernel.apply(x).sum()

    report = symdiff.check_gradients(loss, x)
    assert (report.verdict, report.unsupported) == ("unsupported", ("Tensor.numpy",))
    assert any("reference=" in reason for reason in report.reasons)
    assert symdiff.check_gradients(loss, x, reference=lambda x: torch.sin(x).sum()).verdict == "agree"
    assert symdiff.check_gradients(loss, x, reference=lambda x: np.sin(x).sum()).verdict == "agree"
    assert symdiff.check_gradients(loss, x, reference=lambda x: torch.cos(x).sum()).verdict == "disagree"


def test_numpy_for_printing_alone_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def told(x: Any) -> Any:
        print("x is", x.detach().numpy())
        return (x * float(x[0])).sum()

    report = symdiff.check_gradients(told, torch.tensor([1.0, 2.0]))
    assert report.verdict == "agree"
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("x is") == 1


def test_a_primitive_without_an_entry_is_unsupported_by_name() -> None:
    @torch.library.custom_op("symdiff_tests::twice", mutates_args=())
    def twice(x: torch.Tensor) -> torch.Tensor:
        return 2 * x

    twice.register_autograd(lambda ctx, g: 2 * g)
    report = symdiff.check_gradients(lambda x: twice(x).sum(), torch.tensor([1.0, 2.0]))
    assert (report.verdict, report.unsupported) == ("unsupported", ("symdiff_tests.twice",))


def test_labels_masks_and_options_are_no_inputs_to_differentiate_by() -> None:
    logits = torch.tensor([[0.5, -1.0, 2.0], [0.0, 1.0, 0.3]], dtype=torch.float64)
    labels = torch.tensor([2, 0])
    mask = torch.tensor([True, False, True])

    def loss(x: Any, t: Any, keep: Any, reduction: str, smoothing: float) -> Any:
        return F.cross_entropy(x.masked_fill(~keep, -5.0), t, reduction=reduction, label_smoothing=smoothing)

    report = symdiff.check_gradients(loss, logits, labels, mask, "sum", 0.0)
    assert (list(report.inputs), report.verdict) == (["x"], "agree")
    with pytest.raises(InputError, match="t is used as an index or a mask"):
        symdiff.check_gradients(loss, logits, labels, mask, "sum", 0.0, wrt=["t"])
    with pytest.raises(InputError, match="no input holds floating numbers"):
        symdiff.check_gradients(lambda t: t.double().sum(), labels)


def test_integers_beside_floats_are_computed_with_in_the_tensors_dtype() -> None:
    counts = torch.tensor([1, 2, 3])
    x = torch.tensor([0.5, 1.5, 2.5])
    explanation = symdiff.explain(lambda x, counts: (x * counts / 2).sum(), x, counts)
    assert explanation.report.verdict == "agree"
    assert {node.value.dtype for node in graph_of(explanation).nodes if node.op is not None} == {np.dtype("float32")}


@pytest.mark.parametrize("value", [torch.tensor(2.0), torch.ones(1, 1), torch.tensor(-0.0)])
def test_small_shapes(value: Any) -> None:
    assert symdiff.check_gradients(lambda x: (x * x).sum(), value).verdict == "agree"


def test_an_array_result_has_a_jacobian() -> None:
    report = symdiff.check_gradients(lambda x: x.cumsum(0), torch.arange(3.0))
    assert report.verdict == "agree"
    assert report.inputs["x"].automatic.tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_containers_and_keywords() -> None:
    layer = {"w": torch.tensor([1.0, 2.0]), "b": torch.tensor(0.5)}
    explanation = symdiff.explain(lambda p, x: (p["w"] * x).sum() + p["b"], layer, x=torch.tensor([3.0, 4.0]))
    assert list(explanation.gradients) == ['p["w"]', 'p["b"]', "x"]
    assert explanation.report.verdict == "agree"


W = torch.tensor([[0.5, -1.0], [2.0, 0.25]], requires_grad=True)
WEIGHTS = [torch.tensor(1.5, requires_grad=True), torch.tensor(-0.5, requires_grad=True)]


def closed() -> Any:
    return (W * W).sum() * WEIGHTS[1]


def test_leaves_that_a_function_closes_over_are_inputs_by_their_names() -> None:
    report = symdiff.check_gradients(closed)
    assert (list(report.inputs), report.verdict) == (["W", "WEIGHTS[1]"], "agree")
    assert W.grad is None


def test_numbers_from_outside_are_tried_in_the_dtype_that_the_function_takes() -> None:
    layer = torch.nn.Linear(2, 1)
    explanation = symdiff.explain(layer, [1, 2])
    assert graph_of(explanation).nodes[0].value.dtype == np.float32
    assert symdiff.explain(torch.sin, [1, 2]).gradients["x"].dtype == np.float64
    picked = symdiff.explain(lambda x, i: x[i].sum(), at={"x": np.arange(3.0), "i": np.array([0, 2])})
    assert list(picked.gradients) == ["x"]


def test_gradients_that_are_given_are_judged_instead() -> None:
    x = torch.arange(4.0)
    check = symdiff.check_gradients
    assert check(mean_of_squares, x, gradient=lambda x: x / 2).verdict == "agree"
    assert check(mean_of_squares, x, gradient=lambda x: torch.ones_like(x)).verdict == "disagree"
    assert check(mean_of_squares, x, gradient=x / 2).verdict == "agree"
    assert check(mean_of_squares, x, gradient=np.arange(4.0) / 2).verdict == "agree"
    assert check(lambda x: np.sum(x * x), x, gradient=2 * x).verdict == "agree"
    assert check("sum(x * x)", at={"x": x}, gradient=(2 * x).requires_grad_()).verdict == "agree"


def test_kinks_and_undefined_points() -> None:
    assert symdiff.check_gradients(lambda x: torch.relu(x).sum(), torch.tensor([0.0, 1.0])).verdict == "kink"
    assert symdiff.check_gradients(lambda x: x.max(), torch.tensor([1.0, 1.0])).verdict == "kink"
    assert symdiff.check_gradients(lambda x: x.max(0).values, torch.tensor([1.0, 1.0])).verdict == "kink"
    assert symdiff.check_gradients(lambda x: x.log().sum(), torch.tensor([0.0, 1.0])).verdict == "undefined"


@pytest.mark.parametrize(
    ("function", "given", "words"),
    [
        (lambda x: x @ x, torch.ones(2, 3), "raises RuntimeError at x of shape (2, 3)"),
        (lambda x: None, torch.ones(2), "returns nothing"),
        (lambda x: x.sum().item(), torch.ones(2), "returns float, not a tensor"),
        (lambda x: x > 0, torch.ones(2), "returns a tensor of torch.bool"),
        (lambda x: torch.fft.fft(x), torch.ones(2), "returns complex numbers"),
        (lambda x: x.sum(), torch.ones(2, dtype=torch.float16), "give float64 or float32"),
        (lambda x: x.real.sum(), torch.ones(2, dtype=torch.complex64), "give float64 or float32"),
        (lambda x: x.to_dense().sum(), torch.ones(2).to_sparse(), "give a dense one"),
        (lambda x: x + torch.rand(2), torch.ones(2), "draws random numbers (aten.rand)"),
        (lambda x: F.dropout(x), torch.ones(4), "call .eval() on the module"),
        (lambda x: x.sum(), torch.ones(0), "x has no elements"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(function: Any, given: Any, words: str) -> None:
    with pytest.raises(InputError) as error:
        symdiff.check_gradients(function, given)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_backward_that_raises_is_the_users_own() -> None:
    class Broken(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            raise ValueError("not written yet")

    with pytest.raises(FunctionError, match=r"the backward pass of Broken\(x\) raises ValueError: not written yet"):
        symdiff.check_gradients(Broken.apply, torch.ones(2))


def test_a_state_that_changes_is_seen() -> None:
    calls: list[int] = []

    def counted(x: Any) -> Any:
        calls.append(1)
        return x * len(calls)

    with pytest.raises(InputError, match="two different values for one input"):
        symdiff.check_gradients(counted, torch.ones(2))


def test_several_results_are_checked_with_a_cotangent_and_explained_one_at_a_time() -> None:
    def both(x: Any) -> Any:
        return x * x, {"last": x[-1].exp()}

    x = torch.tensor([0.5, 1.0], dtype=torch.float64)
    assert symdiff.check_gradients(both, x).verdict == "agree"
    wrong = symdiff.check_gradients(lambda x: (Square.apply(x, 3.0), x), x)
    assert wrong.verdict == "disagree"
    with pytest.raises(InputError, match="returns a tuple of 2; give one of them, such as lambda x: both"):
        symdiff.explain(both, x)


def test_a_backward_pass_that_is_given_gets_tensors_and_the_cotangent() -> None:
    x = torch.tensor([0.5, 1.0], dtype=torch.float64)

    def backward(g: Any, x: Any) -> Any:
        assert isinstance(g, torch.Tensor)
        return g * 2 * x

    assert symdiff.check_gradients(lambda x: x * x, x, gradient=backward).verdict == "agree"
    assert symdiff.check_gradients(lambda x: x * x, x, gradient=lambda g, x: 2 * x).verdict == "disagree"


def test_second_derivatives_are_pytorchs_own() -> None:
    x = torch.tensor([0.5, 1.0], dtype=torch.float64)
    report = symdiff.check_gradients(lambda x: (x**3).sum(), x, order=2)
    assert report.verdict == "agree"
    assert report.inputs["x, x"].automatic.tolist() == [[3.0, 0.0], [0.0, 6.0]]


def test_a_failure_says_what_to_run_again() -> None:
    report = symdiff.check_gradients(lambda x: Square.apply(x, 3.0).sum(), torch.tensor([0.5, 1.0]))
    text = report.failure()
    assert "torch.tensor([0.5, 1.0], dtype=torch.float32)" in text
    assert "PyTorch" in text


@pytest.mark.parametrize(("language", "engine"), [("en", "engine"), ("zh", "引擎")])
def test_a_page_names_pytorch_where_it_is_pytorchs_gradient(language: str, engine: str) -> None:
    explanation = symdiff.explain(lambda x: torch.relu(x * x[0]), torch.tensor([0.0, 1.0]), language=language)
    told = explanation.to_text()
    assert "PyTorch" in next(line for line in told.splitlines() if "ulp" in line)
    left = [line for line in told.splitlines() if engine in line and "this engine" in line.lower()]
    assert left == []
    ours = symdiff.explain("relu(x)", x=[0.0, 1.0], language=language).to_text()
    assert engine in next(line for line in ours.splitlines() if "ulp" in line)


def test_a_tensor_alone_is_refused_with_what_to_write() -> None:
    x = torch.arange(4.0, requires_grad=True)
    y = x * x
    for given in ((y.mean(),), (y, x)):
        with pytest.raises(InputError, match=r"not how they were computed; give the function"):
            symdiff.explain(*given)
    for function in (lambda: y.mean(), lambda x: (x * y).sum()):
        with pytest.raises(InputError, match=r"reads y, which was computed from leaves outside of it"):
            symdiff.check_gradients(function, *([x] if function.__code__.co_argcount else []))
    assert symdiff.check_gradients(lambda y: y.mean(), y).verdict == "agree"
