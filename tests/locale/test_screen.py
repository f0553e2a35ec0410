"""Chinese pages in a real browser: nothing broader than the window, stress without slant, its own letters and lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.locale.programs import explained


@pytest.mark.parametrize("name", ["mean", "kinks", "perceptron"])
def test_a_chinese_page_is_set_as_chinese(name: str, tmp_path: Path, browser: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text(explained(name).to_html("zh"), encoding="utf-8")
    page = browser.new_page()
    try:
        for width in (380, 720, 1200):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        style = page.evaluate("(({lineBreak, fontFamily}) => [lineBreak, fontFamily])(getComputedStyle(document.body))")
        assert style[0] == "strict"
        assert "Noto Serif CJK SC" in style[1]
        slants = page.evaluate("[...document.querySelectorAll('em')].map(each => getComputedStyle(each).fontStyle)")
        assert slants
        assert set(slants) == {"normal"}
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert page.title().endswith("的梯度")
    finally:
        page.close()
