"""The derived cotangent and the rule's as normal forms in the operation's own operands, and whether they are one."""

from __future__ import annotations

from functools import partial
from typing import Any

from symdiff.algebra.arithmetic import Arithmetic
from symdiff.algebra.atoms import Condition, Element
from symdiff.algebra.conditions import at_least_zero, compared
from symdiff.algebra.forms import Atom, Form, Variable
from symdiff.algebra.rewrite import Rewriter, elements_replaced, substituted
from symdiff.algebra.sums import delta
from symdiff.closed_forms.adjoints import sent_back
from symdiff.closed_forms.elements import Elements, NoForm, Position
from symdiff.meaning.terms import Decided, Order, Pick
from symdiff.meaning.terms import Element as ProgramElement
from symdiff.proof.bounds import with_deltas
from symdiff.proof.brackets import MOST_TERMS
from symdiff.proof.flattening import Flattener
from symdiff.proof.trial import Cotangent, Trial

PASSES = 4


class Forms:
    """Normal forms for one trial."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.elements = Elements(trial.program, Arithmetic(MOST_TERMS))
        self._adjoints: dict[int, tuple[Position, Form]] = {}
        self._flattener = Flattener(self.elements.algebra, self._known, self._is_sign)
        self._same: dict[int, int] = {}
        self._open: dict[int, bool] = {}
        self.off: dict[str, None] = {}

    def difference(self, cotangent: Cotangent) -> Form:
        """What the rule has more than the derivative, at a general position, in the operands alone.

        Raises:
            NoForm: an operation has no general formula.
            TooLong: a form grew beyond its bound.
        """
        assert cotangent.index is not None
        at, derived = self.adjoint(cotangent.operand)
        said = self.elements.read(cotangent.index, at)
        return self.opened(said) - self.opened(derived)

    def adjoint(self, index: int) -> tuple[Position, Form]:
        """The adjoint of an element at a general position, in values only."""
        if index not in self._adjoints:
            self._adjoints[index] = self._composed(index)
        return self._adjoints[index]

    def _composed(self, index: int) -> tuple[Position, Form]:
        elements, derivation = self.elements, self.trial.derivation
        at = elements.general(index)
        if index == derivation.program.result:
            return at, elements.algebra.one
        if index not in derivation.contributions:
            return at, elements.algebra.zero
        total = elements.algebra.zero
        for sent in sent_back(elements, derivation, index, at):
            total = total + sent.whole
        for role, source in sorted(total.sources, key=str):
            if role == "adjoint":
                total = elements_replaced(total, (role, source), partial(self._adjoint_at, source))
        return at, total

    def _adjoint_at(self, index: int, shown: Position) -> Form:
        general, form = self.adjoint(index)
        place = self.elements.whole_position(index, shown)
        values: dict[Variable, Form] = {}
        for variable, position in zip(general, place, strict=True):
            if isinstance(variable.atom, Variable):
                values[variable.atom] = position
        return substituted(form, values)

    def opened(self, form: Form) -> Form:
        """``form`` in the operands and the cotangent alone, multiplied out."""
        elements = self.elements
        program = elements.program.elements
        while True:
            inner = [source for role, source in form.sources if role == "value" and self._opens(program[source])]
            if not inner:
                return self._flat(form)
            index = max(inner)
            form = elements_replaced(form, ("value", index), partial(self._value, index))

    def _flat(self, form: Form) -> Form:
        """``form`` multiplied out until nothing changes."""
        for _ in range(PASSES):
            before, form = form, with_deltas(self._flattener(form))
            if form is before:
                break
        return form

    def _opens(self, element: ProgramElement) -> bool:
        """Whether an element is written in others; what an equation or a decision defines keeps its name."""
        if element.index not in self._open:
            try:
                defined = element.meaning is not None and self.elements.definition(element.index)
                self._open[element.index] = bool(defined)
            except NoForm:
                self._open[element.index] = False
        return self._open[element.index]

    def _is_sign(self, atom: Atom) -> bool:
        """Whether an atom is 1 or -1, as a decision on the direction of a basis is."""
        if not isinstance(atom, Element) or atom.role != "value":
            return False
        meaning = self.elements.program.elements[atom.source].meaning
        return isinstance(meaning, Decided) and meaning.kind.endswith("signs")

    def _first(self, index: int) -> int:
        """The first element that is made of the same by the same operation."""
        if index not in self._same:
            element = self.elements.program.elements[index]
            operands = tuple(map(self._first, element.operands))
            self._same[index] = next(
                (
                    other.index
                    for other in self.elements.program.elements[:index]
                    if other.meaning is not None
                    and other.operation == element.operation
                    and other.meaning == element.meaning
                    and tuple(map(self._first, other.operands)) == operands
                ),
                index,
            )
        return self._same[index]

    def _value(self, index: int, shown: Position) -> Form:
        return self.elements.value(index, self.elements.whole_position(index, shown))

    def _known(self, atom: Atom) -> Form | None:
        """What an element of an inverse, a position or a comparison is in simpler terms."""
        if isinstance(atom, Element):
            if atom.role == "value" and self._first(atom.source) != atom.source:
                return self.elements.algebra.make(Element, "value", self._first(atom.source), atom.index)
            if atom.role in ("inverse", "determinant"):
                return self._inverse(atom)
            return self._position(atom) if atom.role == "chosen" else None
        if isinstance(atom, Condition) and atom.whole:
            return self._within(atom)
        if isinstance(atom, Condition) and atom.sign in ("==", "!="):
            return self._generic(atom)
        return None

    def _within(self, atom: Condition) -> Form | None:
        """A bound that a picked position keeps because it is one of the axis that it was picked along."""
        algebra = self.elements.algebra
        places: dict[Atom, Form] = {}

        def place(part: Atom) -> Form | None:
            if not isinstance(part, Element) or part.role not in ("picked", "chosen"):
                return None
            operand, axis = (part.source[1], part.source[3]) if part.role == "picked" else (None, part.source[1])
            if operand is None:
                operand = self.elements.program.elements[part.source[0]].operands[0]
            size = self.elements.sizes(operand)[axis]
            return places.setdefault(part, algebra.of(algebra.fresh(size)))

        moved = Rewriter(algebra, place, lambda part: True)(atom.difference)
        known = at_least_zero(algebra, moved) if places else atom.difference
        return known if places and known.constant is not None else None

    def _inverse(self, atom: Element) -> Form | None:
        """The inverse of transposed matrices is that of the matrices themselves, transposed."""
        elements = self.elements
        if self._first(atom.source) != atom.source:
            return elements.algebra.make(Element, atom.role, self._first(atom.source), atom.index)
        matrix = elements.program.elements[atom.source]
        if atom.role == "determinant" or matrix.meaning is None or not elements.transparent(matrix):
            return None
        at = elements.general(atom.source)
        read = elements.value(atom.source, at).atom
        if isinstance(read, Element) and read.role == "value" and read.index == (*at[:-2], at[-1], at[-2]):
            turned = (*atom.index[:-2], atom.index[-1], atom.index[-2])
            return elements.algebra.make(Element, "inverse", read.source, turned)
        return None

    def _position(self, atom: Element) -> Form | None:
        """Picks by one order of one array are one pick: of its extreme, or of the element of a rank."""
        index, axis, rank = atom.source
        element = self.elements.program.elements[index]
        meaning, operand = element.meaning, self._first(element.operands[0])
        if isinstance(meaning, Pick):
            source: tuple[Any, ...] = (meaning.kind, operand, meaning.axes, axis)
            place = [i for k, i in enumerate(atom.index) if not (meaning.keepdims and k in meaning.axes)]
        elif isinstance(meaning, Order):
            source = ("order", operand, meaning.axis, axis)
            place = list(atom.index)
            if rank is not None:
                here = meaning.axis
                place[here : here + bool(meaning.keepdims)] = [self.elements.algebra.lift(rank + 1)]
        else:
            return None
        return self.elements.algebra.make(Element, "picked", source, tuple(place))

    def _generic(self, atom: Condition) -> Form | None:
        """Whether two numbers are equal, off the borders: elements of one array are if they are the same element."""
        algebra, elements = self.elements.algebra, self.elements
        difference = self._flattener(atom.difference)
        known = compared(algebra, atom.sign, difference)
        if known.constant is not None:
            return known
        leaves = [elements.program.elements[source] for role, source in difference.sources if role == "value"]
        if not any(leaf.name is not None and leaf.value is not None and leaf.value.dtype == float for leaf in leaves):
            return None
        same = _same_place(difference)
        if same is None:
            self.off["a border of its pieces"] = None
            return algebra.zero if atom.sign == "==" else algebra.one
        self.off["ties"] = None
        tied = algebra.one
        for left, right in same:
            tied = tied * delta(algebra, left - right)
        return tied if atom.sign == "==" else algebra.one - tied


def _same_place(difference: Form) -> list[tuple[Form, Form]] | None:
    """The positions in a difference of two elements of one array, axis by axis."""
    if len(difference.terms) != 2 or sorted(difference.terms.values()) != [-1, 1]:
        return None
    atoms = [monomial.powers[0][0] for monomial in difference.terms if len(monomial.powers) == 1]
    if len(atoms) != 2:
        return None
    left, right = atoms
    if not isinstance(left, Element) or not isinstance(right, Element):
        return None
    same = (left.role, left.source) == (right.role, right.source)
    return list(zip(left.index, right.index, strict=True)) if same else None
