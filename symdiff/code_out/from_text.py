"""Statements of the text language in the words of a framework: ``2*X.T @ r/m`` as ``2 * X.T @ r / m``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from symdiff.code_out.backends import Backend
from symdiff.language import tree

LEVELS = {"+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "%": 3, "@": 3, "**": 5, "&": 1, "|": 0}
SIGN, COMPARE, POST = 4, -1, 6


class NotSpelt(ValueError):
    """A function that a framework has no name for."""


class TextWriter:
    """Writes expressions of the language; ``names`` says what a name of the text is called in the code."""

    def __init__(self, backend: Backend, names: Mapping[str, str], sizes: Collection[str] = ()) -> None:
        self._backend, self._names, self._sizes = backend, names, sizes

    def __call__(self, node: tree.Expression) -> str:
        return self._written(node)[0]

    def _at_least(self, node: tree.Expression, least: int) -> str:
        text, level = self._written(node)
        return text if level >= least else f"({text})"

    def _written(self, node: tree.Expression) -> tuple[str, int]:
        match node:
            case tree.Constant(value, written):
                return (str(value) if value is None or value is Ellipsis else written), POST
            case tree.Name(name):
                return self._name(name), POST
            case tree.Unary(operator, operand):
                return f"{operator}{self._at_least(operand, SIGN)}", SIGN
            case tree.Binary(operator, left, right):
                return self._binary(operator, left, right)
            case tree.Compare(operator, left, right):
                return f"{self._at_least(left, 0)} {operator} {self._at_least(right, 0)}", COMPARE
            case tree.Call(function, arguments, keywords):
                return self._call(function, arguments, keywords)
            case tree.Transpose(value):
                return f"{self._at_least(value, POST)}.T", POST
            case tree.Size(value, axis):
                return self._size(value, axis), POST
            case tree.Subscript(value, index):
                return f"{self._at_least(value, POST)}[{self._index(index)}]", POST
            case tree.Sequence(items, is_list):
                inside = ", ".join(map(self, items))
                return f"[{inside}]" if is_list else f"({inside})", POST
        raise NotSpelt(type(node).__name__)

    def _name(self, name: str) -> str:
        if name in self._names:
            return self._names[name]
        return f"{self._backend.module if self._backend.name != 'torch' else 'math'}.{name}"

    def _size(self, value: tree.Expression, axis: int | None) -> str:
        array = self._at_least(value, POST)
        if axis is not None:
            return f"{array}.shape[{axis}]"
        return f"{array}.numel()" if self._backend.name == "torch" else f"{array}.size"

    def _binary(self, operator: str, left: tree.Expression, right: tree.Expression) -> tuple[str, int]:
        level = LEVELS[operator]
        if operator == "**":
            return self._power(left, right)
        return f"{self._at_least(left, level)} {operator} {self._at_least(right, level + 1)}", level

    def _power(self, left: tree.Expression, right: tree.Expression) -> tuple[str, int]:
        base, exponent = self._at_least(left, POST), self._at_least(right, SIGN)
        simple = all(each.lstrip("-").replace("_", "a").replace(".", "a").isalnum() for each in (base, exponent))
        return f"{base}**{exponent}" if simple else f"{base} ** {exponent}", LEVELS["**"]

    def _index(self, node: tree.Expression) -> str:
        match node:
            case tree.Slice(start, stop, step):
                parts = ["" if part is None else self(part) for part in (start, stop)]
                return ":".join(parts) + ("" if step is None else f":{self(step)}")
            case tree.Sequence(items, False):
                return ", ".join(map(self._index, items))
        return self(node)

    def _call(
        self, function: str, arguments: tuple[tree.Expression, ...], keywords: tuple[tuple[str, tree.Expression], ...]
    ) -> tuple[str, int]:
        backend = self._backend
        if backend.name == "torch" and function in ("sqrt", "exp", "log") and self._is_number(arguments[0]):
            return f"math.{function}({self(arguments[0])})", POST
        pattern = backend.patterns.get(function)
        if pattern is None:
            raise NotSpelt(function)
        if backend.name == "torch" and function == "array" and self._numbers(arguments[0]):
            return backend.literal(self(arguments[0])), POST
        if function == "where":
            return backend.where(*map(self, arguments)), POST
        given = {"axis": backend.axis, "keepdims": backend.keepdims}
        named = [f"{given.get(name, name)}={self(value)}" for name, value in keywords]
        if backend.name == "torch" and function in ("softmax", "logsumexp") and not keywords:
            named = ["dim=-1"]
        bare = pattern.startswith("{0}") or "-{0}" in pattern
        first = self._at_least(arguments[0], POST) if bare else self(arguments[0])
        more = "".join(f", {part}" for part in [*map(self, arguments[1:]), *named])
        text = pattern.format(first, *map(self, arguments[1:]), more=more)
        return text, LEVELS["**"] if pattern.startswith("{0}") else POST

    def _is_number(self, node: tree.Expression) -> bool:
        """Whether an expression is made of numbers and sizes alone."""
        for part in tree.walk(node):
            named = isinstance(part, tree.Name) and part.id not in self._sizes and part.id in self._names
            if (named or isinstance(part, tree.Call)) and not _in_size(node, part):
                return False
        return True

    @staticmethod
    def _numbers(node: tree.Expression) -> bool:
        return not any(isinstance(part, tree.Name | tree.Call) for part in tree.walk(node))


def _in_size(node: tree.Expression, name: tree.Expression) -> bool:
    """Whether a name stands only for the array whose size is asked."""
    return any(
        isinstance(part, tree.Size) and any(each is name for each in tree.walk(part)) for part in tree.walk(node)
    )
