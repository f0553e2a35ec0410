"""Mathematics on one line of a picture: runs of letters, each upright or slanted, on the line or above or below it."""

from __future__ import annotations

import re

from symdiff.picture.widths import width_of
from symdiff.printing import tree
from symdiff.printing.brackets import LINE, bracketed
from symdiff.printing.markup import replace_unprintable
from symdiff.printing.names import glyph, numbered
from symdiff.printing.plain import Plain
from symdiff.printing.record import Record

__all__ = ["SMALL", "Run", "on_a_line", "runs", "width"]

SMALL = 0.74
"""An index, relative to what it is set beside."""

LOWER, UPPER, WORD, END = "\x01\x02\x03\x04"
"""They open a run, or close it; no name on a page holds control characters."""

DROP = {LOWER: 0.22, UPPER: -0.38}
"""How far an index stands below the line, and a power above it, relative to the size."""

_MARKS = re.compile(f"([{LOWER}{UPPER}{WORD}{END}])")


class Run(Record):
    """Letters of one kind: ``shift`` is how far they stand below the line, ``size`` how large they are, relative to
    what stands on it; a ``word`` slants as in a text.
    """

    text: str
    shift: float = 0.0
    size: float = 1.0
    word: bool = False


def on_a_line(node: tree.Math) -> tree.Math:
    """The tree with slashes for the bars of fractions, and the brackets that these ask for."""
    return bracketed(node.body if isinstance(node, tree.Rounded) else node, LINE)


def runs(node: tree.Math) -> tuple[Run, ...]:
    """The letters of a formula.

    >>> [run.text for run in runs(tree.Symbol("x", (tree.Number("1"),)))]
    ['𝑥', '1']
    """
    found: list[Run] = []
    levels, word = [(0.0, 1.0)], False
    for part in _MARKS.split(_Marked()(on_a_line(node))):
        shift, size = levels[-1]
        if part == WORD:
            word = True
        elif part in DROP:
            levels.append((shift + DROP[part] * size, size * SMALL))
        elif part == END:
            levels = levels if word else levels[:-1]
            word = False
        elif part:
            found.append(Run(part, round(shift, 3), round(size, 3), word))
    return tuple(found)


def width(parts: tuple[Run, ...]) -> float:
    """How broad some letters are, relative to their size."""
    return sum(width_of(run.text) * run.size for run in parts)


class _Marked(Plain):
    """The plain printer with marks around what is raised, lowered or a word; single letters slant."""

    def number(self, node: tree.Number) -> str:
        mantissa, exponent = node.mantissa_and_exponent
        if exponent is None:
            return mantissa.replace("-", "−")
        ten = f"10{UPPER}{exponent.replace('-', '−')}{END}"
        return ten if mantissa == "1" else f"{mantissa}\u2009×\u2009{ten}"

    def symbol(self, node: tree.Symbol) -> str:
        base, number = numbered(node.name)
        written, index = glyph(base), (*number, *node.index)
        text = replace_unprintable(written.text)
        name = f"{WORD}{text}{END}" if written.is_word else "".join(map(slanted, text))
        return name + self.index(index) if index else name

    def index(self, parts: tuple[tree.Math, ...]) -> str:
        return LOWER + ",".join(map(self, parts)) + END

    def power(self, node: tree.Power) -> str:
        exponent = UPPER + self(node.exponent) + END
        match node.base, node.exponent:
            case tree.Call() as call, tree.Number(text=text) if text.isdigit():
                return self(call).replace("(", exponent + "(", 1)
        return self(node.base) + exponent

    def root(self, node: tree.Root) -> str:
        degree = "" if node.degree is None else UPPER + self(node.degree) + END
        return f"{degree}√{self(node.radicand)}"

    def transpose(self, node: tree.Transpose) -> str:
        return f"{self(node.body)}{UPPER}T{END}"

    def partial(self, node: tree.Partial) -> str:
        variables = node.by if isinstance(node.by, tuple) else (node.by,)
        return f"∂{self(node.of)}/" + "".join(f"∂{self(each)}" for each in variables)


def slanted(letter: str) -> str:
    """A letter as mathematics slants it, as browsers do with a lone letter; any other sign as it is."""
    code = ord(letter)
    if letter == "h":
        return "ℎ"
    if letter.isascii() and letter.isalpha():
        return chr(0x1D434 + code - ord("A") if letter.isupper() else 0x1D44E + code - ord("a"))
    if "α" <= letter <= "ω":
        return chr(0x1D6FC + code - ord("α"))
    if "Α" <= letter <= "Ω":
        return chr(0x1D6E2 + code - ord("Α"))
    return letter
