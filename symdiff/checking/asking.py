"""Asking a gradient that was given: what it says at a point, and how it behaves meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from symdiff.agreement.findings import Finding
from symdiff.arrays import Array
from symdiff.checking.call import Call, called
from symdiff.checking.given import arrays_by_name, check_shapes, wanted_shape
from symdiff.deadline import TimeLimit, stage
from symdiff.errors import FunctionError, InputError, said_by
from symdiff.sentences import Said, listed
from symdiff.tracing.building import Traced

__all__ = ["Answer", "Asked", "Asking"]


@dataclass(frozen=True)
class Answer:
    """What was given at one point: ``arrays`` of the wanted shapes, nan where the shape is another (``misshapen``).

    ``traced`` is the program with the inputs that are judged.
    """

    traced: Traced
    arrays: Mapping[str, Array]
    misshapen: Mapping[str, Array]
    findings: tuple[Finding, ...] = ()


class Asking(Protocol):
    """Who is asked for a gradient: a function, arrays, a claim."""

    @property
    def is_function(self) -> bool:
        """Whether it can be asked again, and elsewhere."""

    @property
    def backward(self) -> bool:
        """Whether it takes a cotangent."""

    def at(self, traced: Traced, call: Call, cotangent: Any = None) -> Answer:
        """The gradient at the point of ``traced``."""

    def uses_cotangent(self, traced: Traced, call: Call, cotangent: Any, other: Any) -> Finding | None:
        """Whether another cotangent gives another gradient; None where no gradient is there to tell by."""


@dataclass(frozen=True)
class Asked:
    """A gradient that was given: a function, which gets the cotangent in front where it is a ``backward`` pass."""

    gradient: object
    backward: bool = False

    @property
    def is_function(self) -> bool:
        """Whether it can be asked again, and elsewhere."""
        return callable(self.gradient)

    def at(self, traced: Traced, call: Call, cotangent: Any = None) -> Answer:
        """The gradient at the point of ``traced``.

        Raises:
            InputError: what is given is no gradient of the inputs.
            FunctionError: the gradient function raised.
        """
        if not callable(self.gradient):
            found = arrays_by_name(self.gradient, traced, call)
            narrowed, present = _judged(found, traced)
            return Answer(narrowed, check_shapes(present, narrowed), {}, _unjudged(found))
        first, changed = self._ask(self.gradient, traced, call, cotangent)
        second, _ = self._ask(self.gradient, traced, call, cotangent)
        narrowed, present = _judged(first, traced)
        misshapen = {name: each for name, each in present.items() if each.shape != wanted_shape(name, narrowed)}
        arrays = {
            name: np.full(wanted_shape(name, narrowed), np.nan) if name in misshapen else each
            for name, each in present.items()
        }
        findings = (*_shapes(misshapen, narrowed), *_dtypes(present, narrowed), _inputs(changed))
        again = _again({name: (each, second.get(name)) for name, each in present.items()})
        return Answer(narrowed, arrays, misshapen, (*findings, again, *_unjudged(first)))

    def uses_cotangent(self, traced: Traced, call: Call, cotangent: Any, other: Any) -> Finding | None:
        """Whether another cotangent gives another gradient; None where no gradient is there to tell by."""
        if not callable(self.gradient) or not self.backward:
            return None
        first, _ = self._ask(self.gradient, traced, call, cotangent)
        second, _ = self._ask(self.gradient, traced, call, other)
        known = [name for name, each in first.items() if each is not None and np.any(np.nan_to_num(each))]
        if not known:
            return None
        used = any(not _same(first[name], second[name]) for name in known)
        return Finding("cotangent", used, Said("finding.cotangent.ok" if used else "finding.cotangent.wrong"))

    def _ask(
        self, gradient: Callable[..., Any], traced: Traced, call: Call, cotangent: Any
    ) -> tuple[dict[str, Array | None], list[str]]:
        """The arrays by name, and the inputs that are others afterwards."""
        args, named, arrays = call.filled(traced)
        front = (_copied(cotangent),) if self.backward else ()
        name = getattr(gradient, "__name__", type(gradient).__name__)
        try:
            with stage("the gradient that was given"):
                answer = called(gradient, front, args, named)
        except (KeyboardInterrupt, TimeLimit):
            raise
        except BaseException as error:
            shapes = ", ".join(f"{name} of shape {tensor.shape}" for name, tensor in traced.tensors.items())
            raise FunctionError(
                f"gradient {name} raised {type(error).__name__}: {said_by(error)} (given {shapes})"
            ) from error
        changed = [name for name, each in arrays.items() if not _same(each, np.asarray(traced.tensors[name].data))]
        return arrays_by_name(answer, traced, call), changed


def _copied(cotangent: Any) -> Any:
    return deepcopy(cotangent)  # a backward pass may change what it is given, and the next call must see it as it was


def _same(a: Array | None, b: Array | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def _judged(found: Mapping[str, Array | None], traced: Traced) -> tuple[Traced, dict[str, Array]]:
    """The program by those inputs alone that something was given for."""
    present = {name: each for name, each in found.items() if each is not None}
    if not present:
        raise InputError(f"gradient gives None for every input: {', '.join(found)}; give an array for at least one")
    if len(present) == len(found):
        return traced, present
    return replace(traced, graph=replace(traced.graph, wrt=tuple(present))), present


# --- what is found beside the numbers ---------------------------------------------------------------------------------


def _unjudged(found: Mapping[str, Array | None]) -> tuple[Finding, ...]:
    left = [name for name, each in found.items() if each is None]
    return (Finding("judged", True, Said("finding.judged", {"inputs": listed(left)})),) if left else ()


def _shapes(misshapen: Mapping[str, Array], traced: Traced) -> tuple[Finding, ...]:
    wrong = [
        Said("finding.shape.wrong", {"input": name, "got": str(each.shape), "want": str(wanted_shape(name, traced))})
        for name, each in misshapen.items()
    ]
    return tuple(Finding("shape", False, said) for said in wrong) or (Finding("shape", True, Said("finding.shape.ok")),)


def _dtypes(found: Mapping[str, Array], traced: Traced) -> tuple[Finding, ...]:
    findings = []
    for name, each in found.items():
        wanted = traced.tensors[name].data.dtype
        if each.dtype != wanted and wanted.kind == "f":
            narrower = each.dtype.itemsize < wanted.itemsize
            values = {"input": name, "got": str(each.dtype), "want": str(wanted)}
            key = "narrower" if narrower else "wider"
            findings.append(Finding("dtype", not narrower, Said(f"finding.dtype.{key}", values)))
    return tuple(findings) or (Finding("dtype", True, Said("finding.dtype.ok")),)


def _inputs(changed: list[str]) -> Finding:
    if not changed:
        return Finding("inputs", True, Said("finding.inputs.ok"))
    return Finding("inputs", False, Said("finding.inputs.wrong", {"inputs": listed(changed)}))


def _again(pairs: Mapping[str, tuple[Array, Array | None]]) -> Finding:
    for name, (first, second) in pairs.items():
        if _same(first, second):
            continue
        if second is None or second.shape != first.shape:
            return Finding("again", False, Said("finding.again.shape", {"input": name}))
        apart = ~((first == second) | (np.isnan(first) & np.isnan(second)))
        index = tuple(int(k) for k in np.argwhere(apart)[0])
        written = f"{name}[{', '.join(map(str, index))}]" if index else name
        values = {"element": written, "first": repr(float(first[index])), "second": repr(float(second[index]))}
        return Finding("again", False, Said("finding.again.wrong", values))
    return Finding("again", True, Said("finding.again.ok"))
