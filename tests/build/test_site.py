"""A site: what is unchanged stays, what is gone goes, what is damaged is made again; the order of work is not seen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from symdiff.build.folder import opened
from symdiff.build.ledger import FOLDER
from symdiff.errors import InputError
from tests.build.inline import contents, site

TEXTS = ["y = x * x; mean(y)", "max(x)", "x[0] * x[1]"]


def cases(path: Path, texts: list[str], **more: object) -> Path:
    path.write_text("".join(f"{json.dumps({'expression': text, 'at': {'x': [1, 1]}, **more})}\n" for text in texts))
    return path


def test_a_page_for_every_case_and_an_index(tmp_path: Path) -> None:
    summary, made = site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    assert made == TEXTS
    assert (summary.made, summary.kept, summary.failed, summary.status) == (3, 0, 0, 0)
    assert summary.verdicts == {"agree": 2, "kink": 1}
    assert sorted(contents(tmp_path / "site")) == [
        ".symdiff/lock",
        ".symdiff/manifest.jsonl",
        "index.html",
        "max-x.html",
        "x-0-x-1.html",
        "y-x-x-mean-y.html",
    ]


def test_what_is_unchanged_is_not_made_again(tmp_path: Path) -> None:
    site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    before = contents(tmp_path / "site")
    summary, made = site(tmp_path / "c.jsonl", tmp_path / "site")
    assert made == []
    assert (summary.made, summary.kept, summary.status) == (0, 3, 0)
    assert contents(tmp_path / "site") == before
    _, made = site(tmp_path / "c.jsonl", tmp_path / "site", again=True)
    assert made == TEXTS
    assert contents(tmp_path / "site") == before


def test_only_what_changed_is_made(tmp_path: Path) -> None:
    site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    _, made = site(cases(tmp_path / "c.jsonl", [*TEXTS[:2], "x[0] + 3 * x[1]"]), tmp_path / "site")
    assert made == ["x[0] + 3 * x[1]"]
    assert not (tmp_path / "site" / "x-0-x-1.html").exists()
    _, fresh = site(tmp_path / "c.jsonl", tmp_path / "fresh")
    assert len(fresh) == 3
    assert contents(tmp_path / "site") == contents(tmp_path / "fresh")


def test_the_order_in_which_cases_are_ready_is_not_seen(tmp_path: Path) -> None:
    site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    site(tmp_path / "c.jsonl", tmp_path / "other", backwards=True)
    assert contents(tmp_path / "site") == contents(tmp_path / "other")


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_a_page_that_is_not_whole_is_made_again(tmp_path: Path, damage: bytes | None) -> None:
    site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    before = contents(tmp_path / "site")
    page = tmp_path / "site" / "max-x.html"
    page.unlink() if damage is None else page.write_bytes(damage)
    _, made = site(tmp_path / "c.jsonl", tmp_path / "site")
    assert made == ["max(x)"]
    assert contents(tmp_path / "site") == before


def test_a_page_that_another_case_has_written_over_is_made_again(tmp_path: Path) -> None:
    """Of three cases with one title the second goes: the third takes its name, and gives it back."""
    one, two, three = ("x[0]", "x[1]", "x[0] + x[1]")
    title = {"title": "Sum"}
    site(cases(tmp_path / "c.jsonl", [one, two, three], **title), tmp_path / "site")
    before = contents(tmp_path / "site")
    site(cases(tmp_path / "c.jsonl", [one, three], **title), tmp_path / "site")
    site(cases(tmp_path / "c.jsonl", [one, two, three], **title), tmp_path / "site")
    assert contents(tmp_path / "site") == before
    assert {"sum.html", "sum-2.html", "sum-3.html"} <= set(before)


def test_a_journal_that_was_torn_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """As a kill leaves it: no manifest yet, and the last line of the journal in part."""
    site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    before = contents(tmp_path / "site")
    manifest = tmp_path / "site" / FOLDER / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    (tmp_path / "site" / FOLDER / "journal.jsonl").write_bytes(
        b'{"claimed": ["max-x.html", "x-0-x-1.html", "y-x-x-mean-y.html"]}\n' + lines[0] + lines[1] + lines[2][:40]
    )
    manifest.unlink()
    _, made = site(tmp_path / "c.jsonl", tmp_path / "site")
    assert made == TEXTS[2:]
    assert contents(tmp_path / "site") == before


def test_a_page_that_was_begun_when_the_process_was_killed_is_nobodys(tmp_path: Path) -> None:
    site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    before = contents(tmp_path / "site")
    with open(tmp_path / "site" / FOLDER / "journal.jsonl", "ab") as journal:
        journal.write(b'{"claimed": ["max-x.html"]}\n')
    size = len(before["max-x.html"])
    (tmp_path / "site" / "max-x.html").write_bytes(b"?" * size)  # of the same length, and not the page
    _, made = site(tmp_path / "c.jsonl", tmp_path / "site")
    assert made == ["max(x)"]
    assert contents(tmp_path / "site") == before


def test_languages_and_formats(tmp_path: Path) -> None:
    text = (
        '[[case]]\ntitle = "One"\nexpression = "x"\nat = {x = 1}\n'
        '[[case]]\ntitle = "Two"\nexpression = "x"\nat = {x = 1}\nlanguage = "zh"\nformat = ["html", "json"]\n'
    )
    (tmp_path / "c.toml").write_text(text)
    site(tmp_path / "c.toml", tmp_path / "site", formats=("html", "markdown"))
    assert sorted(name for name in contents(tmp_path / "site") if not name.startswith(".")) == [
        "index.html", "index.zh.html", "one.html", "one.md", "two.zh.html", "two.zh.json",
    ]  # fmt: skip
    assert 'lang="zh-Hans"' in (tmp_path / "site" / "index.zh.html").read_text()
    assert 'href="index.html"' in (tmp_path / "site" / "index.zh.html").read_text()
    (tmp_path / "c.toml").write_text(text.partition('[[case]]\ntitle = "Two"')[0])
    site(tmp_path / "c.toml", tmp_path / "site")
    assert sorted(name for name in contents(tmp_path / "site") if not name.startswith(".")) == [
        "index.html",
        "one.html",
    ]


def test_every_link_leads_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text(
        '{"expression": "x", "at": {"x": 1}, "language": ["en", "zh"], "format": ["html", "latex", "text"]}\n'
        '{"expression": "x y", "at": {"x": 1}}\n{"expression": "log(x)", "at": {"x": 0}, "format": "markdown"}\n'
    )
    summary, _ = site(tmp_path / "c.jsonl", tmp_path / "site", languages=("zh", "en"))
    assert (summary.failed, summary.disagreeing, summary.status) == (1, 1, 1)
    links = {link for name in ("index.html", "index.en.html") for link in links_of(tmp_path / "site" / name)}
    files = {name for name in contents(tmp_path / "site") if not name.startswith(".")}
    assert links == files - {"index.html", "index.en.html"} | {"index.html", "index.en.html"}


def links_of(page: Path) -> list[str]:
    return re.findall(r'href="([^"]*)"', page.read_text(encoding="utf-8"))


# --- the folder -------------------------------------------------------------------------------------------------------


def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    with pytest.raises(InputError, match="not empty and was not made by symdiff build"), opened(tmp_path / "mine"):
        pass
    assert contents(tmp_path / "mine") == {"index.html": b"mine"}


def test_a_file_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    site(cases(tmp_path / "c.jsonl", TEXTS[:1]), tmp_path / "site")
    (tmp_path / "site" / "max-x.html").write_text("mine")
    with pytest.raises(InputError, match=r"max-x.html was not made by symdiff build and stays as it is"):
        site(cases(tmp_path / "c.jsonl", TEXTS), tmp_path / "site")
    assert (tmp_path / "site" / "max-x.html").read_text() == "mine"


def test_a_second_run_waits_outside(tmp_path: Path) -> None:
    with opened(tmp_path / "site"):
        with pytest.raises(InputError, match="another run is making this folder"), opened(tmp_path / "site"):
            pass
        with opened(tmp_path / "other"):
            pass
    with opened(tmp_path / "site"):
        pass


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/symdiff-site", "x" * 300, "\0"])
def test_a_folder_that_cannot_be_made(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="-o "), opened(tmp_path / place):
        pass
