"""The catalogues agree with each other and with the code, and are compiled to what gettext reads."""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from symdiff.catalogues import compile_catalogue, is_compiled
from symdiff.errors import InputError
from symdiff.sentences import languages, sentences
from tests.locale.catalogue import ROOT, TRANSLATIONS, catalogue, forms, keys, messages, source

EVERY = ["en", *TRANSLATIONS]
MARKS = re.compile(r"\{(\w+)\}|(`[^`]+`)")


def test_there_are_english_and_others() -> None:
    assert TRANSLATIONS
    assert {folder.partition("_")[0] for folder in EVERY} == set(languages())


@pytest.mark.parametrize("folder", EVERY)
def test_every_message_has_a_key_of_its_own(folder: str) -> None:
    count = Counter(message.context for message in catalogue(folder) if message.id)
    assert None not in count
    with source(folder).open(encoding="utf-8") as file:
        written = Counter(line for line in file if line.startswith("msgctxt"))
    assert [key for key, number in written.items() if number > 1] == []


@pytest.mark.parametrize("folder", TRANSLATIONS)
def test_a_translation_has_the_messages_of_english_word_for_word(folder: str) -> None:
    english, other = messages(), messages(folder)
    assert {key: message.id for key, message in english.items()} == {key: message.id for key, message in other.items()}
    assert not catalogue(folder).obsolete


def test_english_is_the_template() -> None:
    assert not [key for key, message in messages().items() if any(forms(message.string))]


@pytest.mark.parametrize("folder", TRANSLATIONS)
def test_nothing_is_missing_or_fuzzy(folder: str) -> None:
    for key, message in messages(folder).items():
        assert all(forms(message.string)), key
        assert not message.fuzzy, key
        assert len(forms(message.string)) == (catalogue(folder).num_plurals if message.pluralizable else 1), key


@pytest.mark.parametrize("folder", TRANSLATIONS)
def test_a_translation_has_the_placeholders_and_code_of_english(folder: str) -> None:
    for key, message in messages(folder).items():
        wanted = Counter(MARKS.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            assert Counter(MARKS.findall(form)) == wanted, key
            assert form.count("*") % 2 == 0, key
            assert (form == form.strip()) == (forms(message.id)[-1] == forms(message.id)[-1].strip()), key


@pytest.mark.parametrize("folder", TRANSLATIONS)
def test_babels_own_checks_pass(folder: str) -> None:
    assert [(message.id, errors) for message, errors in catalogue(folder).check()] == []


ASKING = {"say", "word", "words", "count", "heading", "paragraph", "Said"}


def asked_in(tree: ast.AST) -> Iterator[str]:
    """Patterns of the keys that are spelt out where a sentence is asked for."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[first, *_]) if name in ASKING:
                key = first
            case ast.Subscript(value=ast.Call(func=ast.Name(id="sentences")), slice=key):
                pass
        match key:
            case ast.Constant(value=str(text)) if text.strip():
                yield re.escape(text)
            case ast.JoinedStr(values=parts):
                spelt = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in parts)
                yield "".join(spelt)


def test_every_key_that_code_spells_out_is_there() -> None:
    known = keys()
    asked = [
        (path.name, pattern)
        for path in sorted((ROOT / "symdiff").rglob("*.py"))
        for pattern in asked_in(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(asked) > 70
    assert [each for each in asked if not any(re.fullmatch(each[1], key) for key in known)] == []


@pytest.mark.parametrize("folder", EVERY)
def test_what_is_compiled_is_what_was_written(folder: str) -> None:
    compiled = gettext.GNUTranslations(BytesIO(compile_catalogue(source(folder))))
    for key, message in messages(folder).items():
        told = message.string if any(forms(message.string)) else message.id
        if not message.pluralizable:
            assert compiled.gettext(key) == told
            continue
        assert compiled.ngettext(key, key, 1) == forms(told)[0]
        assert compiled.ngettext(key, key, 3) == forms(told)[-1]


def test_the_same_source_gives_the_same_bytes() -> None:
    assert compile_catalogue(source("en")) == compile_catalogue(source("en"))


def test_a_key_that_is_not_there_is_no_sentence() -> None:
    for language in languages():
        with pytest.raises(KeyError, match="no such key"):
            sentences(language)["no such key"]
        with pytest.raises(KeyError, match="no such key"):
            sentences(language).count("no such key", 2)


@pytest.mark.parametrize("name", ["tlh", "", "../en", "en_", "zh_Hant", "zh-Hans-CN"])
def test_a_language_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="there is en"):
        sentences(name)


PO = """msgid ""
msgstr "Language: zh_Hans\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgctxt "done"
msgid "One"
msgstr "一"

#, fuzzy
msgctxt "doubtful"
msgid "Two"
msgstr "二"

msgctxt "empty"
msgid "Three"
msgstr ""
"""


def checkout(tmp_path: Path, content: str) -> Path:
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "symdiff.po"
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    return file


def test_what_is_missing_or_fuzzy_is_left_to_english(tmp_path: Path) -> None:
    compiled = gettext.GNUTranslations(BytesIO(compile_catalogue(checkout(tmp_path, PO))))
    compiled.add_fallback(sentences()._translations)
    assert compiled.gettext("done") == "一"
    for key in ("doubtful", "empty"):
        with pytest.raises(KeyError):
            compiled.gettext(key)
    assert compiled.gettext("where") == "where"


def test_a_message_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'One' has no context"):
        compile_catalogue(checkout(tmp_path, PO.replace('msgctxt "done"\n', "")))


def test_a_changed_source_is_compiled_again(tmp_path: Path) -> None:
    file = checkout(tmp_path, PO)
    assert not is_compiled(file)
    compile_catalogue(file)
    assert is_compiled(file)
    later = file.with_suffix(".mo").stat().st_mtime_ns + 1
    os.utime(file, ns=(later, later))
    assert not is_compiled(file)
    file.unlink()  # what a wheel installs
    assert is_compiled(file)
    assert sorted(path.name for path in file.parent.iterdir()) == ["symdiff.mo"]


def test_a_checkout_without_babel_says_what_to_do(tmp_path: Path) -> None:
    for package in ("symdiff", "autodiff", "templates"):
        ignored = shutil.ignore_patterns("__pycache__", "*.mo")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    script = (
        "import sys; sys.modules['babel'] = None\n"
        "from symdiff.sentences import sentences\n"
        "from symdiff.errors import InputError\n"
        "try: sentences()\n"
        "except InputError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.stdout.endswith("pip install -e . in this checkout, or pip install babel\n"), done.stderr


def test_a_translator_sees_which_english_sentences_changed(tmp_path: Path) -> None:
    """What context and message are for: Babel's own update marks the translation as fuzzy."""
    for folder in EVERY[1:]:
        template = read_po(BytesIO(source("en").read_bytes().replace(b'msgid "where"', b'msgid "here"')), locale="en")
        updated = read_po(BytesIO(source(folder).read_bytes()), locale=folder)
        updated.update(template)
        changed = [message for message in updated if message.id and message.context == "where"]
        assert [(message.id, message.fuzzy) for message in changed] == [("here", True)]
