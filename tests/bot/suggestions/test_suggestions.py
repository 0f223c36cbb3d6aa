"""Tests of suggested questions, which are headings of sections."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bot.pipeline import OpenedIndex, Pipeline, open_pipeline
from bot.state import Question, Turn
from bot.suggestions.suggest import Suggestions, section_question, section_questions
from ingest.documents import Document
from ingest.embedding import open_encoder
from ingest.index.index import Index, open_index
from tests.bot.answer_assertions import TODAY
from tests.bot.retrieval.passages import built

pytest_plugins = ["tests.bot.city_index"]


def ask(pipeline: Pipeline, text: str, as_of: date = TODAY) -> Turn:
    return pipeline.answer(Turn(Question(question=text), as_of))[0]


def test_answer_has_three_suggestions_of_other_sections(city_pipeline: Pipeline, city_index: Index) -> None:
    place = section_questions(city_index)
    draft = ask(city_pipeline, "植樹の本数の実績は?").draft
    assert draft is not None
    assert 0 < len(draft.suggestions) <= 3
    shown = {source.passage.path for source in draft.sources}
    assert shown.isdisjoint(place[one].path for one in draft.suggestions)


def test_suggestions_of_the_answer_are_kept(city: OpenedIndex) -> None:
    turn = ask(city.pipeline, "植樹の本数の実績は?")
    assert turn.draft is not None
    own = replace(turn, draft=replace(turn.draft, suggestions=("これですか?",)))
    kept = city.suggestions(own).draft
    assert kept is not None
    assert kept.suggestions == ("これですか?",)


def test_examples_alternate_between_documents(city: OpenedIndex, city_index: Index) -> None:
    place = section_questions(city_index)
    examples = city.suggestions.examples([*{passage.doc_id for passage in place.values()}], 4, TODAY)
    documents = [place[one].doc_id for one in examples]
    assert all(before != after for before, after in pairwise(documents[:2]))
    assert len(set(examples)) == 4
    (first, *_) = documents
    every = city.suggestions.examples([first], 100, TODAY)
    assert {place[one].doc_id for one in every} == {first}
    assert city.suggestions.examples([], 4, TODAY) == ()


PLAN = Document("d", "水辺の計画", "d.md", kind="plan")


FAQ = replace(PLAN, kind="faq", title="よくある質問")


@pytest.mark.parametrize(
    ("document", "heading", "question"),
    [
        (PLAN, "護岸の点検", "護岸の点検は?"),
        (PLAN, "■ 2.3. 護岸の点検", "護岸の点検は?"),
        (PLAN, "▶護岸の点検（例）", "護岸の点検(例)は?"),
        (PLAN, "(2) 護岸の点検", "護岸の点検は?"),
        (PLAN, "第3 護岸の点検", "護岸の点検は?"),
        (PLAN, "◇護岸の点検［新規］", "護岸の点検は?"),
        (PLAN, "護岸の点検【電話】000-0000", "護岸の点検は?"),
        (PLAN, "川で遊ぶには", None),
        (PLAN, "点検", None),
        (replace(PLAN, kind="notice"), "施設の概要", None),
        (PLAN, "水辺の計画", None),
        (PLAN, "護岸" * 20, None),
        (PLAN, "", None),
        (FAQ, "釣り場は何時に開きますか", "釣り場は何時に開きますか"),
        (FAQ, "北見沢颯太さんはだれですか", None),
    ],
)
def test_the_question_of_a_section_is_its_heading(document: Document, heading: str, question: str | None) -> None:
    assert section_question(document, heading) == question


NAMED = [
    "北見沢颯太", "北見沢 颯太", "森 さくら", "写真:小牧結愛さん", "川瀬一朗太ピアノ演奏会", "琉生くんの絵",
    "小野寺由紀子(3歳)", "釣り名人の黒川大吾氏", "市長 早乙女隆の講演会", "ジャック・スミス講演会",
]  # fmt: skip
PEOPLE = "# 川だより\n\n" + "\n\n".join(
    f"## {name}\n\n・日時：6月{day}日\n・場所：川の会館\n・費用：500円\n・申込み：電話で"
    for day, name in enumerate(NAMED, 1)
)


def test_suggestion_names_no_person(tmp_path: Path) -> None:
    event = "\n\n## 川岸の音楽会\n\n・日時：6月22日\n・申込み：電話で\n\n### 北見沢颯太の独奏会\n\n・日時：6月23日\n"
    settings = built(tmp_path, {"paper": PEOPLE + event}, PAPER_OF_MAY)
    with open_index(settings) as index:
        suggestions = Suggestions(index, open_encoder(settings))
        assert suggestions.examples(["paper"], 9, TODAY) == ("川岸の音楽会は?",)


def test_old_notices_give_no_suggestions(tmp_path: Path) -> None:
    days = {"a": "2026-01-01", "b": "2026-09-01"}
    entries = (
        f'[[document]]\nid = "{n}"\ntitle = "広報{n}"\nfile = "{n}.md"\nkind = "notice"\npublished = "{d}"\n'
        for n, d in days.items()
    )
    settings = built(tmp_path, {"a": PAPER, "b": PAPER.replace("釣り", "山歩き")}, "\n".join(entries))
    with open_index(settings) as index:
        assert {passage.doc_id for passage in section_questions(index).values()} == {"b"}


PAPER = """# 川だより

## 上級釣り教室

・日時：6月20日 9時〜12時
・竿は貸します。

## 親子釣り教室

・日時：6月21日 9時〜12時
・親子で釣ります。

## 初級釣り教室

・日時：5月4日 9時〜12時
・竿は貸します。

## 川岸の音楽会

・日時：6月22日 9時〜12時
・岸で歌います。
"""
PAPER_OF_MAY = """
[[document]]
id = "paper"
title = "川だより"
file = "paper.md"
kind = "notice"
issuer = "川市"
published = "2026-05-01"
"""


def test_notice_suggests_upcoming_related_notices(tmp_path: Path) -> None:
    settings = built(tmp_path, {"paper": PAPER}, PAPER_OF_MAY)
    day = date(2026, 6, 1)
    with open_index(settings) as index:
        opened = open_pipeline(index, open_encoder(settings))
        draft = ask(opened.pipeline, "川市の上級釣り教室はいつですか", day).draft
        assert draft is not None
        assert draft.suggestions == ("親子釣り教室は?",)
        assert opened.suggestions.examples(["paper"], 4, day)[-1] == "初級釣り教室は?"


def test_topics_are_top_headings_with_suggestions(city: OpenedIndex, city_index: Index) -> None:
    place = section_questions(city_index)
    documents = [document.id for document in city_index.documents]
    topics = city.suggestions.topics(documents, 2, 3)
    assert 0 < len(topics) <= 2
    for topic in topics:
        assert 0 < len(topic.questions) <= 3
        assert {place[question].path[0] for question in topic.questions} == {topic.heading}
    assert city.suggestions.topics([], 2, 3) == ()
