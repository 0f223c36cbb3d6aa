"""What a word means: told by the sentence that says so, and where none does that is told instead."""

import pytest

from bot.answers.definition import DefinitionAnswerer
from bot.state import Draft, ScoredPassage, Status, TextBlock
from ingest.documents import Passage
from tests.bot.answers.reading import CITY, excerpt_answerer, read, table, text, turn_of
from tests.bot.rendered import blocks_of, text_of

USED = text("wood-2#1", "方針の一つは鉋台帳の整備です。道具の貸出は鉋台帳で管理します。", "4. 方針")
WORDS = table("wood-2", "用語", ("用語", "説明"), ("鉋台帳", "道具館が貸した鉋を書きとめる帳面"), ("目立て", "12件"))


def told(question: str, *passages: ScoredPassage, rows: tuple[Passage, ...] = ()) -> Draft | None:
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
def test_the_sentence_that_says_what_it_is_answers(sentence: str, question: str) -> None:
    """Though another passage that has the word is likelier."""
    draft = told(question, read(USED, 0.9, "鉋台帳"), read(text("wood-2#2", sentence, "5. 帳面"), 0.2))
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert [source.passage.id for source in draft.sources] == ["wood-2#2"]


def test_what_stands_below_the_word_as_a_heading_tells_what_it_is() -> None:
    """The section says it without the word."""
    below = text("wood-2#2", "貸した鉋を書きとめ、月ごとに数えます。", "(2) 鉋台帳")
    draft = told("鉋台帳とは何ですか", read(USED), read(below, 0.2))
    assert draft is not None
    assert [source.passage for source in draft.sources] == [below]


def test_a_row_of_a_glossary_tells_what_its_word_is() -> None:
    """A row of figures does not."""
    draft = told("鉋台帳とは何ですか", *map(read, WORDS), rows=WORDS)
    assert draft is not None
    assert draft.status is Status.ANSWERED
    assert WORDS[0] in [source.passage for source in draft.sources]
    undefined = told("目立てとは何ですか", *map(read, WORDS), rows=WORDS)
    assert undefined is not None
    assert undefined.status is Status.PARTIAL


def test_where_no_sentence_says_it_the_word_is_shown_where_it_stands() -> None:
    """Said before it, so that nobody takes a use of the word for its meaning."""
    other = text("wood-2#2", "帳面は毎月数えます。", "5. 帳面")
    draft = told("鉋台帳とは何ですか", read(other, 0.9), read(USED, 0.2))
    assert draft is not None
    assert draft.status is Status.PARTIAL
    assert text_of(draft).startswith("「鉋台帳」が何かを説明した文は、文書の中に見つけられませんでした。")
    assert blocks_of(draft)[0] == TextBlock(text=text_of(draft).splitlines()[0])
    assert [source.passage for source in draft.sources] == [USED]


def test_a_word_of_the_glossary_is_told_as_what_it_means_in_general() -> None:
    """Said not to be the documents', of which a sentence is shown rather than the name of something."""
    name = text("wood-2#1", "オープンデータ台帳\n鉋台帳", "1. 台帳")
    sentence = text("wood-2#2", "貸出の記録をオープンデータとして公開しています。", "5. 公開")
    draft = told("オープンデータとは何ですか", read(name, 0.9), read(sentence, 0.2))
    assert draft is not None
    assert "一般には「だれでも使ってよいデータ」という意味です。" in text_of(draft).splitlines()[0]
    assert draft.status is Status.PARTIAL
    assert [source.passage for source in draft.sources] == [sentence]


@pytest.mark.parametrize(
    "question", ["鉋台帳とは何を書くものですか", "鉋台帳は何冊ありますか", "鉋台帳って何年続いていますか"]
)
def test_who_asks_for_more_than_a_meaning_is_answered_as_others_are(question: str) -> None:
    """The word is a part of another question."""
    assert told(question, read(USED)) is None


def test_a_word_that_stands_nowhere_is_left_to_the_others() -> None:
    """What is near may still answer."""
    assert told("墨壺とは何ですか", read(USED)) is None
