"""Exercises, each with its answer folded away."""

from __future__ import annotations

from symdiff.pages.blocks import Block, Code, CodeSpan, Fold, ListBlock, Paragraph
from symdiff.pages.locale import Value
from symdiff.pages.teller import Teller
from symdiff.viewing.view import ExerciseView

__all__ = ["try_it"]

NAMES = {"instead": ("name", "other"), "ones": ("code", "input"), "row": ("code", "input")}
"""What the names of code in an exercise are called in its sentence."""


def try_it(teller: Teller) -> list[Block]:
    """The questions one by one."""
    if not teller.view.exercises:
        return []
    told = [block for place, each in enumerate(teller.view.exercises, 1) for block in _told(place, each, teller)]
    return [teller.heading("exercises", "exercises"), *told]


def _told(place: int, each: ExerciseView, teller: Teller) -> list[Block]:
    values: dict[str, Value] = dict(each.values)
    values |= {key: CodeSpan(code) for key, code in zip(NAMES.get(each.kind, ()), each.names, strict=False)}
    question = teller.say(f"exercise.{each.kind}", **values)
    suffix = each.answer if each.answer in ("answer", "exact") else f"answer.{each.answer}"
    answer: tuple[Block, ...] = (Paragraph(teller.say(f"exercise.{each.kind}.{suffix}", **values)),)
    if each.code:
        answer = (*answer, Code(each.code, "python"))
    return [ListBlock((question,), True, place), Fold(teller.say("exercise.answer"), answer, closed=True)]
