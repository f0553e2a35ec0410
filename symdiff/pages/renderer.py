"""What all formats share: each kind of block and of inline part is a macro of its name in the format's templates."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from symdiff.pages.blocks import Block, Document, Inline, Line
from symdiff.pages.templates import environment
from symdiff.printing.tree import Math

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["Renderer"]


class Renderer:
    """Prints a document with the templates of one folder: ``page`` is the whole, ``blocks`` the parts."""

    folder: ClassVar[str]
    suffix: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}

    def __init__(self, document: Document, prefix: str = "") -> None:
        """``prefix`` stands before every anchor, so that several documents may be parts of one."""
        self.document = document
        self.prefix = prefix

    @classmethod
    @lru_cache(maxsize=16)
    def environment(cls) -> Environment:
        """The format's templates, read once for all documents."""
        return environment(cls.folder, cls.escape, **cls.options)

    @cached_property
    def names(self) -> dict[str, Any]:
        """What the templates know: the document, and the functions that print its parts."""
        own: dict[str, Any] = {"block_of": self.block, "line": self.line, "math": self.math}
        own |= {"document": self.document, "anchored": self.anchored}
        return own | self.functions()

    @cached_property
    def macros(self) -> Any:
        """The macros for blocks and inline parts."""
        return self.environment().get_template(f"blocks.{self.suffix}").make_module(self.names)

    @staticmethod
    def escape(text: str) -> str:
        """The format's text that shows these very characters."""
        raise NotImplementedError

    def functions(self) -> dict[str, Any]:
        """What else the templates call."""
        return {}

    def block(self, block: Block) -> Markup:
        """One block, printed."""
        printed: Markup = getattr(self.macros, block.kind)(block)
        return printed

    def line(self, parts: Line) -> Markup:
        """A line of inline parts, printed."""
        from markupsafe import Markup

        return Markup("").join(self.inline(part) for part in parts)

    def inline(self, part: Inline) -> Markup:
        """One inline part, printed."""
        printed: Markup = getattr(self.macros, part.kind)(part)
        return printed

    def anchored(self, name: str) -> str:
        """The name of an anchor, as this document is printed."""
        return self.prefix + name

    def math(self, node: Math) -> Markup:
        """Mathematics, printed."""
        raise NotImplementedError

    def page(self, template: str = "") -> str:
        """The whole document, by the template ``page`` or another one of the format."""
        return self.environment().get_template(template or f"page.{self.suffix}").render(self.names)
