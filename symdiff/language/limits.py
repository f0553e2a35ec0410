"""Bounds on what a text may ask for, checked before anything is built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a text, and what it computes, may be; :func:`symdiff.language.parse` takes another one."""

    characters: int = 4_000
    nodes: int = 2_000  # names, numbers and operations in one text
    depth: int = 100  # brackets, calls, signs and powers inside one another
    arguments: int = 200  # of one call, or elements of one list
    names: int = 100  # different names in one text
    name_length: int = 64
    log2_power: float = 1_100.0  # |exponent * log2(base)| of a power of numbers; float64 ends at 1,024
    exponent: float = 1e6  # of a power, and of powers of powers together
    elements: int = 100_000_000  # of all arrays that one run computes
    created: int = 10_000_000  # of one array made out of nothing, as by zeros((1000, 1000))


LIMITS = Limits()
