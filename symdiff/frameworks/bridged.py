"""What a framework's function becomes: a trace like any other, with the gradient that the framework itself returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import Any, Protocol

from symdiff.arrays import Array
from symdiff.errors import InputError
from symdiff.frameworks.single import Single
from symdiff.tracing.building import Traced

LARGEST_JACOBIAN = 250_000
"""Up to so many entries the Jacobian of an array result is asked of a framework."""


@dataclass(frozen=True, slots=True)
class Bridged(Traced):
    """A trace of a framework's function; ``own()`` is what the framework says the gradient is, by input."""

    framework: str
    own: Callable[[], Mapping[str, Array]]


class Framework(Protocol):
    """What is asked of a framework."""

    name: str

    def is_array(self, value: Any) -> bool:
        """Whether a result is an array that can be differentiated."""

    def to_numpy(self, value: Any) -> Any:
        """One of the framework's arrays as NumPy's; everything else as it is."""

    def from_numpy(self, array: Array) -> Any:
        """NumPy's array as one of the framework's."""

    def parameters(self, target: Any, count: int) -> list[Parameter]:
        """The parameters that a target's user sees; where it does not say, so many."""

    def slope(self, target: Callable[..., Any], place: int, name: str) -> Callable[..., Any]:
        """The framework's gradient of a scalar function by one argument, itself a function that can be traced."""

    def trace(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> Bridged:
        """The function's primitives, as our operations."""

    def gradients(
        self, bridge: Any, args: Sequence[object], at: Mapping[str, object], wrt: Sequence[str] | None
    ) -> Mapping[str, Array]:
        """The framework's own gradient alone, of a function that need not be traceable."""

    def singles(self, bridge: Any, args: Sequence[object], at: Mapping[str, object], users_alone: bool) -> list[Single]:
        """The calls of one run that have a derivative, each by itself; or those whose backward pass is the user's."""


def check_size(text: str, result: tuple[int, ...], elements: int) -> None:
    """InputError where the Jacobian of an array result would be too large."""
    size = 1
    for length in result:
        size *= length
    if result and size * elements > LARGEST_JACOBIAN:
        raise InputError(
            f"{text}: the result has shape {result}, and its Jacobian {size} x {elements} entries, more than "
            f"{LARGEST_JACOBIAN}; differentiate a scalar, such as its sum or mean"
        )
