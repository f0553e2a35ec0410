"""The formats of documents: their names, the suffixes of their files, and what prints them.

Printers are named, not imported: the help of the command line lists formats without any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

__all__ = ["BY_SUFFIX", "FORMATS", "Format"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format; ``printer`` is ``module:function``.

    The function makes text of a ``Document``, or, with ``whole``, of everything that was found and its view; with
    ``binary`` it makes bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    printer: str
    whole: bool = False
    binary: bool = False

    def print(self, *told: Any) -> str:
        """The text, whose last line ends as every line does."""
        text: str = self._made(*told)
        return text if text.endswith("\n") else f"{text}\n"

    def write(self, *told: Any) -> bytes:
        """What a file of the format holds."""
        if not self.binary:
            return self.print(*told).encode()
        made: bytes = self._made(*told)
        return made

    def _made(self, *told: Any) -> Any:
        module, _, function = self.printer.partition(":")
        make: Callable[..., Any] = getattr(import_module(module), function)
        return make(*told)


FORMATS = {
    each.name: each
    for each in (
        Format("html", (".html", ".htm"), "symdiff.pages.html:html"),
        Format("latex", (".tex",), "symdiff.pages.latex:latex"),
        Format("pdf", (".pdf",), "symdiff.pages.pdf:pdf", binary=True),
        Format("markdown", (".md",), "symdiff.pages.markdown:markdown"),
        Format("json", (".json",), "symdiff.pages.json_document:json_document", whole=True),
        Format("text", (".txt",), "symdiff.pages.text:text"),
        Format("python", (".py",), "symdiff.pages.python_document:python_document", whole=True),
    )
}

BY_SUFFIX = {suffix: each for each in FORMATS.values() for suffix in each.suffixes}
