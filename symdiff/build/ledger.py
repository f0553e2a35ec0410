"""What a folder holds: a manifest that is replaced whole, and a journal of what has been made since.

Both are JSON Lines. The journal is written behind each file that it tells of, so that what it tells of is there,
whenever the process ends; a last line that is torn is passed over. Keys and offsets are in memory, entries on the disk.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from symdiff.build.outcome import Outcome

__all__ = ["FOLDER", "Entry", "Ledger", "Place"]

FOLDER = ".symdiff"
"""Where it stands, in the folder that is made."""

Place = tuple[str, int, int]
"""A line of a corpus: its file, where it begins, and how long it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case as it stands in the folder: how it ended, its files and their sizes, and what the index shows of it."""

    key: str
    name: str
    title: str
    ending: str
    verdict: str = ""
    ok: bool = False
    ulps: float = 0.0
    expression: str = ""
    formulas: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    place: Place | None = None

    @classmethod
    def of(cls, key: str, name: str, title: str, outcome: Outcome, files: dict[str, int]) -> Entry:
        """The entry of a case that has just ended."""
        # how long each part took is not the same a second time
        reason = (
            outcome.reason.partition(":")[0].partition(" in a step")[0] if outcome.ending == "time" else outcome.reason
        )
        formulas = {language: list(written) for language, written in outcome.formulas.items()}
        return cls(
            key, name, title, outcome.ending, outcome.verdict, outcome.ok, outcome.ulps, outcome.expression, formulas,
            files, reason,
        )  # fmt: skip

    def line(self, place: Place | None = None) -> bytes:
        """The entry as a line; fields that are empty are left out."""
        told = ("key", "name", "title", "ending")
        written = {name: value for name, value in asdict(self).items() if value or name in told}
        if place is not None:
            written["place"] = place
        return json.dumps(written, separators=(",", ":")).encode("ascii") + b"\n"


class Ledger:
    """The manifest and the journal of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        self.manifest, self.journal = self.folder / "manifest.jsonl", self.folder / "journal.jsonl"
        self.places: dict[str, Place] = {}
        self.owners: dict[str, str] = {}
        self._lines: dict[str, tuple[int, int]] = {}
        self._reading: list[IO[bytes] | None] = [None, None]
        self._writing: IO[bytes] | None = None
        for source, path in enumerate((self.manifest, self.journal)):
            with contextlib.suppress(FileNotFoundError):
                self._reading[source] = open(path, "rb")  # noqa: SIM115 - open as long as the ledger
                self._load(source)

    def _load(self, source: int) -> None:
        offset = 0
        for line in self._file(source):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                self._take(json.loads(line), source, offset)
            offset += len(line)

    def _take(self, written: dict[str, Any], source: int, offset: int) -> None:
        if "claimed" in written:
            self.owners.update(dict.fromkeys(written["claimed"], ""))
            return
        key = written["key"]
        if "place" in written:
            self.places[key] = tuple(written["place"])
        if "ending" in written:
            self._lines[key] = (source, offset)
            self.owners.update(dict.fromkeys(written.get("files", ()), key))

    def __contains__(self, key: str) -> bool:
        return key in self._lines

    def keys(self) -> Iterable[str]:
        """The keys of all entries."""
        return self._lines.keys()

    def get(self, key: str) -> Entry | None:
        """The entry of a case; None where there is none."""
        found = self._lines.get(key)
        if found is None:
            return None
        source, offset = found
        file = self._file(source)
        file.seek(offset)
        written = json.loads(file.readline())
        return Entry(**{**written, "place": self.places.get(key)})

    def _file(self, source: int) -> IO[bytes]:
        file = self._reading[source]
        if file is None:
            file = self._reading[source] = open(self.journal, "rb")  # noqa: SIM115
        return file

    def claim(self, files: Iterable[str]) -> None:
        """Tell that files are about to be written: until an entry tells of them they are nobody's."""
        names = list(files)
        self.owners.update(dict.fromkeys(names, ""))
        self._write(json.dumps({"claimed": names}).encode("ascii") + b"\n")

    def add(self, entry: Entry) -> None:
        """Tell of a case whose files are there."""
        self._lines[entry.key] = (1, self._write(entry.line()))
        self.owners.update(dict.fromkeys(entry.files, entry.key))

    def move(self, key: str, place: Place) -> None:
        """Tell where the line of a case stands."""
        self.places[key] = place
        self._write(json.dumps({"key": key, "place": place}).encode("ascii") + b"\n")

    def _write(self, line: bytes) -> int:
        """Where in the journal the line stands now."""
        if self._writing is None:
            self._writing = open(self.journal, "ab")  # noqa: SIM115
            if self._writing.tell() and not _ends_whole(self.journal):
                self._writing.write(b"\n")  # behind a line that was torn
        offset = self._writing.tell()
        self._writing.write(line)
        self._writing.flush()
        return offset

    def entries(self, keys: Iterable[str]) -> Iterator[Entry]:
        """The entries of cases, in their order."""
        return (entry for key in keys if (entry := self.get(key)) is not None)

    def settle(self, keys: Iterable[str]) -> None:
        """Make one manifest of these entries, in their order, and forget all others."""
        part = self.manifest.with_suffix(".part")
        with open(part, "wb") as file:
            for entry in self.entries(keys):
                file.write(entry.line(self.places.get(entry.key)))
            file.flush()
            os.fsync(file.fileno())
        self.close()
        os.replace(part, self.manifest)
        self.journal.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files."""
        for file in (*self._reading, self._writing):
            if file is not None:
                file.close()
        self._reading, self._writing = [None, None], None


def _ends_whole(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
