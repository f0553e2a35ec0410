"""The proof of one operation, and of the whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import autodiff.ops  # noqa: F401 - fills the table
from autodiff.op import TABLE, Function, Op, Operation
from symdiff.proof import arrays, scalars
from symdiff.proof.outcome import Proof, Status
from symdiff.proof.parts import parts_of

Progress = Callable[[int, int, str], None]

WHOLE = "its values are whole numbers or truth values, so that its derivative is 0 wherever there is one"


def prove(op: Op) -> Proof:
    """Prove or refute the rules of an operation, in the structures of its samples."""
    if not op.differentiable and _is_whole(op):
        return Proof(op.name, basis=WHOLE, trivial=True)
    if not op.elementwise:
        return Proof(op.name, tuple(arrays.findings(op)))
    found, numbers = scalars.findings(op)
    undecided = any(finding.status is not Status.PROVED for finding in found)
    if undecided and (not isinstance(op.meaning, str | None) or scalars.is_uneven(op)):
        return Proof(op.name, tuple(arrays.findings(op)))
    return Proof(op.name, tuple(found), numbers, elementwise=True)


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
    proofs = [known[name] for name in parts if name in known]
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
    return "\n".join([*lines, f"refuted: {', '.join(refuted(proofs)) or 'none'}"])


def _count(proofs: Mapping[str, Proof], operations: Sequence[Operation], what: str) -> str:
    found = [proofs[one.name].status is Status.PROVED for one in operations if one.name in proofs]
    share = f" ({100 * sum(found) / len(found):.0f} %)" if found else ""
    return f"proved: {sum(found)} of {len(found)} {what}{share}"
