"""PDF in both languages: compiled, read back by pdftotext, no letter missing, nothing out of the margin."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from symdiff.pages.latex import engine, latex
from symdiff.pages.pdf import compiled
from tests.locale.programs import explained

ALLOWED = 2.0
"""Nobody sees so many points."""
NAMES = ["mean", "max", "perceptron", "undefined", "layer"]
READ = {
    "en": ["The gradient of", "Forward", "Backward"],
    "zh": ["的梯度", "前向计算", "反向传播", "链式法则"],
}


def logged(source: str, program: str, folder: Path) -> str:
    """TeX's log of one run."""
    (folder / "page.tex").write_text(source, encoding="utf-8")
    command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "page.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log


def read_back(file: Path, require_tool: Callable[[str], str]) -> str:
    """The text of a PDF."""
    command = [require_tool("pdftotext"), str(file), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("language", "name"), [("zh", name) for name in NAMES] + [("en", "mean")])
def test_a_page_is_set_and_read_back(language: str, name: str, tmp_path: Path, require_tool) -> None:  # type: ignore[no-untyped-def]
    document = explained(name).document(language)
    program = engine(document)
    assert program == {"en": "pdflatex", "zh": "xelatex"}[language]
    require_tool(program)
    log = logged(latex(document), program, tmp_path)
    assert "Missing character" not in log
    assert [size for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log) if float(size) > ALLOWED] == []
    text = read_back(tmp_path / "page.pdf", require_tool)
    for wanted in READ[language]:
        assert wanted in text
    assert "U+" not in text


def test_every_letter_of_the_catalogue_is_in_the_fonts(tmp_path: Path, require_tool) -> None:  # type: ignore[no-untyped-def]
    """In the regular face, the bold one of titles and the one of stress."""
    from symdiff.printing.tex import escape_but_han
    from tests.locale.catalogue import forms, messages

    require_tool("xelatex")
    every = "".join(form for message in messages("zh_Hans").values() for form in forms(message.string))
    letters = escape_but_han(" ".join(sorted(set(every) - {" "})))
    shell = latex(explained("mean").document("zh")).split(r"\begin{document}")[0]
    body = rf"\begin{{document}}{letters}\par\textbf{{{letters}}}\par\emph{{{letters}}}\end{{document}}"
    log = logged(shell + body, "xelatex", tmp_path)
    assert "Missing character" not in log
    text = read_back(tmp_path / "page.pdf", require_tool)
    for letter in set(every):
        assert letter in text or not "\u4e00" <= letter <= "\u9fff", letter


def test_chinese_is_saved_as_pdf_and_the_same_again(tmp_path: Path, require_tool) -> None:  # type: ignore[no-untyped-def]
    require_tool("xelatex")
    for name in ("a", "b"):
        explained("result").save(tmp_path / f"{name}.pdf", language="zh")
    found = (tmp_path / "a.pdf").read_bytes()
    assert found.startswith(b"%PDF-")
    assert found == (tmp_path / "b.pdf").read_bytes()
    assert "的梯度" in read_back(tmp_path / "a.pdf", require_tool)


def test_a_letter_that_a_font_does_not_have_is_noticed(tmp_path: Path, require_tool) -> None:  # type: ignore[no-untyped-def]
    require_tool("xelatex")
    shell = latex(explained("mean").document("zh")).split(r"\begin{document}")[0]
    assert "Missing character" in logged(shell + r"\begin{document}한국\end{document}", "xelatex", tmp_path)
    assert compiled(shell + r"\begin{document}x\end{document}", "xelatex").startswith(b"%PDF-")


def test_what_is_missing_is_said_with_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(Exception, match=r"^xelatex is not installed.*texlive-lang-chinese"):
        explained("result").save(tmp_path / "a.pdf", language="zh")
