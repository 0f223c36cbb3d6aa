"""What a page shows of an answer in easy Japanese."""

from dataclasses import replace
from datetime import date
from typing import Literal

from bot.easy_japanese import EasyJapanese
from bot.easy_japanese.wording import replace_hard_words
from bot.state import Block, Draft, Question, Source, Status, TextBlock, Turn
from ingest.documents import Passage
from tests.bot.shown import EXCERPT, LEAD, REMARK, SUM, TABLE, excerpt

PASSAGE = Passage("lamps#1", "lamps", "text", ("街灯",), EXCERPT, (1,))
ROWS = tuple(
    Passage(f"ferry#{n}", "ferry", "row", ("渡し船",), f"便: {name}\n乗客数(人): {people}", (n,))
    for n, (name, people) in enumerate((("朝の便", 120), ("夕方の便", 90)), 1)
)


def told(draft: Draft, style: Literal["standard", "easy"] = "easy") -> Draft:
    """Return a draft as it is told in a style."""
    turn = EasyJapanese(lambda _text: [PASSAGE, *ROWS], ())(
        Turn(Question(question="何ですか", style=style), date(2026, 11, 1), draft=draft)
    )
    assert turn.draft is not None
    return turn.draft


def unsure() -> Draft:
    blocks: tuple[Block, ...] = (TextBlock(text=REMARK), excerpt())
    source = Source(PASSAGE, EXCERPT)
    return Draft(f"{REMARK}\n\n{LEAD}\n{EXCERPT}[1]", (source,), Status.PARTIAL, blocks=blocks)


def test_who_did_not_ask_for_easy_japanese_is_told_what_was_found() -> None:
    """Text and blocks stay as they are."""
    assert told(unsure(), "standard") == unsure()


def test_an_excerpt_is_told_in_the_easy_text_behind_what_it_is_worth() -> None:
    """The remark stays a block of its own, in easy words; the other block is the easy text."""
    draft = told(unsure())
    remark, text = draft.blocks
    assert isinstance(remark, TextBlock)
    assert isinstance(text, TextBlock)
    assert remark.text == "答えかどうか、わかりません。でも、近いことが書いてあります。"
    assert "・港の通りは再来年度[1]" in text.text
    assert draft.text == f"{remark.text}\n\n{text.text}"


def test_a_table_stays_beside_the_easy_text() -> None:
    """Its cells are figures and names, and are not rewritten."""
    sources = tuple(Source(row, row.text) for row in ROWS)
    draft = told(Draft(SUM, sources, blocks=(TextBlock(text=SUM), TABLE)))
    assert draft.blocks == (TextBlock(text=draft.text), TABLE)


def test_of_an_excerpt_its_best_part_is_told_and_quoted() -> None:
    """A list is told whole with the sentence before it; a sentence that tells more waits in the source."""
    asked = unsure()
    long = EXCERPT + "街灯の数は市の全域で調べました。" * 8
    blocks = (TextBlock(text=REMARK), excerpt(text=long))
    draft = told(replace(asked, text=f"{REMARK}\n\n{LEAD}\n{long}[1]", sources=(Source(PASSAGE, long),), blocks=blocks))
    assert "・岬の通りは来年度[1]" in draft.text
    assert draft.text.count("調べました") < 8
    assert draft.sources[0].quote in long
    assert len(draft.sources[0].quote) <= 120


def test_a_document_s_own_words_stay_in_names_and_quotations() -> None:
    """Bookish verbs are put in everyday ones where they are verbs, not in a compound, a name or a quotation."""
    assert replace_hard_words("町は「費用を削減する」計画を策定し、情報共有を推進します") == (
        "町は「費用を削減する」計画を作り、情報共有をすすめます"
    )
    assert replace_hard_words("計画が策定され、住民課が費用を削減した") == "計画が作られ、住民課がお金をへらした"
