"""What a document can be asked for; imports nothing, since the help of the command line shows it."""

from __future__ import annotations

DETAILS = ("result", "steps", "rules")
"""How much a document shows: the result, the steps to it, every rule of every step."""

ORDERS = (1, 2)
"""The orders of derivatives that a document shows."""

LANGUAGES = ("en", "zh")
"""The languages of documents; a test compares them with the catalogues that there are."""
