"""Tests of suggested questions, generated at build time and known to be answered by the index."""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bot.pipeline import Pipeline, build_pipeline
from bot.state import Question, Status, Turn
from bot.suggestions.suggest import FILE, Suggestions, question_candidates
from ingest.configuration.settings import Settings
from ingest.documents import Cell, Document, Passage
from ingest.embedding import open_encoder
from ingest.index.index import Index, open_index
from tests.bot.answer_assertions import TODAY
from tests.bot.retrieval.passages import built

pytest_plugins = ["tests.bot.city_index"]


def generated_questions(index: Index) -> list[tuple[str, str]]:
    return [(question, passage) for question, passage in json.loads((index.folder / FILE).read_text("utf-8"))]


def ask(pipeline: Pipeline, text: str, as_of: date = TODAY) -> Turn:
    return pipeline.answer(Turn(Question(question=text), as_of))[0]


def test_suggestion_is_answered_from_its_section(city_pipeline: Pipeline, city_index: Index) -> None:
    questions = generated_questions(city_index)
    assert len(questions) >= 5
    for question, passage_id in questions:
        draft = ask(city_pipeline, question, date.today()).draft  # noqa: DTZ011 -- the day of the build
        assert draft is not None
        assert draft.status is Status.ANSWERED
        assert draft.sources[0].passage.path == city_index.passages[city_index.passage_row(passage_id)].path


def test_plan_not_in_force_gives_no_suggestions(city_index: Index) -> None:
    assert {"kankyo-plan", "kankyo-plan-3.0"}.isdisjoint(
        city_index.passages[city_index.passage_row(passage_id)].doc_id
        for _, passage_id in generated_questions(city_index)
    )


def test_answer_has_three_suggestions_of_other_sections(city_pipeline: Pipeline, city_index: Index) -> None:
    place = dict(generated_questions(city_index))
    draft = ask(city_pipeline, "植樹の本数の実績は?").draft
    assert draft is not None
    assert 0 < len(draft.suggestions) <= 3
    shown = {source.passage.path for source in draft.sources}
    assert shown.isdisjoint(city_index.passages[city_index.passage_row(place[one])].path for one in draft.suggestions)


def test_suggestions_of_the_answer_are_kept(city_pipeline: Pipeline) -> None:
    turn = ask(city_pipeline, "植樹の本数の実績は?")
    assert turn.draft is not None
    own = replace(turn, draft=replace(turn.draft, suggestions=("これですか?",)))
    kept = city_pipeline.suggestions(own).draft
    assert kept is not None
    assert kept.suggestions == ("これですか?",)


def test_examples_alternate_between_documents(city_pipeline: Pipeline, city_index: Index) -> None:
    place = dict(generated_questions(city_index))

    def suggestions_of(question: str) -> str:
        return city_index.passages[city_index.passage_row(place[question])].doc_id

    first, *both = city_pipeline.suggestions.examples(["kankyo-kaigi-r6-2", "kankyo-plan-2.0"], 5, TODAY)
    assert first == "プランの期間はいつまでですか"  # a day is asked for before figures and lists
    documents = [suggestions_of(one) for one in both]
    assert set(documents) == {"kankyo-kaigi-r6-2", "kankyo-plan-2.0"}, both
    assert all(before != after for before, after in pairwise(documents))
    assert len(set(both)) == 4
    every = city_pipeline.suggestions.examples(["kankyo-plan-2.0"], 100, TODAY)
    assert {suggestions_of(one) for one in every} == {"kankyo-plan-2.0"}
    assert city_pipeline.suggestions.examples([], 4, TODAY) == ()
    assert city_pipeline.suggestions.examples(["kankyo-plan-2.0"], 0, TODAY) == ()


@pytest.fixture(scope="module")
def copied(city_settings: Settings, city_index: Index, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(city_index.folder, folder, dirs_exist_ok=True)
    with open_index(city_settings) as index:
        index.folder = folder
        yield index


@pytest.mark.parametrize("content", ["{", "[1]", '[["町の花は?", "no-such#1"]]', '{"a": 1}', ""])
def test_broken_suggestions_file_is_reported(
    copied: Index, city_pipeline: Pipeline, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (copied.folder / FILE).write_text(content, "utf-8")
    with caplog.at_level(logging.WARNING):
        suggestions = Suggestions(copied, city_pipeline.encoder)
    assert "ingest build --full" in caplog.text
    assert suggestions.examples(["kankyo-plan-2.0"], 4, TODAY) == ()
    assert suggestions(ask(city_pipeline, "こんにちは")).draft


def test_index_without_suggestions_is_valid(
    copied: Index, city_pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    (copied.folder / FILE).unlink(missing_ok=True)
    assert Suggestions(copied, city_pipeline.encoder).examples(["kankyo-plan-2.0"], 4, TODAY) == ()
    assert caplog.text == ""


PLAN = Document("d", "水辺の計画", "d.md", kind="plan")


def passage(
    heading: str, number: int = 1, cells: tuple[tuple[str, str], ...] = (), text: str = "申込みは窓口へ。"
) -> Passage:
    kind = "row" if cells else "text"
    return Passage(f"d#{number}", "d", kind, (heading,), text, (number,), cells=tuple(Cell(*c) for c in cells))  # type: ignore[arg-type]


APPLY = "申込みは窓口へ。"


@pytest.mark.parametrize(
    ("heading", "text", "question"),
    [
        ("護岸の点検", APPLY, "護岸の点検の申し込み方法は?"),
        ("■ 2.3. 護岸の点検", APPLY, "護岸の点検の申し込み方法は?"),
        ("▶護岸の点検（例）", APPLY, "護岸の点検(例)の申し込み方法は?"),
        ("(2) 護岸の点検", APPLY, "護岸の点検の申し込み方法は?"),
        ("第3 護岸の点検", APPLY, "護岸の点検の申し込み方法は?"),
        ("◇護岸の点検［新規］", APPLY, "護岸の点検の申し込み方法は?"),
        ("護岸の点検【電話】000-0000", APPLY, "護岸の点検の申し込み方法は?"),
        ("護岸の点検期間", "点検は6月1日から7月31日までです。", "護岸の点検期間はいつまでですか"),
        ("釣り場の利用料", "大人は300円、子どもは100円です。", "釣り場の利用料はいくらですか"),
        ("水辺の行動指針", "・拾う\n・分ける\n・減らす", "水辺の行動指針には何がありますか"),
        ("護岸の点検", "・歩く\n・測る\n・記録する", "護岸の点検では何をしますか"),
        ("水辺会議", "水辺会議は、住民と漁協の集まりです。", "水辺会議とは何ですか"),
        ("護岸の点検", "護岸を守ってきた人びとの話です。", None),
        ("水辺の行動指針", "三つあります。", None),
        ("川で遊ぶには", APPLY, None),
        ("点検", APPLY, None),
        ("水辺の計画", APPLY, None),
        ("護岸" * 20, APPLY, None),
        ("", APPLY, None),
    ],
)
def test_suggestion_asks_for_the_kind_of_content(heading: str, text: str, question: str | None) -> None:
    expected = [question] if question else []
    assert [one for one, _ in question_candidates(PLAN, [passage(heading, text=text)])] == expected


def test_faq_question_is_suggested_verbatim() -> None:
    faq = replace(PLAN, kind="faq", title="よくある質問")
    asked_there = [passage("釣り場は何時に開きますか"), passage("釣り場の案内", 2, text="地図です。")]
    assert [one for one, _ in question_candidates(faq, asked_there)] == ["釣り場は何時に開きますか"]


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
        assert {question[:6] for question, _ in generated_questions(index)} == {"川岸の音楽会"}
        assert suggestions.examples(["paper"], 9, TODAY) == (generated_questions(index)[0][0],)


def test_notice_suggestions_follow_its_labels() -> None:
    notice = replace(PLAN, kind="notice", title="お知らせ")
    told = "・日時：6月1日\n・場所：本庁\n・申込み：電話で"
    passages = [replace(passage(f"第{n}護岸教室", n), text=told) for n in range(1, 4)]
    passages += [replace(passage("川で遊ぶには", 4), text=told), passage("護岸の点検", 5, text="護岸を歩きました。")]
    passages.append(replace(passage("施設の概要", 6), text=told))
    assert [question for question, _ in question_candidates(notice, passages)] == [
        "第1護岸教室はいつですか",
        "第2護岸教室の場所はどこですか",
        "第3護岸教室の申し込み方法は?",
    ]


def test_old_notices_give_no_suggestions(tmp_path: Path) -> None:
    days = {"a": "2026-01-01", "b": "2026-09-01"}
    entries = (
        f'[[document]]\nid = "{n}"\ntitle = "広報{n}"\nfile = "{n}.md"\nkind = "notice"\npublished = "{d}"\n'
        for n, d in days.items()
    )
    settings = built(tmp_path, {"a": PAPER, "b": PAPER.replace("釣り", "山歩き")}, "\n".join(entries))
    with open_index(settings) as index:
        assert {
            index.passages[index.passage_row(passage_id)].doc_id for _, passage_id in generated_questions(index)
        } == {"b"}


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
        pipeline = build_pipeline(index, open_encoder(settings))
        draft = ask(pipeline, "川市の上級釣り教室はいつですか", day).draft
        assert draft is not None
        assert draft.suggestions == ("親子釣り教室はいつですか",)
        assert pipeline.suggestions.examples(["paper"], 4, day)[-1] == "初級釣り教室はいつですか"


def test_section_gives_one_suggestion_and_minutes_none() -> None:
    twice = [passage("護岸の点検", 1), passage("護岸の点検", 2)]
    assert [p.id for _, p in question_candidates(PLAN, twice)] == ["d#1"]
    assert list(question_candidates(replace(PLAN, kind="meeting"), twice)) == []


def test_table_row_suggests_its_first_figure() -> None:
    rows = [
        passage("指標", 1, (("指標", "釣り人の数"), ("担当", "川の係"), ("目標値", "300人"), ("実績", "280人"))),
        passage("指標", 2, (("指標", "川の係"), ("担当", "山田"))),
        passage("指標", 3, (("番号", "12"), ("目標値", "300人"))),
    ]
    assert [question for question, _ in question_candidates(PLAN, rows)] == ["釣り人の数の目標値は?"]


def test_topics_are_top_headings_with_suggestions(city_pipeline: Pipeline, city_index: Index) -> None:
    place = dict(generated_questions(city_index))
    documents = [document.id for document in city_index.documents]
    topics = city_pipeline.suggestions.topics(documents, 2, 3)
    assert 0 < len(topics) <= 2
    for topic in topics:
        assert 0 < len(topic.questions) <= 3
        paths = [city_index.passages[city_index.passage_row(place[question])].path for question in topic.questions]
        assert {path[0] for path in paths} == {topic.heading}
    assert city_pipeline.suggestions.topics([], 2, 3) == ()
