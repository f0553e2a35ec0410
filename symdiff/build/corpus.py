"""A corpus: one JSON document a line, in shards of so many cases, in the order of the cases.

A line that has been made is kept beside its shard until all of the shard are there; then the shard is written whole.
Where a case comes or goes in front of others, lines move from shard to shard and are not made again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from symdiff.build.case import Case
from symdiff.build.folder import write_whole
from symdiff.build.ledger import FOLDER, Entry, Ledger, Place
from symdiff.build.outcome import Outcome, Task, Wanted

__all__ = ["Corpus"]

SUMMARY = "corpus.json"
_SHARD = re.compile(r"corpus-\d{5,}\.jsonl")


@dataclass(slots=True)
class _Shard:
    """The cases of a shard while they come: their keys in order, and how many are still made."""

    keys: list[str] = field(default_factory=list)
    waiting: int = 0


class Corpus:
    """The shards in a folder, written anew only where their lines changed."""

    def __init__(self, folder: Path, languages: Sequence[str], size: int) -> None:
        self.folder = folder
        self.language = languages[0]
        self.size = size
        self.ledger = Ledger(folder)
        self._order: list[str] = []
        self._open: dict[int, _Shard] = {}
        self._spills = _Spills(folder)
        self._at = _by_file(self.ledger.places)

    def wanted(self, case: Case) -> Wanted:
        """A line in the case's own language, else in that of the corpus."""
        return Wanted(corpus=case.languages[0] if case.languages else self.language)

    def expect(self, number: int, key: str) -> None:
        """A case comes next."""
        self._order.append(key)
        shard = self._open.setdefault(number // self.size, _Shard())
        shard.keys.append(key)
        shard.waiting += 1
        if number and number % self.size == 0:
            self._write_where_complete(number // self.size - 1)

    def known(self, key: str) -> Entry | None:
        """The entry of a case whose line is there."""
        entry = self.ledger.get(key)
        if entry is None or entry.ending != "made" or entry.place is None:
            return None
        return entry if _is_line_of(key, self._read(entry.place)) else None

    def put(self, task: Task, outcome: Outcome) -> Entry:
        """Keep the line of a case until its shard is complete."""
        entry = Entry.of(task.key, task.name, task.case.title, outcome, {})
        if outcome.line:
            self._place(task.key, self._spills.add(str(task.case.number // self.size), outcome.line))
        self.ledger.add(entry)
        self.passed(task.case.number)
        return entry

    def passed(self, number: int) -> None:
        """Nothing more comes of a case."""
        self._open[number // self.size].waiting -= 1
        self._write_where_complete(number // self.size)

    def _write_where_complete(self, shard: int) -> None:
        found = self._open.get(shard)
        if found is not None and not found.waiting and len(self._order) > (shard + 1) * self.size:
            self._write(shard)

    def finish(self) -> None:
        """Write the shards that are left, remove those of cases that are gone, and make one manifest of it all."""
        for shard in sorted(self._open):
            self._write(shard)
        names = {_name(shard) for shard in range(-(-len(self._order) // self.size))}
        for path in self.folder.iterdir():
            if _SHARD.fullmatch(path.name) and path.name not in names:
                path.unlink()
        self._write_summary(sorted(names))
        self.ledger.settle(self._order)
        self._spills.clear()
        (self.folder / FOLDER / "part").unlink(missing_ok=True)

    def close(self) -> None:
        """Close all files."""
        self.ledger.close()
        self._spills.close()

    def _write(self, shard: int) -> None:
        """Write a shard whole, unless it is what it was; lines of it that go elsewhere are put aside before."""
        name, keys = _name(shard), self._open.pop(shard).keys
        made = [key for key in keys if key in self.ledger.places and self._is_made(key)]
        places, offset = dict[str, Place](), 0
        for key in made:
            length = self.ledger.places[key][2]
            places[key] = (name, offset, length)
            offset += length
        path = self.folder / name
        if not (
            path.exists() and path.stat().st_size == offset and all(self.ledger.places[k] == places[k] for k in made)
        ):
            self._put_aside(name, set(made))
            with open(self.folder / FOLDER / "part", "wb") as part:
                for key in made:
                    part.write(self._read(self.ledger.places[key]))
            (self.folder / FOLDER / "part").replace(path)
            for key in made:
                self._place(key, places[key])
        self._spills.drop(str(shard))

    def _is_made(self, key: str) -> bool:
        entry = self.ledger.get(key)
        return entry is not None and entry.ending == "made"

    def _put_aside(self, name: str, staying: set[str]) -> None:
        for key in sorted(self._at.get(name, set()) - staying):
            line = self._read(self.ledger.places[key])
            if _is_line_of(key, line):
                self._place(key, self._spills.add("aside", line))

    def _place(self, key: str, place: Place) -> None:
        before = self.ledger.places.get(key)
        if before is not None:
            self._at.get(before[0], set()).discard(key)
        self._at.setdefault(place[0], set()).add(key)
        self.ledger.move(key, place)

    def _read(self, place: Place) -> bytes:
        name, offset, length = place
        try:
            with open(self.folder / name, "rb") as file:
                file.seek(offset)
                return file.read(length)
        except OSError:
            return b""

    def _write_summary(self, names: Sequence[str]) -> None:
        verdicts: dict[str, int] = {}
        lines: dict[str, int] = {}
        for entry in self.ledger.entries(self._order):
            kind = entry.verdict if entry.ending == "made" else "failed"
            verdicts[kind] = verdicts.get(kind, 0) + 1
            if entry.ending == "made" and entry.place is not None:
                lines[entry.place[0]] = lines.get(entry.place[0], 0) + 1
        shards = [
            {"file": name, "lines": lines.get(name, 0), "bytes": (self.folder / name).stat().st_size} for name in names
        ]
        told = {"cases": len(self._order), "verdicts": dict(sorted(verdicts.items())), "shards": shards}
        write_whole(self.folder, SUMMARY, json.dumps(told, indent=2).encode("ascii") + b"\n")


def _name(shard: int) -> str:
    return f"corpus-{shard:05}.jsonl"


def _by_file(places: dict[str, Place]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, (name, _, _) in places.items():
        found.setdefault(name, set()).add(key)
    return found


def _is_line_of(key: str, line: bytes) -> bool:
    return line.startswith(f'{{"id":"{key}",'.encode()) and line.endswith(b"}\n")


class _Spills:
    """Lines that wait for their shard; every run has files of its own, and the last one clears them all away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        runs = [int(path.name.split("-")[1]) for path in self.folder.glob("spill-*-*")]
        self.run = max(runs, default=-1) + 1
        self._files: dict[str, IO[bytes]] = {}

    def add(self, which: str, line: bytes) -> Place:
        """Where the line stands now."""
        file = self._files.get(which)
        if file is None:
            file = self._files[which] = open(self._path(which), "ab")  # noqa: SIM115 - until the shard is there
        offset = file.tell()
        file.write(line)
        file.flush()
        return f"{FOLDER}/{self._path(which).name}", offset, len(line)

    def _path(self, which: str) -> Path:
        return self.folder / f"spill-{self.run}-{which}"

    def drop(self, which: str) -> None:
        """Nobody waits there any more."""
        file = self._files.pop(which, None)
        if file is not None:
            file.close()
            self._path(which).unlink(missing_ok=True)

    def close(self) -> None:
        """Close them; what they hold stays."""
        for file in self._files.values():
            file.close()

    def clear(self) -> None:
        """Remove them all, those of runs before, too."""
        for which in list(self._files):
            self.drop(which)
        for path in self.folder.glob("spill-*-*"):
            path.unlink()
