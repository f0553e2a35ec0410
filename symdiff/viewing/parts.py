"""What a page tells beside the steps: each part of a View by its field, and the function that finds it.

A part more is a line more here, a field in ``View`` and a section in ``pages/story.py``. A part is given the writing of
the page and the view as it is so far, and is written in the names of the forms: the page's names come at last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from symdiff.printing.record import replace
from symdiff.viewing.command import command, to_load
from symdiff.viewing.engines.listing import engine_codes
from symdiff.viewing.every_size import every_size
from symdiff.viewing.exercises import exercises
from symdiff.viewing.pictured import picture_of
from symdiff.viewing.program_lines import program_lines
from symdiff.viewing.slices import slice_at_kink
from symdiff.viewing.tables import table_of
from symdiff.viewing.view import View
from symdiff.viewing.writing import Writing

__all__ = ["PARTS", "with_parts"]

Find: TypeAlias = Callable[[Writing, View], object]

PARTS: tuple[tuple[str, Find], ...] = (
    ("program", program_lines),
    ("every_size", every_size),
    ("picture", picture_of),
    ("engines", engine_codes),
    ("command", command),
    ("to_load", to_load),
    ("exercises", exercises),
    ("slice", slice_at_kink),
    ("table", table_of),
)
"""By field of a View what finds it, in order; none is asked for where only the result is told."""


def with_parts(writing: Writing, view: View) -> View:
    """The view with every part."""
    for field, find in () if view.detail == "result" else PARTS:
        view = replace(view, **{field: find(writing, view)})
    return view
