"""The directive ``derivation``: what an author writes, and where an author's mistake is told of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from symdiff.errors import InputError
from symdiff.options import DETAILS, ORDERS
from symdiff.sentences import languages
from symdiff.sphinx.keeping import Printed, digest, kept
from symdiff.sphinx.node import derivation
from symdiff.sphinx.printing import Asked, printed
from symdiff.tracing.sources import is_source

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Derivation"]

_LOGGER = logging.getLogger(__name__)
_ENTRIES = re.compile(r"[;\n]")
VERDICTS = ("agree", "imprecise", "kink", "disagree", "undefined", "unsupported")
FINE = ("agree", "imprecise", "kink")
"""Without ``:verdict:`` an author expects one of these."""


def _choice(*allowed: str) -> Callable[[str | None], str]:
    return lambda argument: directives.choice(argument, allowed)


def _names(argument: str | None) -> list[str]:
    return re.split(r"[\s,;]+", directives.unchanged_required(argument).strip())


class Derivation(SphinxDirective):
    """``.. derivation:: mean(x * x)``, or a program of several lines as the content, or ``FILE.py:FUNCTION``.

    ``:at:`` has the values, ``NAME = VALUES`` on lines of their own or before ``;`` as on the command line, a file's
    path from the document's folder; ``:wrt:`` the names to differentiate by; ``:verdict:`` is what the author expects.
    """

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        "at": directives.unchanged,
        "wrt": _names,
        "language": directives.unchanged_required,
        "detail": _choice(*DETAILS),
        "order": lambda argument: int(_choice(*map(str, ORDERS))(argument)),
        "verdict": _choice(*VERDICTS),
        "name": directives.unchanged,
        "class": directives.class_option,
    }

    def run(self) -> list[nodes.Node]:
        """The derivation, or the error at the line where its cause stands."""
        try:
            asked = self._asked()
            found = self._printed(asked)
        except InputError as error:
            return [self._told(error)]
        self._compare(found)
        return [self._node(found)]

    # --- what is asked for --------------------------------------------------------------------------------------------

    def _asked(self) -> Asked:
        return Asked(
            program=self._program(),
            at=tuple(self._at()),
            wrt=tuple(self.options.get("wrt", ())),
            order=self.options.get("order", 1),
            detail=self.options.get("detail", self.config.symdiff_detail),
            language=self._language(),
            level=self._level(),
        )

    def _program(self) -> str:
        argument, content = " ".join(self.arguments).strip(), "\n".join(self.content).strip()
        if bool(argument) == bool(content):
            raise InputError(
                "derivation: give the program once, behind '::' or below the options"
                if argument
                else "derivation: there is no program; write .. derivation:: mean(x * x)"
            )
        program = argument or content
        if not is_source(program):
            return program
        file, _, function = program.rpartition(":")
        return f"{self._file(file)}:{function}"

    def _at(self) -> list[str]:
        entries = [each.strip() for each in _ENTRIES.split(self.options.get("at", ""))]
        return [self._entry(each) for each in entries if each]

    def _entry(self, entry: str) -> str:
        name, equals, values = entry.partition("=")
        if not values.strip().startswith("@"):
            return entry
        return f"{name}{equals}@{self._file(values.strip()[1:].strip())}"

    def _file(self, name: str) -> Path:
        """The file that the book's author names, from the document's folder; the book depends on it."""
        if not self.state.document.settings.file_insertion_enabled:
            raise InputError(f"derivation: {name} is not read, since this book does not allow files to be inserted")
        relative, path = self.env.relfn2path(name)
        self.env.note_dependency(relative)
        return Path(path)

    def _language(self) -> str:
        wanted = self.options.get("language") or self.config.symdiff_language
        if wanted:
            return str(wanted)
        return next((each for each in languages() if str(self.config.language).startswith(each)), "en")

    # --- what is found ------------------------------------------------------------------------------------------------

    def _printed(self, asked: Asked) -> Printed:
        wanted = asked.as_data()
        prefix = self._prefix(digest({**wanted, "document": self.env.docname}))
        name = digest({**wanted, "prefix": prefix})
        return kept(Path(self.env.doctreedir), name, lambda: printed(asked, prefix, self.config.symdiff_timeout))

    def _level(self) -> int:
        """One more than the title that it stands below."""
        return 1 + int(self.state.memo.section_level)

    def _prefix(self, name: str) -> str:
        """What is before every anchor of this derivation, and of no other one in the book, which may be one page."""
        seen: Any = self.env.temp_data.setdefault("symdiff_prefixes", {})
        prefix = f"d-{name[:8]}"
        seen[prefix] = seen.get(prefix, 0) + 1
        return f"{prefix}-" if seen[prefix] == 1 else f"{prefix}-{seen[prefix]}-"

    def _node(self, found: Mapping[str, str]) -> derivation:
        node = derivation(classes=self.options.get("class", []))
        for kind in ("language", "copying", "html", "latex"):
            node[kind] = found[kind]
        node += nodes.literal_block(found["text"], found["text"], language="none")
        self.set_source_info(node)
        self.add_name(node)
        return node

    # --- what is said -------------------------------------------------------------------------------------------------

    def _compare(self, found: Mapping[str, str]) -> None:
        """A warning where the verdict is not what the author expects."""
        expected = self.options.get("verdict")
        if found["verdict"] in ((expected,) if expected else FINE):
            return
        wanted = f"expected is {expected}" if expected else f"if that is meant, write :verdict: {found['verdict']}"
        _LOGGER.warning(
            "derivation: the verdict is %s; %s",
            found["verdict"],
            wanted,
            location=self.get_location(),
            type="symdiff",
            subtype="verdict",
        )

    def _told(self, error: InputError) -> nodes.system_message:
        """The error at the line of the option or of the program that it speaks of."""
        shown = nodes.literal_block(self.block_text, self.block_text)
        return self.state.document.reporter.error(str(error), shown, line=self._line(error))

    def _line(self, error: InputError) -> int:
        lines = [line.strip() for line in self.block_text.splitlines()]
        content = [line.strip() for line in self.content]
        place = 0
        if error.column is not None and content:
            starts = range(len(lines) - len(content) + 1)
            start = next((each for each in starts if lines[each : each + len(content)] == content), 0)
            place = start + (error.line or 1) - 1
        elif str(error).startswith((":at:", *self._bound())):
            place = next((each for each, line in enumerate(lines) if line.startswith(":at:")), 0)
        return int(self.lineno) + place

    def _bound(self) -> list[str]:
        return [each.partition("=")[0].strip() for each in _ENTRIES.split(self.options.get("at", "")) if "=" in each]
