"""Takes pictures of pages, to be looked at: ``make shots``; the one in the README is among them.

python -m tests.picture.shots build/shots              every case, language, light and width, and on A4
python -m tests.picture.shots build/shots opening max  these cases alone
python -m tests.picture.shots --figures docs           the figures of the documents
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import symdiff
from symdiff.sentences import languages
from tests.conftest import ARGUMENTS, BROWSERS
from tests.picture.gallery import CASES, HESSIAN, explained

WIDTHS = {"wide": 1200, "narrow": 380}
FIGURE_WIDTH = 860


def pages(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """Name, language and page of each case; the second derivatives of one are among them."""
    for language in languages():
        for name in names:
            yield name, language, explained(name).to_html(language)
        if set(names) == set(CASES):
            expression, values = HESSIAN
            yield "hessian", language, symdiff.explain(expression, at=values, order=2).to_html(language)


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, or another one."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium is installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(browser: Any, written: str, folder: Path, width: int, scheme: str = "light", scale: int = 1) -> Any:
    """A page in a window of its own."""
    path = folder / "page.html"
    path.write_text(written, encoding="utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        device_scale_factor=scale,
        reduced_motion="reduce",
    )
    page.goto(path.as_uri())
    page.evaluate("document.fonts.ready")
    return page


def shots(folder: Path, names: list[str]) -> int:
    """Every page in every light and width, and as it is printed; how many files were written."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with chromium() as browser, tempfile.TemporaryDirectory() as kept:
        for name, language, written in pages(names):
            stem = f"{name.replace(' ', '-')}-{language}"
            for look, width in WIDTHS.items():
                for scheme in ("light", "dark"):
                    page = opened(browser, written, Path(kept), width, scheme)
                    page.screenshot(path=folder / f"{stem}-{look}-{scheme}.png", full_page=True)
                    if (look, scheme) == ("wide", "light"):
                        page.pdf(path=folder / f"{stem}-a4.pdf", format="A4")
                        count += 1
                    page.close()
                    count += 1
    return count


def figures(folder: Path) -> None:
    """The head of the opening example's page, with its answer and its picture, as sharp as paper."""
    with chromium() as browser, tempfile.TemporaryDirectory() as kept:
        page = opened(browser, explained("opening").to_html(), Path(kept), FIGURE_WIDTH, scale=2)
        end = page.evaluate("document.querySelector('figure.picture .sheet').getBoundingClientRect().bottom")
        page.screenshot(
            path=folder / "mean.png",
            full_page=True,
            clip={"x": 0, "y": 0, "width": FIGURE_WIDTH, "height": int(end) - 1},
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(CASES)}")
    parser.add_argument("--figures", action="store_true")
    chosen = parser.parse_args()
    if chosen.figures:
        figures(chosen.folder)
        return
    unknown = set(chosen.names) - set(CASES)
    if unknown:
        parser.error(f"no case is called {', '.join(sorted(unknown))}")
    print(f"{shots(chosen.folder, chosen.names or list(CASES))} files in {chosen.folder}")


if __name__ == "__main__":
    main()
