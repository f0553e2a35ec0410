"""Explains derivatives by computing them twice: symbolically, line by line, and with a reverse-mode engine.

>>> import symdiff
>>> symdiff.explain("mean(x * x)", x=[0, 1, 2, 3]).gradients["x"]
array([0. , 0.5, 1. , 1.5])
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symdiff.agreement.report import GradientReport as GradientReport
    from symdiff.build.marks import case as case
    from symdiff.check import check_gradients as check_gradients
    from symdiff.errors import FunctionError as FunctionError
    from symdiff.errors import InputError as InputError
    from symdiff.explanation import Explanation as Explanation
    from symdiff.explanation import explain as explain

    __version__: str

__all__ = ["Explanation", "FunctionError", "GradientReport", "InputError", "case", "check_gradients", "explain"]

_HOME = {
    "case": "build.marks",
    "explain": "explanation",
    "check_gradients": "check",
    "Explanation": "explanation",
    "GradientReport": "agreement.report",
    "InputError": "errors",
    "FunctionError": "errors",
}


def __getattr__(name: str) -> object:
    # sympy takes a third of a second to import: `import symdiff` and `symdiff --help` do without it.
    if name == "__version__":
        from autodiff import __version__

        return __version__
    if name not in _HOME:
        raise AttributeError(f"module 'symdiff' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"symdiff.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
