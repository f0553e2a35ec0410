"""How the forms of one derivation are written: in which names, with which definitions, in which letters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any

import sympy as sp

from symdiff.algebra.atoms import Element as ElementAtom
from symdiff.algebra.fold import deltas_applied
from symdiff.algebra.forms import Form, Variable
from symdiff.algebra.rewrite import substituted
from symdiff.calculus.chain_rule import ThroughTerm
from symdiff.closed_forms.compose import Adjoint, Composed
from symdiff.closed_forms.elements import Position
from symdiff.closed_forms.implicit import VALUES
from symdiff.closed_forms.moves import axis_of
from symdiff.closed_forms.readable.costs import LONG, LONG_PROGRAM, NAMES
from symdiff.closed_forms.readable.letters import Letters
from symdiff.closed_forms.readable.probabilities import with_probabilities
from symdiff.closed_forms.readable.shorten import Defined, Name, Shortener
from symdiff.closed_forms.readable.to_sympy import Writer, index_symbol
from symdiff.closed_forms.readable.undivided import divides, undivided
from symdiff.closed_forms.records import Beyond, Definition, General
from symdiff.meaning.terms import Decided, Element, Implicit, Lookup


class Naming:
    """The names of one page: each is given once, when it is first written, and stays.

    The first partials are written before anything else, so that their names are the shortest.
    """

    def __init__(self, composed: Composed) -> None:
        self._composed, self._elements = composed, composed.elements
        self._letters = Letters(composed.elements)
        self._writer = Writer(self._letters)
        self._shortener = Shortener(composed.elements)
        for index, adjoint in {} if composed.long else composed.adjoints.items():
            step = adjoint.closed if adjoint.closed.cost <= LONG else adjoint.step
            self._shortener.adjoints[index] = tuple(self.variables(index, adjoint.at)), step

    # --- names ------------------------------------------------------------------------------------------------------

    def name(self, role: str, source: Any) -> str:
        """The name of an array: of a value, an adjoint, a position that was chosen."""
        return self._letters.name(role, source)

    def given_name(self, element: int) -> str | None:
        """The name of a value, if it has one by now."""
        return self._letters.names.get(("value", element))

    def name_all(self, elements: Iterable[int]) -> None:
        """Give every one of these arrays its name."""
        for index in elements:
            self.name("value", index)

    @property
    def values(self) -> Mapping[int, str]:
        """The name of every element that was given one, by its number."""
        return {source: name for (role, source), name in self._letters.names.items() if role == "value"}

    @property
    def taken(self) -> frozenset[str]:
        """The names that stand for an array or a size, and so for no index."""
        return frozenset(self._letters.names.values()) | {symbol.name for symbol in self._letters.sizes.values()}

    @property
    def sizes(self) -> Mapping[sp.Symbol, int]:
        """What the letters of the sizes are here: ``{n: 4}``."""
        values = self._elements.size_values
        return {letter: values[symbol] for symbol, letter in self._letters.sizes.items() if symbol in values}

    def length(self, formula: sp.Expr) -> sp.Expr:
        """The length of an axis in the letters of its sizes."""
        resolved = self._composed.derivation.program.unifier.resolve(formula)
        return resolved.xreplace({symbol: self._letters.size(symbol) for symbol in resolved.free_symbols})

    # --- letters ----------------------------------------------------------------------------------------------------

    def variables(self, index: int, at: Position) -> list[Variable]:
        """The variables in an element's position, along the axes that are shown."""
        shown = [at[k].atom for k in self._elements.shown(index)]
        return [atom for atom in shown if isinstance(atom, Variable)]

    def partial_letters(self, *places: tuple[int, Position]) -> tuple[dict[Variable, sp.Symbol], tuple[sp.Symbol, ...]]:
        """Letters for the positions of elements; for an array result those of its own position first."""
        program = self._composed.derivation.program
        out = self.variables(program.result, self._composed.result_at)
        here = [v for index, at in places for v in self.variables(index, at)]
        names = self._letters.general_letters(len(out))
        rest = [n for n in self._letters.partial_letters(len(here) + len(out)) if n not in names][: len(here)]
        symbols = tuple(map(index_symbol, [*names, *rest]))
        return dict(zip([*out, *here], symbols, strict=True)), symbols

    def general_letters(self, variables: list[Variable]) -> dict[Variable, sp.Symbol]:
        """Letters for the variables of any other element."""
        names = self._letters.general_letters(len(variables))
        return dict(zip(variables, map(index_symbol, names), strict=True))

    def bound_letters(self, used: set[sp.Expr], count: int) -> list[sp.Symbol]:
        """Letters that are not in use, for variables that are summed over."""
        return self._writer.letters(used, count)

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self, form: Form, letters: Mapping[Variable, sp.Expr]) -> sp.Expr:
        """A form as a sympy expression, in the names of its arrays and these letters."""
        return self._writer(self._undivided(form), letters)

    def _undivided(self, form: Form, definitions: Mapping[Name, Defined] | None = None) -> Form:
        """A form as it is written; ``definitions`` are those that stand beside it."""
        opened = partial(self._product, definitions or {}) if self._rules_divide else None
        return undivided(self._shortener.factored(form), opened)

    def _product(self, definitions: Mapping[Name, Defined], atom: ElementAtom) -> Form:
        """What the name of a product stands for."""
        elements = self._elements
        if (atom.role, atom.source) in definitions:
            variables, form = definitions[atom.role, atom.source]
            return substituted(form, dict(zip(variables, atom.index, strict=True)))
        terms = elements.program.elements[atom.source].terms if atom.role == "value" else ()
        if not any(term.product for term in terms):
            return elements.algebra.of(atom)
        return elements.value(atom.source, elements.whole_position(atom.source, atom.index))

    def partial(self, name: str) -> General:
        """The partial by an input, as it is easiest to read."""
        index = self._composed.derivation.program.inputs[name]
        adjoint = self._composed.adjoint(index)
        at = self._elements.general(index) if adjoint is None else adjoint.at
        letters, indices = self.partial_letters((index, at))
        if adjoint is None:
            return General(name, indices, sp.Integer(0))
        if self._composed.long:
            beyond = Beyond("steps", len(self._composed.derivation.order), LONG_PROGRAM)
            return self._in_steps(name, adjoint, letters, indices, beyond)
        if self._composed.result_at:
            return self.general(name, self._tied(adjoint), letters, indices)
        found = self.general(name, adjoint.closed, letters, indices, adjoint.step)
        if len(found.definitions) > NAMES:
            return self._in_steps(name, adjoint, letters, indices, Beyond("names", len(found.definitions), NAMES))
        return found

    def _in_steps(
        self,
        name: str,
        adjoint: Adjoint,
        letters: Mapping[Variable, sp.Symbol],
        indices: tuple[sp.Symbol, ...],
        beyond: Beyond,
    ) -> General:
        """What the consumers of an input send back, in their named adjoints, which the steps say."""
        terms = tuple(self.write(sent.whole, letters) for sent in adjoint.sent)
        return General(name, indices, sp.Add(*terms), (), beyond, terms=terms)

    def general(
        self,
        name: str,
        form: Form,
        letters: Mapping[Variable, sp.Symbol],
        indices: tuple[sp.Symbol, ...],
        named: Form | None = None,
    ) -> General:
        """A form in the names that make it easiest to read; ``named`` is another way to write it, if it is long."""
        written = self._shortener.shortest(with_probabilities(self._elements, form))
        if named is not None and self._shortener.factored(written.form).cost > LONG:
            other = self._shortener.shortest(named)
            written = other if 10 * other.cost < 9 * written.cost else written
        final: dict[Name | None, Form] = {None: self._undivided(written.form, written.definitions)}
        final |= {each: self._undivided(form, written.definitions) for each, (_, form) in written.definitions.items()}
        used = _needed(final)
        definitions = [
            self._definition(each, variables, final[each])
            for each, (variables, _) in written.definitions.items()
            if each in used
        ]
        given = {each for key in (None, *used) if key in final for each in final[key].sources} - final.keys()
        first = [self._given(*each) for each in sorted(given, key=_by_content) if not self._is_input(each)]
        divided = self._rules_divide and any(divides(final[key]) for key in (None, *used) if key in final)
        expression = self._writer(final[None], letters)
        return General(name, indices, expression, (*first, *definitions), divides=divided)

    @cached_property
    def _rules_divide(self) -> bool:
        """Whether the derivative of a product or of a power is made by a division that the program does not make."""
        sent = (each for those in self._composed.derivation.contributions.values() for each in those)
        terms = (each.term for each in sent if isinstance(each, ThroughTerm))
        return any(term.product or any(not p.exp.is_number for p in term.formula.atoms(sp.Pow)) for term in terms)

    def _tied(self, adjoint: Adjoint) -> Form:
        """The closed form; one of several terms with a delta keeps the result's index beside it, as
        p[i]*(delta(i, k) - p[k]) does.
        """
        form = adjoint.closed
        if len(form.terms) < 2 or not self._composed.result_at:
            return form
        ranks = {v: k for k, p in enumerate([*self._composed.result_at, *adjoint.at]) for v in p.free}
        return deltas_applied(form, ranks)

    def _is_input(self, name: Name) -> bool:
        return name[0] == "value" and name[1] in self._composed.derivation.program.inputs.values()

    # --- definitions ------------------------------------------------------------------------------------------------

    def given(self) -> tuple[Definition, ...]:
        """The names so far that words must define: positions that were chosen or given, constants, inverses."""
        elements = self._composed.derivation.program.elements
        return tuple(
            self._given(role, source)
            for role, source in list(self._letters.names)
            if role not in ("value", "probability")
            or (role == "value" and _without_formula(elements[source]) and not self._is_input((role, source)))
        )

    def _definition(self, name: Name, variables: tuple[Variable, ...], form: Form) -> Definition:
        letters = self.general_letters(list(variables))
        element = name[1][0] if name[0] == "probability" else name[1]
        return Definition(self.name(*name), tuple(letters.values()), self._writer(form, letters), name[0], element)

    def _given(self, role: str, source: Any) -> Definition:
        """A name that no formula defines: a given array, a position that was chosen, an inverse."""
        name = self.name(role, source)
        if isinstance(source, Lookup):
            return Definition(name, (), None, role, axis=axis_of(self._elements, source), value=source.table)
        if role == "chosen":
            element, axis, rank = source
            return Definition(name, (), None, role, element, axis, rank)
        if role == "value":
            element = self._composed.derivation.program.elements[source]
            if isinstance(element.meaning, Implicit | Decided):
                operands = [sp.Symbol(self.name("value", k), real=True) for k in element.operands]
                words = sp.Function(str(element.operation).removesuffix("_packed"))(*operands)
                return Definition(name, (), words, "equation", source)
            return Definition(name, (), None, "constant", source, value=element.value)
        of = sp.Symbol(self.name("value", source), real=True)
        return Definition(name, (), sp.Function("inv" if role == "inverse" else "det")(of), role, source)


def _needed(forms: Mapping[Name | None, Form]) -> set[Name]:
    """The names that the formula under None needs, through those that others need."""
    needed: set[Name] = set()
    waiting = [forms[None]]
    while waiting:
        for name in waiting.pop().sources - needed:
            needed.add(name)
            waiting += [forms[name]] if name in forms else []
    return needed


def _by_content(name: Name) -> tuple[str, str]:
    """A key that orders names alike in every process: a table of positions by what is in it, not by where it lies."""
    role, source = name
    return role, f"{source.variables} {source.table.tolist()}" if isinstance(source, Lookup) else str(source)


def _without_formula(element: Element) -> bool:
    if isinstance(element.meaning, Implicit):
        return element.meaning.kind not in VALUES
    return element.meaning is None or isinstance(element.meaning, Decided)
