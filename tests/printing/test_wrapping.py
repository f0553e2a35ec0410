"""Lines of text: like textwrap's where words are set apart by spaces, and by the rules of Chinese."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from symdiff.printing.widths import width_of
from symdiff.printing.wrapping import wrapped

CHINESE = (
    "在 x₁（x[0]）处，max 的两侧导数不同：左导数为 −1，右导数为 1。"
    "单就这一个元素而言，可取两者之间的任何值（见「约定」）。"
)


@given(st.text("ab-(,. ", max_size=80), st.integers(8, 30))
def test_words_are_wrapped_as_the_standard_library_does(text: str, width: int) -> None:
    expected = textwrap.wrap(
        text, width, initial_indent="* ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False,
        fix_sentence_endings=False,
    )  # fmt: skip
    ours = wrapped(text, width, "* ", "  ")
    assert " ".join(" ".join(ours).split()) == " ".join(" ".join(expected or ["*"]).split())
    assert len(ours) == max(len(expected), 1)


@given(st.integers(8, 100))
def test_chinese_is_broken_between_letters_and_never_before_a_mark(width: int) -> None:
    lines = wrapped(CHINESE, width)
    assert "".join("".join(lines).split()) == "".join(CHINESE.split())
    for line in lines:
        assert line[0] not in "，。：；、）」"
        assert line[-1] not in "（「"
        assert width_of(line) <= max(width, width_of("（x[0]）"))
    assert width < 60 or len(lines) <= width_of(CHINESE) // (width - 8) + 1
