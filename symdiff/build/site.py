"""A site: a page for every case in its languages and formats, and the index."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from symdiff.build.case import Case
from symdiff.build.folder import write_whole
from symdiff.build.index import index_pages, is_index
from symdiff.build.ledger import FOLDER, Entry, Ledger
from symdiff.build.outcome import Outcome, Task, Wanted
from symdiff.errors import InputError
from symdiff.formats import FORMATS
from symdiff.language.names import shown

__all__ = ["Site"]


class Site:
    """The pages in a folder, made anew only where their cases changed."""

    def __init__(self, folder: Path, languages: Sequence[str], formats: Sequence[str]) -> None:
        self.folder = folder
        self.languages = tuple(languages)
        self.formats = tuple(formats)
        self.ledger = Ledger(folder)
        self._order: list[str] = []
        self._spoken = dict.fromkeys(self.languages)
        with os.scandir(folder) as files:
            self._sizes = {file.name: file.stat().st_size for file in files if file.is_file()}

    def wanted(self, case: Case) -> Wanted:
        """What is made of a case: what it says itself, else what was asked for."""
        languages = case.languages or self.languages
        self._spoken.update(dict.fromkeys(languages))
        formats = case.formats or self.formats
        documents = tuple((language, form) for language in languages for form in formats)
        return Wanted(documents, formulas=tuple(dict.fromkeys((*self.languages, *languages))))

    def expect(self, number: int, key: str) -> None:
        """A case comes next."""
        self._order.append(key)

    def known(self, key: str) -> Entry | None:
        """The entry of a case whose pages are there, whole and its own."""
        entry = self.ledger.get(key)
        if entry is None or entry.ending != "made":
            return None
        whole = all(
            self._sizes.get(name) == size and self.ledger.owners.get(name) == key for name, size in entry.files.items()
        )
        return entry if whole else None

    def put(self, task: Task, outcome: Outcome) -> Entry:
        """Write the pages of a case, and tell of them.

        Raises:
            InputError: there is no room, or a file of somebody else's is in the way.
        """
        documents = {self._name(task.name, *asked): data for asked, data in outcome.documents.items()}
        if documents:
            self._check_free(documents)
            self.ledger.claim(documents)
            for name, data in documents.items():
                write_whole(self.folder, name, data)
        sizes = {name: len(data) for name, data in documents.items()}
        entry = Entry.of(task.key, task.name, task.case.title, outcome, sizes)
        self.ledger.add(entry)
        return entry

    def passed(self, number: int) -> None:
        """Nothing more comes of a case that is there, or cannot be read."""

    def _name(self, name: str, language: str, form: str) -> str:
        middle = "" if language == self.languages[0] else f".{language}"
        return f"{name}{middle}{FORMATS[form].suffixes[0]}"

    def _check_free(self, names: dict[str, bytes]) -> None:
        for name in names:
            if name in self._sizes and name not in self.ledger.owners:
                raise InputError(
                    f"{shown(str(self.folder / name), 200)} was not made by symdiff build and stays as it is; move it "
                    "away, or give another folder"
                )

    def finish(self) -> None:
        """Write the index, remove the pages of cases that are gone, and make one manifest of it all."""
        indices = index_pages(lambda: self.ledger.entries(self._order), len(self._order), tuple(self._spoken))
        written = {"index.html"}
        for name, page in indices:
            data = page.encode()
            if not self._is_same(name, data):
                write_whole(self.folder, name, data)
            written.add(name)
        wanted = {name for entry in self.ledger.entries(self._order) for name in entry.files}
        for name in self.ledger.owners:
            if name not in wanted:
                (self.folder / name).unlink(missing_ok=True)
        for name in self._sizes:
            if is_index(name) and name not in written:
                (self.folder / name).unlink(missing_ok=True)
        self.ledger.settle(self._order)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / FOLDER / "part").unlink()

    def _is_same(self, name: str, data: bytes) -> bool:
        path = self.folder / name
        return self._sizes.get(name) == len(data) and path.read_bytes() == data

    def close(self) -> None:
        """Close the files of the ledger."""
        self.ledger.close()
