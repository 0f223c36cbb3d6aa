from collections.abc import Callable
from datetime import date

import pytest

from bot.answering.question.query_parser import QueryParser
from bot.answering.state.query import Query
from ingest.documents import Document, Period
from ingest.japanese import nfkc

TODAY = date(2026, 6, 1)
OLD = Document(
    "forest-1", "青葉市森林計画", "1.md", kind="plan", issuer="青葉市", published="2020-03",
    period=Period(date(2020, 4, 1), date(2025, 3, 31)),
)  # fmt: skip
NEW = Document(
    "forest-2", "青葉市森林計画2.0", "2.md", kind="plan", issuer="青葉市", published="2025-02",
    period=Period(date(2025, 4, 1), date(2030, 3, 31)), supersedes=("forest-1",), aliases=("計画2.0",),
)  # fmt: skip
COMING = Document(
    "river-1", "青葉市河川計画", "3.md", kind="plan", issuer="青葉市", published="2026-03",
    period=Period(date(2027, 4, 1), date(2032, 3, 31)),
)  # fmt: skip
MINUTES = Document(
    "council-4", "第4回森林審議会資料", "4.md", kind="meeting", issuer="青葉市", published="2025-12",
)  # fmt: skip
ISLAND = Document("island", "島の暮らし", "5.md", kind="notice", issuer="汐見町", published="2024-04")
ALL = (OLD, NEW, COMING, MINUTES, ISLAND)
EVERYWHERE = frozenset(d.id for d in ALL)
UNWRITTEN = {f"{TODAY.year + 1}年度"}
Read = Callable[..., Query]


@pytest.fixture(scope="module")
def parse() -> Read:
    reader = QueryParser(ALL, lambda word: 1.0 if word and word not in UNWRITTEN else 2.0)

    def parse(text: str, as_of: date = TODAY, conversation_documents: frozenset[str] = frozenset()) -> Query:
        return reader(text, as_of, conversation_documents)

    return parse


def test_by_default_all_documents_may_answer_and_those_in_force_are_preferred(parse: Read) -> None:
    scope = parse("間伐の面積は?").scope
    assert scope.allowed == EVERYWHERE
    assert scope.preferred == {"forest-2", "council-4", "island"}
    assert scope.named == frozenset()
    assert scope.required == frozenset()
    assert scope.issuers == frozenset()


@pytest.mark.parametrize(
    ("question", "named", "topic"),
    [
        ("青葉市森林計画2.0の間伐の面積は?", "forest-2", "間伐の面積は?"),
        ("計画2.0では間伐の面積は?", "forest-2", "間伐の面積は?"),
        ("間伐の面積は森林計画2.0ではいくらですか", "forest-2", "間伐の面積はではいくらですか"),
        ("第4回の森林審議会の議題は?", "council-4", "議題は?"),
        ("島の暮らしの連絡先は?", "island", "連絡先は?"),
    ],
)
def test_a_document_is_named_and_its_name_is_not_looked_for(parse: Read, question: str, named: str, topic: str) -> None:
    query = parse(question)
    assert query.scope.named == {named}
    assert query.scope.allowed == {named}
    assert query.topic == topic
    assert query.text == question


def test_masked_sentence_is_not_searched(parse: Read) -> None:
    assert parse("電話は〔電話番号〕です。間伐の面積は?").topic == "間伐の面積は?"
    assert parse("〔電話番号〕は役場の番号ですか?").topic == "〔電話番号〕は役場の番号ですか?"
    assert (
        parse("〔氏名〕ですが、間伐の面積は何haですか。急いでいます。").topic
        == "間伐の面積は何haですか。急いでいます。"
    )


def test_the_name_of_a_family_of_plans_names_no_document(parse: Read) -> None:
    scope = parse("森林計画の間伐の面積は?").scope
    assert scope.named == frozenset()
    assert {"forest-1", "forest-2"} <= scope.allowed


@pytest.mark.parametrize(
    "question",
    [
        "汐見町の船の時刻は?",
        "汐見町では船は何時に出ますか",
        "汐見町内の船の時刻は?",
        "汐見の船の時刻は?",
        "船の時刻は汐見町役所で分かりますか",
        "南海県汐見町の船の時刻は?",
    ],
)
def test_an_issuer_is_recognised_with_and_without_its_suffix(parse: Read, question: str) -> None:
    query = parse(question)
    assert query.scope.issuers == {"汐見町"}
    assert query.scope.allowed == {"island"}
    assert "汐見" not in query.topic
    assert "船" in query.topic


@pytest.mark.parametrize(
    "question",
    ["汐見駅の時刻は?", "汐見台の時刻は?", "新汐見の時刻は?", "汐見町立図書館の時刻は?", "汐見Navi の時刻は?"],
)
def test_a_name_within_another_name_is_not_an_issuer(parse: Read, question: str) -> None:
    query = parse(question)
    assert query.scope.issuers == frozenset()
    assert query.topic == question


IN_FORCE = {"forest-2", "council-4", "island"}


@pytest.mark.parametrize(
    ("question", "day", "allowed", "preferred"),
    [
        ("青葉市と汐見町の船の時刻は?", TODAY, EVERYWHERE, IN_FORCE),
        ("間伐の面積は?", date(2021, 5, 1), {"forest-1"}, {"forest-1"}),
        ("以前の計画の間伐の面積は?", TODAY, EVERYWHERE, {"forest-1"}),
        ("今の計画にも間伐はありますか", TODAY, IN_FORCE, IN_FORCE),
        ("現行の計画にも間伐はありますか", TODAY, IN_FORCE, IN_FORCE),
        ("今の新しい計画にも間伐はありますか", TODAY, IN_FORCE, IN_FORCE),
        ("新しい計画にも間伐はありますか", TODAY, {*IN_FORCE, "river-1"}, IN_FORCE),
        ("次の計画の間伐の面積は?", TODAY, {"river-1"}, {"river-1"}),
    ],
)
def test_the_age_of_a_plan_selects_documents(
    parse: Read, question: str, day: date, allowed: set[str], preferred: set[str]
) -> None:
    scope = parse(question, day).scope
    assert scope.allowed == allowed
    assert scope.preferred == preferred


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("2022年度に有効だった計画の間伐の面積は?", date(2022, 4, 1)),
        ("令和4年度時点の計画の間伐の面積は?", date(2022, 4, 1)),
        ("2021年5月現在の計画の間伐の面積は?", date(2021, 5, 1)),
        ("2021年5月の時点で動いていた計画の間伐の面積は?", date(2021, 5, 1)),
    ],
)
def test_a_date_may_be_the_as_of_date(parse: Read, question: str, day: date) -> None:
    query = parse(question)
    assert query.scope.as_of == day
    assert query.scope.preferred == {"forest-1"}
    assert query.dates == ()


def test_relative_year_is_resolved(parse: Read) -> None:
    assert [mention.key for mention in parse("昨年の間伐の面積は?").dates] == [f"{TODAY.year - 1}年"]
    assert [mention.key for mention in parse("2022年5月時点の計画では昨年度の間伐の面積は?").dates] == ["2021年度"]
    assert parse("来年度の間伐の面積は?").dates == ()


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("令和9年度時点での間伐の目標は?", date(2027, 4, 1)),
        ("2032年3月現在の面積の見込みは?", date(2032, 3, 1)),
        ("令和4年度時点の間伐の面積は?", date(2022, 4, 1)),
        ("令和9年度時点で計画値は?", date(2027, 4, 1)),
        ("2022年度の間伐の面積は?", date(2022, 4, 1)),
    ],
)
def test_the_date_of_a_figure_does_not_change_the_as_of_date(parse: Read, question: str, first: date) -> None:
    query = parse(question)
    assert query.scope.as_of == TODAY
    assert "forest-2" in query.scope.preferred
    assert [mention.first for mention in query.dates] == [first]


@pytest.mark.parametrize(
    ("question", "towns"),
    [
        ("高山市の間伐の面積は?", {"高山市"}),
        ("高山市では間伐をしていますか", {"高山市"}),
        ("長野県には間伐の計画がありますか", {"長野県"}),
        ("南アルプス市立の森はありますか", {"南アルプス市"}),
        ("青葉市と高山市の間伐の面積は?", {"高山市"}),
        ("朝日町の間伐の面積は?", {"朝日町"}),
    ],
)
def test_a_town_without_documents_is_absent(parse: Read, question: str, towns: set[str]) -> None:
    assert parse(question).scope.absent_towns == towns


@pytest.mark.parametrize(
    "question",
    [
        "汐見町の船の時刻は?",
        "長野県青葉市の間伐の面積は?",
        "高山市から引っ越すときは?",
        "高山市へ行く船は?",
        "高山市民も使えますか",
        "この市の面積は?",
        "材木町の船の時刻は?",
        "高山の船の時刻は?",
    ],
)
def test_issuers_streets_and_quarters_are_not_absent_towns(parse: Read, question: str) -> None:
    assert parse(question).scope.absent_towns == frozenset()


def test_town_is_not_absent_with_unknown_issuer() -> None:
    unknown = Document("leaflet", "森の手引き", "6.md", published="2025-12")
    about = Document("visit", "高山市視察の記録", "7.md", issuer="青葉市", published="2025-12")
    for documents in ((NEW, unknown), (NEW, about)):
        query = QueryParser(documents, lambda _word: 1.0)("高山市の間伐の面積は?", TODAY)
        assert query.scope.absent_towns == frozenset()


def test_words_in_capitals_before_a_known_end_are_of_the_name() -> None:
    documents = (Document("forest-2", "青葉市森林計画2.0", "2.md", issuer="青葉市", aliases=("2.0",)),)
    query = QueryParser(documents, lambda _word: 1.0)("What is the period of the Forest Plan 2.0?", TODAY)
    assert query.scope.named == {"forest-2"}
    assert query.topic == "What is the period of the ?"


@pytest.mark.parametrize(
    "question",
    [
        "前の計画から間伐の面積はどう変わりましたか",
        "前の計画とは間伐の面積がどう違うのですか",
        "前の計画と比べて間伐の面積は?",
        "前の計画からの間伐の変更点は?",
        "前の計画から間伐で新しくなった点は?",
        "間伐の面積は前の計画と今のではどちらが広いですか",
        "今の計画と前の計画の間伐の面積の違いは?",
    ],
)
def test_a_change_is_asked_of_both_plans(parse: Read, question: str) -> None:
    scope = parse(question).scope
    assert {"forest-1", "forest-2"} <= scope.required <= scope.allowed


def test_the_old_plan_is_one_of_those_that_have_a_successor(parse: Read) -> None:
    assert parse("旧計画との違いは?").scope.required == {"forest-1", "forest-2"}
    sea = Document("sea-2", "青葉市海岸計画2.0", "7.md", kind="plan", issuer="青葉市", supersedes=("sea-1",))
    older = Document("sea-1", "青葉市海岸計画", "6.md", kind="plan", issuer="青葉市")
    reader = QueryParser((*ALL, older, sea), lambda _word: 1.0)
    scope = reader("旧計画との違いは?", TODAY).scope
    assert (scope.required, {*scope.lineages}) == (
        frozenset(),
        {frozenset({"forest-1", "forest-2"}), frozenset({"sea-1", "sea-2"})},
    )
    assert reader("海岸計画2.0と旧計画との違いは?", TODAY).scope.required == {"sea-1", "sea-2"}


def test_a_conversation_about_an_older_plan_keeps_it(parse: Read) -> None:
    before = frozenset({"forest-1"})
    assert parse("間伐の費用は?", conversation_documents=before).scope.preferred == before
    assert parse("計画2.0の間伐の費用は?", conversation_documents=before).scope.preferred == {"forest-2"}


@pytest.mark.parametrize(
    ("before", "text", "asked"),
    [
        (["汐見町の船の料金は?"], "間伐の面積は?", "汐見町では、間伐の面積は?"),
        (["汐見町の船の料金は?", "間伐の面積は?"], "橋の数は?", "汐見町では、橋の数は?"),
        (["汐見町の船の料金は?", "青葉市の船の料金は?"], "橋の数は?", "青葉市では、橋の数は?"),
        (["汐見町の船の料金は?"], "青葉市の橋の数は?", "青葉市の橋の数は?"),
        (["汐見町の船の料金は?"], "森林計画2.0の間伐の面積は?", "森林計画2.0の間伐の面積は?"),
        (["汐見町の船の料金は?"], "高山市の橋の数は?", "高山市の橋の数は?"),
        (["汐見町の船の料金は?", "高山市の船の料金は?"], "橋の数は?", "高山市では、橋の数は?"),
        (["汐見町の船の料金は?"], "ほかの市の船の料金は?", "ほかの市の船の料金は?"),
        (["汐見町の船の料金は?"], "高山駅の駐輪場は?", "高山駅の駐輪場は?"),
        (["汐見町の船の料金は?"], "横浜の祭りはいつ?", "横浜の祭りはいつ?"),
        (["汐見町の船の料金は?"], "国の補助金は?", "国の補助金は?"),
        (["汐見町の船の料金は?"], "2つの町の人口は?", "2つの町の人口は?"),
        (["汐見町の船の料金は?"], "では、橋の数は?", "汐見町では、橋の数は?"),
        (["汐見町と青葉市の船の料金は?"], "橋の数は?", "橋の数は?"),
        (["船の料金は?"], "橋の数は?", "橋の数は?"),
    ],
)
def test_the_town_of_a_conversation_is_kept_until_another_place_is_named(
    before: list[str], text: str, asked: str
) -> None:
    assert QueryParser(ALL, lambda _word: 1.0).scopes.add_town(text, before, TODAY) == asked


ASKED = date(2026, 11, 20)
EARLIER = Document("earlier", "汐見町のお知らせ", "1.md", kind="notice", issuer="汐見町", published="2025-03-10")
LATER = Document("later", "汐見町のお知らせ", "2.md", kind="notice", issuer="汐見町", published="2026-08-10")
UNDATED = Document("undated", "汐見町の手引き", "3.md", issuer="汐見町")

DAYS = [
    ("令和5年4月1日の時点で、粗大ごみの手数料はいくらでしたか", "2023-04-01"),
    ("２０２４年１０月１日時点で水道の基本料金はいくら？", "2024-10-01"),
    ("先月の時点で、証明書の手数料はいくらですか", "2026-10-01"),
    ("令和元年10月1日現在では、公民館の使用料はいくらでしたか", "2019-10-01"),
    ("半年前の時点で、パスポートの窓口はどこでしたか", "2026-05-20"),
    ("2024年(令和6年)4月1日時点の介護保険料の基準額は?", "2024-04-01"),
    ("今年の4月1日の時点で、がん検診は何歳から受けられましたか", "2026-04-01"),
    ("平成28年度当初の時点で、市営住宅の家賃の減免はありましたか", "2016-04-01"),
    ("2026年2月下旬の時点で確定申告の会場はどこでしたか", "2026-02-21"),
    ("平成28年当時のごみ袋の値段は", "2016-01-01"),
    ("去年の今ごろの時点で、プールは開いていましたか", "2025-11-20"),
    ("What was the fee as of 2024-04-01?", "2024-04-01"),
    ("截至2024年4月1日，手续费是多少？", "2024-04-01"),
]
PERIODS = [
    "令和5年度の決算の歳入総額は?",
    "令和2年度から令和6年度までの計画の目標は?",
    "令和5年4月1日から変わった手数料は何ですか",
    "2032年3月末現在の人口の見込みは?",
    "令和6年10月1日に施行された条例の内容は",
    "現時点で申し込める講座はありますか",
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
def parse_day() -> Read:
    known = {"手数料", "町"}
    parser = QueryParser((EARLIER, LATER, UNDATED), lambda word: 1.0 if word in known else 2.0)
    return lambda text, as_of=ASKED: parser(nfkc(text), as_of)


@pytest.mark.parametrize(("question", "day"), DAYS)
def test_a_day_in_the_question_is_the_day_of_the_answer(parse_day: Read, question: str, day: str) -> None:
    scope = parse_day(question).scope
    assert scope.as_of.isoformat() == day
    assert scope.day is not None


@pytest.mark.parametrize("question", PERIODS + NO_DAYS)
def test_a_period_that_is_asked_about_moves_no_day(parse_day: Read, question: str) -> None:
    scope = parse_day(question).scope
    assert scope.as_of == ASKED
    assert scope.day is None
    assert scope.later == frozenset()
