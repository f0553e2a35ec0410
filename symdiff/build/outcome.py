"""What goes to a worker and what comes back: a case with what is wanted of it, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symdiff.build.case import Case

__all__ = ["ENDINGS", "Limits", "Listing", "Outcome", "Task", "Wanted"]

ENDINGS = ("made", "wrong", "raised", "time", "memory", "crashed", "ours")
"""How a case can end: made; its input is wrong, its function raised, it met a limit, its worker died, our fault."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one case may take: seconds, and MiB of memory beyond an idle worker's; None for as much as there is."""

    seconds: float | None = 60.0
    memory: float | None = 2048.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made of a case: documents by language and format; by language formulas, a line of a corpus, the table."""

    documents: tuple[tuple[str, str], ...] = ()
    formulas: tuple[str, ...] = ()
    corpus: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A case that is to be made, under its name and key."""

    case: Case
    wanted: Wanted
    name: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The question which functions of a module are marked; a worker runs the module."""

    path: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended, and what was made of it; ``reason`` says in one line why nothing was.

    ``ulps`` is the largest error of an element that is finite, ``formulas`` the general partials as MathML, by
    language, ``documents`` the documents by language and format, ``line`` the line of a corpus.
    """

    number: int
    ending: str
    reason: str = ""
    verdict: str = ""
    ok: bool = False
    ulps: float = 0.0
    elements: int = 0
    expression: str = ""
    formulas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    documents: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    line: bytes = b""
    table: str = ""
    seconds: float = 0.0
    marks: tuple[tuple[str, dict[str, object]], ...] = ()
