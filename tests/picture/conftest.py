"""Pages with pictures, opened in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.picture.gallery import explained


@pytest.fixture
def seen(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """``seen("opening", width=380)`` is the page of a case; ``page.said`` is what it asked for or complained of."""
    contexts = []

    def asked(page: Any, url: str) -> None:
        if not url.startswith(("file:", "data:")):
            page.said.append(url)

    def open_page(name: str, width: int = 1000, language: str = "en", **options: Any) -> Any:
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(explained(name).to_html(language), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: asked(page, request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
