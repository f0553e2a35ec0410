"""Every layer of ``torch.nn`` that has a meaning of ours: PyTorch's own gradients, in both precisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import symdiff
from tests.frameworks import installed

torch = installed("torch")
nn = torch.nn

Made = tuple[Callable[..., Any], tuple[Any, ...]]


def on(module: Any, *shape: int) -> Made:
    return module, (torch.randn(*shape),)


class Block(nn.Module):
    """A small transformer block: attention and a perceptron, each behind a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(4), nn.LayerNorm(4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.perceptron = nn.Sequential(nn.Linear(4, 6), nn.GELU(), nn.Linear(6, 4))

    def forward(self, x: Any) -> Any:
        y = self.first(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.perceptron(self.second(x))


def first_of(module: Any) -> Callable[[Any], Any]:
    return lambda x: module(x)[0]


def attended(module: Any) -> Callable[[Any], Any]:
    return lambda x: module(x, x, x)[0]


LAYERS: dict[str, Callable[[], Made]] = {
    "linear": lambda: on(nn.Linear(3, 2), 2, 3),
    "conv1d": lambda: on(nn.Conv1d(2, 2, 3, padding=1), 1, 2, 4),
    "conv2d": lambda: on(nn.Conv2d(2, 2, 2, stride=2), 1, 2, 4, 4),
    "layer norm": lambda: on(nn.LayerNorm(4), 2, 4),
    "batch norm": lambda: on(nn.BatchNorm1d(3), 4, 3),
    "batch norm, eval": lambda: on(nn.BatchNorm2d(2).eval(), 2, 2, 2, 2),
    "rms norm": lambda: on(nn.RMSNorm(4), 2, 4),
    "gelu": lambda: on(nn.GELU(), 5),
    "gelu, tanh": lambda: on(nn.GELU("tanh"), 5),
    "silu": lambda: on(nn.SiLU(), 5),
    "softmax": lambda: on(nn.Softmax(-1), 2, 3),
    "cross entropy": lambda: (nn.CrossEntropyLoss(), (torch.randn(3, 4), torch.tensor([0, 3, 1]))),
    "attention": lambda: (attended(nn.MultiheadAttention(4, 2)), (torch.randn(3, 1, 4),)),
    "lstm": lambda: (first_of(nn.LSTM(2, 2)), (torch.randn(3, 1, 2),)),
    "gru": lambda: (first_of(nn.GRU(2, 2)), (torch.randn(3, 1, 2),)),
    "embedding": lambda: (nn.Embedding(4, 2), (torch.tensor([[0, 3], [3, 1]]),)),
    "max pool": lambda: on(nn.MaxPool2d(2), 1, 1, 4, 4),
    "mean pool": lambda: on(nn.AvgPool2d(2), 1, 1, 4, 4),
    "dropout, eval": lambda: on(nn.Dropout(0.5).eval(), 4),
    "transformer block": lambda: on(Block(), 1, 3, 4),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layers_own_gradient_is_right(name: str, dtype: Any) -> None:
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        function, inputs = LAYERS[name]()
    finally:
        torch.set_default_dtype(before)

    def loss(*given: Any) -> Any:
        return (function(*given) ** 2).sum()

    report = symdiff.check_gradients(loss, *inputs)
    assert report.verdict in ("agree", "imprecise"), report.failure()
    assert report.verdict == "agree" or report.reasons


def test_a_modules_parameters_are_inputs_by_their_names() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    report = symdiff.check_gradients(module, torch.randn(3))
    assert list(report.inputs) == ["input", "0.weight", "0.bias", "2.weight", "2.bias"]
    assert report.verdict == "agree"


def test_buffers_that_training_writes_stay_as_they_were() -> None:
    module = nn.BatchNorm1d(2)
    symdiff.check_gradients(lambda x: (module(x) ** 3).sum(), torch.randn(4, 2))
    assert module.running_mean.tolist() == [0.0, 0.0]
    assert int(module.num_batches_tracked) == 0
