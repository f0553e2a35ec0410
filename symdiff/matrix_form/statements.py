"""The statements of a text: which intermediates are named, which written out, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symdiff.matrix_form.assembling import Assembly
from symdiff.matrix_form.costs import ADJOINT, APPLIED, LINE, LONG, MOST_DEFINITIONS, MOST_NODES, WORTH
from symdiff.matrix_form.matrices import Matrices
from symdiff.matrix_form.nodes import Node, NoMatrix
from symdiff.matrix_form.rebuilding import rebuilt
from symdiff.matrix_form.rewriting import Rewriter
from symdiff.matrix_form.shapes import Shapes
from symdiff.matrix_form.writing import written

FUNCTIONS = frozenset({"softmax", "sigmoid", "tanh", "relu", "exp", "inv", "norm"})


@dataclass(frozen=True, slots=True)
class Statements:
    """Named intermediates in order, and the result.

    ``shares`` are the inputs whose rows are taken to add up to 1. ``origins`` says what a name is: ("value", a name of
    the closed forms), ("adjoint", that of the value whose it is), or ("new", "") for what only this text names.
    ``shapes`` has the lengths of axes.
    """

    named: tuple[tuple[str, Node], ...]
    result: Node
    shares: tuple[str, ...] = ()
    origins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    shapes: Shapes = field(default_factory=lambda: Shapes({}, {}), repr=False)

    @property
    def text(self) -> str:
        """The text of the language."""
        return "; ".join([*(f"{name} = {written(node)}" for name, node in self.named), written(self.result)])


class Finisher:
    """Finishes one form: works on its own copy of what names stand for."""

    def __init__(self, assembly: Assembly, root: Node, ones: Mapping[str, int]) -> None:
        self._assembly = assembly
        self._matrices: Matrices = assembly.matrices
        self._kept = set(assembly.authors)
        self.root = root
        self.defined: dict[str, Node] = dict(assembly.defined)
        self._ones = ones
        self._used: set[str] = set()
        self._names: dict[Node, str] = {}
        self._adjoints: dict[str, str] = {}
        self._fresh: set[str] = set()

    def finished(self) -> Statements:
        """The statements."""
        self._only_needed()
        self._rewrite()
        self._unify()
        self._count_elements()
        self._write_out()
        self._rewrite(averages=True)
        if len(self._length()) > LONG:
            self._name_adjoints()
        self._name_repeated()
        if len(written(self.root)) > LINE:
            self._name_functions()
        self._map(self._positive)
        self._only_needed()
        if len(self.defined) > MOST_DEFINITIONS:
            raise NoMatrix("too many names")
        ordered = tuple((name, self.defined[name]) for name in self._order())
        origins = {name: self._origin(name) for name, _ in ordered}
        shapes = Shapes(self._assembly.shapes, self.defined)
        return Statements(ordered, self.root, tuple(sorted(self._used)), origins, shapes)

    def _origin(self, name: str) -> tuple[str, str]:
        if name in self._adjoints:
            return "adjoint", self._adjoints[name]
        page = self._assembly.pages.get(name)
        return ("new", "") if page is None or name in self._fresh else ("value", page)

    # --- what all passes need -----------------------------------------------------------------------------------------

    def _length(self) -> str:
        return "".join([*map(written, self.defined.values()), written(self.root)])

    def _all(self) -> tuple[Node, ...]:
        return (self.root, *self.defined.values())

    def _map(self, change: Callable[[Node], Node]) -> None:
        self.root = change(self.root)
        self.defined = {name: change(node) for name, node in self.defined.items()}

    def _replace(self, by: Mapping[Node, Node]) -> None:
        known: dict[Node, Node] = dict(by)
        self._map(lambda each: replaced(self._matrices, each, known))

    def _leaf(self, name: str) -> Node:
        return self._matrices.name(name, self.defined[name].ndim)

    def _only_needed(self) -> None:
        needed: set[str] = set()
        waiting = list(self.root.names)
        while waiting:
            name = waiting.pop()
            if name in self.defined and name not in needed:
                needed.add(name)
                waiting.extend(self.defined[name].names)
        self.defined = {name: node for name, node in self.defined.items() if name in needed}

    def _rewrite(self, averages: bool = False) -> None:
        """Every statement rewritten."""
        rewriter = self._rewriter(averages)
        self._map(rewriter)
        self._used |= rewriter.used_ones
        self._only_needed()

    def _rewriter(self, averages: bool = False) -> Rewriter:
        shapes = Shapes(self._assembly.shapes, self.defined)
        return Rewriter(self._matrices, self.defined, self._ones, shapes, self._assembly.letter_of, averages)

    def _order(self) -> list[str]:
        """The names, each after those that it needs; sizes first."""
        done: dict[str, None] = {}
        place = {name: number for number, name in enumerate(self.defined)}

        def visit(name: str) -> None:
            if name in done or name not in self.defined:
                return
            for other in sorted(self.defined[name].names, key=lambda each: place.get(each, -1)):
                visit(other)
            done[name] = None

        for name in sorted(self.defined, key=lambda each: (self.defined[each].head != "shape", place[each])):
            visit(name)
        return list(done)

    # --- passes -------------------------------------------------------------------------------------------------------

    def _unify(self) -> None:
        """Two names of the same thing are one, the author's if one of them is."""
        for _ in range(len(self.defined)):
            first: dict[Node, str] = {}
            double: dict[Node, Node] = {}
            for name in self._order():
                other = first.setdefault(self.defined[name], name)
                if other != name:
                    keep, drop = (name, other) if name in self._kept and other not in self._kept else (other, name)
                    double[self._leaf(drop)] = self._leaf(keep)
                    break
            if not double:
                return
            self._replace(double)
            self._only_needed()

    def _count_elements(self) -> None:
        """A product of two lengths is the number of elements of an array of that shape."""
        self._map(self._counted)
        self._only_needed()

    def _counted(self, node: Node) -> Node:
        if not node.args:
            return node
        node = rebuilt(self._matrices, node, [self._counted(part) for part in node.args])
        if node.head != "mul":
            return node
        factors = list(zip(node.args, node.data[1], strict=True))
        lengths = [(n, e, self._assembly.letter_of(n.data)) for n, e in factors if n.head == "name" and not n.ndim]
        for one, exponent, rows in lengths:
            for other, power, columns in lengths:
                name = self._assembly.of_shape((rows, columns))
                if one is not other and exponent == power and name is not None:
                    whole = self._matrices.make("shape", (self._matrices.name(name, 2),), None, 0)
                    rest = [f for f in factors if f[0] not in (one, other)]
                    return self._matrices.mul(node.data[0], [*rest, (whole, exponent)])
        return node

    def _write_out(self) -> None:
        """Names that are the author's stay; what others stand for is written out, and remembered by its name."""
        for name in self._order():
            node = self.defined[name]
            if name in self._kept and node.head != "T":
                continue
            by = {self._leaf(name): node}
            if sum(_size(replaced(self._matrices, each, dict(by)), MOST_NODES) for each in self._all()) > MOST_NODES:
                continue
            del self.defined[name]
            self._replace(by)
            self._names.setdefault(node, name)
        self._rewrite()
        for node, name in list(self._names.items()):
            # what a name stood for may read otherwise by now
            self._names.setdefault(self._rewritten(node), name)

    def _rewritten(self, node: Node) -> Node:
        return self._rewriter(averages=True)(node)

    def _name_adjoints(self) -> None:
        """Adjoints of values with names, where they occur: dS for what reaches S."""
        named: dict[Node, Node] = {}
        for author, found in self._assembly.adjoints():
            expanded = replaced(self._matrices, self._expanded(found.node), dict(named))
            number, scalars, rest = self._matrices.scalars_out(self._rewritten(expanded))
            if not rest.args or len(written(rest)) < ADJOINT:
                continue
            if not any(map(self._occurs, self._both_ways(rest))):
                continue
            name = self._assembly.free([f"d{author}", f"d_{author}"])
            leaf = self._matrices.name(name, rest.ndim)
            back = self._matrices.mul(1 / number, [*((n, -e) for n, e in scalars), (leaf, sp.Integer(1))])
            named |= self._turning(rest, back)
            self._replace(self._turning(rest, back))
            self.defined[name] = self._matrices.mul(number, [*scalars, (rest, sp.Integer(1))])
            self._kept.add(name)
            self._adjoints[name] = author
        self._rewrite()

    def _both_ways(self, node: Node) -> tuple[Node, ...]:
        """A node, and a matrix's transpose."""
        turned = self._matrices.T(node)
        return (node,) if turned is node or turned.head == "T" else (node, turned)

    def _turning(self, node: Node, by: Node) -> dict[Node, Node]:
        """What to replace for a node to be replaced, its transpose by the transpose."""
        found = dict.fromkeys(self._both_ways(node), by)
        number, scalars, rest = self._matrices.scalars_out(by)
        for turned in list(found)[1:]:
            found[turned] = self._matrices.mul(number, [*scalars, (self._matrices.T(rest), sp.Integer(1))])
        return found

    def _expanded(self, node: Node) -> Node:
        """An adjoint as the statements are: other names than the author's written out."""
        node = self._counted(node)
        by = {self._matrices.name(name, each.ndim): each for each, name in self._names.items()}
        for _ in range(4):
            other = replaced(self._matrices, node, dict(by))
            if other is node:
                break
            node = other
        return self._rewritten(node)

    def _positive(self, node: Node) -> Node:
        """Differences turned where that takes a sign away."""
        if not node.args:
            return node
        args = [self._positive(part) for part in node.args]
        same = all(new is old for new, old in zip(args, node.args, strict=True))
        return self._matrices.positive(node if same else rebuilt(self._matrices, node, args))

    def _occurs(self, node: Node) -> bool:
        return any(node is not each and node in parts(each) for each in self._all())

    def _name_repeated(self) -> None:
        """What stands more than once gets a name, the longest first."""
        for _ in range(MOST_DEFINITIONS):
            counts: dict[Node, int] = {}
            for node in self._all():
                _count(node, counts)
            known = {node: name for name, node in self.defined.items()}
            repeated = [
                node
                for node, times in counts.items()
                if times + sum(counts.get(each, 0) for each in self._both_ways(node)[1:]) > 1
                and node.args
                and node.head not in UNNAMED
                and (len(written(node)) >= WORTH)
            ]
            if not repeated:
                return
            self._name(max(repeated, key=lambda n: (len(written(n)), -n.number)), known)

    def _name_functions(self) -> None:
        """A function inside a long result gets a name."""
        found = [
            node
            for node in parts(self.root)
            if node.head == "call" and node.data[0] in FUNCTIONS and node is not self.root
            if len(written(node)) >= APPLIED
        ]
        known = {node: name for name, node in self.defined.items()}
        for node in sorted(found, key=lambda each: each.number):
            if node in parts(self.root) and len(written(self.root)) > LINE:
                self._name(node, known)

    def _name(self, node: Node, known: Mapping[Node, str]) -> None:
        name = known.get(node) or self._wished(node)
        if node not in known and self._names.get(node) != name:
            self._fresh.add(name)
        leaf = self._matrices.name(name, node.ndim)
        if self._matrices.is_symmetric(node):
            self._matrices.symmetric.add(name)
        self.defined.pop(name, None)
        self._replace(self._turning(node, leaf))
        self.defined[name] = node

    def _wished(self, node: Node) -> str:
        old = self._names.get(node)
        own = (_BY_FUNCTION[node.data[0]],) if node.head == "call" and node.data[0] in _BY_FUNCTION else ()
        wishes = [*((old,) if old is not None and old not in self.defined else ()), *own, *_WISHES[node.ndim]]
        return next((w for w in wishes if w == old), None) or self._assembly.free(
            w for w in wishes if w not in self.defined
        )


UNNAMED = frozenset({"T", "holds", "compare", "and", "or", "col", "row", "literal", "number"})
_WISHES: Mapping[int, tuple[str, ...]] = {
    0: ("c", "s", "q", "c1", "c2", "c3"),
    1: ("r", "u", "v", "g", "h", "u1", "u2", "u3"),
    2: ("R", "G", "H", "M", "B", "C", "M1", "M2", "M3"),
}
_BY_FUNCTION = {"inv": "M", "softmax": "p", "sigmoid": "p", "tanh": "h", "norm": "s"}


def replaced(matrices: Matrices, node: Node, known: dict[Node, Node]) -> Node:
    """A node with parts of it replaced; ``known`` holds what for, and receives what was found."""
    found = known.get(node)
    if found is not None:
        return found
    if not node.args:
        return node
    args = [replaced(matrices, part, known) for part in node.args]
    same = all(new is old for new, old in zip(args, node.args, strict=True))
    known[node] = made = node if same else rebuilt(matrices, node, args)
    return made


def parts(node: Node) -> set[Node]:
    """A node and all that it consists of."""
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(each.args)
    return found


def _size(node: Node, most: int) -> int:
    """How many nodes a tree has, counted up to ``most``."""
    count = 0
    waiting: Iterator[Node] | list[Node] = [node]
    stack = list(waiting)
    while stack and count <= most:
        count += 1
        stack.extend(stack.pop().args)
    return count


def _count(node: Node, counts: dict[Node, int]) -> None:
    counts[node] = counts.get(node, 0) + 1
    if counts[node] == 1:
        for part in node.args:
            _count(part, counts)
