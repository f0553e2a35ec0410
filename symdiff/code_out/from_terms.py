"""A derivation as statements: every value by its meaning, and back by the chain rule, over whole arrays.

A term ``y[sigma(v)] += f(x[tau(v)], ...)`` is read by slices, or by arrays of positions where no slice leads, and
written the same way. What is a product of its reads alone is an ``einsum``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy as sp

from symdiff.calculus.chain_rule import Derivation, Through, ThroughTerm
from symdiff.calculus.contributions import merged
from symdiff.code_out.backends import Backend, atom, is_number, tuple_text
from symdiff.code_out.equations import equation_back, equation_forward
from symdiff.code_out.formulas import FormulaWriter
from symdiff.code_out.from_text import NotSpelt
from symdiff.code_out.reading import Arrays, is_straight
from symdiff.meaning.terms import (
    Decided,
    Element,
    Gather,
    Implicit,
    Index,
    Opaque,
    Order,
    Pick,
    Relation,
    Reshape,
    Term,
    slot,
)

Reads = dict[sp.Symbol, tuple[str, tuple[Index, ...], Element]]
"""By symbol of a formula the code of an array, where it is read, and the element that it is."""

LETTERS = "ijklmnopqrstuvwabcdefgh"


class TermWriter:
    """Writes the statements of one derivation; ``names`` are those of its elements, and receive further ones."""

    def __init__(self, backend: Backend, derivation: Derivation, names: dict[int, str], taken: set[str]) -> None:
        self._backend, self._derivation, self._program = backend, derivation, derivation.program
        self._names, self._taken = names, taken
        self._arrays = Arrays(backend, self._program)
        self._bars: dict[int, str] = {}
        self._discards = any(map(_discards, self._program.elements))
        self.lines: list[tuple[str, str]] = []
        """Pairs of a name and the statement that makes it, or changes it."""

    def write(self) -> dict[str, str]:
        """All statements; by input the name of its gradient.

        Raises:
            NotSpelt: an operation has no code.
        """
        needed = self._program.needed()
        for element in self._program.elements:
            if element.index in needed:
                self._forward(element)
        result = self._program.elements[self._program.result]
        if result.sizes:
            raise NotSpelt("an array result")
        for index in self._derivation.order:
            self._backward(self._program.elements[index])
        return {name: self._gradient(name) for name in self._program.wrt}

    def _gradient(self, name: str) -> str:
        index = self._program.inputs[name]
        return self._bars.get(index) or self._backend.zeros_like(self._names[index])

    def _fresh(self, wish: str) -> str:
        name, number = wish, 1
        while name in self._taken:
            number += 1
            name = f"{wish}_{number}"
        self._taken.add(name)
        return name

    def _put(self, wish: str, text: str) -> str:
        """A statement that gives a value a name."""
        name = self._fresh(wish)
        self.lines.append((name, f"{name} = {text}"))
        return name

    # --- forward ------------------------------------------------------------------------------------------------------

    def _forward(self, element: Element) -> None:
        if element.index in self._names:
            return
        wish = element.name if element.name is not None and element.name.isidentifier() else f"v{element.index}"
        if element.meaning is None:
            self._names[element.index] = self._constant(element, wish)
            return
        self._names[element.index] = self._put(wish, self._value(element))

    def _constant(self, element: Element, wish: str) -> str:
        value = np.asarray(element.value)
        if value.ndim == 0:
            return repr(float(value))
        return self._put(wish, self._arrays.literal(value))

    def _value(self, element: Element) -> str:
        backend, meaning = self._backend, element.meaning
        first = self._names[element.operands[0]] if element.operands else ""
        match meaning:
            case Relation():
                return self._relation(element, meaning)
            case Reshape():
                return backend.reshape(first, self._arrays.shape(element.sizes))
            case Gather(positions):
                flat = backend.reshape(first, ["-1"])
                return f"{flat}[{self._arrays.positions(positions)}]"
            case Pick(kind, axes, keepdims):
                found = backend.extreme(kind, first, axes)
                return found if keepdims else backend.reshape(found, self._arrays.shape(element.sizes))
            case Implicit():
                return equation_forward(backend, meaning, [self._names[k] for k in element.operands])
        raise NotSpelt(_operation(element))

    def _relation(self, element: Element, meaning: Relation) -> str:
        straight = all(is_straight(term.out, element.sizes, term.box) for term in meaning.terms)
        if straight:
            return " + ".join(self._over_box(element, term, term.formula, {}, term.out) for term in meaning.terms)
        if len(meaning.terms) == 1:
            (term,) = meaning.terms
            whole = self._arrays.whole(term.out, element, term)
            if whole is not None:
                return self._turned(self._over_box(element, term, term.formula, {}, term.out), *whole)
        total = self._put("total", self._backend.zeros(self._arrays.shape(element.sizes)))
        for term in meaning.terms:
            self._add(total, element, term, self._over_box(element, term, term.formula, {}, term.out), term.out)
        return total

    # --- terms --------------------------------------------------------------------------------------------------------

    def _over_box(self, consumer: Element, term: Term, formula: sp.Expr, more: Reads, at: tuple[Index, ...]) -> str:
        """A formula over the box of a term, summed over what the position ``at`` does not have, axes in its order."""
        if term.run is not None:
            raise NotSpelt(_operation(consumer))
        reads: Reads = {
            slot(k): (
                self._names[consumer.operands[r.operand]],
                r.at,
                self._program.elements[consumer.operands[r.operand]],
            )
            for k, r in enumerate(term.reads)
        } | dict(more)
        kept = sorted({v for index in at for v in index.variables})
        product = _factors(formula, reads) if term.condition is None and not term.product else None
        if product is not None and len(kept) < len(term.box):
            found = self._contraction(product, reads, term, kept)
            if found is not None:
                return found
        return self._elementwise(formula, reads, term, kept)

    def _contraction(
        self, product: tuple[sp.Expr, list[sp.Symbol]],
        reads: Reads, term: Term, kept: Sequence[int],
    ) -> str | None:  # fmt: skip
        """A product of reads, summed: an einsum; None where a read is not along axes as they are."""
        number, symbols = product
        parts, codes, seen = [], [], set()
        for symbol in symbols:
            code, at, element = reads[symbol]
            plain = self._arrays.along_axes(code, at, element, term)
            if plain is None:
                return None
            text, variables = plain
            parts.append("".join(LETTERS[v] for v in variables))
            codes.append(text)
            seen |= set(variables)
        if (
            not codes
            or any(v not in seen for v in range(len(term.box)))
            or any(map(is_number, codes))
        ):
            return None
        outcome = "".join(LETTERS[v] for v in kept)
        made = self._backend.einsum(f"{','.join(parts)}->{outcome}", codes)
        return made if number == 1 else f"{FormulaWriter(self._backend, self._arrays.sizes)(number, 3)} * {made}"

    def _elementwise(
        self, formula: sp.Expr, reads: Reads, term: Term,
        kept: Sequence[int],
    ) -> str:  # fmt: skip
        backend, arrays = self._backend, self._arrays
        used = formula.free_symbols | (term.condition.free_symbols if term.condition is not None else set())
        names, present = dict(arrays.sizes), set()
        for symbol in sorted(used & reads.keys(), key=str):
            text, variables = arrays.read(*reads[symbol], term)
            names[symbol] = atom(text)
            present |= set(variables)
        writer = FormulaWriter(backend, names)
        text = writer(formula)
        if term.condition is not None:
            condition = writer.condition(term.condition)
            text = backend.where(condition, text)
        box = arrays.shape(term.box)
        summed = [v for v in range(len(term.box)) if v not in kept]
        if not term.box:
            return text
        if len(present) < len(term.box):
            text = backend.broadcast(text, box)
        if not summed:
            return text
        if term.product:
            for v in reversed(summed):
                text = f"{backend.module}.prod({text}, {backend.axis}={v})"
            return text
        return backend.sum(text, summed)

    def _turned(self, values: str, order: list[int], places: str) -> str:
        """Values with their axes in another order, and with further axes of length 1."""
        turned = self._backend.transpose(values, order)
        return f"{atom(turned)}[{places}]" if places else turned

    def _add(self, total: str, element: Element, term: Term, values: str, at: tuple[Index, ...]) -> None:
        """Add values, whose axes are those of the variables in ``at`` in order, to an array at these positions."""
        kept = sorted({v for index in at for v in index.variables})
        index, order, slices = self._arrays.target(at, element, term, kept)
        turned = self._backend.transpose(values, order)
        self.lines.append((total, self._backend.added_at(total, index, turned, slices)))

    # --- backward -----------------------------------------------------------------------------------------------------

    def _backward(self, element: Element) -> None:
        wish = f"d_{self._names[element.index]}" if not self._names[element.index][:1].isdigit() else "d_"
        if element.index == self._program.result:
            self._bars[element.index] = "1.0"
            return
        straight: list[str] = []
        scattered: list[tuple[Element, ThroughTerm]] = []
        for sent in merged(self._derivation.contributions[element.index]):
            consumer = self._program.elements[sent.consumer]
            if isinstance(sent, Through):
                straight.append(self._through(element, consumer, sent))
            elif sent.term.product or sent.term.run is not None:
                raise NotSpelt(_operation(consumer))
            elif is_straight(sent.at, element.sizes, sent.term.box):
                straight.append(self._sent(consumer, sent))
            elif (whole := self._arrays.whole(sent.at, element, sent.term)) is not None:
                straight.append(self._turned(self._sent(consumer, sent), *whole))
            else:
                scattered.append((consumer, sent))
        if not scattered:
            self._bars[element.index] = self._put(wish, " + ".join(straight) or self._zeros(element))
            return
        total = self._put(wish, self._zeros(element))
        for text in straight:
            self.lines.append((total, f"{total} = {total} + {text}"))
        for consumer, sent in scattered:
            self._add(total, element, sent.term, self._sent(consumer, sent), sent.at)
        self._bars[element.index] = total

    def _zeros(self, element: Element) -> str:
        return self._backend.zeros(self._arrays.shape(element.sizes)) if element.sizes else "0.0"

    def _sent(self, consumer: Element, sent: ThroughTerm) -> str:
        """What a consumer sends back through a term."""
        at = sent.at
        if consumer.index == self._program.result:
            return self._over_box(consumer, sent.term, sent.partial, {}, at)
        bar = sp.Symbol("ybar", real=True)
        more = {bar: (self._bars[consumer.index], sent.term.out, consumer)}
        formula = bar * sent.partial
        if self._discards and not sent.partial.is_polynomial():
            # what is discarded later brings in no nan
            formula = sp.Piecewise((bar * sent.partial, sp.Ne(bar, 0)), (0, True))
        return self._over_box(consumer, sent.term, formula, more, at)

    def _through(self, element: Element, consumer: Element, sent: Through) -> str:
        """What a consumer sends back whose meaning is no relation."""
        backend, meaning, bar = self._backend, consumer.meaning, self._bars[consumer.index]
        own = self._names[element.index]
        shape = self._arrays.shape(element.sizes)
        match meaning:
            case Reshape():
                return backend.reshape(bar, shape)
            case Gather(positions):
                flat = self._put("flat", backend.reshape(self._zeros(element), ["-1"]))
                values = backend.reshape(bar, ["-1"])
                index = self._arrays.positions(positions.reshape(-1))
                self.lines.append((flat, backend.added_at(flat, index, values, False)))
                return backend.reshape(flat, shape)
            case Pick(kind, axes, _):
                largest = backend.extreme(kind, own, axes)
                chosen = self._put("chosen", f"1.0 * ({own} == {largest})")
                along = f"{backend.axis}={tuple_text(map(str, axes))}, {backend.keepdims}=True"
                total = f"{backend.module}.sum({chosen}, {along})"
                lines = ["1" if axis in axes else size for axis, size in enumerate(shape)]
                spread = bar if bar == "1.0" else backend.reshape(bar, lines)
                return f"{spread} * {chosen} / {total}"
            case Implicit():
                operands = [self._names[k] for k in consumer.operands]
                return equation_back(backend, meaning, operands, self._names[consumer.index], bar, sent.operand)
            case Order() | Decided() | Opaque():
                raise NotSpelt(_operation(consumer))
        raise NotSpelt(_operation(consumer))


def _discards(element: Element) -> bool:
    """Whether a value chooses, so that what it has not chosen must count for nothing."""
    return element.by_values or any(term.condition is not None for term in element.terms)


def _operation(element: Element) -> str:
    return str(element.operation)


def _factors(formula: sp.Expr, reads: Mapping[sp.Symbol, object]) -> tuple[sp.Expr, list[sp.Symbol]] | None:
    """A number or size times reads, each once; None where a formula is anything else."""
    number, symbols = sp.Integer(1), []
    for factor in sp.Mul.make_args(formula):
        if factor in reads:
            symbols.append(factor)
        elif factor.free_symbols & reads.keys():
            base, exponent = factor.as_base_exp()
            if base not in reads or exponent != 2:
                return None
            symbols += [base, base]
        else:
            number = number * factor
    return number, symbols
