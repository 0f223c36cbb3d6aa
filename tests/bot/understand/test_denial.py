"""What a question leaves out and denies."""

import pytest

from bot.understand.asked import Kind
from bot.understand.denial import excepted_in
from bot.understand.question import understand

EXCEPTED = [
    ("市長以外の構成員は?", "市長"),
    ("行動指針のうちスピード感以外は?", "スピード感"),
    ("分野1を除く分野は?", "分野1"),
    ("植樹のほかには?", "植樹"),
    ("電子申請を除いて教えて", "電子申請"),
    ("それ以外には?", ""),
    ("何を除いていますか?", ""),
    ("対象から除くものは?", ""),
    ("基本理念は?", ""),
]


@pytest.mark.parametrize(("text", "what"), EXCEPTED)
def test_what_is_left_out(text: str, what: str) -> None:
    """A thing that is named; to ask what is left out, or to point at it, names nothing."""
    found = excepted_in(text)
    assert (found.what if found else "") == what


def test_what_is_left_out_need_not_be_found() -> None:
    """It is no term, and who leaves one out asks for all the others."""
    asked = understand("みどり推進本部に市長以外で出るのは誰ですか")
    assert asked.excepted == ("市長",)
    assert asked.kind is Kind.LIST
    assert "市長" not in {term.text for term in asked.terms}


DENIED = [
    ("会議に出ていない委員は?", "欠席"),
    ("出席しなかったのは誰?", "欠席"),
    ("まだ決まっていないことは?", "未定"),
]


@pytest.mark.parametrize(("text", "term"), DENIED)
def test_what_is_not_done_has_a_word_of_its_own(text: str, term: str) -> None:
    """出ていない is looked for as 欠席."""
    assert term in {found.text for found in understand(text).terms}


def test_what_is_done_is_not_denied() -> None:
    """出席した names no absence."""
    assert not {"欠席", "未定"} & {term.text for term in understand("出席して決まったことは?").terms}


@pytest.mark.parametrize(
    "text", ["いつまでに提出しなければなりませんか", "何を提出しないといけない?", "提出しなきゃいけない物は"]
)
def test_what_must_be_done_is_not_denied(text: str) -> None:
    """提出しなければならない asks for what is handed in."""
    terms = {term.text for term in understand(text).terms}
    assert "提出" in terms
    assert "未提出" not in terms
