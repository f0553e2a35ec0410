"""A page in a notebook: executed by a kernel, framed in a browser, and compiled in a LaTeX document."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pytest

import symdiff
from symdiff.explanation import Explanation

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '"></iframe><script>parent.document.title="run"</script><img src=x onerror="parent.document.title=1">'


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    return symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3])


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(text)
    return parser.found


# --- what is handed over ----------------------------------------------------------------------------------------------


def test_the_bundle_holds_html_latex_and_text(explanation: Explanation) -> None:
    bundle = explanation._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/latex", "text/plain"}
    assert bundle["text/plain"] == explanation.to_text()
    assert r"\documentclass" not in bundle["text/latex"]
    assert bundle == symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3])._repr_mimebundle_()
    assert explanation._repr_html_() == bundle["text/html"]


def test_the_frame_is_sandboxed_and_holds_the_page(explanation: Explanation) -> None:
    ((tag, attributes),) = elements(explanation._repr_html_())
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts"  # no "allow-same-origin": its script sees nothing of the notebook
    inner = attributes["srcdoc"] or ""
    assert "script-src 'sha256-" in inner
    assert re.findall(r"<h1>.*</h1>", inner) == re.findall(r"<h1>.*</h1>", explanation.to_html())


def test_what_stands_for_the_frame_where_it_is_left_out(explanation: Explanation) -> None:
    """A notebook that is not trusted shows what stands between the tags of a frame."""
    assert ">The gradient of y = x * x; mean(y): agree</iframe>" in explanation._repr_html_()


def test_a_page_in_chinese(explanation: Explanation) -> None:
    page = explanation.page("zh")
    assert "的梯度" in page._repr_mimebundle_()["text/plain"]
    assert 'lang="zh-Hans"' in html.unescape(page._repr_html_())
    assert repr(page) == repr(explanation)


def test_time_that_is_over_is_said_in_the_cell() -> None:
    late = symdiff.explain("mean(x * x)", x=[1.0, 2.0], timeout=30)
    late._deadline._spent = 40.0
    bundle = late._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "the limit of 30 s" in bundle["text/plain"]


# --- a kernel ---------------------------------------------------------------------------------------------------------


def test_a_notebook_is_executed(tmp_path: Path) -> None:
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the client says of its own dependencies
        from nbclient import NotebookClient

        cells = [
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport symdiff",
            'symdiff.explain("y = x * x; mean(y)", x=[0, 1, 2, 3])',
            'symdiff.explain("log(x)", x=0.0).page("zh")',
        ]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    _, mean, undefined = notebook.cells
    (shown,) = mean.outputs
    assert shown.output_type == "execute_result"
    assert shown.data["text/html"].startswith("<iframe")
    assert shown.data["text/plain"].startswith("The gradient of")
    (shown,) = undefined.outputs
    assert "的梯度" in shown.data["text/plain"]
    nbformat.validate(notebook)


# --- a browser --------------------------------------------------------------------------------------------------------


@pytest.fixture
def notebook(browser, tmp_path):
    """``notebook(html)``: a page of a host that holds the HTML, and the frame in it."""
    opened = []

    def open_host(inside: str, ground: str = "#fff", **context):
        path = tmp_path / f"host-{len(opened)}.html"
        path.write_text(f'<!doctype html><meta charset="utf-8"><body><div style="background: {ground}">{inside}</div>')
        page = browser.new_context(viewport={"width": 900, "height": 700}, **context).new_page()
        opened.append(page)
        page.told, page.asked = [], []
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_host
    for page in opened:
        page.context.close()


HEIGHTS = """() => {
    const frame = document.querySelector("iframe");
    return frame.getBoundingClientRect().height;
}"""
CONTENT = "document.documentElement.getBoundingClientRect().height"


def _fits(page) -> None:
    inner = page.frames[1].evaluate(CONTENT)
    page.wait_for_function(f"({HEIGHTS})() >= {inner} && ({HEIGHTS})() < {inner} + 2", timeout=5000)


def test_the_frame_is_as_high_as_its_page(explanation: Explanation, notebook) -> None:
    page = notebook(explanation._repr_html_())
    page.wait_for_function(f"({HEIGHTS})() > 1000")
    _fits(page)
    page.set_viewport_size({"width": 400, "height": 700})
    page.wait_for_function("document.querySelector('iframe').clientWidth < 400")
    _fits(page)
    assert page.frames[1].evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.told == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def test_two_frames_have_each_their_own_height(explanation: Explanation, notebook) -> None:
    other = symdiff.explain("x", x=1.0)
    page = notebook(explanation._repr_html_() + other._repr_html_())
    page.wait_for_function("[...document.querySelectorAll('iframe')].every(each => each.style.height.endsWith('px'))")
    for frame, element in zip(page.frames[1:], page.query_selector_all("iframe"), strict=True):
        assert abs(frame.evaluate(CONTENT) - element.bounding_box()["height"]) < 1.5


def _ground_becomes(page, wanted: str) -> None:
    """By evaluation: a page whose policy forbids scripts refuses to wait for a condition written as one."""
    found = ""
    for _ in range(100):
        found = page.frames[1].evaluate("getComputedStyle(document.documentElement).backgroundColor")
        if found == wanted:
            return
        page.wait_for_timeout(50)
    assert found == wanted


def test_the_page_is_as_dark_as_the_notebook(explanation: Explanation, notebook) -> None:
    page = notebook(explanation._repr_html_(), ground="oklch(0.2 0 0)")
    _ground_becomes(page, "rgb(23, 24, 27)")
    page.evaluate("document.querySelector('div').style.background = 'white'; document.body.className = 'light'")
    _ground_becomes(page, "rgb(253, 252, 249)")
    page = notebook(explanation._repr_html_(), color_scheme="dark")  # the reader's machine is dark, the notebook is not
    _ground_becomes(page, "rgb(253, 252, 249)")


def test_without_scripts_the_frame_scrolls(explanation: Explanation, notebook) -> None:
    page = notebook(explanation._repr_html_(), java_script_enabled=False)
    assert 500 < page.query_selector("iframe").bounding_box()["height"] < 1000
    assert "scroll" not in (page.query_selector("iframe").get_attribute("style") or "")
    assert page.frames[1].query_selector("h1") is not None


def test_nothing_that_a_user_wrote_gets_out_of_the_frame(notebook) -> None:
    explanation = symdiff.explain("x * x", x=1.0)
    page = notebook(_named(explanation, HOSTILE)._repr_html_())
    page.wait_for_function("document.querySelector('iframe').style.height.endsWith('px')")
    assert page.title() == ""
    assert len(page.query_selector_all("body *")) == 2
    assert HOSTILE in page.frames[1].inner_text("h1")
    with pytest.raises(Exception, match=r"SecurityError|Blocked a frame"):
        page.frames[1].evaluate("parent.document.title")


def _named(explanation: Explanation, name: str):
    """The page with another text for its title: what is typed cannot hold such signs, what a function is called can."""
    from symdiff.pages.blocks import CodeSpan
    from symdiff.pages.notebook import Page
    from symdiff.printing.record import replace

    return Page(replace(explanation.document(), title=(CodeSpan(name),)), "")


# --- LaTeX ------------------------------------------------------------------------------------------------------------

# what nbconvert loads before it sets the outputs of cells
PREAMBLE = r"""
\documentclass[11pt]{article}
\usepackage{parskip,graphicx,caption,float,xcolor,enumerate,geometry,amsmath,amssymb,textcomp,iftex}
\ifPDFTeX \usepackage[T1]{fontenc} \else \usepackage{fontspec} \fi
\usepackage{fancyvrb,hyperref,longtable,booktabs,array,calc,mathrsfs}
\geometry{verbose,tmargin=1in,bmargin=1in,lmargin=1in,rmargin=1in}
\newtheorem{remark}{Remark}
\begin{document}
\section{A lesson}
"""


def test_the_part_compiles_in_a_notebooks_document(tmp_path: Path, require_tool) -> None:
    texts = [("y = x * x; max(y)", [3.0, 1.0, -3.0]), ("sqrt(x)", 0.0), ("sum(layer_norm(x)**3)", [1.0, 2.0, 4.0, 8.0])]
    parts = [symdiff.explain(text, x=x)._repr_mimebundle_()["text/latex"] for text, x in texts]
    last = "\\begin{remark}The author's own.\\end{remark}\\section{The end}"
    (tmp_path / "lesson.tex").write_text("\n".join([PREAMBLE, *parts, last, r"\end{document}"]), encoding="utf-8")
    command = [require_tool("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "lesson.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert not re.findall(r"Overfull \\hbox \((?:[3-9]|\d\d)", done.stdout)
    assert not re.findall(r"destination with the same identifier|Missing character|undefined", done.stdout)


def test_importing_symdiff_imports_no_notebook() -> None:
    script = "import sys, symdiff; symdiff.explain('x', x=1.0).page(); assert 'IPython' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
