"""The picture as a block of a document: drawings, what the player says, and the same numbers as tables."""

from __future__ import annotations

from typing import ClassVar

from symdiff.pages.blocks import Block, Fold, Line
from symdiff.picture.frames import Frame
from symdiff.picture.graph import Picture
from symdiff.picture.shapes import Drawing
from symdiff.printing.record import Record

__all__ = ["PictureBlock", "Told"]


class Told(Record):
    """A frame of the player and the sentence that goes with it.

    ``anchors`` are the steps of the page that it is, ``line`` is which of the program's lines that compute something.
    """

    frame: Frame
    words: Line
    anchors: tuple[str, ...] = ()
    line: int | None = None


class PictureBlock(Block):
    """A title, the ``sheets`` one below the other (a line where something is left out), and what is said of them.

    ``label`` is for those who do not see the picture, ``buttons`` are the words of the player. Formats that cannot draw
    leave the block out: the derivation has its numbers.
    """

    title: Line
    picture: Picture
    sheets: tuple[Drawing | Line, ...]
    words: Line
    told: tuple[Told, ...]
    tables: Fold | None
    label: str
    buttons: tuple[str, ...]
    anchor: str = "picture"
    kind: ClassVar[str] = "picture"
