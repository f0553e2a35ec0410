"""Documents as plain text, for files and pipes; the terminal's view lays colour over the same lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symdiff.pages import blocks
from symdiff.pages.blocks import Block, Document, Inline, Line
from symdiff.printing.markup import replace_unprintable
from symdiff.printing.plain import plain
from symdiff.printing.widths import pad, width_of
from symdiff.printing.wrapping import wrapped

__all__ = ["PlainText", "bare_line", "text"]

WIDTH = 88
INDENT = "    "
BAR = 24
MOODS = {"info": "|", "warning": "!", "kink": "^"}


def text(document: Document, width: int = WIDTH) -> str:
    """The document as lines of Unicode text."""
    return PlainText(document, width).page()


def bare_line(parts: Line, otherwise: str = "otherwise") -> str:
    """A line as bare text."""
    return "".join(_inline(part, otherwise) for part in parts)


def _inline(part: Inline, otherwise: str) -> str:
    match part:
        case blocks.Formula(math=math):
            return plain(math, otherwise=otherwise)
        case blocks.Words(text=words) | blocks.CodeSpan(text=words):
            return " ".join(replace_unprintable(words).split("\n"))
        case blocks.Emphasis(parts=inner) | blocks.Strong(parts=inner) | blocks.Link(parts=inner):
            return bare_line(inner, otherwise)
    raise TypeError(f"{part!r} is no part of a line")


class PlainText:
    """Prints blocks as lists of lines."""

    def __init__(self, document: Document, width: int = WIDTH) -> None:
        self.document = document
        self.width = max(20, width)

    def page(self) -> str:
        """The whole document, ending in one line break."""
        title = self.bare(self.document.title)
        lines = [title, "=" * min(width_of(title), self.width), ""]
        if self.document.summary:
            lines += [*self.wrapped(self.document.summary), ""]
        lines += self.several(self.document.blocks)
        if self.document.foot:
            lines += ["", *self.wrapped(self.document.foot)]
        return "\n".join(part.rstrip() for part in lines).rstrip() + "\n"

    def bare(self, parts: Line) -> str:
        """A line in the document's language."""
        return bare_line(parts, self.document.otherwise)

    def wrapped(self, parts: Line, first: str = "", rest: str | None = None) -> list[str]:
        """A line broken to the width; a single word that is too long stays whole."""
        return wrapped(self.bare(parts), self.width, first, first if rest is None else rest)

    def several(self, parts: Iterable[Block]) -> list[str]:
        """Blocks with one empty line between them."""
        lines: list[str] = []
        for part in parts:
            written = self.block(part)
            lines += [*([""] if lines and written else []), *written]
        return lines

    def block(self, part: Block) -> list[str]:
        """One block as lines."""
        lines: list[str] = getattr(self, part.kind)(part)
        return lines

    def heading(self, part: blocks.Heading) -> list[str]:
        title = self.bare(part.content)
        return ["", title, "-" * min(width_of(title), self.width)] if part.level <= 2 else [title]

    def paragraph(self, part: blocks.Paragraph) -> list[str]:
        return self.wrapped(part.content)

    def display(self, part: blocks.Display) -> list[str]:
        return [INDENT + plain(part.math, otherwise=self.document.otherwise)]

    def derivation(self, part: blocks.Derivation) -> list[str]:
        rows = [[plain(piece, otherwise=self.document.otherwise) for piece in row.parts] for row in part.rows]
        notes = [self.bare(row.note) for row in part.rows]
        signs = [[sign for sign, _ in row.signed] for row in part.rows]
        widths = column_widths(rows)
        total = len(INDENT) + sum(widths) + 3 * (len(widths) - 1) + 3 + max(map(width_of, notes), default=0)
        if (part.stacked or total > self.width) and not any(row.aside for row in part.rows):
            return self.stacked(rows, signs, notes)
        lines: list[str] = []
        for row, sign, note, said in zip(rows, signs, notes, part.rows, strict=True):
            if part.stacked or total > self.width:
                lines += self.stacked([row], [sign], [note])
            else:
                lines.append(INDENT + self.aligned(row, sign, widths) + (f"   {note}" if note else ""))
            lines = self.with_aside(lines, self.bare(said.aside))
        return lines

    def with_aside(self, lines: list[str], aside: str) -> list[str]:
        """Why a line is so, behind it where there is room, else below."""
        if not aside:
            return lines
        if width_of(lines[-1].rstrip()) + 3 + width_of(aside) <= self.width:
            return [*lines[:-1], f"{lines[-1].rstrip()}   {aside}"]
        return [*lines, *self.wrapped((blocks.Words(aside),), INDENT + "  ")]

    def aligned(self, row: Sequence[str], signs: Sequence[str], widths: Sequence[int]) -> str:
        first, *rest = row
        line = pad(first, widths[0], "r")
        for sign, piece, width in zip(signs, rest, widths[1:], strict=False):
            line += f" {sign} {pad(piece, width)}"
        # what shorter rows lack, so that remarks stand in one column
        return line + " " * (sum(widths[len(row) :]) + 3 * (len(widths) - len(row)))

    def stacked(self, rows: Sequence[Sequence[str]], signs: Sequence[Sequence[str]], notes: Sequence[str]) -> list[str]:
        """Every part on a line of its own; a row that begins with nothing goes on from the one above."""
        lines: list[str] = []
        above = 0
        for row, sign, note in zip(rows, signs, notes, strict=True):
            above = min(width_of(row[0]), 12) if row[0] else above
            lines += self.stack([row[0] or " " * above, *row[1:]], sign, note)
        return lines

    def stack(self, row: Sequence[str], signs: Sequence[str], note: str) -> list[str]:
        first, *rest = row
        if not rest:
            return [INDENT + first + (f"   {note}" if note else "")]
        indent = " " * min(width_of(first), 12)
        head = [f"{INDENT}{first} {signs[0]} {rest[0]}"] if width_of(first) <= 12 else [INDENT + first]
        others = list(zip(signs, rest, strict=True))[1 if width_of(first) <= 12 else 0 :]
        lines = head + [f"{INDENT}{indent} {sign} {piece}" for sign, piece in others]
        return [*lines, *([f"{INDENT}{indent}   ({note})"] if note else [])]

    def table(self, part: blocks.Table) -> list[str]:
        head = [self.bare(cell) for cell in part.head]
        rows = [[self.bare(cell) for cell in row] for row in part.rows]
        widths = column_widths([head, *rows])
        lines = self.wrapped(part.caption) if part.caption else []
        rule = INDENT[:2] + "-" * (sum(widths) + 2 * (len(widths) - 1))
        body = [INDENT[:2] + self.cells(row, widths, part.columns) for row in rows]
        if any(head):
            lines += [INDENT[:2] + self.cells(head, widths, part.columns), rule]
        return lines + body

    def cells(self, row: Sequence[str], widths: Sequence[int], align: str) -> str:
        return "  ".join(pad(cell, width, side) for cell, width, side in zip(row, widths, align, strict=False))

    def code(self, part: blocks.Code) -> list[str]:
        return [INDENT + replace_unprintable(line) for line in part.text.split("\n")]

    def picture(self, part: Block) -> list[str]:
        return []  # letters do not draw; the derivation has its numbers

    def sketch(self, part: Block) -> list[str]:
        return []

    def quote(self, part: blocks.Quote) -> list[str]:
        return self.barred("> ", part.blocks)

    def note(self, part: blocks.Note) -> list[str]:
        bar = MOODS.get(part.mood, "|") + " "
        title = [bar + self.bare(part.title)] if part.title else []
        return title + self.barred(bar, part.blocks)

    def fold(self, part: blocks.Fold) -> list[str]:
        return [self.bare(part.title), *self.barred("  ", part.blocks)]

    def barred(self, bar: str, parts: Iterable[Block]) -> list[str]:
        inner = type(self)(self.document, self.width - len(bar))
        return [bar + line for line in inner.several(parts)]

    def bars(self, part: blocks.Bars) -> list[str]:
        lines = self.derivation(blocks.Derivation(part.rows))
        if len(lines) != len(part.rows):
            return lines
        width, most = max(map(width_of, lines)), self.width
        room = max(0, min(BAR, most - width - 4))
        drawn = (("−" if share < 0 else "") + "█" * max(1, round(abs(share) * room)) for share in part.shares)
        bars = [bar if share else "" for bar, share in zip(drawn, part.shares, strict=True)]
        return [f"{pad(line, width)}  {bar}".rstrip() for line, bar in zip(lines, bars, strict=True)]

    def page_break(self, part: blocks.Break) -> list[str]:
        return ["", "* " * 10]

    def contents(self, part: blocks.Contents) -> list[str]:
        return []

    def choice(self, part: blocks.Choice) -> list[str]:
        return self.several(
            block for name, inner in part.options for block in (blocks.Heading(3, (blocks.Words(name),)), *inner)
        )

    def verdict_badge(self, part: blocks.VerdictBadge) -> list[str]:
        word = blocks.Words(f"[{part.word}] ")
        return self.wrapped((word, *part.content))

    def list_block(self, part: blocks.ListBlock) -> list[str]:
        lines: list[str] = []
        for number, item in enumerate(part.items, part.start):
            mark = f"{number}. " if part.ordered else "- "
            lines += self.wrapped(item, "  " + mark, "  " + " " * len(mark))
        return lines


def column_widths(rows: Iterable[Sequence[str]]) -> list[int]:
    """The width of each column."""
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        widths = [max(width, width_of(cell)) for width, cell in zip(widths, [*row, *[""] * len(widths)], strict=False)]
    return widths
