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
        _, w = ctx.saved_tensors
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


def loss(y: Any) -> Any:
    return (y**3).sum()


MISTAKES = [
    Mistake(
        "Subtract",
        "return g, g",
        "the gradient by b has the wrong sign",
        lambda x, w: loss(Subtract.apply(x, w)),
        (X, POSITIVE),
    ),
    Mistake(
        "Square",
        "return g * x",
        "the gradient by x is half of what it should be",
        lambda x: loss(Square.apply(x)),
        (X,),
    ),
    Mistake("MeanSquare", "return g * 2 * x", "a factor 1/n is missing", lambda x: MeanSquare.apply(x), (X,)),
    Mistake("Sine", "return torch.cos(x)", "cotangent: not used", lambda x: Sine.apply(x).sum(), (X,)),
    Mistake(
        "Tanh", "return g * (1 - y * y)", "is computed with x where y belongs", lambda x: loss(Tanh.apply(x)), (X,)
    ),
    Mistake(
        "AddBias",
        "return g, g.mean(dim=0)",
        "there is a factor 1/m too many",
        lambda x, b: loss(AddBias.apply(x, b)),
        (BATCH, W[0]),
    ),
    Mistake("Columns", "sum(dim=1)", "", lambda x, scale: loss(Columns.apply(x, scale)), (W, V[0])),
    Mistake(
        "Product",
        "return g @ b, a.T @ g",
        "is computed with b where its transpose belongs",
        lambda a, b: loss(Product.apply(a, b)),
        (W, V),
    ),
    Mistake(
        "Linear",
        "return g @ w, x.T @ g",
        "the gradient by w is transposed",
        lambda x, w: loss(Linear.apply(x, w)),
        (W, V),
    ),
    Mistake(
        "Multiply",
        "return g * x, g * w",
        "the gradient by x is the one by w: they are swapped",
        lambda x, w: loss(Multiply.apply(x, w)),
        (X, POSITIVE),
    ),
    Mistake("Softmax", "return p * g", "lacks the term −pₖ ∑_{i=1..n} gᵢpᵢ", lambda x: loss(Softmax.apply(x)), (X,)),
    Mistake(
        "Standardize",
        "/ spread",
        "lacks the term −(1/(n spread)) ∑_{i=1..n} gᵢ",
        lambda x: loss(Standardize.apply(x)),
        (X,),
    ),
    Mistake("Relu", "return g * (x < 0)", "the mask is the other way round", lambda x: loss(Relu.apply(x)), (X,)),
    Mistake("Clamp", "return g * (x < 1.0)", "a mask is missing", lambda x: loss(Clamp.apply(x)), (X,)),
    Mistake(
        "Normalize",
        "return g / length",
        "lacks the term −(xₖ/length³) ∑_{i=1..n} gᵢxᵢ",
        lambda x: loss(Normalize.apply(x)),
        (X,),
    ),
    Mistake("Root", "return g / (2 * torch.sqrt(x))", "", lambda x: loss(Root.apply(x)), (POSITIVE,)),
    Mistake("Scale", "None", "the gradient by w is 0 everywhere", lambda x, w: loss(Scale.apply(x, w)), (X, POSITIVE)),
    Mistake(
        "DoubledExp",
        "return g * 2 * ctx.y",
        "is computed with y where exp(x) belongs",
        lambda x: loss(DoubledExp.apply(x)),
        (X,),
    ),
    Mistake(
        "MeanOfAll", "ctx.shape[0]", "the gradient by x is n times too large", lambda x: MeanOfAll.apply(x), (BATCH,)
    ),
    Mistake("Gelu", "return g * 0.5", "lacks the term gₖxₖ", lambda x: loss(Gelu.apply(x)), (X,)),
    Mistake(
        "CrossEntropy",
        "return g * p, None",
        "a factor 1/m is missing",
        lambda x, labels: CrossEntropy.apply(x, labels),
        (W, torch.tensor([2, 0, 0])),
    ),
    Mistake("Variance", "(x.numel() - 1)", "has n - 1 where n belongs", lambda x: Variance.apply(x), (X,)),
]
