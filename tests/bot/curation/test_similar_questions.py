"""Tests of the similarity of questions by their terms and the type of their answer."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot.curation.equivalence import (
    MIN_COSINE,
    QuestionSignature,
    QuestionSignatures,
    can_share_answer,
    can_share_group,
)
from bot.question.query_parser import QueryParser
from ingest.configuration.settings import Settings
from ingest.documents import Document, Period
from ingest.embedding import open_encoder
from ingest.japanese import nfkc

OLD = Document(
    "plan", "星見市環境プラン", "a.md", "plan", "星見市", "2021-03", Period(date(2021, 4, 1), date(2025, 3, 31))
)
NEW = Document(
    "plan-2.0",
    "星見市環境プラン2.0",
    "b.md",
    "plan",
    "星見市",
    "2025-02",
    Period(date(2025, 4, 1), date(2029, 3, 31)),
    ("plan",),
    ("プラン2.0",),
)
PLANS = [OLD, NEW]
SENSES = QuestionSignatures(QueryParser(PLANS, lambda _: 1.0), PLANS)
ENCODER = open_encoder(Settings(_env_file=None))
DAY = date(2026, 6, 1)

SAME = [
    ("環境会議の委員は誰ですか", "環境会議の委員はどなたか教えてください"),
    ("星見市環境プラン2.0の計画期間は?", "プラン2.0の計画期間を教えてください"),
    ("令和8年度の植樹の本数は?", "2026年度の植樹の本数は?"),
    ("今の計画の基本理念は?", "計画の基本理念は?"),
    ("星見市の植樹の本数を教えて", "植樹の本数を教えていただけませんか"),
    ("植樹祭は何年に行われましたか", "植樹祭はいつ行われましたか"),
    ("街路樹の本数は?", "街路の樹の本数は?"),
    ("苗木の割引はありますか", "苗木の割引はありませんか"),
    ("苗木を配る窓口はどこですか", "苗木の窓口はどこですか"),
]
OTHER = [
    ("2025年度の植樹の本数は?", "2026年度の植樹の本数は?"),
    ("昨年度の植樹の本数は?", "今年度の植樹の本数は?"),
    ("土曜日に苗木を配る窓口は?", "日曜日に苗木を配る窓口は?"),
    ("プラン2.0の基本理念は?", "星見市環境プランの基本理念は?"),
    ("前の計画の基本理念は?", "今の計画の基本理念は?"),
    ("植樹の本数の目標は?", "植樹の本数の実績は?"),
    ("目標に届いた指標はどれですか", "目標に届かなかった指標はどれですか"),
    ("目標に届いたのはなぜですか", "目標に届かなかったのはなぜですか"),
    ("65歳以上の人の利用料は?", "70歳以上の人の利用料は?"),
    ("65歳以上の人の利用料は?", "65歳未満の人の利用料は?"),
    ("ごみ減量以外の分野は?", "公園以外の分野は?"),
    ("公園の分野は?", "公園以外の分野は?"),
    ("環境会議の委員長は誰ですか", "環境会議の副委員長は誰ですか"),
    ("植樹の補助はいつから始まりますか", "植樹の補助はいつまで続きますか"),
    ("植樹の補助は何課で申し込めますか", "植樹の補助はいつ申し込めますか"),
    ("満月祭は何月に始まりましたか", "満月祭は何年に始まりましたか"),
    ("苗木を申し込むのはどこですか", "苗木を返すのはどこですか"),
    ("苗木を配るのはいつですか", "苗木について教えて"),
    ("植樹の本数は目標をどれだけ上回りましたか", "植樹の本数の目標は?"),
    ("プラン2.0の目的は?", "プラン2.0の背景は?"),
    ("分野1の取組は?", "分野2の取組は?"),
    ("窓口の利用は無料ですか", "窓口の利用は有料ですか"),
]


def sense(text: str, day: date = DAY) -> QuestionSignature:
    return SENSES.from_text(nfkc(text), day)


def cosine(one: QuestionSignature, other: QuestionSignature) -> float:
    return float(ENCODER.encode_query(one.text) @ ENCODER.encode_query(other.text))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_paraphrases_share_an_answer(one: str, other: str) -> None:
    a, b = sense(one), sense(other)
    assert can_share_answer(a, b, cosine(a, b))
    assert can_share_answer(b, a, cosine(a, b))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_questions_with_one_different_term_are_different(one: str, other: str) -> None:
    a, b = sense(one), sense(other)
    assert not can_share_answer(a, b, 1.0)
    assert not can_share_answer(b, a, 1.0)


def test_dissimilar_questions_without_terms_are_different() -> None:
    a, b = sense("いつ始まりますか"), sense("いつ始まりますか")
    assert can_share_answer(a, b, 0.9)
    assert not can_share_answer(a, b, 0.5)
    assert not can_share_group(a, b, 0.5)


def test_a_group_is_broader_than_an_answer() -> None:
    one, more, other = map(sense, ("市の公園の植樹と苗木の本数", "公園の植樹と苗木の本数", "温泉の日帰りの料金"))
    assert can_share_group(one, more, 0.9)
    assert not can_share_answer(one, sense("公園の植樹と苗木の寄付の本数"), 0.9)
    assert not can_share_group(one, other, 0.9)


def test_the_years_of_a_wording_count_from_its_day() -> None:
    written, asked = (sense("昨年度の植樹の本数は?", day) for day in (DAY, date(2027, 6, 1)))
    assert not can_share_answer(written, asked, 1.0)
    assert can_share_answer(written, sense("一昨年度の植樹の本数は?", date(2027, 6, 1)), 1.0)


@pytest.mark.parametrize("held_out", [False, True])
def test_paraphrases_are_answered_or_offered(held_out: bool) -> None:  # noqa: FBT001 -- the half of the questions
    told = tomllib.loads(Path(__file__).with_name("paraphrases.toml").read_text("utf-8"))["question"]
    known = [sense(one["asked"]) for one in told]
    answered = offered = 0
    for place, one in enumerate(told):
        if one.get("held_out", False) != held_out:
            continue
        for text in one["same"]:
            asked = sense(text)
            cosines = [cosine(other, asked) for other in known]
            answered += can_share_answer(asked, known[place], cosines[place])
            offered += max(cosines) == cosines[place] >= MIN_COSINE
        others = [sense(text) for text in one["other"]]
        assert not [other for other in others if can_share_answer(other, known[place], cosine(known[place], other))]
    assert answered >= (2 if held_out else 3)
    assert offered >= (20 if held_out else 18)
