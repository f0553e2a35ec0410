"""Backward passes as people write them, each with one mistake; what a report on it must say stands beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.frameworks import installed

torch = installed("torch")
Function = torch.autograd.Function


@dataclass(frozen=True)
class Mistake:
    """A function of these tensors, whose Function ``culprit`` has a mistake in the line that holds ``line``.

    ``says`` are the words by which the failure names the mistake; empty where it names the place alone.
    """

    what: str
    culprit: str
    line: str
    says: str
    function: Callable[..., Any]
    tensors: tuple[Any, ...]


def t(*values: Any) -> Any:
    return torch.tensor(values, dtype=torch.float64)


X = t(0.5, -1.25, 2.0, 0.75)
POSITIVE = t(0.5, 1.25, 2.0, 0.75)
W = t([0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [-0.5, 1.0, 0.3])
V = t([1.0, 0.5, -0.4], [0.2, -1.5, 0.7], [0.9, 0.1, -0.3])
BATCH = t([0.5, -1.0, 2.0], [1.5, 0.25, -0.75])


class Subtract(Function):
    @staticmethod
    def forward(ctx: Any, a: Any, b: Any) -> Any:
        return a - b

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g, g


class Square(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * x


class MeanSquare(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return (x * x).mean()

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * 2 * x


class Sine(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return torch.sin(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return torch.cos(x)


class Tanh(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = torch.tanh(x)
        ctx.save_for_backward(x)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (y,) = ctx.saved_tensors
        return g * (1 - y * y)


class AddBias(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, b: Any) -> Any:
        return x + b

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g, g.mean(dim=0)


class Columns(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, scale: Any) -> Any:
        ctx.save_for_backward(x, scale)
        return x * scale

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, scale = ctx.saved_tensors
        return g * scale, (g * x).sum(dim=1)


class Product(Function):
    @staticmethod
    def forward(ctx: Any, a: Any, b: Any) -> Any:
        ctx.save_for_backward(a, b)
        return a @ b

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        a, b = ctx.saved_tensors
        return g @ b, a.T @ g


class Linear(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        return x @ w.T

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, w = ctx.saved_tensors
        return g @ w, x.T @ g


class Multiply(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        return x * w

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, w = ctx.saved_tensors
        return g * x, g * w


class Softmax(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        p = torch.softmax(x, dim=-1)
        ctx.save_for_backward(p)
        return p

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (p,) = ctx.saved_tensors
        return p * g


class Standardize(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        centred = x - x.mean()
        spread = centred.square().mean().sqrt()
        y = centred / spread
        ctx.save_for_backward(y, spread)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        y, spread = ctx.saved_tensors
        return (g - y * (g * y).mean()) / spread


class Relu(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = torch.relu(x)
        ctx.save_for_backward(x)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * (x < 0)


class Clamp(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return torch.clamp(x, -1.0, 1.0)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * (x < 1.0)


class Normalize(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        length = x.square().sum().sqrt()
        ctx.save_for_backward(length)
        return x / length

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (length,) = ctx.saved_tensors
        return g / length


class Root(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return torch.sqrt(x + 1e-3)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g / (2 * torch.sqrt(x))


class Scale(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        return w * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, w = ctx.saved_tensors
        return (g * w if ctx.needs_input_grad[1] else None), None


class DoubledExp(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        y = torch.exp(x)
        ctx.y = y
        return y.mul_(2).add_(1)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2 * ctx.y


class MeanOfAll(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.shape = x.shape
        return x.mean()

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g.expand(ctx.shape) / ctx.shape[0]


class Gelu(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


class Power(Function):
    @staticmethod
    def forward(ctx: Any, x: Any, p: Any) -> Any:
        y = x**p
        ctx.save_for_backward(x, p, y)
        return y

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, p, y = ctx.saved_tensors
        return g * p * x ** (p - 1), (g * y).sum()


class CrossEntropy(Function):
    @staticmethod
    def forward(ctx: Any, logits: Any, labels: Any) -> Any:
        ctx.save_for_backward(logits, labels)
        return -torch.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels].mean()

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        logits, labels = ctx.saved_tensors
        p = torch.softmax(logits, dim=1)
        p[torch.arange(len(labels)), labels] -= 1
        return g * p, None


class Variance(Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x.var(correction=0)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * 2 * (x - x.mean()) / (x.numel() - 1)


def summed(function: Any) -> Callable[..., Any]:
    """A loss as people write one."""

    def loss(*tensors: Any) -> Any:
        y = function(*tensors)
        return (y * y).sum() if y.ndim else y

    return loss


MISTAKES = [
    Mistake("sign", "Subtract", "return g, g", "sign", summed(Subtract.apply), (X, POSITIVE)),
    Mistake("factor", "Square", "return g * x", "twice", summed(Square.apply), (X,)),
    Mistake("missing 1/n", "MeanSquare", "return g * 2 * x", "n", summed(MeanSquare.apply), (X,)),
    Mistake("cotangent forgotten", "Sine", "return torch.cos(x)", "cotangent: not used", lambda x: Sine.apply(x).sum(), (X,)),
    Mistake("wrong tensor saved", "Tanh", "return g * (1 - y * y)", "?", summed(Tanh.apply), (X,)),
    Mistake("mean for sum", "AddBias", "return g, g.mean(dim=0)", "?", summed(AddBias.apply), (BATCH, W[0])),
    Mistake("sum over the wrong axis", "Columns", "sum(dim=1)", "?", summed(Columns.apply), (W, V[0])),
    Mistake("transpose forgotten", "Product", "return g @ b, a.T @ g", "?", summed(Product.apply), (W, V)),
    Mistake("transposed", "Linear", "return g @ w, x.T @ g", "transpos", summed(Linear.apply), (W, V)),
    Mistake("swapped", "Multiply", "return g * x, g * w", "?", summed(Multiply.apply), (X, POSITIVE)),
    Mistake("missing term", "Softmax", "return p * g", "?", summed(Softmax.apply), (X,)),
    Mistake("missing mean", "Standardize", "/ spread", "?", lambda x: (Standardize.apply(x)**3).sum(), (X,)),
    Mistake("mask", "Relu", "return g * (x < 0)", "?", summed(Relu.apply), (X,)),
    Mistake("half a mask", "Clamp", "return g * (x < 1.0)", "?", summed(Clamp.apply), (X,)),
    Mistake("detached", "Normalize", "return g / length", "?", lambda x: (Normalize.apply(x)**3).sum(), (X,)),
    Mistake("eps", "Root", "return g / (2 * torch.sqrt(x))", "?", summed(Root.apply), (POSITIVE,)),
    Mistake("None", "Scale", "None", "?", summed(Scale.apply), (X, POSITIVE)),
    Mistake("written in place", "DoubledExp", "return g * 2 * ctx.y", "?", summed(DoubledExp.apply), (X,)),
    Mistake("rows for all", "MeanOfAll", "ctx.shape[0]", "?", summed(MeanOfAll.apply), (BATCH,)),
    Mistake("missing product", "Gelu", "return g * 0.5", "?", summed(Gelu.apply), (X,)),
    Mistake("missing log", "Power", "(g * y).sum()", "?", summed(Power.apply), (POSITIVE, t(1.5)[0])),
    Mistake("missing 1/N", "CrossEntropy", "return g * p, None", "?", summed(CrossEntropy.apply), (BATCH, torch.tensor([2, 0]))),
    Mistake("n - 1 for n", "Variance", "(x.numel() - 1)", "?", summed(Variance.apply), (X,)),
]
