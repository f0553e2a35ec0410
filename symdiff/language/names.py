"""What may be a name, and which known name somebody may have meant."""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Iterable

from symdiff.errors import InputError
from symdiff.language.limits import LIMITS, Limits

# Letters that look like Latin ones (Α, Ε, ο, ...) or fold to others (ς, ϵ, µ) stay out.
GREEK = frozenset("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ")
CONSTANTS = ("pi", "e")

_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GREEK_NAME = re.compile(rf"[{''.join(sorted(GREEK))}][{''.join(sorted(GREEK))}0-9_]*")
_NOT_VARIABLES = frozenset({"nan", "inf", "NaN", "Infinity", "None", "True", "False"})


def check_name(
    name: str,
    functions: Iterable[str] = (),
    *,
    limits: Limits = LIMITS,
    line: int | None = None,
    column: int | None = None,
) -> str:
    """The name itself if an input or an assignment may have it; ``functions`` are the names that cannot be bound."""
    problem = _problem(name, functions, limits)
    if problem is not None:
        raise InputError(problem, line=line, column=column)
    return name


def _problem(name: str, functions: Iterable[str], limits: Limits) -> str | None:
    if not name:
        return "a name is empty; write NAME=VALUES, such as x=0,1,2,3"
    if len(name) > limits.name_length:
        return f"the name {name[:20]}... has {len(name)} characters; at most {limits.name_length} are allowed"
    if keyword.iskeyword(name) and name not in _NOT_VARIABLES:
        return f"{name} is a word of Python and cannot be a name; write {name}_"
    if name in _NOT_VARIABLES:
        return f"{name} is a value and cannot be a name; choose another, such as {name.lower()}_"
    if not (_LATIN_NAME.fullmatch(name) or _GREEK_NAME.fullmatch(name)):
        return _characters(name)
    if name in functions:
        return f"{name} is a function of the language and cannot be a name; choose another, such as {name}_"
    return None


def _characters(name: str) -> str:
    rule = "a name is Latin letters, digits and _, or Greek letters, digits and _, and begins with a letter"
    for character in name:
        if not (character == "_" or character in GREEK or (character.isascii() and character.isalnum())):
            return f"{shown(name)} cannot be a name because of {code_point(character)}; {rule}"
    return f"{shown(name)} cannot be a name; {rule}"


def code_point(character: str) -> str:
    """A character so that it can be told from its lookalikes: ``х (U+0445 CYRILLIC SMALL LETTER HA)``."""
    title = unicodedata.name(character, "no printable character")
    where = f"U+{ord(character):04X} {title}"
    return f"{character} ({where})" if character.isprintable() and not character.isspace() else where


def shown(text: str, width: int = 60) -> str:
    """Text that may be quoted in an error: one line, printable, short."""
    safe = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: width + 1])
    return f"{safe[:width]}..." if len(safe) > width else safe


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean ...?)`` or nothing."""
    lowered = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), list(lowered), n=3, cutoff=0.65)
    return f" (did you mean {' or '.join(lowered[one] for one in close)}?)" if close else ""
