"""The one error for input that is wrong."""

from __future__ import annotations


def printable(text: str) -> str:
    """Text in one line that a terminal shows and does not obey: control characters as Python writes them.

    >>> printable("a\\x1b[31m\\nb")
    'a\\\\x1b[31m b'
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)


def said_by(error: BaseException, width: int = 500) -> str:
    """What an exception of somebody else's says, in one line; its own ``__str__`` may raise."""
    try:
        text = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as second:
        return f"(its message cannot be shown: __str__ raises {type(second).__name__})"
    line = printable(text)
    return line if len(line) <= width else f"{line[:width]}..."


class InputError(ValueError):
    """What the user gave cannot be used: one line that says what, where, and what to write instead."""

    def __init__(self, what: str, *, column: int | None = None, line: int | None = None) -> None:
        self.what = printable(what)
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
