"""Which questions ask the same, by what they name and by the kind of answer that they want."""

from datetime import date

import pytest

from bot.curated.sameness import one_answer
from bot.curated.sense import Senses
from ingest.documents import Document, Period
from ingest.normalise import nfkc

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
SENSES = Senses([OLD, NEW])
DAY = date(2026, 6, 1)

SAME = [
    ("環境会議の委員は誰ですか", "環境会議の委員は誰か教えてください"),
    ("星見市環境プラン2.0の計画期間は?", "プラン2.0の計画期間を教えてください"),
    ("令和8年度の植樹の本数は?", "2026年度の植樹の本数は?"),
    ("今の計画の基本理念は?", "計画の基本理念は?"),
    ("星見市の植樹の本数を教えて", "植樹の本数を教えていただけませんか"),
    ("植樹祭は何年に行われましたか", "植樹祭はいつ行われましたか"),
]
OTHER = [
    ("2025年度の植樹の本数は?", "2026年度の植樹の本数は?"),
    ("昨年度の植樹の本数は?", "今年度の植樹の本数は?"),
    ("プラン2.0の基本理念は?", "星見市環境プランの基本理念は?"),
    ("前の計画の基本理念は?", "今の計画の基本理念は?"),
    ("植樹の本数の目標は?", "植樹の本数の実績は?"),
    ("目標に届いた指標はどれですか", "目標に届かなかった指標はどれですか"),
    ("65歳以上の人の利用料は?", "70歳以上の人の利用料は?"),
    ("ごみ減量以外の分野は?", "公園以外の分野は?"),
    ("環境会議の委員長は誰ですか", "環境会議の副委員長は誰ですか"),
    ("植樹の補助はいつから始まりますか", "植樹の補助はいつまで続きますか"),
    ("植樹の補助は何課で申し込めますか", "植樹の補助はいつ申し込めますか"),
    ("満月祭は何月に始まりましたか", "満月祭は何年に始まりましたか"),
    ("植樹の本数は目標をどれだけ上回りましたか", "植樹の本数の目標は?"),
    ("プラン2.0の目的は?", "プラン2.0の背景は?"),
    ("分野1の取組は?", "分野2の取組は?"),
    ("窓口の利用は無料ですか", "窓口の利用は有料ですか"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_other_words_for_the_same(one: str, other: str) -> None:
    """Nothing that they name or want tells them apart, whichever is held against the other."""
    a, b = (SENSES.of(nfkc(text), DAY) for text in (one, other))
    assert (one_answer(a, b), one_answer(b, a)) == (True, True)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_one_word_makes_it_another_question(one: str, other: str) -> None:
    """Alike as they are by their words and their meaning, what answers one is wrong for the other."""
    a, b = (SENSES.of(nfkc(text), DAY) for text in (one, other))
    assert (one_answer(a, b), one_answer(b, a)) == (False, False)


def test_the_years_of_a_wording_count_from_its_day() -> None:
    """昨年度 of a wording is the year before it was written, also when it is asked a year later."""
    written, asked = (SENSES.of("昨年度の植樹の本数は?", day) for day in (DAY, date(2027, 6, 1)))
    assert not one_answer(written, asked)
    assert one_answer(written, SENSES.of("一昨年度の植樹の本数は?", date(2027, 6, 1)))
