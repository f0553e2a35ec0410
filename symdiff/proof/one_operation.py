"""One operation whole: what it means, its derivative, where it has none and what each engine returns there, samples."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from autodiff.declare.op import TABLE, Composite, Function, Op, Operation
from symdiff.errors import InputError
from symdiff.proof.operations_table import as_json, as_text, rows

__all__ = ["one_operation"]

FEW = 6
"""Of larger arrays the shape is shown."""

LETTERS = "xyzuvw"
"""What the operands of a composed operation are called."""

SAMPLES = 4
"""So many samples are shown."""


def one_operation(name: str, width: int = 100, form: str = "text", *, prove: bool = False) -> str:
    """Everything about an operation, for a terminal of that width, or as JSON.

    Raises:
        InputError: there is no such operation; those with a name like it are named.

    >>> "1/(3*abs(x)**(2/3))" in one_operation("cbrt")
    True
    """
    operation = TABLE.get(name)
    if operation is None:
        near = difflib.get_close_matches(name, TABLE, 3)
        advice = f"did you mean {' or '.join(near)}?" if near else "symdiff ops lists them"
        raise InputError(f"ops {name!r}: there is no such operation; {advice}")
    table = [row for row in rows() if row.name == operation.name]
    if prove:
        from symdiff.proof import prove_all

        table = [row for row in rows(prove_all()) if row.name == operation.name] or table
    details = dict(_details(operation))
    if form == "json":
        shown = json.loads(as_json(table)) if table else [{"name": operation.name}]
        return json.dumps([{**each, **details} for each in shown], indent=1, ensure_ascii=False)
    head = as_text(table, width) if table else operation.name
    lines = [f"      {label:<11}{text}" for label, told in details.items() for label, text in _labelled(label, told)]
    return "\n".join([head, *lines])


def _labelled(label: str, told: str | list[str]) -> Iterator[tuple[str, str]]:
    for place, each in enumerate([told] if isinstance(told, str) else told):
        yield ("" if place else label), each


def _details(operation: Operation) -> Iterator[tuple[str, str | list[str]]]:
    if isinstance(operation, Op):
        if operation.domain:
            yield "domain", operation.domain
        if operation.latex:
            yield "written", operation.latex
        if operation.numpy:
            yield "NumPy", ", ".join(f"numpy.{name}" for name in operation.numpy)
        yield "grad_fn", f"<{operation.torch_name}>"
    if operation.kinks:
        yield "engines", [_kink(kink) for kink in operation.kinks]
    if isinstance(operation, Function) or (isinstance(operation, Op) and isinstance(operation.meaning, Composite)):
        composed, derivative = _composed(operation)
        if composed:
            yield "steps", composed
        if derivative:
            yield "gradient", derivative
    samples = [_sample(sample) for sample in islice(operation.samples, SAMPLES)]
    if samples:
        yield "samples", samples


def _kink(kink: Any) -> str:
    told = [f"{engine} {answer}" for engine, answer in (("PyTorch", kink.torch), ("JAX", kink.jax)) if answer]
    word = "the value jumps" if kink.jump else "a kink"
    return f"at {kink.at} ({word}): autodiff {kink.ours}{''.join(f', {each}' for each in told)}"


def _sample(sample: Any) -> str:
    operands = [_shown(each) for each in sample.operands]
    params = [f"{name}={value!r}" for name, value in sample.params.items()]
    return f"({', '.join([*operands, *params])})"


def _shown(operand: Any) -> str:
    if isinstance(operand, list | tuple):
        return f"({', '.join(map(_shown, operand))})"
    value = np.asarray(operand)
    if value.size > FEW:
        return f"<{value.dtype} of shape {value.shape}>"
    return " ".join(str(value.tolist()).split())


def _composed(operation: Operation) -> tuple[list[str], list[str]]:
    """The steps of a composed operation at its first sample that can be traced, and the formula of its derivative."""
    from symdiff.agreement.evidence import evidence
    from symdiff.explained.explained import Explained
    from symdiff.printing.ascii import ascii_text
    from symdiff.printing.from_sympy import from_sympy
    from symdiff.tracing.trace import trace
    from symdiff.viewing.step_code import step_code

    for sample in operation.samples:
        if not all(isinstance(each, int | float | np.ndarray) for each in sample.operands):
            continue
        floats = [np.asarray(each, dtype=float) for each in sample.operands]
        try:
            traced = trace(lambda *given, _params=sample.params: operation(*given, **_params), floats)
            found = Explained(evidence(traced))
        except (InputError, TypeError, ValueError):
            continue
        graph = traced.graph
        own = {node.index: f"v{place}" for place, node in enumerate(n for n in graph.nodes if n.op is not None)}
        letters = dict(zip(graph.inputs, LETTERS, strict=False))
        inputs = {index: letters.get(name, name) for name, index in graph.inputs.items()}
        steps = [
            f"{own[node.index]} = {step_code(graph, node, {**inputs, **own})}" for node in graph.nodes if node.op
        ]
        formulas = [f"d/d{name} = {ascii_text(from_sympy(formula))}" for name, formula in found.general.items()]
        for name, letter in letters.items():
            formulas = [each.replace(name, letter) for each in formulas]
        return steps if isinstance(operation, Function) else [], formulas
    return [], []
