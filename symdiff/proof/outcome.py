"""What a proof came to: for one operand in one structure, and for an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Status(Enum):
    """The worst of several is theirs together."""

    PROVED = "proved"
    POINTS = "checked at points only"
    REFUTED = "refuted"

    @property
    def rank(self) -> int:
        return list(Status).index(self)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Where a rule is wrong: the operands, which of them the cotangent is of, and what was got and wanted there."""

    operand: str
    point: Mapping[str, object]
    got: str
    wanted: str
    where: str = ""

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value}" for name, value in self.point.items())
        element = f"the cotangent of {self.operand}{self.where}"
        return f"at {at} {element} is {self.got}, it must be {self.wanted}"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome for one operand in one structure.

    ``off`` are the borders where a formula proved does not hold, ``fixed`` the lengths that had to be numbers.
    """

    operand: str
    structure: str
    status: Status
    reason: str = ""
    counterexample: Counterexample | None = None
    off: tuple[str, ...] = ()
    fixed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of an operation's rules: the findings, and the numbers read as what they are roundings of.

    ``trivial`` says that there was no rule to prove: a constant's derivative, or a function made of other operations;
    ``elementwise`` that what was shown on numbers holds at every element of every array.  ``domain`` is the
    operation's own, ``without`` are the operands that have no rule.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    numbers: Mapping[float, str] = field(default_factory=dict)
    basis: str = ""
    inherited: Status | None = None
    trivial: bool = False
    elementwise: bool = False
    domain: str = ""
    without: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """The worst of the findings, or of the operations that a function is made of."""
        found = [finding.status for finding in self.findings] + ([self.inherited] if self.inherited else [])
        return max(found, key=lambda status: status.rank, default=Status.PROVED)

    @property
    def reason(self) -> str:
        """Why it is no better, in the words of the first finding of the worst kind."""
        for finding in self.findings:
            if finding.status is self.status and finding.status is not Status.PROVED:
                return finding.reason or str(finding.counterexample)
        return self.basis if self.status is not Status.PROVED else ""

    @property
    def extent(self) -> str:
        """For which points, lengths and structures it was proved."""
        proved = [finding for finding in self.findings if finding.status is Status.PROVED]
        if not proved:
            return self.basis
        off = list(dict.fromkeys(border for finding in proved for border in finding.off))
        points = "for every point" + (f" where {self.domain}" if self.domain else "")
        points += f" off {', '.join(off)}" if off else ""
        points += f" (there is no rule in {', '.join(self.without)})" if self.without else ""
        if self.elementwise:
            given = [s for s in dict.fromkeys(finding.structure for finding in proved) if s]
            return f"{points}, arrays of every shape" + (f", with {'; '.join(given)}" if given else "")
        every = [f.structure for f in proved if not f.fixed]
        sampled = [f.structure for f in proved if f.fixed]
        parts = [("every length", every), ("the lengths sampled", [s for s in sampled if s not in every])]
        told = [f"{what}: {'; '.join(dict.fromkeys(found))}" for what, found in parts if found]
        return ", ".join([points, *told])

    def __str__(self) -> str:
        word: str = self.status.value
        return word if self.status is Status.PROVED else f"{word}: {self.reason}"
