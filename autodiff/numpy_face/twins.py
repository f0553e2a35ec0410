"""Functions that call what takes no tensors: run as twins, in which these names ask ours where a tensor is given.

``math.exp`` and ``scipy.stats.norm.cdf`` want numbers and plain arrays, and a tensor can do nothing about it; nor can
it enter an array that ``np.zeros`` made.  But the function that calls them finds them by their names.  Its twin has the
same code, closure and defaults, and sees the same names, but for these: they stand for functions that go to ours when
a tensor is among their arguments, and to the original for everything else.  Nobody's module is touched.

A function is run as it is.  Only where it fails for want of this is its twin run, from then on at once.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from pathlib import Path
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..declare.op import TABLE
from ..record.recording import Recorded
from .foreign import ELSEWHERE, OURS, TakesNoTensors, holds_tensor

# --- What a function needs --------------------------------------------------------------------------------------------

_KNOWN: dict[int, tuple[CodeType, frozenset[str]]] = {}
"""By the id of a function's code: the code, which is kept alive by it, and what its twin has to stand in for."""

_MOST = 4096

_HERE = str(Path(__file__).parents[1])  # the functions of this package call those of the user's


def prepared(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return what is run for ``f``: itself, or its twin where it is known to need one."""
    if not _KNOWN:
        return f
    code = _code_of(f)
    known = _KNOWN.get(id(code))
    return f if known is None or known[0] is not code else twin_of(f, known[1])


def learned(f: Callable[..., Any], error: BaseException) -> bool:
    """Whether ``f`` failed for want of a twin, or of one that stands in for more: then it is to be run again."""
    code = _code_of(f)
    if not isinstance(error, TakesNoTensors) or code is None or code.co_filename.startswith(_HERE):
        return False
    known = _KNOWN.get(id(code))
    before = known[1] if known is not None and known[0] is code else frozenset()
    if error.kind in before:
        return False
    if len(_KNOWN) >= _MOST:
        _KNOWN.clear()
    _KNOWN[id(code)] = code, before | {error.kind}
    return True


def _code_of(f: Any) -> CodeType | None:
    while isinstance(f, partial):
        f = f.func
    f = getattr(f, "__func__", f)
    if type(f) is not FunctionType:
        f = _call_of(f)
    return f.__code__ if type(f) is FunctionType else None


def _call_of(f: Any) -> Any:
    """What is run where an object is called; None where it is none that is called."""
    return type(f).__call__ if callable(f) else None


# --- The twin ---------------------------------------------------------------------------------------------------------


def twin_of(f: Any, kinds: frozenset[str], made: dict[int, Any] | None = None) -> Any:
    """Return the twin of a function, a method, a partial function or an object that is called."""
    made = {} if made is None else made
    if id(f) in made:
        return made[id(f)]
    if isinstance(f, partial):
        return partial(twin_of(f.func, kinds, made), *f.args, **f.keywords)
    if type(f) is MethodType:
        return MethodType(twin_of(f.__func__, kinds, made), f.__self__)
    if type(f) is not FunctionType:
        call = _call_of(f)
        return MethodType(twin_of(call, kinds, made), f) if type(call) is FunctionType else f
    if _is_librarys(f):
        return f
    own = f.__closure__ or ()
    # What is assigned to a cell is seen by all who share it, so that only those are new whose value is another one.
    cells = [CellType() if _is_another(cell, kinds, made) else cell for cell in own]
    twin = FunctionType(f.__code__, Names(f.__globals__, kinds), f.__name__, f.__defaults__, tuple(cells))
    twin.__kwdefaults__ = f.__kwdefaults__
    made[id(f)] = twin  # before the cells are filled: it may be in one of them
    for cell, given in zip(cells, own, strict=True):
        if cell is not given:
            cell.cell_contents = _instead_of(given.cell_contents, kinds, made)
    return twin


def _is_another(cell: CellType, kinds: frozenset[str], made: dict[int, Any]) -> bool:
    """Whether a twin sees something else in a cell."""
    try:
        value = cell.cell_contents
    except ValueError:  # nothing was assigned to it yet
        return False
    if type(value) is FunctionType:
        return not _is_librarys(value)
    return _instead_of(value, kinds, made) is not value


class Names(dict[str, Any]):
    """The names that a twin sees: those of the function's module, as they are when they are asked for, but for some."""

    def __init__(self, own: dict[str, Any], kinds: frozenset[str]) -> None:
        super().__init__({name: value for name, value in own.items() if name.startswith("__")})
        self.own, self.kinds = own, kinds
        self.made: dict[int, Any] = {}

    def __missing__(self, name: str) -> Any:
        return _instead_of(self.own[name], self.kinds, self.made)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.own

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default


_LIBRARIES = frozenset({"numpy", "scipy", "autodiff", "symdiff", *sys.stdlib_module_names})


def _is_librarys(f: FunctionType) -> bool:
    return str(f.__module__).partition(".")[0] in _LIBRARIES


# --- What stands in ---------------------------------------------------------------------------------------------------


def _instead_of(value: Any, kinds: frozenset[str], made: dict[int, Any]) -> Any:
    """What a twin sees in the place of a value: of a function of the user's its twin, of most things themselves."""
    kind = type(value)
    if kind is FunctionType and not _is_librarys(value):
        return twin_of(value, kinds, made)
    if "numbers" in kinds:
        if value is math:
            return Namespace(math, _of_math())
        if kind is BuiltinFunctionType and value.__module__ == "math":
            return _of_math().get(value.__name__, value)
        if kind is ModuleType and value.__name__.partition(".")[0] == "scipy":
            return _of_scipy(value)
        if (path := _path_in_scipy(value)) is not None:
            return _member(*path)
    if "elements" in kinds:
        if value is np:
            return Namespace(np, _MAKERS)
        if callable(value) and (name := getattr(value, "__name__", "")) in _MAKERS and getattr(np, name) is value:
            return _MAKERS[name]
    return value


class Namespace:
    """A module, or a distribution, of which some names stand for something else."""

    def __init__(self, theirs: Any, instead: Mapping[str, Any]) -> None:
        self._theirs, self._instead = theirs, instead

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._theirs, name)
        return self._instead.get(name, value)

    def __dir__(self) -> list[str]:
        return dir(self._theirs)


def _either(theirs: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """``ours`` where a tensor is among the arguments, ``theirs`` elsewhere."""

    @wraps(theirs)
    def either(*args: Any, **kwargs: Any) -> Any:
        return (ours if holds_tensor((args, kwargs)) else theirs)(*args, **kwargs)

    return either


# Python's math


def _log(x: Any, base: Any = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _hypot(*coordinates: Any) -> Any:
    return TABLE["norm"](TABLE["stack"](coordinates))


def _dist(p: Any, q: Any) -> Any:
    return TABLE["norm"](TABLE["stack"]([a - b for a, b in zip(p, q, strict=True)]))


def _sumprod(p: Any, q: Any) -> Any:
    return sum(a * b for a, b in zip(p, q, strict=True))


_SPELT_OUT: dict[str, Callable[..., Any]] = {
    "log": _log, "hypot": _hypot, "dist": _dist, "sumprod": _sumprod, "fsum": sum, "prod": math.prod,
}  # fmt: skip

# Of a tensor they are asked, and answer, as of a number.
_AS_THEY_ARE = frozenset({"floor", "ceil", "trunc", "isnan", "isinf", "isfinite", "isclose", "remainder", "prod"})


@cache
def _of_math() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in dir(math):
        theirs = getattr(math, name)
        if name in _AS_THEY_ARE or not callable(theirs):
            continue
        ours = _SPELT_OUT.get(name) or _named(ELSEWHERE.get(name, f"np.{name}"))
        if ours is not None:
            found[name] = _either(theirs, ours)
    return found


def _named(path: str) -> Any:
    """What a name is of: ``np.arctan2``, ``autodiff.erf``."""
    first, *rest = path.split(".")
    found: Any = np if first == "np" else sys.modules[OURS]
    for part in rest:
        found = getattr(found, part, None)
    return found


# SciPy


def _cholesky(a: Any, lower: bool = False) -> Any:
    factor = TABLE["cholesky"](a)
    return factor if lower else TABLE["matrix_transpose"](factor)


_OF_LINALG = "cho_factor cho_solve det eigh eigvalsh inv norm pinv solve solve_triangular svdvals"


@cache
def _ours_for(part: str) -> dict[str, Any]:
    """What we have under the same names, with the same meaning, for a part of SciPy."""
    own = sys.modules[OURS]
    if part == "special":  # the others are ufuncs, which ask tensors themselves
        return {name: TABLE[name] for name in ("logsumexp", "softmax", "log_softmax")}
    if part == "linalg":
        return {name: getattr(own.linalg, name) for name in _OF_LINALG.split()} | {"cholesky": _cholesky}
    if part in ("stats", "fft"):
        names = getattr(own, part)
        return {name: getattr(names, name) for name in names.__all__}
    return {}


def _of_scipy(module: ModuleType) -> Any:
    """A module of SciPy's, or the package itself."""
    _, _, part = module.__name__.partition(".")
    if part:
        members = {name: _member(part, name) for name in _ours_for(part) if hasattr(module, name)}
        return Namespace(module, members) if members else module
    parts = ("special", "linalg", "stats", "fft")
    return Namespace(module, {part: _of_scipy(sys.modules[f"scipy.{part}"]) for part in parts if _loaded(part)})


def _loaded(part: str) -> bool:
    return f"scipy.{part}" in sys.modules


@cache
def _member(part: str, name: str) -> Any:
    theirs, ours = getattr(sys.modules[f"scipy.{part}"], name), _ours_for(part)[name]
    return Law(theirs, ours) if hasattr(theirs, "rvs") else _either(theirs, ours)


def _path_in_scipy(value: Any) -> tuple[str, str] | None:
    """The part of SciPy that a function or a distribution is of, and its name there, where we have it as well."""
    is_law = hasattr(type(value), "rvs")
    module = str(getattr(type(value) if is_law else value, "__module__", "")).split(".")
    if module[0] != "scipy" or len(module) < 2 or not _loaded(module[1]):
        return None
    names = (name for name in _ours_for(module[1]) if getattr(sys.modules[f"scipy.{module[1]}"], name, None) is value)
    name = next(names, None)
    return None if name is None else (module[1], name)


class Law:
    """A distribution of SciPy's: ``norm.cdf(x, loc, scale)``, and ``norm(loc, scale)`` for parameters that stay."""

    def __init__(self, theirs: Any, ours: Any) -> None:
        self._theirs, self._ours = theirs, ours

    def __getattr__(self, name: str) -> Any:
        theirs, ours = getattr(self._theirs, name), getattr(self._ours, name, None)
        return theirs if ours is None or not callable(theirs) else _either(theirs, ours)

    def __call__(self, *parameters: Any, **named: Any) -> Any:
        ours = Settled(self._ours, parameters, named)
        return ours if holds_tensor((parameters, named)) else Law(self._theirs(*parameters, **named), ours)


class Settled:
    """One of our distributions with parameters that stay."""

    def __init__(self, law: Any, parameters: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._law, self._parameters, self._named = law, parameters, named

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._law, name)
        return lambda *x: method(*x, *self._parameters, **self._named)


# NumPy's functions that make arrays: of floating numbers a tensor, whose elements can be assigned


def _making(name: str) -> Callable[..., Any]:
    theirs = getattr(np, name)

    @wraps(theirs)
    def made(*args: Any, **kwargs: Any) -> Any:
        values = theirs(*args, **kwargs)
        is_plain = type(values) is np.ndarray and values.dtype.kind == "f"
        return sys.modules[OURS].tensor(values) if is_plain else values

    return made


_NAMES = """
    arange array copy empty empty_like eye full full_like identity linspace ones ones_like tile zeros zeros_like
"""
_MAKERS: dict[str, Callable[..., Any]] = {name: _making(name) for name in _NAMES.split()}


def _full(shape: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    if not isinstance(fill_value, Recorded):
        return _PLAIN_FULL(shape, fill_value, dtype, **options)
    return TABLE["broadcast_to"](fill_value, shape).copy()


_PLAIN_FULL, _MAKERS["full"] = _MAKERS["full"], _full
