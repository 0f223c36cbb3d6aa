"""Tests of the day in a question."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.question.query import Query
from bot.question.query_parser import QueryParser
from ingest.documents import Document
from ingest.japanese import nfkc

ASKED = date(2026, 11, 20)
EARLIER = Document("earlier", "汐見町のお知らせ", "1.md", kind="notice", issuer="汐見町", published="2025-03-10")
LATER = Document("later", "汐見町のお知らせ", "2.md", kind="notice", issuer="汐見町", published="2026-08-10")
UNDATED = Document("undated", "汐見町の手引き", "3.md", issuer="汐見町")
Read = Callable[..., Query]

DAYS = [
    ("令和5年4月1日の時点で、粗大ごみの手数料はいくらでしたか", "2023-04-01"),
    ("２０２４年１０月１日時点で水道の基本料金はいくら？", "2024-10-01"),
    ("去年の4月の時点では、乾電池はどこに出すことになっていましたか", "2025-04-01"),
    ("令和六年七月の時点で図書館の休館日は何曜日", "2024-07-01"),
    ("先月の時点で、証明書の手数料はいくらですか", "2026-10-01"),
    ("一昨年の12月の時点で、ペットボトルのラベルははがす決まりでしたか", "2024-12-01"),
    ("2025-07-01の時点で有効な駐輪場の料金を教えて", "2025-07-01"),
    ("令和元年10月1日現在では、公民館の使用料はいくらでしたか", "2019-10-01"),
    ("半年前の時点で、パスポートの窓口はどこでしたか", "2026-05-20"),
    ("令和7年8月上旬の時点で、プールの開場時間は?", "2025-08-01"),
    ("2024年(令和6年)4月1日時点の介護保険料の基準額は?", "2024-04-01"),
    ("今年の4月1日の時点で、がん検診は何歳から受けられましたか", "2026-04-01"),
    ("12月1日現在でインフルエンザの予防接種の助成はいくら", "2025-12-01"),
    ("2021年3月当時、燃えないごみの日は週に何回でしたか", "2021-03-01"),
    ("平成28年度当初の時点で、市営住宅の家賃の減免はありましたか", "2016-04-01"),
    ("図書カードの有効期限は2020年6月15日現在で何年だったか", "2020-06-15"),
    ("2年前の4月の時点で、学童保育の料金は?", "2024-04-01"),
    ("2024年4月1日午前0時現在で、窓口の受付は何時まで?", "2024-04-01"),
    ("去年の9月30日現在で、ひとり親手当の所得制限はいくらでしたか", "2025-09-30"),
    ("2026年2月下旬の時点で確定申告の会場はどこでしたか", "2026-02-21"),
]
FURTHER_DAYS = [
    ("平成28年当時のごみ袋の値段は", "2016-01-01"),
    ("去年の今ごろの時点で、プールは開いていましたか", "2025-11-20"),
    ("1年前の今日の時点で、窓口はどこでしたか", "2025-11-20"),
    ("先週の時点で、申込みは始まっていましたか", "2026-11-13"),
    ("What was the fee as of 2024-04-01?", "2024-04-01"),
    ("截至2024年4月1日，手续费是多少？", "2024-04-01"),
]
PERIODS = [
    "令和5年度の決算の歳入総額は?",
    "平成30年度の人口の推移は",
    "去年の花火大会はいつでしたか",
    "令和6年度のごみの排出量は何トンか",
    "令和5年中に交付されたカードは何枚",
    "令和3年度末までに何基の街灯を取り替えましたか",
    "平成29年4月1日に開館した施設は何ですか",
    "令和2年度から令和6年度までの計画の目標は?",
    "令和5年4月1日から変わった手数料は何ですか",
    "令和6年能登半島地震のとき市は何をしましたか",
    "R5年度の一般会計の決算額",
    "3年前に始まった事業は何ですか",
    "2030年度の温室効果ガスの削減目標は",
    "2032年3月末現在の人口の見込みは?",
    "令和6年10月1日に施行された条例の内容は",
    "昨年の夏祭りの来場者は何人でしたか",
    "現時点で申し込める講座はありますか",
    "令和4年7月豪雨の被害額は",
    "令和6年4月診療分の医療費の助成額は?",
    "令和7年度の介護保険料はいくらですか",
]
NO_DAYS = [
    "4月1日の時点で70歳です。応募できますか",
    "毎年4月1日現在で土地を持つ人に課税されますか",
    "令和0年4月1日の時点で渡船の運賃は",
    "9999年4月1日の時点で渡船の運賃は",
    "2月30日の時点で渡船の運賃は",
    "令和4年4月1日の時点と令和6年4月1日の時点の違いは",
    "令和4年度時点の間伐の面積は?",
]


@pytest.fixture(scope="module")
def parse() -> Read:
    known = {"手数料", "町"}
    parser = QueryParser((EARLIER, LATER, UNDATED), lambda word: 1.0 if word in known else 2.0)
    return lambda text, as_of=ASKED: parser(nfkc(text), as_of)


@pytest.mark.parametrize(("question", "day"), DAYS + FURTHER_DAYS)
def test_a_day_in_the_question_is_the_day_of_the_answer(parse: Read, question: str, day: str) -> None:
    scope = parse(question).scope
    assert scope.as_of.isoformat() == day
    assert scope.day is not None


@pytest.mark.parametrize("question", PERIODS + NO_DAYS)
def test_a_period_that_is_asked_about_moves_no_day(parse: Read, question: str) -> None:
    scope = parse(question).scope
    assert scope.as_of == ASKED
    assert scope.day is None
    assert scope.later == frozenset()
