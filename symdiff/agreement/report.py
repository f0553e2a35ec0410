"""The report of a comparison: its outcome, the text that tells it, and the documents that show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from symdiff.agreement.outcome import InputReport, Outcome, Worst
from symdiff.agreement.wording import failure_text, table_text
from symdiff.errors import InputError

__all__ = ["GradientReport", "InputReport", "Pages", "Worst"]


class Pages(Protocol):
    """What writes a report as a document."""

    def __call__(self, report: GradientReport, form: str, language: str) -> str:
        """The document in a format of ``symdiff.formats``."""


@dataclass(frozen=True, slots=True)
class GradientReport(Outcome):
    """The agreement of two gradients; ``ok`` for *agree*, *imprecise*, and *kink* with a valid subgradient."""

    pages: Pages | None = field(default=None, repr=False, compare=False)

    def raise_on_disagreement(self) -> None:
        """Raise AssertionError, whose text tells what is wrong, where, and by how much, unless the report is ok."""
        if not self.ok:
            raise AssertionError(self.failure())

    def failure(self) -> str:
        """What is wrong, where, and by how much, in a few lines."""
        return failure_text(self)

    def __str__(self) -> str:
        return table_text(self)

    # --- documents --------------------------------------------------------------------------------------------------

    def to_html(self, language: str = "") -> str:
        """The report as one HTML file that needs nothing else: what was found, and the derivation's page."""
        return self._printed("html", language)

    def to_json(self) -> str:
        """The report as JSON: the document of the contract, and with it all that was found."""
        return self._printed("json", "")

    def save(self, path: str | Path, language: str = "") -> None:
        """Write the report in the format that the suffix names, whole or not at all.

        Raises:
            InputError: the suffix is not known, or the folder cannot be written to.
        """
        from symdiff.output import format_of, whole_file

        path = Path(path)
        form = format_of(path, None)
        with whole_file(path) as file:
            file.write(self._printed(form.name, language).encode())

    def _printed(self, form: str, language: str) -> str:
        if self.pages is None:
            raise InputError("this report was put together without the derivation that a page shows")
        return self.pages(self, form, language or self.language)
