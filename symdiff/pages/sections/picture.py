"""The picture of the computation, played forward and back."""

from __future__ import annotations

from symdiff.pages.blocks import Block, CodeSpan, Fold, Formula, Line, Link, Table, Words, line
from symdiff.pages.picture_blocks import PictureBlock, Told
from symdiff.pages.step_blocks import step_anchor
from symdiff.pages.teller import Teller
from symdiff.picture.bands import drawn
from symdiff.picture.frames import Frame, Frames
from symdiff.picture.graph import Amounts, Graph, Item, Left, Node, Picture, Shown
from symdiff.printing.tree import Matrix

__all__ = ["picture"]

BUTTONS = ("first", "previous", "next", "last", "position", "whole")


def picture(teller: Teller) -> list[Block]:
    """The picture, where there is one."""
    found = teller.view.picture
    if found is None:
        return []
    sheets = tuple(
        teller.words.count("step.folded", each.count) if isinstance(each, Left) else each for each in drawn(found)
    )
    return [
        PictureBlock(
            teller.say("picture"),
            found,
            sheets,
            teller.words.running(_words(found, len(sheets), teller)),
            tuple(_told(frame, teller) for frame in Frames(found).all),
            _tables(found, teller),
            teller.words.word("picture.label"),
            tuple(teller.words.word(f"picture.{key}") for key in BUTTONS),
        )
    ]


def _nodes(found: Picture) -> list[Node]:
    return [node for part in found.parts if isinstance(part, Graph) for node in part.nodes if not node.ghost]


def _words(found: Picture, sheets: int, teller: Teller) -> list[Line]:
    shown = [each for node in _nodes(found) for item in node.items for each in (item.value, item.adjoint)]
    said = [teller.say("picture.words.array") if found.result is None
            else teller.say("picture.words", result=found.result)]  # fmt: skip
    if any(isinstance(each, Amounts) for each in shown):
        said.append(teller.say("picture.amounts"))
    if sheets > 1:
        said.append(teller.say("picture.repeated"))
    if found.rounded:
        said.append(teller.say("picture.rounded"))
    return said


def _told(frame: Frame, teller: Teller) -> Told:
    """What is said of a frame, and where the page tells it."""
    if frame.kind in ("given", "seed"):
        return Told(frame, teller.say(f"picture.{frame.kind}", result=teller.view.result))
    forward = frame.kind == "forward"
    steps, way = (teller.view.forward, "step") if forward else (teller.view.backward, "back")
    headings = [step_anchor(step, way) for step in steps if step.code and frame.step in step.numbers]
    number = line(str(frame.step))
    said = Link(number, headings[0]) if headings else number
    lines = [each for each in teller.view.program if each.steps]
    own = [place for place, each in enumerate(lines) if frame.step in each.steps]
    words = teller.say(f"picture.{frame.kind}", number=said, code=CodeSpan(frame.code))
    return Told(frame, words, tuple(dict.fromkeys(headings)), own[0] if own else None)


# --- the same numbers -------------------------------------------------------------------------------------------------


ROWS = 96
"""Of more rows there is no table: the steps of a long program have these numbers."""


def _tables(found: Picture, teller: Teller) -> Fold | None:
    """What stands at the nodes, and on the links."""
    keys = ("step", "name", "value", *(("adjoint",) if found.result is not None else ()))
    values = tuple(_row(node, item, teller)[: len(keys)] for node in _nodes(found) for item in node.items)
    tables: list[Block] = [Table(tuple(teller.say(f"picture.{key}") for key in keys), values, "rlrr")]
    links = tuple(_links(found))
    if links:
        head = tuple(teller.say(f"picture.{key}") for key in ("from", "to", "local"))
        tables.append(Table(head, links, "lll"))
    return Fold(teller.say("picture.table"), tuple(tables)) if len(values) + len(links) <= ROWS else None


def _row(node: Node, item: Item, teller: Teller) -> tuple[Line, ...]:
    step = str(node.step) if node.step else ""
    shape = (Words(f" {item.shape}"),) if item.shape else ()
    shown = (_shown(each, teller) for each in (item.value, item.adjoint))
    return line(step), (Formula(item.symbol), *shape), *shown


def _shown(shown: Shown | None, teller: Teller) -> Line:
    if shown is None:
        return ()
    if isinstance(shown, Amounts):
        return teller.say("picture.largest", scale=shown.scale)
    single = len(shown.rows) == 1 and len(shown.rows[0]) == 1
    return line(shown.rows[0][0] if single else Matrix(shown.rows))


def _links(found: Picture) -> list[tuple[Line, ...]]:
    rows: list[tuple[Line, ...]] = []
    for part in found.parts:
        if isinstance(part, Graph):
            items = {(node.key, place): item for node in part.nodes for place, item in enumerate(node.items)}
            for link in part.links:
                if link.label is not None:
                    rows.append((line(items[link.source].symbol), line(items[link.target].symbol), line(link.label)))
    return rows
