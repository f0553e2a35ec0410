"""``FILE.py:FUNCTION`` -> the Python function."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from symdiff.deadline import TimeLimit
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.language.names import nearest, shown
from symdiff.tracing.prints import printing

_SOURCE = re.compile(r"(?P<file>.+\.py):(?P<function>[^:]*)", re.DOTALL)


def is_source(text: str) -> bool:
    """Whether the text is ``FILE.py:FUNCTION`` rather than an expression."""
    return _SOURCE.fullmatch(text) is not None


def load_function(text: str) -> Callable[..., Any]:
    """The function that ``FILE.py:FUNCTION`` names; the file is run, as Python runs a module.

    Raises:
        InputError: there is no such file or function.
        FunctionError: the file raises, chained to what it raised.
    """
    path, name = parts_of(text)
    return function_of(load_module(path), path, name)


def function_of(module: Any, path: Path, name: str) -> Callable[..., Any]:
    """The function of that name in a module that was loaded from ``path``.

    Raises:
        InputError: it has none; those that it has are named.
    """
    functions = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
    found = vars(module).get(name)
    if found is None:
        have = ", ".join(functions[:8]) or "none"
        raise InputError(
            f"{shown(str(path))} has no function {shown(name) or '(no name given)'}{nearest(name, functions)}; it "
            f"has {have}"
        )
    if not callable(found):
        raise InputError(f"{name} in {shown(str(path))} is {type(found).__name__}, not a function")
    return found  # type: ignore[no-any-return]


def load_module(path: Path) -> Any:
    """The module in a file, which is run, as Python runs a module.

    Raises:
        InputError: there is no such file.
        FunctionError: the file raises, chained to what it raised.
    """
    module, raised = run_module(path)
    if raised is not None:
        raise raised from raised.__cause__
    return module


def run_module(
    path: Path, around: Callable[[Any], AbstractContextManager[None]] = nullcontext
) -> tuple[Any, FunctionError | None]:
    """The module in a file as far as it ran, and what it raised, chained to its cause; it runs inside ``around`` of it.

    Raises:
        InputError: there is no such file.
    """
    try:
        there = path.is_file()
    except (OSError, ValueError) as error:  # a name too long, or with a zero byte
        raise InputError(f"{shown(str(path))} cannot be the name of a file ({said_by(error, 60)})") from None
    if not there:
        raise InputError(f"there is no file {shown(str(path))}; write FILE.py:FUNCTION with the path from here")
    name = re.sub(r"\W", "_", path.stem)
    spec = importlib.util.spec_from_file_location(f"symdiff_source_{name}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{shown(str(path))} cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # what stands beside the file can be imported, as when Python runs it
    try:
        with printing(sys.stderr) as borrowed, around(module):
            borrowed.take(vars(module))
            spec.loader.exec_module(module)
    except PermissionError as error:
        if error.filename == str(path):
            raise InputError(f"{shown(str(path))}: there is no permission to read it") from error
        return module, _raised(path, error)
    except (KeyboardInterrupt, TimeLimit):
        raise
    except BaseException as error:  # sys.exit, too, and whatever else the file raises
        return module, _raised(path, error)
    return module, None


def parts_of(text: str) -> tuple[Path, str]:
    """The file and the name of ``FILE.py:NAME``.

    Raises:
        InputError: it is none.
    """
    match = _SOURCE.fullmatch(text)
    if match is None:
        raise InputError(f"{shown(text)}: write FILE.py:FUNCTION, such as model.py:loss")
    return Path(match["file"]), match["function"].strip()


def _raised(path: Path, error: BaseException) -> FunctionError:
    raised = FunctionError(f"{shown(path.name)} raises {type(error).__name__} when it is loaded: {said_by(error)}")
    raised.__cause__ = error
    return raised
