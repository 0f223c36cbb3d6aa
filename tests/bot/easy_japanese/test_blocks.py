"""Tests of the blocks of an answer in easy Japanese."""

from dataclasses import replace
from datetime import date
from typing import Literal

from bot.easy_japanese import EasyJapanese
from bot.easy_japanese.wording import replace_hard_words
from bot.rendering.answer_text import content_of_rendering
from bot.state import Draft, Question, Source, Status, TextBlock, Turn
from ingest.documents import Passage
from tests.bot.draft_rendering import blocks_of, text_of
from tests.bot.prepared_answers import EXCERPT, REMARK, SUM, TABLE, excerpt

PASSAGE = Passage("lamps#1", "lamps", "text", ("街灯",), EXCERPT, (1,))
ROWS = tuple(
    Passage(f"ferry#{n}", "ferry", "row", ("渡し船",), f"便: {name}\n乗客数(人): {people}", (n,))
    for n, (name, people) in enumerate((("朝の便", 120), ("夕方の便", 90)), 1)
)


def restyled(draft: Draft, style: Literal["standard", "easy"] = "easy") -> Draft:
    """Return a draft in a style."""
    turn = EasyJapanese(lambda _text: [PASSAGE, *ROWS], ())(
        Turn(Question(question="何ですか", style=style), date(2026, 11, 1), draft=draft)
    )
    assert turn.draft is not None
    return turn.draft


def unsure() -> Draft:
    parts = content_of_rendering("", (TextBlock(text=REMARK), excerpt())).parts
    return Draft(parts, (Source(PASSAGE, EXCERPT),), Status.PARTIAL)


def test_standard_style_is_unchanged() -> None:
    assert restyled(unsure(), "standard") == unsure()


def test_easy_excerpt_follows_its_remark() -> None:
    draft = restyled(unsure())
    remark, text = blocks_of(draft, "easy")
    assert isinstance(remark, TextBlock)
    assert isinstance(text, TextBlock)
    assert remark.text == "答えかどうか、わかりません。近いことです。"
    assert "・港の通りは再来年度[1]" in text.text
    assert text_of(draft, "easy") == f"{remark.text}\n\n{text.text}"


def test_a_table_is_kept_with_the_easy_text() -> None:
    sources = tuple(Source(row, row.text) for row in ROWS)
    draft = restyled(Draft(content_of_rendering(SUM, (TextBlock(text=SUM), TABLE)).parts, sources))
    assert blocks_of(draft) == (TextBlock(text=text_of(draft)), TABLE)


def test_the_best_part_of_an_excerpt_is_shown_and_quoted() -> None:
    asked = unsure()
    long = EXCERPT + "街灯の数は市の全域で調べました。" * 8
    parts = content_of_rendering("", (TextBlock(text=REMARK), excerpt(text=long))).parts
    draft = restyled(replace(asked, parts=parts, sources=(Source(PASSAGE, long),)))
    assert "・岬の通りは来年度[1]" in text_of(draft)
    assert text_of(draft).count("調べました") < 8
    assert draft.sources[0].quote in long
    assert len(draft.sources[0].quote) <= 120


def test_names_and_quotations_are_not_rewritten() -> None:
    assert replace_hard_words("町は「費用を削減する」計画を策定し、情報共有を推進します") == (
        "町は「費用を削減する」計画を作り、情報共有をすすめます"
    )
    assert replace_hard_words("計画が策定され、住民課が費用を削減した") == "計画が作られ、住民課がお金をへらした"
