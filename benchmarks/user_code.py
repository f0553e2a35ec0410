"""How many functions as people write NumPy run unmodified: ``python benchmarks/user_code.py``.

Those of ``tests/cases/user_code.py`` and ``more_user_code.py``, differentiated by their first argument in ours, in HIPS
autograd and in JAX.  There ``np`` and ``scipy`` are the engine's own modules of these names, also in the helpers that a
function calls; nothing else is changed.  A gradient counts where it is the slope along a direction by central
differences.  Engines that are not installed are left out.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import autodiff as ad
from autodiff.trees import leaves, with_leaves
from tests.cases import more_user_code, user_code

PARTS = ("special", "stats", "linalg")


def in_place_of_numpy(f: Callable[..., Any], engine: str) -> Callable[..., Any]:
    """The function as it runs in another engine: its module's names, with that engine's ``np`` and ``scipy``."""
    own = sys.modules[f.__module__]
    xp, scipy = import_module(f"{engine}.numpy"), import_module(f"{engine}.scipy")
    parts = {part: import_module(f"{engine}.scipy.{part}") for part in PARTS}
    names = dict(vars(own))
    for name, value in vars(own).items():
        module = value.__name__ if isinstance(value, types.ModuleType) else str(getattr(value, "__module__", ""))
        _, _, part = module.partition(".")
        if value is np:
            names[name] = xp
        elif isinstance(value, types.ModuleType) and module == "scipy":
            names[name] = scipy
        elif isinstance(value, types.ModuleType) and module.startswith("scipy."):
            names[name] = parts.get(part, value)
        elif module.startswith("scipy."):
            names[name] = next((getattr(each, name) for each in parts.values() if hasattr(each, name)), value)
    for name, value in names.items():
        if isinstance(value, types.FunctionType) and value.__module__ == f.__module__:
            names[name] = types.FunctionType(value.__code__, names, name, value.__defaults__, value.__closure__)
    return types.FunctionType(f.__code__, names, f.__name__, f.__defaults__, f.__closure__)


def by_ours(f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    return ad.grad(f)(*args)


def by_autograd(f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    return import_module("autograd").grad(in_place_of_numpy(f, "autograd"))(*args)


def by_jax(f: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    return jax.tree_util.tree_map(np.asarray, jax.grad(in_place_of_numpy(f, "jax"))(*args))


def is_right(f: Callable[..., Any], args: tuple[Any, ...], gradient: Any) -> bool:
    """Whether a gradient is the slope along a direction."""
    first = args[0]
    if isinstance(first, dict):
        gradient = {key: gradient[key] for key in first}
    of_one = len(list(leaves(first))) == 1 and isinstance(gradient, list | tuple)
    found = [np.asarray(gradient, float)] if of_one else [np.asarray(leaf, float) for _, leaf in leaves(gradient)]
    rng = np.random.default_rng(5)
    direction = [rng.normal(size=each.shape) for each in found]
    if f.__name__ == "eigh_ground":  # which reads one triangle of a symmetric matrix
        direction = [each + each.T for each in direction]

    def at(step: float) -> float:
        moved = iter([np.asarray(x) + step * d for (_, x), d in zip(leaves(first), direction, strict=True)])
        return float(f(with_leaves(first, moved, lambda other: other), *args[1:]))

    slope = sum(float(np.sum(g * d)) for g, d in zip(found, direction, strict=True))
    return abs((at(1e-6) - at(-1e-6)) / 2e-6 - slope) <= 1e-5 * abs(slope) + 1e-6


def main() -> None:
    warnings.simplefilter("ignore")
    engines: dict[str, Callable[..., Any]] = {"autodiff": by_ours, "autograd": by_autograd, "jax": by_jax}
    functions = [*user_code.F, *more_user_code.F]
    for engine, differentiate in engines.items():
        if find_spec(engine) is None:
            print(f"{engine} is not installed and is left out")
            continue
        missing = []
        for name, f, args in functions:
            try:
                with np.errstate(all="ignore"):
                    right = is_right(f, args, differentiate(f, args))
            except Exception:  # whatever another engine says of what it does not take
                right = False
            if not right:
                missing.append(name)
        print(f"{engine}: {len(functions) - len(missing)} of {len(functions)}")
        print("".join(f"    not {name}\n" for name in missing), end="")


if __name__ == "__main__":
    main()
