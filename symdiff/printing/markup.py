"""XML elements as text, every string escaped once."""

from __future__ import annotations

import html
import re

__all__ = ["element", "escape", "group", "replace_unprintable"]

# what XML 1.0 cannot hold, and what would turn the direction of the text that follows
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def replace_unprintable(text: str) -> str:
    """The text with control characters, lone surrogates and marks of direction as U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def escape(text: str) -> str:
    """The text with ``& < > " '`` as entities and control characters as U+FFFD."""
    return html.escape(replace_unprintable(text), quote=True)


def element(tag: str, /, *children: str, **attributes: str | None) -> str:
    """``<tag name="value">children</tag>``; the children are markup already, an attribute of None is left out."""
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value is not None)
    return f"<{tag}{written}>{''.join(children)}</{tag}>"


def group(*children: str) -> str:
    """An ``<mrow>`` around several elements; one alone stays as it is."""
    present = [child for child in children if child]
    return present[0] if len(present) == 1 else element("mrow", *present)
