"""Tests of answers to "What is X?": the defining sentence, else the passages that mention X."""

import pytest

from bot.answers.definition import DefinitionAnswerer
from bot.state import Draft, ScoredPassage, Status, TextBlock
from ingest.documents import Passage
from tests.bot.answers.reading import CITY, excerpt_answerer, scored_passage, table, text, turn_of
from tests.bot.draft_rendering import blocks_of, text_of

USED = text("wood-2#1", "方針の一つは鉋台帳の整備です。道具の貸出は鉋台帳で管理します。", "4. 方針")
WORDS = table("wood-2", "用語", ("用語", "説明"), ("鉋台帳", "道具館が貸した鉋を書きとめる帳面"), ("目立て", "12件"))


def definition_answer(question: str, *passages: ScoredPassage, rows: tuple[Passage, ...] = ()) -> Draft | None:
    return DefinitionAnswerer(excerpt_answerer(CITY, rows))(turn_of(question, *passages))


@pytest.mark.parametrize(
    "sentence",
    [
        "鉋台帳とは、道具館が貸した鉋を書きとめた帳面です。",
        "「鉋台帳」は、道具館が貸した鉋を書きとめた帳面のことです。",
        "※ 鉋台帳: 道具館が貸した鉋を書きとめた帳面",
        "貸した鉋を書きとめた帳面(以下「鉋台帳」という。)を置きます。",
        "・鉋台帳 貸した鉋を書きとめます",
    ],
)
@pytest.mark.parametrize("question", ["鉋台帳とは何ですか", "鉋台帳って何?", "「鉋台帳」の意味を教えてください"])
def test_defining_sentence_is_the_answer(sentence: str, question: str) -> None:
    draft = definition_answer(
        question, scored_passage(USED, 0.9, "鉋台帳"), scored_passage(text("wood-2#2", sentence, "5. 帳面"), 0.2)
    )
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert [source.passage.id for source in draft.sources] == ["wood-2#2"]


def test_section_headed_by_the_word_defines_it() -> None:
    below = text("wood-2#2", "貸した鉋を書きとめ、月ごとに数えます。", "(2) 鉋台帳")
    draft = definition_answer("鉋台帳とは何ですか", scored_passage(USED), scored_passage(below, 0.2))
    assert draft is not None
    assert [source.passage for source in draft.sources] == [below]


def test_glossary_row_defines_its_word() -> None:
    draft = definition_answer("鉋台帳とは何ですか", *map(scored_passage, WORDS), rows=WORDS)
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert WORDS[0] in [source.passage for source in draft.sources]
    undefined = definition_answer("目立てとは何ですか", *map(scored_passage, WORDS), rows=WORDS)
    assert undefined is not None
    assert undefined.status is Status.PARTIAL


def test_undefined_word_is_shown_in_its_passage() -> None:
    other = text("wood-2#2", "帳面は毎月数えます。", "5. 帳面")
    draft = definition_answer("鉋台帳とは何ですか", scored_passage(other, 0.9), scored_passage(USED, 0.2))
    assert draft is not None
    assert draft.status is Status.PARTIAL
    assert text_of(draft).startswith("「鉋台帳」が何かを説明した文は、文書の中に見つけられませんでした。")
    assert blocks_of(draft)[0] == TextBlock(text=text_of(draft).splitlines()[0])
    assert [source.passage for source in draft.sources] == [USED]


def test_general_glossary_word_is_marked_as_general() -> None:
    name = text("wood-2#1", "オープンデータ台帳\n鉋台帳", "1. 台帳")
    sentence = text("wood-2#2", "貸出の記録をオープンデータとして公開しています。", "5. 公開")
    draft = definition_answer("オープンデータとは何ですか", scored_passage(name, 0.9), scored_passage(sentence, 0.2))
    assert draft is not None
    assert "一般には「だれでも使ってよいデータ」という意味です。" in text_of(draft).splitlines()[0]
    assert draft.status is Status.PARTIAL
    assert [source.passage for source in draft.sources] == [sentence]


@pytest.mark.parametrize(
    "question", ["鉋台帳とは何を書くものですか", "鉋台帳は何冊ありますか", "鉋台帳って何年続いていますか"]
)
def test_question_beyond_a_definition_is_left_to_others(question: str) -> None:
    assert definition_answer(question, scored_passage(USED)) is None


def test_unknown_word_is_left_to_other_answerers() -> None:
    assert definition_answer("墨壺とは何ですか", scored_passage(USED)) is None
