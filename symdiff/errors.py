"""The one error for input that is wrong."""

from __future__ import annotations


class InputError(ValueError):
    """What the user gave cannot be used: one line that says what, where, and what to write instead."""

    def __init__(self, what: str, *, column: int | None = None, line: int | None = None) -> None:
        self.what = " ".join(what.split())
        self.line = line
        self.column = column
        super().__init__(self._one_line())

    def _one_line(self) -> str:
        if self.column is None:
            return self.what
        if self.line is None or self.line == 1:
            return f"column {self.column}: {self.what}"
        return f"line {self.line}, column {self.column}: {self.what}"


class FunctionError(InputError):
    """The user's own function raised; its exception is the cause, with its traceback."""
