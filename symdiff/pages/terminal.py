"""Documents on a terminal, in colour: the only place that imports rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symdiff.pages import blocks
from symdiff.pages.blocks import Block, Document
from symdiff.pages.text import PlainText

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["show"]

VERDICTS = {
    "agree": "bold green",
    "imprecise": "bold yellow",
    "kink": "bold yellow",
    "disagree": "bold red",
    "undefined": "bold magenta",
    "unsupported": "bold",
}
STYLES: dict[type[Block], str] = {
    blocks.Code: "cyan",
    blocks.Note: "dim",
    blocks.Quote: "italic",
}


def show(document: Document, console: Console | None = None) -> None:
    """Prints the document to the console, wrapped to its width."""
    from rich.console import Console

    console = console or Console()
    for piece in coloured(document, min(console.width, 100)):
        # soft_wrap, for the lines have been broken already; the text is data, never rich's markup
        console.print(piece, soft_wrap=True, markup=False, highlight=False, emoji=False)


def coloured(document: Document, width: int) -> list[Text]:
    """The lines of the plain text with styles laid over them."""
    from rich.text import Text

    printer = PlainText(document, width)
    pieces = [Text(printer.bare(document.title), style="bold underline")]
    if document.summary:
        pieces.append(Text("\n".join(printer.wrapped(document.summary)), style="dim"))
    for part in document.blocks:
        written = printer.block(part)
        pieces += [Text(""), _styled(part, "\n".join(line.rstrip() for line in written))] if written else []
    if document.foot:
        pieces += [Text(""), Text("\n".join(printer.wrapped(document.foot)), style="dim")]
    return pieces


def _styled(part: Block, written: str) -> Text:
    from rich.text import Text

    match part:
        case blocks.Heading(level=level):
            return Text(written.split("\n-")[0], style="bold cyan" if level <= 2 else "bold")
        case blocks.VerdictBadge(verdict=verdict, word=word):
            made = Text(written)
            made.stylize(VERDICTS.get(verdict, "bold"), 0, len(word) + 2)
            return made
        case blocks.Table():
            made = Text(written)
            made.highlight_regex(r"(?m)^  -+$", "dim")
            return made
        case _:
            return Text(written, style=STYLES.get(type(part), ""))
