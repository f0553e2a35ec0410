"""Errors as a reader meets them: the kind, and the whole line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


def refuses(kind: type[Exception], line: str, call: Callable[[], Any]) -> None:
    """The call raises ``kind`` and says exactly ``line``."""
    with pytest.raises(kind, match="^" + re.escape(line) + "$"):
        call()
