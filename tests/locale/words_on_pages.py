"""The words that a reader finds in each format, without mathematics, code and what the format itself needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from symdiff.pages import blocks
from symdiff.pages.blocks import Document
from symdiff.printing.record import Record

__all__ = ["words_of_document", "words_of_html", "words_of_latex", "words_of_markdown"]


def words_of_document(document: Document) -> list[str]:
    """Every piece of words in the tree that all formats are printed from."""
    return [part for part in _words(document) if part.strip()]


def _words(node: object) -> Iterator[str]:
    match node:
        case blocks.Words(text=text):
            yield text
        case blocks.VerdictBadge(word=word):
            yield word
            yield from _words(node.content)
        case blocks.Document():
            yield node.otherwise
            yield from node.copying
            yield from (word for field in (node.title, node.blocks, node.summary, node.foot) for word in _words(field))
        case tuple() | list():
            for part in node:
                yield from _words(part)
        case Record() if not isinstance(node, blocks.CodeSpan | blocks.Formula | blocks.Display | blocks.Code):
            for name in node.__slots__ if hasattr(type(node), "__slots__") else vars(node):
                yield from _words(getattr(node, name, None))


SKIPPED = {"title", "math", "code", "pre", "style", "script"}
TOLD = (
    "title",
    "alt",
    "aria-label",
    "aria-description",
    "placeholder",
    "data-label",
    "data-copying",
    "data-said",
    "data-whole",
    "summary",
    "label",
)


MATHEMATICS = {"a", "math"}
"""What has a formula as its name."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.skipped: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in SKIPPED or given.get("translate") == "no":
            self.skipped.append(tag)
        if tag in MATHEMATICS:
            given.pop("aria-label", None)
        told = [re.sub(r"\{\w+\}", "", given.get(name) or "") for name in TOLD]
        self.words += [each for each in told if len(each) > 1]  # a letter is mathematics

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and self.skipped[-1] == tag:
            self.skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self.skipped and data.strip():
            self.words.append(data)


def words_of_html(page: str) -> list[str]:
    """Text and told attributes."""
    reader = _Reader()
    reader.feed(page)
    return reader.words


_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_LATEX = (
    r"(?m)^%.*$",
    rf"\\texttt{_BRACES}",
    rf"\\begin\{{minipage\}}\[\w\]{_BRACES}",
    r"\\begin\{tikzpicture\}(?:.|\n)*?\\end\{tikzpicture\}",
    r"\\\((?:.|\n)*?\\\)",
    r"\\\[(?:.|\n)*?\\\]",
    r"\\begin\{(align\*|alignat\*)\}(?:.|\n)*?\\end\{\1\}",
    r"\{\\par\\leftskip(?:.|\n)*?\\par\}",
    rf"\\begin\{{(?:tabular|longtable)\}}{_BRACES}",
    rf"\\(?:begin|end|hypertarget|hyperlink|textcolor|color|setlength|setcounter|thispagestyle)\*?{_BRACES}",
    r"\\[a-zA-Z]+\*?",
    r"-?[\d.]+(?:pt|em|ex|mm|\\baselineskip)\b",
)


def words_of_latex(page: str) -> list[str]:
    """Text of the body; what stands in mathematics as text is text."""
    body = page.split(r"\begin{document}", 1)[-1].split(r"\end{document}")[0]
    body = re.sub(r"\\symdiffletter\{(\w+)\}", lambda found: chr(int(found[1], 16)), body)
    inside = re.findall(rf"\\text({_BRACES})", re.sub(rf"\\texttt{_BRACES}", " ", body))
    for pattern in _LATEX:
        body = re.sub(pattern, " ", body)
        inside = [re.sub(pattern, " ", part) for part in inside]
    return [*inside, *(line for line in body.split("\n") if line.strip())]


def words_of_markdown(page: str) -> list[str]:
    """Text between mathematics and code."""
    page = re.sub(r"(?m)^(?:> ?)+", "", page)
    for pattern in (
        r"(?s)^(`{3,}).*?^\1",
        r"\$`.*?`\$",
        r"(`+)(?!`).*?(?<!`)\1(?!`)",
        r"</?(?:a|details|summary)\b.*?>|\]\(#.*?\)|\[!\w+\]",
    ):
        page = re.sub(pattern, " ", page, flags=re.MULTILINE)
    return [line for line in page.split("\n") if line.strip()]
