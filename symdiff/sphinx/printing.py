"""What an author asks for, and what is printed of it: strings alone, which a doctree and a cache can hold."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sphinx.util import logging

from symdiff.tracing.sources import is_source, parts_of
from symdiff.tracing.values import values_at

__all__ = ["Asked", "printed"]

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A derivation as its author wrote it; files by their paths. ``level`` is that of its title."""

    program: str
    at: tuple[str, ...]
    wrt: tuple[str, ...]
    order: int
    detail: str
    language: str
    level: int

    def as_data(self) -> dict[str, Any]:
        """All that what is printed depends on: the files by what they hold."""
        return {**asdict(self), "files": [_content(path) for path in self._files()]}

    def _files(self) -> list[Path]:
        values = [entry.partition("=")[2].strip() for entry in self.at]
        paths = [Path(value[1:]) for value in values if value.startswith("@")]
        return [*paths, Path(self.program.rpartition(":")[0])] if is_source(self.program) else paths


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""  # whoever reads it says what is wrong with it


def printed(asked: Asked, prefix: str, timeout: float) -> dict[str, str]:
    """The derivation for every builder; anchors begin with ``prefix``.

    Raises:
        InputError: as ``symdiff.explain`` does.
    """
    from symdiff.explanation import explain
    from symdiff.frameworks.files import Loaded, loaded
    from symdiff.pages.latex import latex_part
    from symdiff.pages.part import html_part
    from symdiff.pages.text import text
    from symdiff.printing.record import replace

    values = values_at(asked.at, ":at:")
    found = loaded(asked.program, values, _tell) if is_source(asked.program) else Loaded(asked.program, values)
    explanation = explain(
        found.target,
        at=found.at,
        wrt=list(asked.wrt) or None,
        order=asked.order,
        detail=asked.detail,
        timeout=timeout,
    )
    if found.holds_values:
        path, name = parts_of(asked.program)
        explanation = explanation.from_source(f"{path.name}:{name}", holds_values=True)
    document = explanation.document(asked.language)
    # a book says once what all its derivations are
    document = replace(document, summary=(), foot=())
    return {
        "html": html_part(document, prefix, asked.level),
        "latex": latex_part(document, prefix),
        "text": text(document),
        "language": document.language,
        "copying": "|".join(document.copying),
        "verdict": str(explanation.report.verdict),
    }


def _tell(said: str) -> None:
    """What a file does behind the line that is explained is no warning: it may be what the book is about."""
    _LOGGER.info(said.rstrip())
