"""Workers that are none: the cases are made in this process, so that tests of what is written are fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from symdiff.build.build import Summary, build
from symdiff.build.corpus import Corpus
from symdiff.build.folder import opened
from symdiff.build.making import done
from symdiff.build.outcome import Limits, Outcome, Task
from symdiff.build.progress import Progress
from symdiff.build.reading import read
from symdiff.build.site import Site


class Inline:
    """Makes cases one after the other, and remembers which; ``backwards`` gives them back in the wrong order."""

    def __init__(self, backwards: bool = False) -> None:
        self.made: list[str] = []
        self.backwards = backwards

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in reversed(list(tasks)) if self.backwards else tasks:
            self.made.append(task.case.title)
            yield done(task, Limits())


def no_marks(path: str) -> Sequence[tuple[str, dict[str, Any]]]:
    """For files without functions."""
    raise AssertionError(path)


def site(
    cases: Path, folder: Path, *, languages: tuple[str, ...] = ("en",), formats: tuple[str, ...] = ("html",), **how: Any
) -> tuple[Summary, list[str]]:
    """What ``symdiff build`` does, without processes: the summary, and the titles of the cases that were made."""
    workers = Inline(how.pop("backwards", False))
    with opened(folder):
        target = Site(folder, languages, formats)
        try:
            return build(read([cases], no_marks), target, workers, Progress(None), **how), workers.made
        finally:
            target.close()


def corpus(cases: Path, folder: Path, *, size: int, backwards: bool = False) -> tuple[Summary, list[str]]:
    """The same for a corpus."""
    workers = Inline(backwards)
    with opened(folder):
        target = Corpus(folder, ("en",), size)
        try:
            return build(read([cases], no_marks), target, workers, Progress(None)), workers.made
        finally:
            target.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
