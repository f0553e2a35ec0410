"""The scripts of pages, and the policy that lets these run and no others."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from symdiff.sentences import template_folder

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["policy", "script"]


@lru_cache(maxsize=8)
def script(name: str) -> Markup:
    """The text of a script in ``templates/html``, as it stands between its tags."""
    from markupsafe import Markup

    text = (template_folder() / "html" / name).read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError(f"{name} holds '</', which may end it early")
    return Markup(text)


def policy(scripts: Iterable[str]) -> Markup:
    """What a page may load and run: its own style and font, and these scripts by their digests; nothing from outside.

    >>> print(policy([]))
    default-src 'none'; style-src 'unsafe-inline'; font-src data:
    """
    from markupsafe import Markup

    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    allowed = "".join(f" 'sha256-{digest}'" for digest in digests)
    runs = f"; script-src{allowed}" if allowed else ""
    return Markup(f"default-src 'none'; style-src 'unsafe-inline'; font-src data:{runs}")
