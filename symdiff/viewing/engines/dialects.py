"""How each engine spells our operations.

A pattern is a call with ``{0}`` for the first operand, and so on; ``{axis}`` is ``, axis=1`` where an axis is given,
``{keepdims}`` ``, keepdims=True`` where that is so, and ``{name=}`` the value of another parameter. What stands in no
table is not spelt, and the engine's code is left out of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["AUTODIFF", "DIALECTS", "JAX", "TORCH", "Dialect"]


@dataclass(frozen=True)
class Dialect:
    """One engine: its name for readers, the name of its module, and its patterns.

    ``axis`` and ``keepdims`` are its names for these two, ``array`` is how a literal array is made.
    """

    name: str
    module: str
    patterns: Mapping[str, str]
    axis: str = "axis"
    keepdims: str = "keepdims"
    array: str = ""
    has_negative_steps: bool = True
    operand_arrays: bool = False  # whether functions of several operands take no plain numbers
    reserved: frozenset[str] = frozenset()


def _same(names: str, call: Callable[[str], str]) -> dict[str, str]:
    return {name: call(name) for name in names.split()}


_UNARY = (
    "exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh abs "
    "sign sqrt square reciprocal floor ceil trunc sinc deg2rad rad2deg isfinite isnan isinf positive"
)
_BINARY = (
    "maximum minimum fmax fmin arctan2 hypot logaddexp logaddexp2 copysign outer logical_and logical_or logical_xor"
)

_TORCH = {
    **_same(_UNARY, lambda name: f"torch.{name}({{0}})"),
    **_same("sigmoid relu erf erfc erfinv logit selu", lambda name: f"torch.{name}({{0}})"),
    **_same(_BINARY, lambda name: f"torch.{name}({{0}}, {{1}})"),
    "logical_not": "torch.logical_not({0})",
    "where": "torch.where({0}, {1}, {2})",
    "clamp": "torch.clamp({0}, {1}, {2})",
    "round": "torch.round({0}, decimals={decimals=})",
    "softplus": "torch.nn.functional.softplus({0}, threshold=50)",
    "log_sigmoid": "torch.nn.functional.logsigmoid({0})",
    "silu": "torch.nn.functional.silu({0})",
    "leaky_relu": "torch.nn.functional.leaky_relu({0}, {negative_slope=})",
    "elu": "torch.nn.functional.elu({0}, {alpha=})",
    "hardtanh": "torch.nn.functional.hardtanh({0}, {min_val=}, {max_val=})",
    "gelu_erf": "torch.nn.functional.gelu({0})",
    "gelu_tanh": "torch.nn.functional.gelu({0}, approximate='tanh')",
    "gammaln": "torch.lgamma({0})",
    "digamma": "torch.digamma({0})",
    "ndtr": "torch.special.ndtr({0})",
    "ndtri": "torch.special.ndtri({0})",
    "log_ndtr": "torch.special.log_ndtr({0})",
    "xlogy": "torch.xlogy({0}, {1})",
    "xlog1py": "torch.special.xlog1py({0}, {1})",
    "i0": "torch.special.i0({0})",
    "i1": "torch.special.i1({0})",
    **_same("sum mean", lambda name: f"torch.{name}({{0}}{{axis}}{{keepdims}})"),
    "prod": "torch.prod({0}{axis}{keepdims})",
    "max": "torch.amax({0}{axis}{keepdims})",
    "min": "torch.amin({0}{axis}{keepdims})",
    "argmax": "torch.argmax({0}{axis}{keepdims})",
    "argmin": "torch.argmin({0}{axis}{keepdims})",
    "variance": "torch.var({0}{axis}, correction={ddof=}{keepdims})",
    "standard_deviation": "torch.std({0}{axis}, correction={ddof=}{keepdims})",
    "euclidean_norm": "torch.linalg.vector_norm({0}{axis}{keepdims})",
    "p_norm": "torch.linalg.vector_norm({0}, ord={p=}{axis}{keepdims})",
    "softmax": "torch.softmax({0}{axis})",
    "log_softmax": "torch.log_softmax({0}{axis})",
    "logsumexp": "torch.logsumexp({0}{every_axis}{keepdims})",
    "median_of_lines": "torch.quantile({0}, 0.5, dim=-1)",
    "cumsum": "torch.cumsum({0}{one_axis})",
    "cumprod": "torch.cumprod({0}{one_axis})",
    "sort": "torch.sort({0}{axis}).values",
    "dot": "torch.dot({0}, {1})",
    "inv": "torch.linalg.inv({0})",
    "det": "torch.linalg.det({0})",
    "solve": "torch.linalg.solve({0}, {1})",
    "pinv": "torch.linalg.pinv({0})",
    "logabsdet": "torch.linalg.slogdet({0}).logabsdet",
    "singular_values": "torch.linalg.svdvals({0})",
    "contraction": "torch.einsum({subscripts=}, {*})",
    "reshape": "torch.reshape({0}, {shape=})",
    "broadcast_to": "torch.broadcast_to({0}, {shape=})",
    "transpose": "torch.permute({0}, {axes})",
    "expand_dims": "torch.unsqueeze({0}{axis})",
    "squeeze": "torch.squeeze({0}{axis})",
    "diagonal": "torch.diagonal({0}, {offset=}, {axis1=}, {axis2=})",
    "flip": "torch.flip({0}, {axes_of_flip})",
    "concatenate": "torch.cat(({*},){axis})",
    "stack": "torch.stack(({*},){axis})",
    "copy": "torch.clone({0})",
}

_JAX = {
    **_same(_UNARY, lambda name: f"jnp.{name}({{0}})"),
    **_same(_BINARY, lambda name: f"jnp.{name}({{0}}, {{1}})"),
    **_same("relu sigmoid softplus log_sigmoid silu selu", lambda name: f"jax.nn.{name}({{0}})"),
    **_same(
        "erf erfc erfinv logit gammaln digamma ndtr ndtri log_ndtr i0 i1",
        lambda name: f"jax.scipy.special.{name}({{0}})",
    ),
    **_same("xlogy xlog1py betaln", lambda name: f"jax.scipy.special.{name}({{0}}, {{1}})"),
    "logical_not": "jnp.logical_not({0})",
    "cbrt": "jnp.cbrt({0})",
    "where": "jnp.where({0}, {1}, {2})",
    "clamp": "jnp.clip({0}, {1}, {2})",
    "round": "jnp.round({0}, {decimals=})",
    "leaky_relu": "jax.nn.leaky_relu({0}, {negative_slope=})",
    "elu": "jax.nn.elu({0}, {alpha=})",
    "hardtanh": "jnp.clip({0}, {min_val=}, {max_val=})",
    "gelu_erf": "jax.nn.gelu({0}, approximate=False)",
    "gelu_tanh": "jax.nn.gelu({0}, approximate=True)",
    **_same("sum mean prod max min argmax argmin", lambda name: f"jnp.{name}({{0}}{{axis}}{{keepdims}})"),
    "variance": "jnp.var({0}{axis}, ddof={ddof=}{keepdims})",
    "standard_deviation": "jnp.std({0}{axis}, ddof={ddof=}{keepdims})",
    "euclidean_norm": "jnp.linalg.norm({0}{axis}{keepdims})",
    "softmax": "jax.nn.softmax({0}{axis})",
    "log_softmax": "jax.nn.log_softmax({0}{axis})",
    "logsumexp": "jax.nn.logsumexp({0}{axis}{keepdims})",
    "median_of_lines": "jnp.median({0}, axis=-1)",
    "cumsum": "jnp.cumsum({0}{axis})",
    "cumprod": "jnp.cumprod({0}{axis})",
    "sort": "jnp.sort({0}{axis})",
    "dot": "jnp.dot({0}, {1})",
    "inv": "jnp.linalg.inv({0})",
    "det": "jnp.linalg.det({0})",
    "solve": "jnp.linalg.solve({0}, {1})",
    "pinv": "jnp.linalg.pinv({0})",
    "logabsdet": "jnp.linalg.slogdet({0})[1]",
    "singular_values": "jnp.linalg.svd({0}, compute_uv=False)",
    "contraction": "jnp.einsum({subscripts=}, {*})",
    "reshape": "jnp.reshape({0}, {shape=})",
    "broadcast_to": "jnp.broadcast_to({0}, {shape=})",
    "transpose": "jnp.transpose({0}, {axes})",
    "expand_dims": "jnp.expand_dims({0}{axis})",
    "squeeze": "jnp.squeeze({0}{axis})",
    "diagonal": "jnp.diagonal({0}, {offset=}, {axis1=}, {axis2=})",
    "flip": "jnp.flip({0}{axis})",
    "concatenate": "jnp.concatenate(({*},){axis})",
    "stack": "jnp.stack(({*},){axis})",
    "copy": "{0}",
}

_AUTODIFF = {
    **{name: pattern.replace("jnp.linalg.", "ad.").replace("jnp.", "ad.") for name, pattern in _JAX.items()},
    **_same("relu sigmoid softplus log_sigmoid silu selu erf erfc erfinv logit gammaln digamma ndtr ndtri log_ndtr",
            lambda name: f"ad.{name}({{0}})"),
    **_same("i0 i1 gamma j0 j1", lambda name: f"ad.{name}({{0}})"),
    **_same("xlogy xlog1py betaln beta", lambda name: f"ad.{name}({{0}}, {{1}})"),
    "leaky_relu": "ad.leaky_relu({0}, {negative_slope=})",
    "elu": "ad.elu({0}, {alpha=})",
    "hardtanh": "ad.hardtanh({0}, {min_val=}, {max_val=})",
    "gelu_erf": "ad.gelu({0})",
    "gelu_tanh": "ad.gelu({0}, approximate='tanh')",
    "softmax": "ad.softmax({0}{axis})",
    "log_softmax": "ad.log_softmax({0}{axis})",
    "logsumexp": "ad.logsumexp({0}{axis}{keepdims})",
    "median_of_lines": "ad.median({0}, axis=-1)",
    "logabsdet": "ad.logabsdet({0})",
    "cholesky": "ad.cholesky({0})",
    "singular_values": "ad.singular_values({0})",
    "euclidean_norm": "ad.vector_norm({0}{axis}{keepdims})",
    "p_norm": "ad.vector_norm({0}, {p=}{axis}{keepdims})",
}  # fmt: skip

TORCH = Dialect(
    "PyTorch",
    "torch",
    MappingProxyType(_TORCH),
    "dim",
    "keepdim",
    "torch.tensor",
    has_negative_steps=False,
    operand_arrays=True,
    reserved=frozenset(["torch", "J"]),
)
JAX = Dialect(
    "JAX", "jax", MappingProxyType(_JAX), array="jnp.array", reserved=frozenset(["jax", "jnp", "np", "gradients"])
)
AUTODIFF = Dialect(
    "autodiff", "autodiff", MappingProxyType(_AUTODIFF), array="np.array", reserved=frozenset(["ad", "np", "gradients"])
)
DIALECTS = (TORCH, JAX, AUTODIFF)
"""The engines whose code a page shows, in order."""
