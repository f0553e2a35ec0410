"""One statement of a text: its syntax tree as Python's parser gives it, and where each part of it stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import NoReturn

from symdiff.errors import InputError
from symdiff.language.limits import Limits
from symdiff.language.names import shown
from symdiff.language.scan import Statement
from symdiff.language.tree import Place


def refuse(place: Place, message: str) -> NoReturn:
    """Raises the error for what stands at a place."""
    raise InputError(message, line=place.line, column=place.column)


@dataclass(frozen=True, slots=True)
class Source:
    """Maps the parser's positions, which count bytes within a statement, to places in the whole text."""

    statement: Statement
    lines: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, statement: Statement) -> Source:
        return cls(statement, tuple(line.encode() for line in statement.source.split("\n")))

    def parse(self, limits: Limits) -> ast.stmt:
        """The statement's tree; what the parser refuses is told in one line."""
        try:
            # what the parser warns of (1if, "\d") the scan has refused: to mute it would change the process's filters
            module = ast.parse(self.statement.source)
        except SyntaxError as error:
            self._syntax_error(error)
        except (RecursionError, MemoryError):
            message = f"the text is nested deeper than {limits.depth} (Limits.depth); name intermediates: y = ..."
            refuse(self.statement.place, message)
        if len(module.body) != 1:
            refuse(self.statement.place, "this cannot be read as one statement")
        return module.body[0]

    def _syntax_error(self, error: SyntaxError) -> NoReturn:
        start = self.statement.place
        line = (error.lineno or 1) - 1
        place = Place(start.line + line, (error.offset or 1) - 1 + (start.column if line == 0 else 1))
        before = [token for token in self.statement.tokens if token.place <= place]
        near = f" near {shown(before[-1].text, 20)}" if before else ""
        refuse(place, f"this cannot be read as an expression{near}: {error.msg}")

    def position(self, line: int, offset: int) -> Place:
        """The place of a byte of the statement."""
        column = len(self.lines[line - 1][:offset].decode(errors="ignore"))
        start = self.statement.place
        return Place(start.line + line - 1, column + (start.column if line == 1 else 1))

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Where a part begins."""
        return self.position(node.lineno, node.col_offset)

    def sign_after(self, node: ast.expr, sign: str) -> Place:
        """Where an operator or a dot stands behind the part before it."""
        behind = self.position(node.end_lineno or 1, node.end_col_offset or 0)
        return next((t.place for t in self.statement.tokens if t.text == sign and t.place >= behind), behind)

    def text(self, node: ast.expr) -> str:
        """A part as it was written."""
        return ast.get_source_segment(self.statement.source, node) or ""
