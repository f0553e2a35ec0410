"""The index of a site: every case with its formula, verdict and worst error, and what can be chosen and sorted.

Without JavaScript it is the same table in the order of the cases. Beyond ``ROWS`` cases it goes on on further pages.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from symdiff.agreement.verdict import Verdict
from symdiff.build.ledger import Entry
from symdiff.formats import BY_SUFFIX
from symdiff.pages.html import font, style
from symdiff.pages.templates import environment
from symdiff.printing import markup
from symdiff.printing.mathml import mathml
from symdiff.printing.numbers import number
from symdiff.sentences import Sentences, sentences, template_folder

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["ROWS", "index_pages", "is_index"]

ROWS = 10_000
"""So many cases stand on one page; a browser shows them within seconds."""

_NAME = re.compile(r"index(-\d+)?(\.[A-Za-z]+)?\.html")


def is_index(name: str) -> bool:
    """Whether a file of this name is a page of an index: no case is called so."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class _Row:
    """A case as the template shows it."""

    number: int
    title: str
    expression: str
    page: str
    others: tuple[tuple[str, str], ...]
    formulas: tuple[Any, ...]
    verdict: str
    word: str
    ulps: Any
    order: float
    plain_ulps: float
    reason: str


def index_pages(
    entries: Callable[[], Iterable[Entry]], total: int, languages: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """The pages with their names, in every language; ``entries`` is asked once for each, and never held whole."""
    counts = Counter(kind_of(entry) for entry in entries())
    pages = max(1, -(-total // ROWS))
    for language in languages:
        waiting = iter(entries())
        for page in range(pages):
            names = {each: _name(page, each, languages) for each in languages}
            rows = (
                _row(page * ROWS + place, entry, language, languages)
                for place, entry in enumerate(islice(waiting, ROWS), start=1)
            )
            others = [(f"{each + 1}", _name(each, language, languages), each == page) for each in range(pages)]
            yield names[language], _printed(rows, counts, total, language, names, others if pages > 1 else [])


def kind_of(entry: Entry) -> str:
    """The verdict, or ``failed`` for a case that was not made."""
    return entry.verdict if entry.ending == "made" else "failed"


def _name(page: int, language: str, languages: tuple[str, ...]) -> str:
    number = f"-{page + 1}" if page else ""
    return f"index{number}{'' if language == languages[0] else f'.{language}'}.html"


def _row(place: int, entry: Entry, language: str, languages: tuple[str, ...]) -> _Row:
    from markupsafe import Markup

    words = sentences(language)
    page, others = _links(entry, language, languages)
    kind = kind_of(entry)
    formulas = entry.formulas.get(language) or next(iter(entry.formulas.values()), [])
    return _Row(
        place,
        entry.title,
        entry.expression if entry.expression != entry.title else "",
        page,
        others,
        tuple(Markup(each) for each in formulas),  # made by our own printer, which escapes names
        kind,
        words[f"index.{kind}"] if kind == "failed" else words[f"verdict.{kind}"],
        "" if kind == "failed" else _mathml(number(float(f"{entry.ulps:.3g}"))),
        _rank(kind),
        -1.0 if kind == "failed" else entry.ulps,
        entry.reason,
    )


def _links(entry: Entry, language: str, languages: tuple[str, ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The page of a case in this language, else in another, and its documents in other formats."""
    ours = "" if language == languages[0] else f".{language}"
    names = list(entry.files)
    in_language = [name for name in names if name.removeprefix(entry.name).rpartition(".")[0] == ours] or names
    page = next((name for name in in_language if name.endswith(".html")), in_language[0] if in_language else "")
    return page, tuple((BY_SUFFIX[f".{name.rpartition('.')[2]}"].name, name) for name in in_language if name != page)


def _rank(kind: str) -> float:
    return -1.0 if kind == "failed" else float(Verdict(kind).rank)


def _mathml(node: Any) -> Markup:
    from markupsafe import Markup

    return Markup(mathml(node))


def _printed(
    rows: Iterable[_Row],
    counts: Mapping[str, int],
    total: int,
    language: str,
    names: Mapping[str, str],
    pages: list[tuple[str, str, bool]],
) -> str:
    words = sentences(language)
    kinds = sorted(counts, key=_rank)
    return (
        environment("html", markup.escape)
        .get_template("index.html")
        .render(
            words=_Words(words),
            tag=words.tag,
            rows=rows,
            total=total,
            counts=[
                (kind, _Words(words)[f"index.{kind}" if kind == "failed" else f"verdict.{kind}"], counts[kind])
                for kind in kinds
            ],
            languages=[(each, name) for each, name in names.items() if each != language],
            language_names={each: sentences(each)["language.name"] for each in names},
            pages=pages,
            font=font(),
            style=style(),
            own_style=_asset("index.css"),
            script=_asset("index.js"),
            digest=_digest(_asset("index.js")),
        )
    )


class _Words:
    """The catalogue for the template, where a sentence may have a number in it."""

    def __init__(self, words: Sentences) -> None:
        self.words = words

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def count(self, key: str, number: int) -> str:
        return self.words.count(key, number).format_map({"count": str(number)})


@lru_cache(maxsize=4)
def _asset(name: str) -> Markup:
    from markupsafe import Markup

    return Markup((template_folder() / "html" / name).read_text(encoding="utf-8"))


def _digest(script: str) -> Markup:
    from markupsafe import Markup

    return Markup(base64.b64encode(hashlib.sha256(str(script).encode()).digest()).decode("ascii"))
