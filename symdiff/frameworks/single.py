"""One call that a framework's function made, taken out of it: what can be checked by itself."""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable
from dataclasses import dataclass
from inspect import currentframe
from typing import Any

from symdiff.arrays import Array
from symdiff.tracing.author_names import of_users

__all__ = ["Place", "Single", "users_line"]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a user's file; nowhere where ``line`` is 0."""

    file: str = ""
    line: int = 0

    @property
    def source(self) -> str:
        """The text of the line."""
        return linecache.getline(self.file, self.line).strip() if self.line else ""

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.line}" if self.line else ""


@dataclass(frozen=True, eq=False, slots=True)
class Single:
    """A call by itself: ``target`` is a function of the framework's arrays, called at ``arrays``.

    ``pull`` gets a cotangent of the result and the same arrays, and returns what the framework sends to each of them.
    ``is_users`` says whether the backward pass is the user's own, ``called`` where the call stands, ``written`` where
    the backward pass does. ``holds_arrays``: it has other arrays than these, labels and the like, whose lengths stay.
    """

    name: str
    target: Callable[..., Any]
    pull: Callable[..., Any]
    arrays: tuple[Array, ...]
    is_users: bool
    called: Place
    written: Place = Place()
    holds_arrays: bool = False


def users_line() -> Place:
    """Where the nearest frame of the user's is."""
    frame = currentframe()
    while frame is not None and not of_users(frame.f_code):
        frame = frame.f_back
    return Place() if frame is None else Place(frame.f_code.co_filename, frame.f_lineno)
