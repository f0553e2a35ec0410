"""The calls that a framework's function makes, each checked by itself, and which of them is to blame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from symdiff.agreement.findings import Blame
from symdiff.agreement.report import GradientReport
from symdiff.agreement.verdict import Verdict
from symdiff.checking.asking import Asked
from symdiff.checking.call import Call
from symdiff.checking.inquiry import Inquiry
from symdiff.deadline import TimeLimit, look
from symdiff.errors import InputError
from symdiff.frameworks.single import Place, Single
from symdiff.frameworks.trace import singles
from symdiff.sentences import Said

__all__ = ["Judge", "Judged", "first_wrong_single", "users_alone"]

Judge = Callable[[Inquiry], GradientReport]
"""All that is found at a call's own point, and at others; with the diagnosis among the causes."""


RIGHT = (Verdict.AGREE, Verdict.IMPRECISE, Verdict.KINK)


@dataclass(frozen=True)
class Judged:
    """A call of a framework's function, and the report on its own derivative alone."""

    single: Single
    report: GradientReport

    @property
    def is_wrong(self) -> bool:
        """Whether its own derivative is wrong."""
        wrong_value = self.report.value_verdict is Verdict.DISAGREE
        return not wrong_value and not self.report.ok and self.report.verdict in (Verdict.DISAGREE, *RIGHT)

    @property
    def blame(self) -> Blame:
        """What is to blame, and where it stands."""
        worst = self.report.worst
        assert worst is not None
        called, written = self.single.called, str(self.single.written)
        place = Place() if called.line == 0 else called
        return Blame(
            self.single.name, worst.input, worst.index, worst.got, worst.want, _name(place), place.line, place.source,
            by="meaning" if self.report.verdict is Verdict.DISAGREE else "behaviour",
            written=written, written_source=self.single.written.source,
        )  # fmt: skip

    def causes(self) -> tuple[Said, ...]:
        """What is wrong with it, as far as it can be seen, with its name."""
        findings = [each for each in self.report.findings if not each.ok]
        unused = [each.said for each in findings if each.what == "cotangent"]
        said = unused or [*self.report.causes, *(each.said for each in findings)]
        return tuple(Said("blame.cause", {"operation": self.single.name, "said": each}) for each in said)


def _name(place: Place) -> str:
    return str(place).rpartition(":")[0]


def first_wrong_single(
    function: object, args: Sequence[object], at: Mapping[str, object], judge: Judge
) -> Judged | None:
    """The first call on the way back whose own derivative is wrong: a user's own before any of the framework's."""
    for users in (True, False):
        for judged in _judged(singles(function, args, at, users), judge):
            if judged.is_wrong:
                return judged
    return None


def users_alone(function: object, args: Sequence[object], at: Mapping[str, object], judge: Judge) -> list[Judged]:
    """What has a backward pass of the user's, one call of each, with any cotangent and at other points."""
    found = singles(function, args, at, users_alone=True)
    once = {single.name: (single, target, pull) for single, target, pull in found}
    return list(_judged(list(once.values()), judge))


def _judged(found: Sequence[tuple[Single, object, object]], judge: Judge) -> Iterator[Judged]:
    for single, target, pull in reversed(found):
        look()
        inquiry = Inquiry(
            target,  # type: ignore[arg-type]
            Call(single.arrays, {}), None, Asked(pull, backward=True), reduces=True, asks_elsewhere=True,
            resizes=not single.holds_arrays,
        )  # fmt: skip
        try:
            yield Judged(single, judge(inquiry))
        except TimeLimit:
            raise
        except (InputError, ArithmeticError, ValueError, TypeError):
            continue  # by itself, at these operands, it says nothing
