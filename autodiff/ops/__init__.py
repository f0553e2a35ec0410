"""The families of operations: every module of this package is found by itself, and its operations fill the table."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ..declare.op import TABLE, Operation

__all__ = ["TABLE"]


def _fill() -> None:
    for module in sorted(found.name for found in iter_modules(__path__)):
        family = import_module(f"{__name__}.{module}")
        for attribute, entry in vars(family).items():
            # What a family imports from another one is that one's to register.
            if isinstance(entry, Operation) and not attribute.startswith("_") and entry.__module__ == family.__name__:
                for name in (entry.name, *entry.aliases):
                    _register(name, entry)


def _register(name: str, entry: Operation) -> None:
    present = TABLE.setdefault(name, entry)
    if present is not entry:
        raise ImportError(f"operation {name} is declared twice, in {present.__module__} and in {entry.__module__}")


_fill()
