"""Numbers by which a gradient is off, in the sizes of the arrays: n, 1/n, (n-1)/n, and 2, 1/2, -1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

__all__ = ["Factor", "factors_near", "nearest_fraction"]

EXACT = 2.0**-40
"""So close a factor is the number that it seems to be; in single precision ``SINGLE``."""

SINGLE = 2.0**-15

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Factor:
    """What is got over what is wanted: ``value`` of the sizes, as it is ``written``; ``kind`` chooses the sentence.

    ``missing`` is what stands for the factor in it, ``inverse`` one over that, where they are not simply so.
    """

    kind: str
    written: str
    value: Callable[[Sizes], float]
    missing: str = ""
    inverse: str = ""


def factors_near(ratio: float, sizes: Sizes, unit: float) -> list[Factor]:
    """The factors that a ratio may be, the likeliest first."""
    close = SINGLE if unit > 1e-10 else EXACT
    found = [each for each in _all(sizes) if abs(each.value(sizes) - ratio) <= close * abs(ratio)]
    if found:
        return found
    fraction = nearest_fraction(ratio, close)
    if fraction is None:
        return []
    value = float(fraction)
    return [Factor("factor", str(fraction), lambda _: value)]


def nearest_fraction(ratio: float, close: float) -> Fraction | None:
    """A fraction of small numbers that a ratio is, if it is one."""
    fraction = Fraction(ratio).limit_denominator(12)
    if fraction in (0, 1) or abs(float(fraction) - ratio) > close * abs(ratio) or abs(fraction.numerator) > 60:
        return None
    return fraction


def _all(sizes: Sizes) -> Iterator[Factor]:
    yield Factor("twice", "2", lambda _: 2.0)
    yield Factor("half", "1/2", lambda _: 0.5)
    yield Factor("sign", "-1", lambda _: -1.0)
    for n in sizes:
        yield from _of_size(n)
    for n, m in combinations(sizes, 2):
        yield from _of_two(n, m)


def _of_two(n: str, m: str) -> Iterator[Factor]:
    yield Factor("times", f"{n}*{m}", lambda s: float(s[n] * s[m]))
    yield Factor("over", f"1/({n}*{m})", lambda s: 1 / (s[n] * s[m]), f"{n}*{m}")
    yield Factor("factor", f"{n}/{m}", lambda s: s[n] / s[m])
    yield Factor("factor", f"{m}/{n}", lambda s: s[m] / s[n])


def _of_size(n: str) -> Iterator[Factor]:
    yield Factor("times", n, lambda s: float(s[n]))
    yield Factor("over", f"1/{n}", lambda s: 1 / s[n], n)
    yield Factor("n_less", f"{n}/({n}-1)", lambda s: s[n] / (s[n] - 1), n)
    yield Factor("n_for_less", f"({n}-1)/{n}", lambda s: (s[n] - 1) / s[n], n)
    yield Factor("times", f"2*{n}", lambda s: 2.0 * s[n])
    yield Factor("times", f"{n}/2", lambda s: s[n] / 2, f"{n}/2", f"2/{n}")
    yield Factor("over", f"1/(2*{n})", lambda s: 0.5 / s[n], f"2*{n}")
    yield Factor("over", f"2/{n}", lambda s: 2.0 / s[n], f"{n}/2", f"2/{n}")
    yield Factor("times", f"{n}**2", lambda s: float(s[n]) ** 2)
    yield Factor("over", f"1/{n}**2", lambda s: float(s[n]) ** -2, f"{n}**2")
    yield Factor("times", f"sqrt({n})", lambda s: float(s[n]) ** 0.5)
    yield Factor("over", f"1/sqrt({n})", lambda s: float(s[n]) ** -0.5, f"sqrt({n})")
    yield Factor("times", f"-{n}", lambda s: -float(s[n]))
    yield Factor("over", f"-1/{n}", lambda s: -1 / s[n], f"-{n}")
