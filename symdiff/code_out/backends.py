"""How NumPy, PyTorch and JAX spell what a gradient is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

SAME = (
    "exp log sqrt sin cos tan arcsin arccos arctan arctan2 sinh cosh tanh arcsinh arccosh arctanh abs sign floor ceil "
    "outer diag where maximum minimum"
)

SOFTMAX = """def _softmax(z, axis=-1):
    shifted = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)
"""
LOGSUMEXP = """def _logsumexp(z, axis=None):
    largest = np.max(z, axis=axis, keepdims=True)
    total = largest + np.log(np.sum(np.exp(z - largest), axis=axis, keepdims=True))
    return np.squeeze(total, axis=axis)
"""


@dataclass(frozen=True)
class Backend:
    """One framework: its module, its imports, its names for functions, and helpers that its code brings along.

    A pattern has ``{0}`` for the first argument and ``{more}`` for the others with their keywords.
    """

    name: str
    module: str
    imports: tuple[str, ...]
    patterns: Mapping[str, str]
    axis: str = "axis"
    keepdims: str = "keepdims"
    dtype: str = "float"
    as_array: str = "{m}.asarray({0}, dtype=float)"
    as_positions: str = "{m}.asarray({0})"
    helpers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    """By the name that stands in the code an import that it needs."""

    # --- what terms are made of ---------------------------------------------------------------------------------------

    def zeros_like(self, array: str) -> str:
        return f"{self.module}.zeros_like({array})"

    def zeros(self, shape: Sequence[str]) -> str:
        return f"{self.module}.zeros({tuple_text(shape)}{self._typed})"

    @property
    def _typed(self) -> str:
        return f", dtype={self.dtype}" if self.name == "torch" else ""

    def literal(self, values: str, whole: bool = False) -> str:
        kind = "" if whole or self.name != "torch" else self._typed
        maker = "tensor" if self.name == "torch" else "array"
        return f"{self.module}.{maker}({values}{kind})"

    def sum(self, array: str, axes: Sequence[int]) -> str:
        inside = tuple_text(map(str, axes)) if len(axes) > 1 else str(axes[0])
        return f"{self.module}.sum({array}, {self.axis}={inside})"

    def einsum(self, subscripts: str, operands: Sequence[str]) -> str:
        return f'{self.module}.einsum("{subscripts}", {", ".join(operands)})'

    def transpose(self, array: str, order: Sequence[int]) -> str:
        if tuple(order) == tuple(range(len(order))):
            return array
        if tuple(order) == (1, 0):
            return f"{atom(array)}.T"
        call = "permute" if self.name == "torch" else "transpose"
        return f"{self.module}.{call}({array}, {tuple_text(map(str, order))})"

    def broadcast(self, array: str, shape: Sequence[str]) -> str:
        if self.name == "torch":
            return f"torch.broadcast_to(torch.as_tensor({array}, dtype={self.dtype}), {tuple_text(shape)})"
        return f"{self.module}.broadcast_to({array}, {tuple_text(shape)})"

    def where(self, condition: str, value: str, other: str = "0.0") -> str:
        if self.name == "torch" and is_number(value) and is_number(other):
            # of two plain numbers PyTorch makes whole ones, or float32
            other = self.literal(repr(float(other)))
        return f"{self.module}.where({condition}, {value}, {other})"

    def added_at(self, total: str, index: str, values: str, slices: bool) -> str:
        """The statement that adds values at positions; at positions that may be the same, all of them."""
        if self.name == "jax":
            return f"{total} = {total}.at[{index}].add({values})"
        if slices:
            return f"{total}[{index}] += {values}"
        if self.name == "torch":
            return f"{total}.index_put_({as_tuple(index)}, {values}, accumulate=True)"
        return f"np.add.at({total}, {as_tuple(index)}, {values})"

    def reshape(self, array: str, shape: Sequence[str]) -> str:
        return f"{self.module}.reshape({array}, {tuple_text(shape)})"

    def flip(self, array: str, axis: int) -> str:
        return f"{self.module}.flip({array}, {f'[{axis}]' if self.name == 'torch' else axis})"

    def cumsum(self, array: str, axis: int) -> str:
        return f"{self.module}.cumsum({array}, {self.axis}={axis})"

    def extreme(self, kind: str, array: str, axes: Sequence[int]) -> str:
        call = f"a{kind}" if self.name == "torch" else kind
        inside = tuple_text(map(str, axes)) if len(axes) != 1 else str(axes[0])
        return f"{self.module}.{call}({array}, {self.axis}={inside}, {self.keepdims}=True)"


def is_number(code: str) -> bool:
    """Whether code is a number as it is typed."""
    try:
        float(code)
    except ValueError:
        return False
    return True


def tuple_text(parts: Iterable[str]) -> str:
    """Parts as a tuple: ``(2, 3)``, ``(2,)``, ``()``."""
    listed = list(parts)
    return f"({listed[0]},)" if len(listed) == 1 else f"({', '.join(listed)})"


def as_tuple(index: str) -> str:
    return f"({index},)" if "," not in index else f"({index})"


def atom(text: str) -> str:
    """A text in brackets, unless it is a name, a call or an index already."""
    simple = text.replace("_", "a").replace(".", "a").isalnum()
    return text if simple or _is_one_call(text) else f"({text})"


def _is_one_call(text: str) -> bool:
    """Whether a text is a name with one bracket after it, which ends it."""
    opening = next((k for k, sign in enumerate(text) if sign in "(["), -1)
    if opening <= 0 or not text[:opening].replace("_", "a").replace(".", "a").isalnum() or text[-1] not in ")]":
        return False
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and place > opening and place < len(text) - 1:
            return text[place + 1] in "(["
    return True


def _table(module: str, **others: str) -> Mapping[str, str]:
    same = {name: f"{module}.{name}({{0}}{{more}})" for name in SAME.split()}
    reductions = {
        name: f"{module}.{name}({{0}}{{more}})" for name in ("sum", "mean", "diagonal", "ones_like", "zeros_like")
    }
    return MappingProxyType(same | reductions | others)


NUMPY = Backend(
    "numpy", "np", ("import numpy as np",),
    _table(
        "np", inv="np.linalg.inv({0})", det="np.linalg.det({0})", norm="np.linalg.norm({0})", eye="np.eye({0})",
        relu="np.maximum({0}, 0.0)", sigmoid="np.exp(-np.logaddexp(0.0, -{0}))", softplus="np.logaddexp(0.0, {0})",
        softmax="_softmax({0}{more})", logsumexp="_logsumexp({0}{more})", array="np.array({0})",
        erf="special.erf({0})", erfc="special.erfc({0})", gamma="special.gamma({0})", gammaln="special.gammaln({0})",
        digamma="special.digamma({0})",
    ),
    helpers={"_softmax": SOFTMAX, "_logsumexp": LOGSUMEXP}, extra={"special.": "from scipy import special"},
)  # fmt: skip

TORCH = Backend(
    "torch", "torch", ("import torch",),
    _table(
        "torch", inv="torch.linalg.inv({0})", det="torch.linalg.det({0})", norm="torch.linalg.norm({0})",
        eye="torch.eye({0}, dtype=torch.float64)", relu="torch.relu({0})", sigmoid="torch.sigmoid({0})",
        softplus="torch.nn.functional.softplus({0}, threshold=50)", softmax="torch.softmax({0}{more})",
        logsumexp="torch.logsumexp({0}{more})", array="torch.stack({0})", sqrt="{0} ** 0.5",
        maximum="torch.maximum({0}, torch.as_tensor({1}, dtype=torch.float64))",
        minimum="torch.minimum({0}, torch.as_tensor({1}, dtype=torch.float64))",
        erf="torch.special.erf({0})", erfc="torch.special.erfc({0})", gammaln="torch.special.gammaln({0})",
        digamma="torch.special.digamma({0})",
    ),
    axis="dim", keepdims="keepdim", dtype="torch.float64", as_array="torch.as_tensor({0}, dtype=torch.float64)",
    as_positions="torch.as_tensor({0})", extra={"math.": "import math"},
)  # fmt: skip

JAX = Backend(
    "jax", "jnp", ("import jax.numpy as jnp",),
    _table(
        "jnp", inv="jnp.linalg.inv({0})", det="jnp.linalg.det({0})", norm="jnp.linalg.norm({0})", eye="jnp.eye({0})",
        relu="jnp.maximum({0}, 0.0)", sigmoid="jax.nn.sigmoid({0})", softplus="jnp.logaddexp(0.0, {0})",
        softmax="jax.nn.softmax({0}{more})", logsumexp="jax.scipy.special.logsumexp({0}{more})",
        array="jnp.array({0})", erf="jax.scipy.special.erf({0})", erfc="jax.scipy.special.erfc({0})",
        gammaln="jax.scipy.special.gammaln({0})", digamma="jax.scipy.special.digamma({0})",
        gamma="jax.scipy.special.gamma({0})",
    ),
    as_array="jnp.asarray({0}, dtype=float)", as_positions="jnp.asarray({0})", extra={"jax.": "import jax"},
)  # fmt: skip

BACKENDS = {each.name: each for each in (NUMPY, TORCH, JAX)}
