"""Any text as LaTeX text: what TeX would obey is escaped, what pdfTeX has no letter for is named by its number."""

from __future__ import annotations

import re

from symdiff.printing.markup import replace_unprintable
from symdiff.printing.names import GREEK

__all__ = ["MATHEMATICAL", "escape", "escape_but_han", "mathematical_words"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    # at the start of a row these two would be an option of the row before
    "[": "{[}",
    "*": "{*}",
    "]": "{]}",
    "\n": " ",
    "\t": " ",
}

# characters of mathematics that people write in running text
MATHEMATICAL: dict[str, str] = {
    **{letter: "\\" + name for name, letter in GREEK.items()},
    "ϵ": r"\epsilon",
    "∂": r"\partial",
    "∇": r"\nabla",
    "∞": r"\infty",
    "∈": r"\in",
    "∉": r"\notin",
    "∑": r"\sum",
    "∏": r"\prod",
    "√": r"\surd",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "→": r"\to",
    "←": r"\leftarrow",
    "↦": r"\mapsto",
    "⋅": r"\cdot",
    "−": "-",
    "‖": r"\Vert",
    "∧": r"\wedge",
    "∨": r"\vee",
    "∣": r"\mid",
    "⋯": r"\cdots",
    "′": "'",
    **dict(zip("⁰⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", ("^{" + sign + "}" for sign in "0456789+-ni"), strict=True)),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", ("_{" + sign + "}" for sign in "0123456789+-"), strict=True)),
}

# the letters beyond ASCII that T1 fonts have, and the dashes, quotation marks and dots of running text
_T1 = frozenset(map(chr, range(0xA1, 0x17F))) - frozenset("\u00adĦħĸĿŀŉŦŧ") | frozenset(
    "\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u20ac"
)

# TeX would join these two into a dash and a quotation mark
_LIGATURES = re.compile(r"-(?=-)|,(?=,)")


# Han letters, the marks between them, and the full-width forms
_HAN = re.compile("[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]+")


def escape(text: str) -> str:
    r"""LaTeX that shows these very characters, in running text and inside ``\text``."""
    return _LIGATURES.sub(r"\g<0>{}", "".join(map(_character, replace_unprintable(text))))


def escape_but_han(text: str) -> str:
    """The same for documents whose engine has Han letters: these stand as they are."""
    runs = zip([*_HAN.findall(text), ""], _HAN.split(text), strict=True)
    return "".join(escape(others) + han for han, others in runs)


def _character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii() or character in _T1:
        return character
    if character in MATHEMATICAL:
        return rf"\ensuremath{{{MATHEMATICAL[character]}}}"
    if character == "\u00a0":
        return "~"
    # the preamble shows the number under pdfTeX, and the letter under the engines that have it
    return rf"\symdiffletter{{{ord(character):04X}}}"


_MATH_COMMANDS = {
    "\\": r"\backslash ",
    "^": r"\hat{\ }",
    "~": r"\sim ",
    "<": "<",
    ">": ">",
    "|": r"\vert ",
    "`": r"\grave{\ }",
    **{sign: "\\" + sign for sign in "{}$&#%_"},
}
_RUNS = re.compile(r"[\\^~<>|`{}$&#%_]|[^\\^~<>|`{}$&#%_]+")


def mathematical_words(text: str) -> str:
    r"""Words for a browser's TeX, which reads few commands inside ``\text``: the special signs stand outside of it."""
    runs = _RUNS.findall(replace_unprintable(text))
    return "".join(_MATH_COMMANDS.get(run, rf"\text{{{run}}}") for run in runs)
