"""The whole View of what was found about a derivative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from symdiff.agreement.evidence import Evidence
from symdiff.agreement.report import InputReport
from symdiff.agreement.verdict import Verdict
from symdiff.arrays import unravelled
from symdiff.calculus.chain_rule import derive
from symdiff.closed_forms.records import Beyond
from symdiff.evaluation.evaluate import backward
from symdiff.explained.explained import Explained
from symdiff.explained.symbols import element_symbol
from symdiff.frameworks.trace import judged_in
from symdiff.meaning.terms import Pick
from symdiff.printing.from_sympy import operations
from symdiff.printing.numbers import number, short
from symdiff.printing.shorthand import partial
from symdiff.printing.tree import Call, Math, Matrix, Number, Rounded, Subscript, Symbol
from symdiff.sentences import Said
from symdiff.viewing.backward_steps import BackwardSteps
from symdiff.viewing.holding import Holding
from symdiff.viewing.in_code import as_tensor, printed, printed_value, refusal, refused_by_framework, scalar_only
from symdiff.viewing.long_sums import added
from symdiff.viewing.matrix_form import MatrixForms
from symdiff.viewing.steps import Steps
from symdiff.viewing.view import (
    ElementView,
    GradientView,
    InputView,
    JacobianView,
    KinkView,
    MathRow,
    StepView,
    TroubleView,
    View,
)
from symdiff.viewing.writing import Writing

ELEMENTS = 64
"""Up to so many partials have a row in the table; of more, the first, the last, the extreme and the worst."""

LONGEST_PARTIAL = 20
"""How many operations a partial may have to be written out in the table."""

FEW = 6
"""So many kinks and troubles are described in words."""

LARGEST_MATRIX = 8


def view_of(explained: Explained, writing: Writing | None = None, whole: bool = False) -> View:
    """What a document says of the first derivatives, with the steps to them where there is a ``writing``.

    All of them if ``whole``, or as many as a page has room for.
    """
    return _Viewer(explained, writing, whole).view()


class _Viewer:
    def __init__(self, explained: Explained, writing: Writing | None, whole: bool) -> None:
        self.explained, self.evidence, self.writing = explained, explained.evidence, writing
        evidence = self.evidence
        if writing is not None:
            _ = writing.page_names  # chosen before anything else is written: they depend on what is
        self.program, self.report, self.whole = evidence.program, evidence.report, whole
        self.shape = evidence.traced.result.shape
        self.result = Symbol("y") if writing is None else writing.result
        self.holding = None if writing is None else Holding(writing)
        self.matrices = None if writing is None else MatrixForms(writing)
        steps = None if writing is None else Steps(writing, whole)
        self.forward: tuple[StepView, ...] = () if steps is None else steps.forward()
        self.backward: tuple[StepView, ...] = ()
        if writing is not None and steps is not None and self.holding is not None:
            self.backward = BackwardSteps(writing, steps, self.holding).views()

    def view(self) -> View:
        report, array = self.report, bool(self.shape)
        errors = [np.nan_to_num(each.error_ulps, nan=0.0, posinf=0.0) for each in report.inputs.values()]
        return View(
            self.explained.expression,
            report.verdict,
            self.result,
            printed_value(self.explained.value),
            tuple(self.input(name) for name in self.program.inputs),
            tuple(self.gradient(name, each) for name, each in report.inputs.items()),
            self.forward,
            self.backward,
            worst_ulps=max((float(np.max(each, initial=0.0)) for each in errors), default=0.0),
            elements=int(np.prod(self.shape, dtype=np.int64)),
            shape=self.shape,
            error=refusal(self.evidence) if array else "",
            jacobians=tuple(self.jacobian(name, each) for name, each in report.inputs.items()) if array else (),
            kinks=self.kinks(),
            jumps=any(bool(each.jumps.any()) for each in report.inputs.values()),
            troubles=self.troubles(),
            unsupported=report.unsupported,
            picks=self.picks(),
            session=self.session(),
            reduced=self.reduced(),
            judged=judged_in(self.evidence.traced) or "engine",
        )

    def input(self, name: str) -> InputView:
        value = self.evidence.traced.tensors[name].data
        places = (tuple(0 for _ in value.shape), tuple(n - 1 for n in value.shape))
        first, last = (element_symbol(name, place) for place in places)
        return InputView(name, value.shape, printed(value), first, last)

    # --- gradients --------------------------------------------------------------------------------------------------

    def gradient(self, name: str, each: InputReport) -> GradientView:
        places = _chosen_places(each)
        printed = "" if self.shape else as_tensor(each.automatic)
        elements = tuple(self.element(name, each, place) for place in places)
        general, definitions, sizes = self.general(name)
        found = None if self.writing is None else self.writing.forms.general.get(name)
        return GradientView(
            name,
            printed,
            elements,
            int(each.automatic.size),
            general,
            definitions,
            self.conditions(),
            sizes,
            self.beyond() if found is None else found.beyond,
            False if found is None else found.divides,
            len(self.evidence.traced.graph.conditions) - len(self.conditions()),
            self.exceptions(name),
            tuple(_positions(definitions)),
            "" if self.holding is None else self.holding.why_not(self.program.inputs[name], self.exceptions(name)),
            None if self.matrices is None else self.matrices.of(name),
        )

    def element(self, name: str, each: InputReport, place: tuple[int, ...]) -> ElementView:
        rank = len(self.shape)
        out, here = place[:rank], place[rank:]
        written: Math = element_symbol(name, here)
        code = f"{name}[{', '.join(map(str, here))}]" if here else name
        if rank:
            written = partial(element_symbol(self.result.name, out), written)
            result = self.result.name if self.writing is None else self.writing.code_name(self.program.result)
            code = f"{result}[{', '.join(map(str, out))}] by {code}"
        partials = self.explained.partials.get(name)
        formula = None
        if partials is not None and self.writing is not None and operations(partials[place]) <= LONGEST_PARTIAL:
            held = self.writing.at_the_point.holds(
                partials[place], float(each.symbolic[place]), self.explained.symbols.arrays
            )
            formula = self.writing.math(partials[place]) if held else None
        return ElementView(
            written,
            code,
            formula,
            float(each.symbolic[place]),
            float(each.automatic[place]),
            float(each.error_ulps[place]),
            str(each.verdicts[place]),
            float(each.explained_ulps[place]),
        )

    def general(self, name: str) -> tuple[MathRow, tuple[MathRow, ...], tuple[MathRow, ...]]:
        writing = self.writing
        found = None if writing is None else writing.forms.general.get(name)
        if found is None or writing is None:
            return (), (), ()
        own = len(found.indices) - sum(1 for n in self.program.elements[self.program.inputs[name]].shape if n != 1)
        own = max(own, 0) if self.shape else 0
        of = writing.general(writing.result.name, found.indices[:own])
        by = writing.general(name, found.indices[own:])
        definitions = tuple(
            writing.definition(each) for each in found.definitions if not writing.is_said_in_formulas(each)
        )
        used = found.expression.free_symbols.union(*(d.formula.free_symbols for d in found.definitions if d.formula))
        sizes = tuple((Symbol(str(s)), number(n)) for s, n in writing.forms.sizes.items() if s in used)
        cut = len(found.terms) > 1 and not self.whole
        formula = added(found.terms, writing.product) if cut else writing.formula(found.expression)
        return (partial(of, by), formula), definitions, sizes

    def beyond(self) -> Beyond | None:
        """Why an input has no formula, if that is for the length of the program."""
        return None if self.writing is None else self.writing.forms.beyond

    def exceptions(self, name: str) -> tuple[Math, ...]:
        """The elements at which the general formula is not what the table says."""
        found = None if self.writing is None else self.writing.forms.general.get(name)
        if found is None or self.writing is None or self.holding is None or self.shape:
            return ()
        index = self.program.inputs[name]
        return self.holding.exceptions(index, found.indices, (found.expression,), found.definitions)

    def conditions(self) -> tuple[Math, ...]:
        """The branches that Python's ``if`` took, where they compare single numbers."""
        found: list[Math] = []
        if self.writing is None:
            return ()
        for condition in self.evidence.traced.graph.conditions:
            relation = self.writing.elementwise.relation(self.program.of_node[condition.node])
            if relation is not None:
                found.append(self.writing.math(relation if condition.taken else ~relation))
        return tuple(found)

    def jacobian(self, name: str, each: InputReport) -> JacobianView:
        rows = int(np.prod(self.shape, dtype=np.int64))
        columns = int(each.automatic.size // max(rows, 1))
        formulas = numbers = None
        if rows <= LARGEST_MATRIX and columns <= LARGEST_MATRIX:
            values = each.symbolic.reshape(rows, columns)
            numbers = _numbers(values)
            partials = self.explained.partials.get(name)
            if partials is not None and self.writing is not None:
                written = partials.reshape(rows, columns)
                symbols, point = self.explained.symbols.arrays, self.writing.at_the_point
                if all(point.holds(v, float(w), symbols) for v, w in zip(written.flat, values.flat, strict=True)):
                    formulas = Matrix(tuple(tuple(self.writing.math(v) for v in row) for row in written))
        return JacobianView(self.result, Symbol(name), rows * columns, formulas, numbers)

    # --- kinks and troubles -----------------------------------------------------------------------------------------

    def kinks(self) -> tuple[KinkView, ...]:
        found: list[KinkView] = []
        operations = list(dict.fromkeys(tie.operation for tie in self.evidence.ties))
        conventions = tuple(row for operation in operations[:1] for row in _conventions(self.evidence, operation))
        for name, each in self.report.inputs.items():
            for place in _few(each.verdicts == Verdict.KINK):
                view = self.element(name, each, place)
                found.append(
                    KinkView(
                        view.symbol,
                        view.code,
                        ", ".join(operations),
                        float(each.left[place]),
                        float(each.right[place]),
                        float(each.automatic[place]),
                        () if found else conventions,
                        jump=bool(each.jumps[place]),
                    )
                )
        return tuple(found[:FEW])

    def troubles(self) -> tuple[TroubleView, ...]:
        found: list[TroubleView] = []
        reasons: tuple[Said, ...] = self.report.causes
        for name, each in self.report.inputs.items():
            for place in _few(np.isin(each.verdicts, [Verdict.DISAGREE, Verdict.UNDEFINED])):
                view = self.element(name, each, place)
                found.append(
                    TroubleView(
                        view.symbol, view.code, view.verdict, view.automatic, view.symbolic, view.error_ulps, reasons
                    )
                )
                reasons = ()
        return tuple(found[:FEW])

    def picks(self) -> bool:
        return any(isinstance(element.meaning, Pick) for element in self.program.elements)

    def reduced(self) -> tuple[str, int, str] | None:
        """The computed array of which the last step makes one number, its size, and what backward() says of it."""
        result = self.program.elements[self.program.result]
        if self.writing is None or result.shape or len(result.operands) != 1:
            return None
        before = self.program.elements[result.operands[0]]
        size = before.size
        if size < 2 or before.meaning is None:
            return None
        error = refused_by_framework(self.evidence, before.shape) or scalar_only()
        return self.writing.code_name(before.index), size, error

    def session(self) -> tuple[float, float] | None:
        """For the maximum of a computed array: the partial of its mean and its own, where the latter is largest."""
        element, derivation, numbers = (
            self.program.elements[self.program.result],
            self.evidence.derivation,
            self.evidence.numbers,
        )
        picks_largest = isinstance(element.meaning, Pick) and element.meaning.kind == "max" and not element.shape
        if not picks_largest or derivation is None or numbers is None or self.report.verdict is not Verdict.AGREE:
            return None
        before = self.program.elements[element.operands[0]]
        whole = derive(replace(self.program, result=before.index))
        reached = [name for name in self.program.wrt if self.program.inputs[name] in whole.contributions]
        if before.meaning is None or not reached:
            return None
        name, field = reached[0], numbers.bounded.field
        seed = field.load(np.full(before.shape, 1.0 / max(before.size, 1)))
        with np.errstate(all="ignore"):
            mean = field.to_float(backward(whole, numbers.bounded, seed)[self.program.inputs[name]])
        largest = self.report.inputs[name].automatic
        at = np.unravel_index(int(np.argmax(np.abs(largest))), largest.shape)
        return float(mean[at]), float(largest[at])


def _numbers(values: np.ndarray) -> Matrix | Rounded:
    """A matrix of numbers as they are read."""
    entries = [[short(float(value)) for value in row] for row in values]
    matrix = Matrix(tuple(tuple(e.body if isinstance(e, Rounded) else e for e in row) for row in entries))
    return Rounded(matrix) if any(isinstance(e, Rounded) for row in entries for e in row) else matrix


def _positions(definitions: tuple[MathRow, ...]) -> Iterator[tuple[Math, int]]:
    """Single positions by name, and what they are in code."""
    for row in definitions:
        chosen = row[1].base if len(row) == 3 and isinstance(row[1], Subscript) else row[1] if len(row) == 3 else None
        if isinstance(chosen, Call) and isinstance(row[2], Number):
            yield row[0], int(row[2].text) - 1


def _few(where: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(int(k) for k in place) for place in np.argwhere(where)[:FEW]]


def _chosen_places(each: InputReport) -> list[tuple[int, ...]]:
    if each.automatic.size <= ELEMENTS:
        return list(np.ndindex(*each.automatic.shape))
    errors = np.nan_to_num(each.error_ulps, nan=1e299, posinf=1e299)
    rank = (np.where(each.verdicts == Verdict.AGREE, 0.0, 1e300) + errors).reshape(-1)
    values = np.nan_to_num(each.automatic).reshape(-1)
    worst = np.argsort(-rank, kind="stable")
    apart = int(np.count_nonzero(rank >= 1e300))
    chosen = {0, 1, rank.size - 2, rank.size - 1, int(np.argmax(values)), int(np.argmin(values))}
    chosen |= {int(k) for k in worst[: min(max(apart, 1), ELEMENTS // 4)]}
    return [unravelled(flat, each.automatic.shape) for flat in sorted(chosen)]


def _conventions(evidence: Evidence, operation: str) -> list[tuple[str, str]]:
    for node in evidence.traced.graph.nodes:
        if node.op is not None and node.op.name == operation and node.op.kinks:
            kink = node.op.kinks[0]
            rows = (("autodiff", kink.ours), ("PyTorch", kink.torch), ("JAX", kink.jax))
            return [row for row in rows if row[1]]
    return []
