"""How soon the opening example's page shows its text in Chromium, from disk: at most 200 ms after it was asked for.

    python benchmarks/first_paint.py [rounds] [--json FILE]

Every round opens the page in a context of its own, as a browser that has never seen it, in turn with an empty page.
Counted is what the browser itself says: its first contentful paint, after the start of the navigation.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from results import keep

import symdiff

LIMIT, BYTES = 200.0, 250_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
EMPTY = "<!DOCTYPE html><html lang='en'><title>One word</title><p>Word"
PAINT = """() => new Promise(done => new PerformanceObserver(list => {
    const found = list.getEntriesByName('first-contentful-paint')[0];
    if (found) done(found.startTime);
}).observe({ type: 'paint', buffered: true }))"""


def painted(browser: Any, path: Path) -> tuple[float, list[str]]:
    """Milliseconds to the first contentful paint, and what was asked of the network or of other files."""
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    taken = float(page.evaluate(PAINT))
    context.close()
    return taken, [url for url in asked if url != path.as_uri() and not url.startswith("data:")]


def main() -> int:
    """Prints the medians; the status says whether the page keeps both limits and asks for nothing."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=21)
    parser.add_argument("--json", metavar="FILE", help="write what was measured to this file, too")
    options = parser.parse_args()
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium is installed")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        opening = symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3])
        pages = {
            "an empty page": EMPTY,
            "the opening example": opening.to_html(),
            "the opening example in Chinese": opening.to_html("zh"),
        }
        paths = {name: Path(folder) / f"{number}.html" for number, name in enumerate(pages)}
        for name, path in paths.items():
            path.write_text(pages[name], encoding="utf-8")
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        painted(browser, paths["an empty page"])  # once unmeasured: the browser itself is being read from disk
        times: dict[str, list[float]] = {name: [] for name in pages}
        asked: list[str] = []
        for _ in range(options.rounds):
            for name, path in paths.items():
                taken, more = painted(browser, path)
                times[name].append(taken)
                asked += more
        browser.close()
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    load = os.getloadavg()[0]
    sizes = {name: len(pages[name].encode()) for name in pages}
    for name, median in medians.items():
        print(f"{name:32} {median:6.0f} ms  ({min(times[name]):.0f} to {max(times[name]):.0f})  {sizes[name]:,} bytes")
    print(f"asked for besides: {len(asked)}; to reach: {LIMIT:g} ms, {BYTES:,} bytes; load {load:.1f}")
    if options.json:
        rows = [{"page": name, "milliseconds": medians[name], "bytes": sizes[name]} for name in pages]
        keep(options.json, {"rounds": options.rounds, "load": load, "rows": rows})
    ours = [name for name in pages if name != "an empty page"]
    return 0 if all(medians[name] <= LIMIT and sizes[name] <= BYTES for name in ours) and not asked else 1


if __name__ == "__main__":
    sys.exit(main())
