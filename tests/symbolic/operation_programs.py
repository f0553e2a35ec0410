"""Every sample of every operation as a program of its floating operands, for tests that enumerate the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import autodiff as ad
from autodiff.declare.op import TABLE, Operation, Sample


@dataclass(frozen=True)
class OperationProgram:
    """One sample: ``program(**inputs)`` calls the operation and makes one floating array of what it returns."""

    operation: Operation
    number: int
    inputs: dict[str, Any]
    program: Callable[..., Any]

    @property
    def name(self) -> str:
        return f"{self.operation.name}-{self.number}"


def operation_programs() -> Iterator[OperationProgram]:
    """All samples that have a floating operand with elements."""
    for operation in dict.fromkeys(TABLE.values()):
        for number, sample in enumerate(operation.samples):
            made = _program(operation, number, sample)
            if made is not None:
                yield made


UNKNOWN = {"gammainc": "x0", "gammaincc": "x0"}
"""Operands whose derivative has no form of its own: unsupported by name, on both sides."""


def differentiable(program: OperationProgram) -> list[str]:
    """The inputs by which there is a derivative."""
    return [name for name in program.inputs if UNKNOWN.get(program.operation.name) != name]


def _program(operation: Operation, number: int, sample: Sample) -> OperationProgram | None:
    inputs: dict[str, Any] = {}
    plan = [_plan(operand, f"x{place}", inputs) for place, operand in enumerate(sample.operands)]
    if not inputs:
        return None

    def program(**given: Any) -> Any:
        return _as_floats(operation(*(fill(given) for fill in plan), **sample.params))

    return OperationProgram(operation, number, inputs, program)


def _plan(operand: Any, name: str, inputs: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    """How an operand is filled in: floats become inputs, also those within a sequence; all else is as it is."""
    if _floating(operand):
        inputs[name] = operand
        return lambda given: given[name]
    if isinstance(operand, tuple | list) and any(map(_floating, operand)):
        parts = [_plan(part, f"{name}_{place}", inputs) for place, part in enumerate(operand)]
        return lambda given: [part(given) for part in parts]
    return lambda given: operand


def _floating(operand: Any) -> bool:
    return isinstance(operand, float | np.ndarray) and np.asarray(operand).dtype.kind == "f" and np.size(operand) > 0


def _as_floats(result: Any) -> Any:
    if isinstance(result, tuple | list):
        return ad.concatenate([ad.reshape(_as_floats(part), -1) for part in result])
    kind = np.asarray(getattr(result, "data", result)).dtype.kind
    return result if kind == "f" else ad.where(result, 1.0, 0.0) if kind == "b" else result * 1.0
