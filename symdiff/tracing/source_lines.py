"""Which line of a user's file called an operation: looked for by running the function once more, watching its lines."""

from __future__ import annotations

import linecache
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from autodiff.record.node import Node, next_order
from symdiff.tracing.author_names import of_users

__all__ = ["Lines", "lines_watched", "operations_of"]


@dataclass(slots=True)
class Lines:
    """Where the user's code was, by the numbers that nodes are made under."""

    orders: list[int] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)

    def note(self, frame: FrameType) -> None:
        """The line that a frame is at from now on."""
        self.orders.append(next_order())
        self.places.append((frame.f_code.co_filename, frame.f_lineno))

    def of(self, node: Node) -> tuple[str, int, str]:
        """The file, the line and its text at which a node was made; nothing where nobody's code was watched."""
        place = bisect_left(self.orders, node.order) - 1
        if place < 0:
            return "", 0, ""
        file, line = self.places[place]
        return file, line, linecache.getline(file, line).strip()


@contextmanager
def lines_watched() -> Iterator[Lines]:
    """Collects the lines of the user's code that run meanwhile."""
    lines = Lines()

    def inside(frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            lines.note(frame)
        elif event == "return":
            back = frame.f_back
            while back is not None and not of_users(back.f_code):
                back = back.f_back
            if back is not None:
                lines.note(back)
        return inside

    def entered(frame: FrameType, event: str, argument: object) -> Any:
        return inside if event == "call" and of_users(frame.f_code) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield lines
    finally:
        sys.settrace(before)


def operations_of(result: Node | None) -> list[Node]:
    """The operations that lead to a node, the last first."""
    seen: set[Node] = set()
    waiting = [] if result is None else [result]
    while waiting:
        node = waiting.pop()
        if node.op is not None and node not in seen:
            seen.add(node)
            waiting += [parent for parent in node.parents if parent is not None]
    return sorted(seen, key=lambda node: -node.order)
