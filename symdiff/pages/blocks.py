"""A document as a tree of blocks: words and mathematics in order, with no markup. Every format is printed from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeAlias

from symdiff.picture.shapes import Drawing
from symdiff.printing.record import Record
from symdiff.printing.tree import Chain, Math

__all__ = [
    "Bars",
    "Block",
    "Break",
    "Choice",
    "Code",
    "CodeSpan",
    "Contents",
    "Derivation",
    "Display",
    "Document",
    "Emphasis",
    "Fold",
    "Formula",
    "Heading",
    "Inline",
    "Line",
    "Link",
    "ListBlock",
    "Note",
    "Paragraph",
    "Quote",
    "Row",
    "Sketch",
    "Strong",
    "Table",
    "VerdictBadge",
    "Words",
    "line",
    "within",
]


class Inline(Record):
    """A part of a line."""

    kind: ClassVar[str]


Line: TypeAlias = tuple[Inline, ...]


class Words(Inline):
    """Text as it is."""

    text: str
    kind: ClassVar[str] = "words"


class Formula(Inline):
    """Mathematics in the line."""

    math: Math
    kind: ClassVar[str] = "formula"


class CodeSpan(Inline):
    """A piece of code in the line."""

    text: str
    kind: ClassVar[str] = "code_span"


class Emphasis(Inline):
    """Stressed."""

    parts: Line
    kind: ClassVar[str] = "emphasis"


class Strong(Inline):
    """Standing out."""

    parts: Line
    kind: ClassVar[str] = "strong"


class Link(Inline):
    """A reference to an ``#anchor`` of the same document; pages refer to nothing outside."""

    parts: Line
    anchor: str
    kind: ClassVar[str] = "link"


class Block(Record):
    """A part of a document."""

    kind: ClassVar[str]


class Heading(Block):
    """The title of a section (level 2) or of a step in it (level 3)."""

    level: int
    content: Line
    anchor: str = ""
    kind: ClassVar[str] = "heading"


class Paragraph(Block):
    """Running text."""

    content: Line
    kind: ClassVar[str] = "paragraph"


class Display(Block):
    """A formula on a line of its own."""

    math: Math
    anchor: str = ""
    kind: ClassVar[str] = "display"


class Row(Record):
    """One line of a derivation, a = b = c, with what is said beside it.

    A ``note`` tells of the line itself, such as a convention at a kink; an ``aside`` why it is so, or what follows.
    """

    parts: tuple[Math, ...]
    note: Line = ()
    anchor: str = ""
    relation: str = "="
    aside: Line = ()

    @property
    def beside(self) -> Line:
        """All that stands beside the line."""
        return (*self.note, Words("; "), *self.aside) if self.note and self.aside else self.note or self.aside

    @property
    def signed(self) -> tuple[tuple[str, Math], ...]:
        """Every part but the first with the sign before it."""
        return tuple(zip(Chain(self.parts, self.relation).signs, self.parts[1:], strict=True))


class Derivation(Block):
    """Rows aligned at each of their signs of equality; ``stacked`` puts every part on a line of its own."""

    rows: tuple[Row, ...]
    stacked: bool = False
    kind: ClassVar[str] = "derivation"

    @property
    def columns(self) -> int:
        """The number of parts in the longest row."""
        return max((len(row.parts) for row in self.rows), default=0)

    @property
    def has_notes(self) -> bool:
        """Whether any row has a remark."""
        return any(row.beside for row in self.rows)


class Table(Block):
    """Cells of inline parts; ``align`` holds one of ``l``, ``c``, ``r`` for each column."""

    head: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]
    align: str = ""
    caption: Line = ()
    kind: ClassVar[str] = "table"

    @property
    def columns(self) -> str:
        """One letter of alignment for each column."""
        width = max([len(self.head), *map(len, self.rows)], default=0)
        return self.align.ljust(width, "l")[:width]


class Code(Block):
    """Lines of code or of a program's output."""

    text: str
    language: str = ""
    kind: ClassVar[str] = "code"


class Quote(Block):
    """What somebody, or some program, says."""

    blocks: tuple[Block, ...]
    kind: ClassVar[str] = "quote"


class Note(Block):
    """A remark set apart; ``mood`` is ``info``, ``warning`` or ``kink``."""

    mood: str
    blocks: tuple[Block, ...]
    title: Line = ()
    kind: ClassVar[str] = "note"


class Fold(Block):
    """Details that a page may fold away under a line; what is ``closed`` stays so in print, and paper is without it
    unless ``on_paper``.
    """

    title: Line
    blocks: tuple[Block, ...]
    closed: bool = False
    on_paper: bool = True
    kind: ClassVar[str] = "fold"


class Choice(Block):
    """Several ways to say one thing, each under its name: a page shows one at a time, paper the first."""

    options: tuple[tuple[str, tuple[Block, ...]], ...]
    anchor: str
    kind: ClassVar[str] = "choice"


class Bars(Block):
    """Lines of a derivation, each with a bar as long as its ``value``: from zero to the right, below zero to the left.

    ``links`` are the anchors that the lines lead to.
    """

    rows: tuple[Row, ...]
    values: tuple[float, ...]
    links: tuple[str, ...]
    kind: ClassVar[str] = "bars"

    @property
    def shares(self) -> tuple[float, ...]:
        """The length of each bar, from -1 to 1."""
        largest = max(map(abs, self.values), default=0.0) or 1.0
        return tuple(value / largest for value in self.values)

    @property
    def reach(self) -> tuple[float, float]:
        """How far the bars go to the left of zero and to the right."""
        return -min(*self.shares, 0.0), max(*self.shares, 0.0)

    @property
    def zero(self) -> float:
        """Where zero is, as a share of the whole place."""
        left, right = self.reach
        return left / (left + right or 1.0)

    @property
    def bars(self) -> tuple[tuple[float, float], ...]:
        """Where each bar begins and how long it is, as shares of the whole place: negative ones end at zero."""
        whole = sum(self.reach) or 1.0
        return tuple((self.zero + min(share, 0.0) / whole, abs(share) / whole) for share in self.shares)

    @property
    def columns(self) -> int:
        """The number of parts in the longest row."""
        return max((len(row.parts) for row in self.rows), default=0)


class Contents(Block):
    """Where the sections of a long page are: their titles and anchors. Paper and plain text have no use for it."""

    title: str
    entries: tuple[tuple[Line, str], ...]
    kind: ClassVar[str] = "contents"


class Sketch(Block):
    """A small drawing; ``words`` below it say what it shows, and are left out where nothing is drawn."""

    drawing: Drawing
    words: Line
    kind: ClassVar[str] = "sketch"


class Break(Block):
    """What follows begins on a new page of paper."""

    kind: ClassVar[str] = "page_break"


class VerdictBadge(Block):
    """The verdict as one word, with what it means beside it; the word leads to ``anchor``."""

    verdict: str
    word: str
    content: Line
    anchor: str = ""
    kind: ClassVar[str] = "verdict_badge"


class ListBlock(Block):
    """Items one under another; ordered ones are counted from ``start``."""

    items: tuple[Line, ...]
    ordered: bool = False
    start: int = 1
    kind: ClassVar[str] = "list_block"


class Document(Record):
    """A whole page; ``otherwise`` is the one word that printers of mathematics write themselves.

    ``copying`` has the words on buttons that copy: for a formula, for code, after it was done, and where it failed.
    """

    title: Line
    blocks: tuple[Block, ...]
    language: str = "en"
    verdict: str = ""
    summary: Line = ()
    foot: Line = ()
    otherwise: str = "otherwise"
    copying: tuple[str, ...] = ()


def within(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks and those that stand in remarks and folds among them."""
    for block in blocks:
        yield block
        if isinstance(block, Note | Fold | Quote):
            yield from within(block.blocks)


def line(*parts: Inline | Math | str) -> Line:
    """Words, mathematics and inline parts as one line."""
    return tuple(_inline(part) for part in parts)


def _inline(part: Inline | Math | str) -> Inline:
    if isinstance(part, str):
        return Words(part)
    return Formula(part) if isinstance(part, Math) else part
