"""Where the templates are, and how a format reads them: what they print is escaped unless a printer made it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment, FileSystemBytecodeCache

from symdiff.sentences import template_folder

__all__ = ["environment"]


def _compiled(folder: Path) -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept, as Python keeps its modules'; None where it may not."""
    from jinja2 import FileSystemBytecodeCache

    cache = folder / "__pycache__"
    try:
        if sys.dont_write_bytecode:
            return None
        cache.mkdir(exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(cache)) if os.access(cache, os.W_OK) else None


def environment(folder: str, escape: Callable[[str], str], **options: Any) -> Environment:
    """The templates of one format; ``escape`` is what turns a string into text of that format.

    Strings marked as Markup come from printers and pass as they are; every other value is escaped on its way out.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: object) -> object:
        return value if hasattr(value, "__html__") else Markup(escape(str(value)))

    return Environment(
        loader=FileSystemLoader(template_folder() / folder),
        bytecode_cache=_compiled(template_folder() / folder),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
