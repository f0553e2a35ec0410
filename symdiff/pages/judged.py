"""Sentences about the gradient that is judged: our engine's, a framework's own, or one that was given."""

from __future__ import annotations

from symdiff.pages.locale import Locale, locale
from symdiff.sentences import Sentences, sentences

__all__ = ["words_about"]


def words_about(judged: str, language: str) -> Locale:
    """The sentences of a page on which "engine"'s gradient, one that was "given", or that of "PyTorch" is judged."""
    return locale(language) if judged == "engine" else Locale(_About(judged, language))


class _About(Sentences):
    """Sentences about our engine's gradient as those about another, where they differ.

    They are ``given.KEY`` for one that was given, ``named.KEY`` for a framework's, whose name they hold.
    """

    def __init__(self, judged: str, language: str) -> None:
        self._all = sentences(language)
        self._judged = judged
        self._prefix = "given" if judged == "given" else "named"
        self.tag = self._all.tag

    def __getitem__(self, key: str) -> str:
        other = f"{self._prefix}.{key}"
        return self._all[other if other in self._all else key].replace("{judged}", self._judged)

    def count(self, key: str, number: int) -> str:
        return self._all.count(key, number)
