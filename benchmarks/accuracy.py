"""The worst error of each elementwise operation's derivative, next to PyTorch's, JAX's and HIPS autograd's.

    python benchmarks/accuracy.py [--points 2000] [--save] [--json FILE] [NAME ...]

Errors are in ulps beyond the point's condition number: 4 are allowed (64 for the special family). Peers that are not
installed are left out. ``--save`` keeps ours where ``symdiff ops`` finds them.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mpmath import mpf, workdps
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autodiff import TABLE  # noqa: E402 - the repository is not installed where benchmarks run
from autodiff.declare.op import Op  # noqa: E402 - as above
from benchmarks.results import keep  # noqa: E402 - as above
from benchmarks.truth import DIGITS, ELEMENTARY, SPECIAL, Truth, Worst, grid, measure  # noqa: E402 - as above

Arrays = tuple[NDArray[np.float64], ...]
Gradient = Callable[[str, Arrays], Sequence[Any] | None]

TORCH = {
    "abs": "abs", "arccosh": "acosh", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arctanh": "atanh", "power": "pow", "sinc": "sinc", "log_sigmoid": "nn.functional.logsigmoid",
    "softplus": "nn.functional.softplus", "silu": "nn.functional.silu", "elu": "nn.functional.elu",
    "selu": "nn.functional.selu", "leaky_relu": "nn.functional.leaky_relu", "hardtanh": "nn.functional.hardtanh",
    "gelu_tanh": "nn.functional.gelu", "gelu_erf": "nn.functional.gelu", "gamma": "", "cbrt": "", "beta": "",
    "betaln": "",
    "gammaln": "special.gammaln", "erfinv": "special.erfinv", "i0": "special.i0", "i1": "special.i1", "j0": "",
    "j1": "", "xlogy": "special.xlogy", "xlog1py": "special.xlog1py", "ndtr": "special.ndtr", "ndtri": "special.ndtri",
    "log_ndtr": "special.log_ndtr", "logit": "special.logit", "gammainc": "special.gammainc",
    "gammaincc": "special.gammaincc",
}  # fmt: skip
OPTIONS = {"gelu_tanh": {"approximate": "tanh"}}
FEW = 100
IN_SECOND = frozenset({"gammainc", "gammaincc"})


def ours(name: str, points: Arrays) -> Sequence[Any]:
    """The vjp rules of the operation, at a cotangent of ones."""
    operation = TABLE[name]
    assert isinstance(operation, Op)
    value = operation(*points)
    g = np.ones_like(value)
    rules = operation.rules[1:] if name in IN_SECOND else operation.rules
    return [rule(g, value, *points, **operation.defaults) for rule in rules if rule is not None]


def torch_gradient() -> Gradient:
    import torch

    def gradient(name: str, points: Arrays) -> Sequence[Any] | None:
        function: Any = torch
        for part in TORCH.get(name, name).split("."):
            function = getattr(function, part, None) if part else None
        if function is None:
            return None
        inputs = [torch.tensor(x, requires_grad=not (name in IN_SECOND and k == 0)) for k, x in enumerate(points)]
        function(*inputs, **OPTIONS.get(name, {})).sum().backward()
        return [x.grad.numpy() for x in inputs if x.requires_grad]

    return gradient


def jax_gradient() -> Gradient:
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    homes: list[Any] = [jnp, jax.nn, jax.scipy.special]

    def gradient(name: str, points: Arrays) -> Sequence[Any] | None:
        other = {"gelu_tanh": "gelu", "gelu_erf": "gelu", "hardtanh": "hard_tanh", "i0": "i0", "gamma": "gamma"}.get(
            name, name
        )
        options = {"approximate": name == "gelu_tanh"} if other == "gelu" else {}
        function = next((getattr(home, other) for home in homes if hasattr(home, other)), None)
        if function is None:
            return None
        places = (1,) if name in IN_SECOND else tuple(range(len(points)))
        return [np.asarray(d) for d in jax.grad(lambda *x: function(*x, **options).sum(), argnums=places)(*points)]

    return gradient


def autograd_gradient() -> Gradient:
    import autograd
    import autograd.numpy as anp
    import autograd.scipy.special as special

    def gradient(name: str, points: Arrays) -> Sequence[Any] | None:
        if name == "digamma":
            return None  # scipy's polygamma walks from a negative x to 9 step by step: from -1e300 it never ends
        function = getattr(anp, name, None) or getattr(special, {"sigmoid": "expit"}.get(name, name), None)
        if function is None:
            return None
        places = (1,) if name in IN_SECOND else tuple(range(len(points)))
        return autograd.grad(lambda *x: anp.sum(function(*x)), places)(*points)  # type: ignore[no-any-return]

    return gradient


PEERS = {"PyTorch": torch_gradient, "JAX": jax_gradient, "autograd": autograd_gradient}


def engines() -> dict[str, Gradient]:
    """Ours, and those peers that are installed."""
    found: dict[str, Gradient] = {"ours": ours}
    for name, gradient in PEERS.items():
        try:
            found[name] = gradient()
        except ImportError:
            print(f"({name} is not installed)")
    return found


def inside(truth: Truth, points: Arrays) -> Arrays:
    """Those points that lie in the domain; outside, some peers take forever."""
    with workdps(DIGITS):
        chosen = np.array([truth.inside(*map(mpf, point)) for point in zip(*(p.tolist() for p in points), strict=True)])
    return tuple(p[chosen] for p in points)


def worst(name: str, gradient: Gradient, points: int) -> list[Worst] | None:
    """The worst errors of one operation's derivatives, operand by operand; None where the engine has none."""
    truth = {**ELEMENTARY, **SPECIAL}[name]
    operation = TABLE[name]
    assert isinstance(operation, Op)
    places = inside(truth, grid(points, operation.arity, truth.special))
    try:
        computed = gradient(name, places)
    except Exception as error:  # a peer may refuse in its own way, which is not our concern
        if gradient is ours:
            raise
        print(f"({name}: {type(error).__name__})", file=sys.stderr)
        return None
    if computed is None:
        return None
    measured = errors(computed, truth, places)
    if gradient is ours:
        pieces = in_pieces(name, places)
        if not all(map(np.array_equal, computed, pieces)):
            again = errors(pieces, truth, places)
            measured = [max(pair, key=lambda each: each.excess) for pair in zip(measured, again, strict=True)]
    return measured


def errors(computed: Sequence[Any], truth: Truth, points: Arrays) -> list[Worst]:
    shape = points[0].shape
    return [
        measure(np.broadcast_to(np.asarray(got, dtype=np.float64), shape), true, truth, points)
        for got, true in zip(computed, truth.derivatives, strict=False)
    ]


def in_pieces(name: str, points: Arrays) -> list[NDArray[np.float64]]:
    """Ours of few points at a time: of few elements a kernel may compute in another way than of many."""
    count = len(points[0])
    found = []
    for start in range(0, count, FEW):
        part = tuple(p[start : start + FEW] for p in points)
        found.append([np.broadcast_to(np.asarray(d, np.float64), part[0].shape) for d in ours(name, part)])
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--json", metavar="FILE", help="write what was measured to this file, too")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    found = engines()
    saved: dict[str, float] = {}
    measured: dict[str, dict[str, float | str]] = {}
    print(f"{'operation':14}" + "".join(f"{name:>12}" for name in found) + "   ours at worst")
    for name in arguments.names or [*ELEMENTARY, *SPECIAL]:
        columns, note = "", ""
        for engine, gradient in found.items():
            result = worst(name, gradient, arguments.points)
            columns += f"{max(each.excess for each in result):12.3g}" if result else f"{'-':>12}"
            if result:
                excess = f"{max(each.excess for each in result):.3g}"
                measured.setdefault(name, {})[engine] = excess if excess in ("inf", "nan") else float(excess)
            if engine == "ours" and result:
                last = max(result, key=lambda each: each.excess)
                skipped = sum(each.ill_conditioned for each in result)
                saved[name] = float(f"{last.excess:.2g}")
                note = f"   {', '.join(f'{x:.17g}' for x in last.point)}"
                note += f"   ({skipped} points with a condition number above 1e6)" if skipped else ""
        print(f"{name:14}{columns}{note}", flush=True)
    if arguments.json:
        keep(arguments.json, {"points": arguments.points, "ulps": measured})
    if arguments.save:
        path = ROOT / "autodiff" / "declare" / "worst_ulps.json"
        before = json.loads(path.read_text(encoding="utf-8"))
        everything = {name: saved.get(name, before.get(name)) for name in [*ELEMENTARY, *SPECIAL]}
        known = {name: ulps for name, ulps in everything.items() if ulps is not None}
        path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
