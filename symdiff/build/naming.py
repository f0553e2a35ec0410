"""Names of files from titles: safe on every system, and no two alike."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["Names", "slug"]

LONGEST = 80
"""So many letters of a title are kept: with a number, a language and a suffix far below what file systems take."""

# Windows opens devices by these names, whatever the suffix
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
# the pages that are ours
_OURS = frozenset({"index"})
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Lower-case Latin letters, digits and single hyphens; ``case`` where nothing of the text is left.

    >>> slug("Softmax, cross-entropy")
    'softmax-cross-entropy'
    >>> slug("../../etc/passwd"), slug("CON"), slug("%2e%2e%2fx"), slug("~")
    ('etc-passwd', 'case-con', '2e-2e-2fx', 'case')
    """
    # é is e with an accent; letters of other scripts have no Latin form that everybody would expect
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    name = _NOT_PLAIN.sub("-", plain).strip("-")[:LONGEST].rstrip("-") or "case"
    return f"case-{name}" if name in _RESERVED or name in _OURS or re.fullmatch(r"index-\d+", name) else name


class Names:
    """Gives every case a name of its own: the second of one title has -2 behind it, the third -3."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def take(self, text: str) -> str:
        """A name that nobody has yet; names differ in more than upper and lower case."""
        name = base = slug(text)
        number = self._last.get(base, 1)
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        if number > 1:
            self._last[base] = number
        self._taken.add(name)
        return name
