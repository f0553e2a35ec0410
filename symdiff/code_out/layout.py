"""Lines of code no longer than a screen is broad, broken as formatters of Python break them."""

from __future__ import annotations

import re

WIDTH = 88
_POWER = re.compile(r"(?<![\w.\])])([A-Za-z_][\w.]*|\d[\w.]*) \*\* (-?[\w.]+)(?![\w.\[(])")


def laid_out(statement: str, indent: int = 4) -> str:
    """A statement in lines, each indented.

    >>> print(laid_out("x = " + " + ".join(["abcdefghijklmnopqrstuvwxyz"] * 4), 0))
    x = (
        abcdefghijklmnopqrstuvwxyz
        + abcdefghijklmnopqrstuvwxyz
        + abcdefghijklmnopqrstuvwxyz
        + abcdefghijklmnopqrstuvwxyz
    )
    """
    statement = _POWER.sub(r"\1**\2", statement)
    head, text = _divided(statement)
    return "\n".join(_fitted(head, text, "", indent))


def _divided(statement: str) -> tuple[str, str]:
    """What stands before an expression, and the expression."""
    found = re.match(r"(?:return |[^\W\d][\w.\[\]:, ]* \+?= )", statement)
    return (found.group(), statement[found.end() :]) if found else ("", statement)


def _fitted(head: str, text: str, tail: str, indent: int, nested: bool = False) -> list[str]:
    """The lines of ``head text tail``."""
    space = " " * indent
    if len(space) + len(head) + len(text) + len(tail) <= WIDTH:
        return [f"{space}{head}{text}{tail}"]
    commas = _cut(text, (", ",))
    if len(commas) > 1 and not nested:
        inside = [line for part in commas for line in _fitted("", part, ",", indent + 4, True)]
        return [f"{space}{head}(", *inside, f"{space}){tail}"]
    for signs in ((" + ", " - "), (" * ", " / ", " @ ")):
        parts = _cut(text, signs, keep=True)
        if len(parts) > 1:
            if nested and not head:
                return _operands(parts, tail, indent)
            return [f"{space}{head}(", *_operands(parts, "", indent + 4), f"{space}){tail}"]
    return _call(head, text, tail, indent)


def _operands(parts: list[str], tail: str, indent: int) -> list[str]:
    lines: list[str] = []
    for place, part in enumerate(parts):
        sign, body = (part[:2], part[2:]) if place else ("", part)
        lines += _call_or_whole(sign, body, tail if place == len(parts) - 1 else "", indent)
    return lines


def _call_or_whole(head: str, text: str, tail: str, indent: int) -> list[str]:
    space = " " * indent
    if len(space) + len(head) + len(text) + len(tail) <= WIDTH:
        return [f"{space}{head}{text}{tail}"]
    return _call(head, text, tail, indent)


def _call(head: str, text: str, tail: str, indent: int) -> list[str]:
    """A call whose arguments stand on lines of their own."""
    space = " " * indent
    opening, closing = _last_bracket(text)
    if opening < 0:
        return [f"{space}{head}{text}{tail}"]
    before, inside, after = text[: opening + 1], text[opening + 1 : closing], text[closing:]
    deeper = " " * (indent + 4)
    whole = len(deeper) + len(inside) <= WIDTH
    parts = _cut(inside, (", ",))
    if text[opening] == "[" and not any(sign in inside for sign in "(["):
        lines = _filled(parts, deeper)
    elif whole and (len(parts) > 1 or not _cut(inside, (" + ",))[1:]):
        lines = [f"{deeper}{inside}"]
    elif len(parts) > 1:
        lines = [line for part in parts for line in _fitted("", part, ",", indent + 4, True)]
    else:
        lines = _fitted("", inside, "", indent + 4, True)
    return [f"{space}{head}{before}", *lines, f"{space}{after}{tail}"]


def _filled(numbers: list[str], space: str) -> list[str]:
    """The numbers of a row, as many in a line as fit."""
    lines = [space + numbers[0]]
    for each in numbers[1:]:
        if len(lines[-1]) + len(each) + 3 > WIDTH:
            lines[-1] += ","
            lines.append(space + each)
        else:
            lines[-1] += f", {each}"
    return [*lines[:-1], f"{lines[-1]},"]


def _last_bracket(text: str) -> tuple[int, int]:
    """The bracket of the last call at the outside that has something in it, or of a list that is the whole."""
    depth, opening, found = 0, -1, (-1, -1)
    for place, sign in enumerate(text):
        if sign in "([":
            if depth == 0:
                opening = place
            depth += 1
        elif sign in ")]":
            depth -= 1
            if depth == 0 and place > opening + 1 and (text[opening] == "(" or opening == 0):
                found = (opening, place)
    return found


def _cut(text: str, signs: tuple[str, ...], keep: bool = False) -> list[str]:
    """A text cut at signs outside of all brackets; with ``keep`` each part begins with its sign."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        found = next((each for each in signs if depth == 0 and text.startswith(each, place)), None)
        if found is not None:
            parts.append(text[start:place])
            start = place + (1 if keep else len(found))
    parts.append(text[start:])
    return parts
