from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.answering.pipeline import Pipeline
from bot.answering.state import Question, Turn
from bot.answering.suggestions import Suggestions, section_question, section_questions
from ingest.documents import Document
from ingest.embedding import open_encoder
from ingest.index.index import Index, open_index
from tests.bot.answer_assertions import TODAY
from tests.bot.answering.retrieval.passages import built

pytest_plugins = ["tests.bot.city_index"]


def ask(pipeline: Pipeline, text: str, as_of: date = TODAY) -> Turn:
    return pipeline.answer(Turn(Question(question=text), as_of))[0]


def test_answer_has_three_suggestions_of_other_sections(city_pipeline: Pipeline, city_index: Index) -> None:
    place = section_questions(city_index)
    draft = ask(city_pipeline, "環境プラン2.0の計画期間は?").draft
    assert draft is not None
    assert 0 < len(draft.suggestions) <= 3
    shown = {source.passage.path for source in draft.sources}
    assert shown.isdisjoint(place[one].path for one in draft.suggestions)


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
        assert suggestions.examples(["paper"], 9) == ("川岸の音楽会は?",)


PAPER_OF_MAY = """
[[document]]
id = "paper"
title = "川だより"
file = "paper.md"
kind = "notice"
issuer = "川市"
published = "2026-05-01"
"""
