"""Text -> Program: ``ast.parse``, then a list of the nodes that are allowed; nothing is evaluated."""

from __future__ import annotations

import ast
import functools

from symdiff.errors import InputError
from symdiff.language import powers, tree
from symdiff.language.expressions import Expressions, Known
from symdiff.language.limits import LIMITS, Limits
from symdiff.language.names import check_name
from symdiff.language.scan import Statement, normalise, statements
from symdiff.language.source import Source, refuse

__all__ = ["Known", "parse", "parse_formula"]


def parse(text: str, known: Known, *, limits: Limits = LIMITS) -> tree.Program:
    """The program a text stands for.

    Raises:
        InputError: the text is not in the language; one line with the place and what to write instead.
    """
    plain = normalise(text, limits)
    reader = _Statements(known, limits)
    found = statements(plain, limits)
    if not found:
        raise InputError("the expression is empty; write one, such as mean(x * x)")
    assignments = tuple(reader.assignment(statement) for statement in found[:-1])
    result = reader.result(found[-1])
    program = tree.Program(text, assignments, result, tuple(reader.used))
    powers.check(program, limits)
    return program


@functools.lru_cache(maxsize=1024)
def parse_formula(text: str, names: tuple[str, ...] = ()) -> tree.Program:
    """The program of a meaning that stands in the source; any name may be an operand or a parameter, ``names`` are."""
    return parse(text, Known(functions=(), methods=(), inputs=None, bindable=names))


class _Statements(Expressions):
    """Converts the statements of one text."""

    def assignment(self, statement: Statement) -> tree.Assign:
        """``name = value``."""
        node = self._parse(statement)
        if not isinstance(node, ast.Assign):
            refuse(
                self.source.place(node),
                "only the last statement is the result; the ones before it are assignments y = ...",
            )
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            refuse(self.source.place(node), "an assignment gives one name to one value: y = ...")
        target = node.targets[0]
        place = self.source.place(target)
        name = check_name(
            target.id,
            set(self.known.functions) - set(self.known.bindable),
            limits=self.limits,
            line=place.line,
            column=place.column,
        )
        value = self.expression(node.value, 0)
        if name in self.assigned:
            refuse(place, f"{name} is assigned twice; give the new value a name of its own")
        if self.known.inputs is not None and name in self.known.inputs:
            refuse(place, f"{name} is an input and cannot be assigned; give the value a name of its own")
        if name in self.used:
            refuse(place, f"{name} is used before it is assigned; assign it first")
        self.assigned[name] = place
        return tree.Assign(name, value, place)

    def result(self, statement: Statement) -> tree.Expression:
        """The last statement: an expression that is not a mask."""
        node = self._parse(statement)
        if isinstance(node, ast.Assign):
            target = next((t.id for t in node.targets if isinstance(t, ast.Name)), "y")
            equals = next(token for token in statement.tokens if token.text == "=")
            refuse(
                equals.place,
                f"= is not allowed in the result; give the right-hand side only, or add the result: ...; {target}",
            )
        if not isinstance(node, ast.Expr):
            refuse(self.source.place(node), "only assignments y = ... and one result are part of the language")
        result = self.expression(node.value, 0)
        if isinstance(result, tree.Compare) and self.known.inputs is not None:
            refuse(
                result.place,
                f"the result is a comparison ({result.operator}), a mask and not a number; choose numbers with "
                "where(condition, a, b)",
            )
        return result

    def _parse(self, statement: Statement) -> ast.stmt:
        self.source = Source.of(statement)
        return self.source.parse(self.limits)
