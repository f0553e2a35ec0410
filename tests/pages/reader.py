"""Reads the displayed lines of a page as a learner does: every part of a chain of equals by the page's own names.

``Reader(explanation).falsehoods()`` evaluates each part of each chain of the document's tree, for every value of the
letters that stand for an index, and says which parts are not what stands beside them; ``clashes()`` says which names
mean two things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

import numpy as np

from symdiff.agreement.verdict import Verdict
from symdiff.evaluation.precision import mp
from symdiff.pages.blocks import Bars, Block, Derivation, Display, Fold, Formula, Note, Quote, Row, Table
from symdiff.printing import tree
from symdiff.printing.plain import plain
from tests.pages.values import BITS, AtKink, Cut, Undefined, Unreadable, Values, is_number
from tests.pages.whole_arrays import WholeArrays, matrix_rows

COMBINATIONS = 40
"""So many values of the letters of one line are tried."""


class Reader(Values):
    """One page with what its names mean."""

    def lines(self) -> Iterator[Row]:
        """Every chain of equals on the page, in order; a row of the table is one as well."""
        yield from _lines(self.document.blocks, self.view.result)

    def falsehoods(self) -> list[str]:
        """What is not true on the page, as sentences."""
        found: list[str] = []
        with mp.workprec(BITS), np.errstate(all="ignore"):
            whole = list(matrix_rows(self.view))
            found += self._whole_arrays().falsehoods(self.view) if whole else []
            lines = [row for row in self.lines() if row not in whole]
            for row in lines:
                self._define(row)
            for row in lines:
                found += self.judge(row)
        return found

    def _whole_arrays(self) -> WholeArrays:
        """What names mean in matrix forms: arrays as a whole, and the partials by them."""
        arrays: dict[str, Any] = {}
        for index, name in self.names.elements.items():
            values = self._shown(index, self.run.values[index], index in self.program.inputs.values())
            if values.ndim or name not in arrays:
                arrays[name] = np.asarray(values, dtype=float)
        partials = {name: np.asarray(array, dtype=float) for (name, _), array in self.adjoints.items()}
        partials |= {name: np.asarray(each.symbolic, dtype=float) for name, each in self.report.inputs.items()}
        return WholeArrays(arrays, partials, self.sizes)

    def clashes(self) -> list[str]:
        """Names that mean two things on the page, or that read as something else, as sentences."""
        if self.forms is None or self.derivation is None:
            return []
        found: list[str] = []
        meant: dict[str, list[int]] = {}
        for index, name in self.names.elements.items():
            meant.setdefault(name, []).append(index)
        letters: set[str] = set()
        for row in self.lines():
            for part in row.parts:
                letters |= set(_index_letters(part, False))
        letters -= self.sizes.keys()
        elements, result = self.program.elements, self.program.result
        for name, indices in meant.items():
            pair = result in indices and len(indices) == 2 and not elements[result].shape
            before = elements[result].operands
            if len(indices) > 1 and not (pair and before and set(indices) == {before[0], result}):
                found.append(f"{name} is the name of {len(indices)} arrays")
            users = [e.index for e in elements if before and before[0] in e.operands and e.operation != "count"]
            if pair and users != [result]:
                found.append(f"{name} is the result and an array that is used more than once")
            given = any(name in (elements[k].name, *self.program.inputs) for k in indices)
            if name in letters or name in self.sizes:
                found.append(f"{name} is an index or a size as well")
            if not given and (name in "edijklmno" or not name.isalpha()):
                found.append(f"{name} was chosen for an array")
        for each in self.forms.given:
            if each.kind in ("chosen", "table"):
                name = self.names.arrays[each.name]
                if name in meant or name in self.sizes:
                    found.append(f"{name} is a position and something else")
        return found

    def _define(self, row: Row) -> None:
        left, *rest = row.parts
        if isinstance(left, tree.Symbol) and rest and (left.name, len(left.index)) not in self.arrays:
            letters = tuple(plain(each) for each in left.index)
            if all(isinstance(each, tree.Symbol) for each in left.index):
                self.functions.setdefault((left.name, len(letters)), []).append((letters, rest[-1]))

    def judge(self, row: Row) -> list[str]:
        """What is wrong with one chain."""
        words = " = ".join(map(plain, row.parts))
        try:
            letters = self.letters(row)
        except Unreadable as error:
            return [f"{words}: {error}"]
        for at in letters:
            wrong = self._judge_at(row, at)
            if wrong:
                where = ", ".join(f"{letter} = {value}" for letter, value in at.items())
                return [f"{words}: {wrong}{' at ' if where else ''}{where}"]
        return []

    def _judge_at(self, row: Row, at: Mapping[str, int]) -> str:
        values: list[tuple[tree.Math, Any]] = []
        told = bool(row.note) or self.excepted(row, at)
        self.largest = mp.mpf(0)
        for part in row.parts:
            try:
                if isinstance(part, tree.Text):
                    continue
                values.append((part, self.value(part, at)))
            except Cut:
                continue
            except AtKink:
                if not told:
                    return f"{plain(part)} stands at a kink, and the line does not say so"
            except Undefined:
                general = bool(at) and self.report.verdict == Verdict.UNDEFINED  # the head says so of the whole page
                if not (told or general or _says_undefined(row.parts[-1])):
                    return f"{plain(part)} has no value"
            except Unreadable as error:
                return f"{plain(part)}: {error}"
        if self.excepted(row, at) and len(values) > 1:
            return ""
        left, exact = values[0] if values else (row.parts[0], None)
        for right, b in values[1:]:
            if not self.equal(exact, b, right):
                return f"{plain(left)} is {mp.nstr(exact, 12) if is_number(exact) else exact}, {plain(right)} is {b}"
            if not isinstance(right, tree.Rounded):
                left, exact = right, b
        return ""

    def excepted(self, row: Row, at: Mapping[str, int]) -> bool:
        """Whether the page says that a general formula does not hold at this element."""
        left = row.parts[0]
        if not isinstance(left, tree.Partial) or not isinstance(left.by, tree.Symbol):
            return False
        place = plain(tree.Symbol(left.by.name, tuple(tree.Number(str(self.whole(i, at))) for i in left.by.index)))
        steps = (*self.view.gradients, *self.view.backward)
        return any(place == plain(each) for step in steps for each in getattr(step, "exceptions", ()))

    def letters(self, row: Row) -> list[dict[str, int]]:
        """Every value of the letters that stand for an index in a line."""
        found: dict[str, int] = {}
        for part in row.parts:
            inside: dict[str, int] = {}
            self._ranges(part, frozenset(), inside)
            # the left side says for which elements a line is meant
            found = inside | found
        ranges = [range(1, size + 1) for size in found.values()]
        combinations = [dict(zip(found, at, strict=True)) for at in islice(product(*ranges), 4000)]
        return combinations[:: max(1, len(combinations) // COMBINATIONS)] or [{}]

    def _ranges(self, node: Any, bound: frozenset[str], found: dict[str, int]) -> None:
        if isinstance(node, tree.BigOperator) and isinstance(node.index, tree.Symbol):
            bound = bound | {node.index.name}
        if isinstance(node, tree.Symbol) and node.index:
            shape = self._shape_of(node)
            for size, each in zip(shape, node.index, strict=False):
                if isinstance(each, tree.Symbol) and not each.index and self._is_letter(each, bound):
                    found[each.name] = min(found.get(each.name, size), size)
        for child in _children(node):
            self._ranges(child, bound, found)

    def _shape_of(self, node: tree.Symbol) -> tuple[int, ...]:
        known = self.arrays.get((node.name, len(node.index)))
        return np.shape(known[0][1]) if known else ()

    def _is_letter(self, node: tree.Symbol, bound: frozenset[str]) -> bool:
        known = node.name in self.sizes or (node.name, 0) in self.arrays or (node.name, 0) in self.functions
        return not known and node.name not in bound


def _lines(blocks: tuple[Block, ...], result: tree.Math) -> Iterator[Row]:
    for block in blocks:
        match block:
            case Display(math=tree.Chain(parts=parts)):
                yield Row(parts)
            case Derivation(rows=rows) | Bars(rows=rows):
                yield from _joined(rows)
            case Table(rows=rows):
                for cells in rows:
                    yield from _table_row(cells, result)
            case Fold(blocks=inner) | Note(blocks=inner) | Quote(blocks=inner):
                yield from _lines(inner, result)


def _joined(rows: tuple[Row, ...]) -> Iterator[Row]:
    """Rows that go on from the row above are one line."""
    pending: list[Row] = []
    for row in rows:
        if pending and isinstance(row.parts[0], tree.Text):
            last = pending.pop()
            row = Row((*last.parts, *row.parts[1:]), last.note or row.note)
        pending.append(row)
    yield from pending


def _table_row(cells: tuple[Any, ...], result: tree.Math) -> Iterator[Row]:
    """The table says that an element's partial is the derivation's number."""
    formulas = [cell[0].math for cell in cells if len(cell) == 1 and isinstance(cell[0], Formula)]
    # element, partial, derived, engine, error
    if len(formulas) >= 5:
        left = formulas[0] if isinstance(formulas[0], tree.Partial) else tree.Partial(result, formulas[0])
        yield Row((left, *formulas[1:3]))


def _children(node: Any) -> Iterator[Any]:
    for name in getattr(node, "_fields", ()):
        pending = [getattr(node, name)]
        while pending:
            value = pending.pop()
            if isinstance(value, tuple):
                pending += value
            elif isinstance(value, tree.Math):
                yield value


def _index_letters(node: Any, inside: bool) -> Iterator[str]:
    """The letters that a formula uses as an index."""
    if isinstance(node, tree.Symbol) and inside and not node.index:
        yield node.name
    if isinstance(node, tree.BigOperator):
        yield from _index_letters(node.index, True)
    within = node.index if isinstance(node, tree.Symbol | tree.Subscript) else ()
    for child in _children(node):
        yield from _index_letters(child, inside or child in within)


def _says_undefined(part: tree.Math) -> bool:
    return isinstance(part, tree.Constant | tree.Text) or (
        isinstance(part, tree.Negative) and isinstance(part.body, tree.Constant)
    )
