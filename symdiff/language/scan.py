"""The first look at a text: its characters, tokens and brackets, before any parser sees it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from symdiff.errors import InputError
from symdiff.language.limits import Limits
from symdiff.language.names import GREEK, code_point, shown
from symdiff.language.tree import Place

# What people paste from books and word processors, and how it is written here.
_INSTEAD = {
    "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "—": "-", "²": "**2", "³": "**3",
    "√": "sqrt(...)", "∑": "sum(...)", "∏": "prod(...)", "≤": "<=", "≥": ">=", "≠": "!=", "∞": "a large number",
    "“": '"', "”": '"', "‘": "'", "’": "'", "ϵ": "ε", "ϕ": "φ", "µ": "μ", "ς": "σ", "\u00a0": "an ordinary space",
}  # fmt: skip
_WORDS = {
    "and": "a truth value of an array is ambiguous; join masks with &, as in where((x > 0) & (x < 1), x, 0)",
    "or": "a truth value of an array is ambiguous; join masks with |, as in where((x < 0) | (x > 1), x, 0)",
    "not": "a truth value of an array is ambiguous; negate a mask with ~",
    "if": "choose between values with where(condition, a, b)",
    "else": "choose between values with where(condition, a, b)",
    "lambda": "a name is spelt lambda_; functions are given as FILE.py:FUNCTION",
    "in": "there are no loops and no membership; operations take whole arrays",
    "is": "compare numbers with ==",
    "for": "there are no loops; operations take whole arrays, as in sum(x*x)",
}
_SIGNS = {
    "^": "^ is exclusive-or in Python; write ** for a power",
    "!": "! is no operation; a factorial is gamma(x + 1)",
    "=>": "=> is no operation; write >= to compare",
    ":=": ":= is not part of the language; write y = ...; and then the result",
    "->": "-> is not part of the language",
    "<<": "shifts are not part of the language",
    ">>": "shifts are not part of the language",
    "<>": "write != for unequal",
    "===": "write == to compare",
    "&&": "join masks with &",
    "||": "join masks with |; a norm is written norm(x)",
    "{": "sets and dictionaries are not part of the language; write brackets as ( ) or [ ]",
    "}": "sets and dictionaries are not part of the language; write brackets as ( ) or [ ]",
    "\\": "a backslash has no meaning here; leave it out",
    "?": "? has no meaning here; leave it out",
    "$": "$ has no meaning here; leave it out",
    "`": "` has no meaning here; leave it out",
}
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t]+) | (?P<comment>\#[^\n]*) | (?P<newline>\n) |
    (?P<number>(?:D(?:\.(?:D)?)?|\.D)(?:[eE][-+]?D)?) |
    (?P<name>[^\W\d]\w*) |
    (?P<string>'[^'\n]*'|"[^"\n]*") |
    (?P<refused>===|=>|:=|->|<<|>>|<>|&&|\|\||\^|!(?!=)|[{}\\?$`]) |
    (?P<update>(?:\*\*|//|[-+*/%@&|])=(?!=)) |
    (?P<ellipsis>\.\.\.) |
    (?P<operator>\*\*|//|[<>=!]=|[-+*/%@<>&|~]) |
    (?P<mark>[()\[\],:;.=]) |
    (?P<quote>['"])
    """.replace("D", r"\d+(?:_\d+)*"),
    re.VERBOSE,
)
_NORM = re.compile(r"\|\|(?P<inside>[^|;\n]+)\|\|")
_BAR = re.compile(r"\|(?P<inside>[^|;\n]+)\|")
_BOM = "\ufeff"
_CLOSES = {")": "(", "]": "["}
_PREFIX = frozenset("+-~")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    place: Place
    end: int  # offset behind it, in the text

    @property
    def is_value(self) -> bool:
        return self.kind in ("number", "name", "string", "ellipsis") or self.text in (")", "]")


@dataclass(frozen=True, slots=True)
class Statement:
    """One line's worth of source with the place where it begins."""

    source: str
    place: Place
    tokens: tuple[Token, ...]


def normalise(text: str, limits: Limits) -> str:
    """The text with plain newlines, once its length and every character are allowed."""
    text = text.removeprefix(_BOM)  # what some editors put at the start of a file
    if len(text) > limits.characters:
        raise InputError(
            f"the text has {len(text)} characters; the limit is {limits.characters} (Limits.characters): "
            "name intermediates, or give a Python function as FILE.py:FUNCTION"
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for offset, character in enumerate(text):
        if not (" " <= character <= "~" or character in "\n\t" or character in GREEK):
            _refuse_character(character, _place(text, offset))
    if not text.strip():
        raise InputError("the expression is empty; write one, such as mean(x * x)")
    return text


def statements(text: str, limits: Limits) -> list[Statement]:
    """The statements of a normalised text, divided at newlines and ``;`` outside brackets, their tokens checked."""
    found: list[Statement] = []
    current: list[Token] = []
    opened: list[Token] = []
    for token in _tokens(text):
        if token.text in ("(", "["):
            opened.append(token)
            if len(opened) > limits.depth:
                _at(
                    token, f"brackets are nested deeper than {limits.depth} (Limits.depth); name intermediates: y = ..."
                )
        elif token.text in _CLOSES:
            _close(opened, token)
        if token.kind == "newline" and opened:
            continue
        if token.kind != "newline" and not (token.text == ";" and not opened):
            current.append(token)
            continue
        if token.text == ";" and not current:
            _at(token, "a stray ; with no statement before it")
        if current:
            found.append(_statement(text, current, limits))
            current = []
    if opened:
        _at(opened[-1], f"the bracket {opened[-1].text} is never closed")
    if current:
        found.append(_statement(text, current, limits))
    return found


def _tokens(text: str) -> Iterator[Token]:
    position, line, line_start = 0, 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        place = Place(line, position - line_start + 1)
        if match is None:  # unreachable while every allowed character begins a token
            raise InputError(f"{shown(text[position])} has no meaning here", line=place.line, column=place.column)
        kind, value = match.lastgroup or "", match.group()
        position = match.end()
        token = Token(kind, value, place, position)
        if kind == "newline":
            line, line_start = line + 1, position
        if kind not in ("space", "comment"):
            norm = _NORM.match(text, match.start())
            if norm is not None:
                inside = shown(norm["inside"].strip(), 30)
                _at(
                    token,
                    f"||{inside}|| is no operation; a norm is written norm({inside}), and masks are joined with |",
                )
            _refuse_token(token)
            yield token


def _refuse_token(token: Token) -> None:
    if token.kind == "refused":
        _at(token, _SIGNS[token.text])
    if token.kind == "update":
        _at(
            token,
            f"{token.text} changes a name in place; give the new value a name of its own: y = x {token.text[:-1]} ...",
        )
    if token.kind == "quote":
        _at(token, f"the quote {token.text} opens a text that never ends; a prime cannot be part of a name")
    if token.kind == "name" and keyword.iskeyword(token.text) and token.text not in ("None", "True", "False"):
        advice = _WORDS.get(token.text, "only assignments and one result are; the operations are listed by symdiff ops")
        _at(token, f"{token.text} is not part of the language: {advice}")


def _close(opened: list[Token], token: Token) -> None:
    if not opened:
        _at(token, f"the bracket {token.text} was never opened")
    opening = opened.pop()
    if opening.text != _CLOSES[token.text]:
        _at(token, f"{token.text} closes the {opening.text} of column {opening.place.column}; the two must match")


def _statement(text: str, tokens: list[Token], limits: Limits) -> Statement:
    _check_neighbours(tokens, limits)
    first, last = tokens[0], tokens[-1]
    source = text[first.end - len(first.text) : last.end]
    return Statement(source, first.place, tuple(tokens))


def _check_neighbours(tokens: list[Token], limits: Limits) -> None:
    signs = 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        signs = signs + 1 if token.text in _PREFIX else 0
        if signs > limits.depth:
            _at(token, f"signs are nested deeper than {limits.depth} (Limits.depth)")
        if before is not None and before.is_value and token.kind in ("number", "name", "string", "ellipsis"):
            _missing_operator(before, token)
        if token.kind == "operator" or token.text == "=":
            if token.text == "|":
                _check_bar(before, token, tokens[index + 1 :])
            _check_operator(before, token, after)
        if token.text == ",":
            _check_comma(before, token)
        if token.text in _CLOSES and before is not None and before.text == _CLOSES[token.text]:
            _check_empty(tokens[index - 2] if index > 1 else None, before)


def _missing_operator(left: Token, right: Token) -> NoReturn:
    touching = left.end == right.end - len(right.text)
    if left.kind == "number" and right.kind == "name" and touching and right.text[0] in "jJ":
        _at(left, f"{left.text}{right.text} is a complex number; only real numbers are supported")
    if left.kind == "number" and right.kind == "number" and touching:
        _at(left, f"{left.text}{right.text} is not a number; a number has at most one decimal point")
    if left.kind == "number" and right.kind == "name" and touching:
        _at(
            right,
            f"an operator is missing in {left.text}{shown(right.text, 20)}; write {left.text}*{shown(right.text, 20)}",
        )
    if right.kind == "string":
        _at(
            left,
            f"{shown(left.text, 20)} before a text is not part of the language; texts stand alone, as in "
            "einsum('ij,j->i', A, x)",
        )
    _at(
        right,
        f"an operator is missing between {shown(left.text, 20)} and {shown(right.text, 20)}; a product is written "
        "with *",
    )


def _check_operator(before: Token | None, token: Token, after: Token | None) -> None:
    if after is None:
        _at(token, f"the text ends early: something must follow {token.text}")
    starts = before is None or before.text in ("(", "[", ",", ":", "=") or before.kind == "operator"
    if starts and token.text not in _PREFIX:
        if before is not None and token.text in ("*", "**") and before.text in ("(", ",", "["):
            _at(token, f"unpacking with {token.text} is not part of the language; write the arguments out")
        if before is not None and (before.kind == "operator" or before.text == "="):
            _at(
                token, f"two operators in a row, {before.text} and {token.text}; one is too many, or a value is missing"
            )
        _at(token, f"something must stand before {token.text}")
    if after.text in (")", "]", ",", ":"):
        _at(after, f"something must stand between {token.text} and {after.text}")


def _check_bar(before: Token | None, token: Token, behind: list[Token]) -> None:
    starts = before is None or before.text in ("(", "[", ",", ":", "=") or before.kind == "operator"
    if starts and any(other.text == "|" for other in behind):
        _at(token, "bars are no brackets here: |x| is written abs(x), and masks are joined with |")


def _check_comma(before: Token | None, token: Token) -> None:
    if before is None or before.text in (",", "(", "["):
        _at(token, "a stray comma: something must stand before it")


def _check_empty(called: Token | None, opening: Token) -> None:
    if opening.text == "(" and called is not None and called.is_value:
        return
    _at(opening, "the brackets are empty: something must stand between them")


def _refuse_character(character: str, place: Place) -> NoReturn:
    advice = (
        f"; write {_INSTEAD[character]}"
        if character in _INSTEAD
        else "; write Latin or Greek letters, digits and operators"
    )
    raise InputError(
        f"the character {code_point(character)} is not part of the language{advice}",
        line=place.line,
        column=place.column,
    )


def _place(text: str, offset: int) -> Place:
    start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - start + 1)


def _at(token: Token, message: str) -> NoReturn:
    raise InputError(message, line=token.place.line, column=token.place.column)
