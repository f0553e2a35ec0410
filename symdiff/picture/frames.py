"""The picture step by step: forward through the steps, then back through them, and when each part appears."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from symdiff.picture.graph import Graph, Node, Picture
from symdiff.picture.shapes import Part
from symdiff.printing.record import Record

__all__ = ["Frame", "Frames"]


class Frame(Record):
    """One moment: the inputs are ``given``, a step is computed (``forward``), the way back begins with the 1 at its end
    (``seed``), or it goes back through a step (``backward``).
    """

    kind: str
    step: int = 0
    code: str = ""


class Frames:
    """The frames of a picture, and when its parts appear and are lit, as numbers of frames from 1."""

    def __init__(self, picture: Picture) -> None:
        self._graphs = [part for part in picture.parts if isinstance(part, Graph)]
        self._back = picture.result is not None
        self._codes: dict[int, str] = {}
        for node in self._nodes():
            if node.step and not node.ghost:
                self._codes[node.step] = node.code

    def _nodes(self) -> Iterable[Node]:
        return (node for graph in self._graphs for node in graph.nodes)

    @cached_property
    def all(self) -> tuple[Frame, ...]:
        """Every frame, in order."""
        steps = sorted(self._codes)
        found = [Frame("given"), *(Frame("forward", step, self._codes[step]) for step in steps)]
        if self._back:
            found += [Frame("seed"), *(Frame("backward", step, self._codes[step]) for step in reversed(steps))]
        return tuple(found)

    @cached_property
    def _numbers(self) -> dict[tuple[str, int], int]:
        return {(frame.kind, frame.step): number for number, frame in enumerate(self.all, 1)}

    @cached_property
    def _readers(self) -> dict[int, set[int]]:
        """By node the steps that it is sent an adjoint from."""
        found: dict[int, set[int]] = {}
        for graph in self._graphs:
            step = {node.key: node.step for node in graph.nodes}
            for link in graph.links:
                if link.flows:
                    found.setdefault(link.source[0], set()).add(step[link.target[0]])
        return found

    def of(self, part: Part) -> tuple[int, tuple[int, ...]]:
        """The frame in which a part appears, 0 for one that is always there, and those in which it is lit."""
        forward, backward = self._forward(part.step), self._numbers.get(("backward", part.step), 0)
        if part.kind == "value":
            return forward, (forward,)
        if part.kind == "adjoint":
            appears = self._adjoint(part)
            return appears, tuple(sorted({appears, backward} - {0}))
        if part.kind == "node":
            return 0, tuple(sorted({forward, backward, self._adjoint(part)} - {0}))
        if part.kind == "local":
            return 0, (backward,) if backward else ()
        return 0, tuple(sorted({forward, 0 if part.quiet else backward} - {0}))

    def _forward(self, step: int) -> int:
        return self._numbers.get(("forward", step) if step else ("given", 0), 0)

    def _adjoint(self, part: Part) -> int:
        """When the last of those that read a node has sent its part."""
        if not self._back:
            return 0
        readers = self._readers.get(part.key, set())
        return self._numbers["backward", min(readers)] if readers else self._numbers.get(("seed", 0), 0)
