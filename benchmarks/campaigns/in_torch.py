"""The campaigns' programs over PyTorch's tensors; imported only where PyTorch is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.campaigns.case import Case

Array = np.ndarray[Any, Any]
F = torch.nn.functional


def _axis(params: dict[str, Any]) -> dict[str, Any]:
    """NumPy's names as PyTorch's."""
    names = {"axis": "dim", "keepdims": "keepdim"}
    return {names.get(name, name): value for name, value in params.items()}


NAMES: dict[str, Callable[..., Any]] = {
    "relu": torch.relu,
    "silu": F.silu,
    "softplus": F.softplus,
    "log_sigmoid": F.logsigmoid,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "gelu_erf": F.gelu,
    "elu": F.elu,
    "selu": F.selu,
    "leaky_relu": F.leaky_relu,
    "hardtanh": F.hardtanh,
    "gammaln": torch.lgamma,
    "ndtr": torch.special.ndtr,
    "ndtri": torch.special.ndtri,
    "log_ndtr": torch.special.log_ndtr,
    "i0": torch.special.i0,
    "i1": torch.special.i1,
    "logit": torch.logit,
    "xlogy": torch.special.xlogy,
    "xlog1py": torch.special.xlog1py,
    "softmax": lambda x, dim=-1: torch.softmax(x, dim),
    "log_softmax": lambda x, dim=-1: torch.log_softmax(x, dim),
    "logsumexp": lambda x, dim=None, keepdim=False: torch.logsumexp(
        x, tuple(range(x.ndim)) if dim is None else dim, keepdim
    ),
    "cross_entropy": lambda x, target: F.cross_entropy(x, torch.as_tensor(np.asarray(target))),
    "var": lambda x, dim=None: torch.var(x, dim, correction=0),
    "std": lambda x, dim=None: torch.std(x, dim, correction=0),
    "norm": lambda x, p=2: torch.linalg.vector_norm(x, p),
    "layer_norm": lambda x, shape: F.layer_norm(x, (shape,)),
    "det": torch.linalg.det,
    "inv": torch.linalg.inv,
    "logabsdet": lambda a: torch.linalg.slogdet(a)[1],
    "trace": torch.trace,
    "outer": torch.outer,
    "dot": torch.dot,
    "diag": torch.diag,
    "expand_dims": torch.unsqueeze,
    "reshape": torch.reshape,
    "cumsum": lambda x: torch.cumsum(x, 0),
    "cumprod": lambda x: torch.cumprod(x, 0),
    "sort": lambda x: torch.sort(x)[0],
    "max": torch.max,
    "min": torch.min,
    "prod": torch.prod,
    "concatenate": torch.cat,
    "stack": torch.stack,
    "clip": torch.clamp,
    "power": torch.pow,
    "where": torch.where,
    "fmax": torch.fmax,
    "fmin": torch.fmin,
    "flip": lambda x: torch.flip(x, (0,)),
    "broadcast_to": torch.broadcast_to,
    "standardize": lambda x, dim=-1: (
        F.layer_norm(x, (x.shape[-1],)) if dim in (-1, x.ndim - 1) else F.layer_norm(x.T, (x.shape[0],)).T
    ),
    "rms_scale": lambda x: F.rms_norm(x, (x.shape[-1],), eps=1e-5),
    "huber": lambda x: F.huber_loss(x, torch.zeros_like(x), reduction="none"),
}
SAME = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "negative",
    "positive",
    "reciprocal",
    "abs",
    "square",
    "sqrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "logaddexp",
    "logaddexp2",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "hypot",
    "sinc",
    "deg2rad",
    "rad2deg",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "sigmoid",
    "maximum",
    "minimum",
    "erf",
    "erfc",
    "erfinv",
    "digamma",
    "sum",
    "mean",
    "roll",
]


class Torch:
    """PyTorch under the campaigns' names."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in NAMES and name not in SAME:
            raise AttributeError(name)
        function = NAMES[name] if name in NAMES else getattr(torch, name)
        return lambda *args, **params: function(*args, **_axis(params))


class Tensor(torch.Tensor):
    """A tensor whose operators take NumPy's arrays as constants of its own dtype."""

    __array_ufunc__ = None


def _operator(name: str) -> Callable[..., Any]:
    plain = getattr(torch.Tensor, name)

    def applied(self: Tensor, other: Any) -> Any:
        return plain(self, torch.as_tensor(other, dtype=self.dtype) if isinstance(other, np.ndarray) else other)

    return applied


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow"):
    setattr(Tensor, f"__{_name}__", _operator(f"__{_name}__"))
    setattr(Tensor, f"__r{_name}__", _operator(f"__r{_name}__"))


def gradient(function: Callable[..., Any], inputs: Sequence[Array]) -> Array | tuple[Array, ...]:
    """PyTorch's gradient (for a vector result its Jacobian, the result's shape in front); one array an input."""
    tensors = [torch.tensor(x).as_subclass(Tensor).requires_grad_() for x in inputs]
    result = function(Torch(), *tensors)
    rows = [torch.autograd.grad(each, tensors, retain_graph=True, allow_unused=True) for each in result.reshape(-1)]
    found = []
    for place, x in enumerate(inputs):
        lines = [np.zeros_like(x) if row[place] is None else row[place].numpy() for row in rows]
        found.append(np.reshape(np.stack([np.asarray(line) for line in lines]), tuple(result.shape) + x.shape))
    return tuple(found) if len(found) > 1 else found[0]


def has(case: Case) -> bool:
    """Whether the program runs in PyTorch."""
    try:
        gradient(case.function, case.inputs)
    except (AttributeError, TypeError, RuntimeError, ValueError, IndexError):
        return False
    return True
