"""The proof of one operation, and of the whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import autodiff.ops  # noqa: F401 - fills the table
from autodiff.declare.op import TABLE, Function, Op, Operation
from symdiff.proof import arrays, scalars
from symdiff.proof.outcome import Finding, Proof, Status
from symdiff.proof.parts import parts_of
from symdiff.proof.refusals import refusal
from symdiff.proof.trial import is_unsupported

Progress = Callable[[int, int, str], None]

WHOLE = "its values are whole numbers or truth values, so that its derivative is 0 wherever there is one"


def prove(op: Op) -> Proof:
    """Prove or refute the rules of an operation, in the structures of its samples."""
    if not op.differentiable and _is_whole(op):
        return Proof(op.name, basis=WHOLE, trivial=True)
    if not op.samples:
        return Proof(op.name, (Finding("", "", Status.POINTS, "it has no samples, so that no structure is known"),))
    for sample in op.samples:
        error = refusal(op, sample)
        if error:
            structure = arrays.structure_of(op, sample)
            return Proof(op.name, (Finding("", structure, Status.REFUTED, f"at {structure} it raises {error}"),))
    without = without_rule(op)
    if op.elementwise:
        found, numbers = scalars.findings(op)
        undecided = any(finding.status is not Status.PROVED for finding in found)
        if not undecided or (isinstance(op.meaning, str | None) and not scalars.is_uneven(op)):
            return Proof(op.name, tuple(found), numbers, elementwise=True, domain=op.domain, without=without)
    return Proof(op.name, tuple(arrays.findings(op)), domain=op.domain, without=without)


def without_rule(op: Op) -> tuple[str, ...]:
    """The operands whose derivative is declared to have no form of its own."""
    return tuple(name for place, name in enumerate(op.binding.operands) if op.arity >= 0 and is_unsupported(op, place))


def prove_all(
    operations: Iterable[Operation] | None = None, progress: Progress = lambda number, total, name: None
) -> dict[str, Proof]:
    """The proofs of all operations by name; of functions, what their operations' proofs give."""
    wanted = list({id(one): one for one in (TABLE.values() if operations is None else operations)}.values())
    rules = [one for one in wanted if isinstance(one, Op)]
    made: dict[str, Proof] = {}
    for number, op in enumerate(rules):
        progress(number, len(wanted), op.name)
        made[op.name] = prove(op)
    for number, one in enumerate(wanted):
        if isinstance(one, Function):
            progress(len(rules) + number, len(wanted), one.name)
            made[one.name] = _inherited(one, made)
    return made


def _inherited(function: Function, known: Mapping[str, Proof]) -> Proof:
    """A function has the derivative of its operations, by the chain rule: it is proved where they are."""
    parts = parts_of(function)
    unknown = [name for name in parts if name not in known]
    if unknown:
        basis = f"{', '.join(unknown)} not looked at"
        return Proof(function.name, basis=basis, inherited=Status.POINTS, trivial=True)
    proofs = [known[name] for name in parts]
    worst = max((proof.status for proof in proofs), key=lambda status: status.rank, default=Status.PROVED)
    guilty = [proof.name for proof in proofs if proof.status is worst]
    names = ", ".join(parts)
    if worst is Status.PROVED:
        basis = f"by the chain rule through {names}" if names else "it makes no use of its operands' values"
        return Proof(function.name, basis=basis, trivial=True)
    return Proof(function.name, basis=f"through {', '.join(guilty)}", inherited=worst, trivial=True)


def _is_whole(op: Op) -> bool:
    """Whether every sample's result is made of whole numbers or truth values."""
    return bool(op.samples) and all(_result(op, sample).dtype.kind in "biu" for sample in op.samples)


def _result(op: Op, sample: Any) -> np.ndarray:
    operands, params = op.binding.bind(sample.operands, dict(sample.params))
    with np.errstate(all="ignore"):
        return np.asarray(op.forward(*op.as_arrays(operands), **params))


def refuted(proofs: Mapping[str, Proof]) -> list[str]:
    """The operations with a wrong rule."""
    return [name for name, proof in proofs.items() if proof.status is Status.REFUTED and not proof.inherited]


def summary(proofs: Mapping[str, Proof]) -> str:
    """How many were proved: of the smooth operations, of all with a rule, of the functions made of them."""
    operations = list({id(one): one for one in TABLE.values() if one.name in proofs}.values())
    rules = [one for one in operations if isinstance(one, Op) and one.differentiable]
    smooth = [one for one in rules if not one.kinks and not one.selects]
    functions = [one for one in operations if isinstance(one, Function)]
    lines = [
        _count(proofs, smooth, "smooth operations"),
        _count(proofs, rules, "operations with a vjp rule"),
        _count(proofs, functions, "functions made of them"),
    ]
    lines += [f"  {name}: {proof.reason}" for name, proof in proofs.items() if proof.status is Status.POINTS]
    return "\n".join([*lines, f"refuted: {', '.join(refuted(proofs)) or 'none'}"])


def _count(proofs: Mapping[str, Proof], operations: Sequence[Operation], what: str) -> str:
    found = [proofs[one.name].status is Status.PROVED for one in operations if one.name in proofs]
    share = f" ({100 * sum(found) / len(found):.0f} %)" if found else ""
    return f"proved: {sum(found)} of {len(found)} {what}{share}"
