"""``symdiff build``, and ``symdiff check`` of files of cases."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from symdiff.errors import InputError
from symdiff.formats import FORMATS
from symdiff.process import tell

if TYPE_CHECKING:
    from symdiff.build.build import Target, Workers
    from symdiff.build.outcome import Limits
    from symdiff.build.reading import Marked

__all__ = ["build", "check_cases", "are_cases", "shared_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

MEMORY = 2048.0
"""MiB that a case may take, where none are given."""

SECONDS = 60.0

SHARD = 1000
"""Lines of a shard of a corpus, where no number is given."""


def are_cases(targets: Sequence[str]) -> bool:
    """Whether what is to be checked is files of cases rather than one expression or ``FILE.py:FUNCTION``.

    >>> are_cases(["losses.toml"]), are_cases(["x * x"]), are_cases(["model.py:loss"])
    (True, False, False)
    """
    from symdiff.build.reading import SUFFIXES

    return all(target.lower().endswith(SUFFIXES) for target in targets)


_jobs = click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes; as many as there are cores.")
_memory = click.option(
    "--memory",
    type=click.FloatRange(min=1),
    default=MEMORY,
    show_default=True,
    metavar="MIB",
    help="The limit on the memory of one case; inf for none.",
)
_dask = click.option("--dask", metavar="ADDRESS", help="Let the Dask cluster at this address do the work.")


@click.command()
@click.argument("cases", nargs=-1, required=True, metavar="CASES...", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="SITE", help="The folder.")
@click.option(
    "--format",
    "forms",
    multiple=True,
    type=click.Choice((*FORMATS, "jsonl")),
    help="Formats of the pages, html without; jsonl alone for a corpus; repeatable.",
)
@click.option("--language", "languages", multiple=True, metavar="LANGUAGE", help="en without; repeatable.")
@click.option(
    "--shard", type=click.IntRange(min=1), default=SHARD, show_default=True, help="Cases in a shard of a corpus."
)
@click.option("--again", is_flag=True, help="Make everything anew, also what did not change.")
@click.option(
    "--timeout",
    type=float,
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="The limit for one case; inf for none.",
)
@_memory
@_jobs
@_dask
def build(
    cases: tuple[Path, ...],
    output: Path,
    forms: tuple[str, ...],
    languages: tuple[str, ...],
    shard: int,
    again: bool,
    timeout: float,
    memory: float,
    jobs: int | None,
    dask: str | None,
) -> int:
    """Make a site, or a corpus, of all cases in CASES: .toml, .jsonl or .json files, or .py with @symdiff.case.

    SITE gets a page for every case and an index, and holds nothing else of ours: what is unchanged stays, what is gone
    from CASES goes. A run that was interrupted goes on where it was. 1 where a report is not ok, 2 where a case could
    not be made.
    """
    from symdiff.build.build import build as run
    from symdiff.build.folder import opened
    from symdiff.build.progress import progress
    from symdiff.build.reading import check_sources, count, read
    from symdiff.sentences import sentences

    for language in languages:
        sentences(language)
    if "jsonl" in forms and len(forms) > 1:
        raise InputError("--format jsonl makes a corpus, which has no pages; give the others in a command of their own")
    check_sources(cases)
    limits = _limits(timeout, memory)
    with opened(output):
        target = _target(output, languages or ("en",), forms or ("html",), shard)
        with _workers(jobs, dask, limits) as (workers, marked), progress(count(cases)) as told:
            try:
                summary = run(read(cases, marked), target, workers, told, again)
            finally:
                target.close()
    tell(str(summary))
    return summary.status


def _target(folder: Path, languages: tuple[str, ...], forms: tuple[str, ...], shard: int) -> Target:
    if forms == ("jsonl",):
        from symdiff.build.corpus import Corpus

        return Corpus(folder, languages, shard)
    from symdiff.build.site import Site

    return Site(folder, languages, forms)


def _limits(timeout: float, memory: float) -> Limits:
    from symdiff.build.outcome import Limits

    if not timeout > 0:
        raise InputError(f"--timeout {timeout:g}: give a positive number of seconds, or inf for no limit")
    return Limits(None if math.isinf(timeout) else timeout, None if math.isinf(memory) else memory)


@contextmanager
def _workers(jobs: int | None, dask: str | None, limits: Limits) -> Iterator[tuple[Workers, Marked]]:
    from symdiff.build.workers import LocalWorkers, cores

    local = LocalWorkers(jobs or cores(), limits)
    if dask is None:
        yield local, local.marked
        return
    if jobs is not None:
        raise InputError(
            "--jobs counts processes of this machine, and a Dask cluster has its own; give one of --jobs, --dask"
        )
    from symdiff.build.cluster import cluster

    with cluster(dask, limits) as workers:
        yield workers, local.marked


# --- check ------------------------------------------------------------------------------------------------------------


def shared_options(command: _Command) -> _Command:
    """The options of ``build`` that ``check`` has, too."""
    return _memory(_jobs(_dask(_junit(command))))


_junit = click.option(
    "--junit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With CASES: write JUnit's XML for a CI server, too.",
)


def check_cases(
    cases: Sequence[str],
    language: str,
    *,
    junit: Path | None,
    timeout: float,
    memory: float,
    jobs: int | None,
    dask: str | None,
) -> int:
    """Check every case of some files: a line for each, the report of what is not ok, the counts, and JUnit's XML."""
    from symdiff.build.checking import check
    from symdiff.build.progress import progress
    from symdiff.build.reading import check_sources, count, read
    from symdiff.output import check_place
    from symdiff.sentences import sentences

    sentences(language)
    paths = [Path(each) for each in cases]
    check_sources(paths)
    if junit is not None:
        check_place(junit)
    with _workers(jobs, dask, _limits(timeout, memory)) as (workers, marked), progress(count(paths)) as told:
        return check(read(paths, marked), workers, told, junit, language)
