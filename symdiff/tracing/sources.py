"""``FILE.py:FUNCTION`` -> the Python function."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from symdiff.errors import FunctionError, InputError
from symdiff.language.names import nearest, shown

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
    match = _SOURCE.fullmatch(text)
    if match is None:
        raise InputError(f"{shown(text)}: write FILE.py:FUNCTION, such as model.py:loss")
    path = Path(match["file"])
    module = _module(path)
    name = match["function"].strip()
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


def _module(path: Path) -> Any:
    if not path.is_file():
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
        spec.loader.exec_module(module)
    except PermissionError as error:
        raise InputError(f"{shown(str(path))}: there is no permission to read it") from error
    except (Exception, SystemExit) as error:
        raise FunctionError(f"{shown(path.name)} raises {type(error).__name__} when it is loaded: {error}") from error
    return module
