from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from bot.answering.verification.formulas import right_counts
from bot.answering.verification.source_text import SourceText
from bot.answering.verification.statement_check import CheckedStatement, check_statements
from bot.answering.verification.statements import CitedStatement, split_statements
from ingest.documents import Period


def check_quoted(
    text: str,
    quotes: Sequence[str],
    premises: Sequence[SourceText],
    formula: str = "",
    *,
    cited: int = 1,
    reply: Sequence[CitedStatement] = (),
    question: str = "",
    language: str = "ja",
) -> CheckedStatement:
    (said,) = split_statements(text)
    said = replace(said, cited=(cited,) if quotes else (), quotes=tuple(quotes), formula=formula)
    (checked,) = check_statements([*reply, said], premises, question, since=len(reply), language=language)
    return checked


CAMP = SourceText(
    "■川あそび教室\n日時:8月3日 10〜12時\n定員:20人\n費用:800円\n■星空教室\n日時:8月9日\n定員:15人\n費用:1,200円",
    ("募集",), "広報あおば 2025年7月号", (), "青葉市", "2025-07-01",
)  # fmt: skip
ROW = SourceText(
    "指標: 貸出数、目標値: 1,500冊、実績: 1,730冊",
    ("成果",),
    "読書プラン",
    cells=(("指標", "貸出数"), ("目標値", "1,500冊"), ("実績", "1,730冊")),
)
COST = SourceText("堤防の工事費は5,230万円です。水門の工事費は1,180万円です。", ("費用",), "水辺の計画")


def kinds(text: str, *quotes: str, of: SourceText = CAMP, formula: str = "") -> set[str]:
    checked = check_quoted(text, quotes, [of], formula)
    return {problem.kind for problem in checked.problems}


HERBS = SourceText("\n".join(f"・香草その{letter}" for letter in "甲乙丙丁戊己庚"), ("香草園",), "園芸の手引き")


@pytest.mark.parametrize(
    ("formula", "count", "is_right"),
    [
        ("[1] の項目数 = 7", 7, True),
        ("[1][2] の項目数 = 14", 14, True),
        ("[1] の項目数 = 9", 9, False),
        ("", 14, False),
    ],
)
def test_count_of_items_is_counted_again(formula: str, count: int, *, is_right: bool) -> None:
    text, quote = f"香草は全部で{count}種類あります。", "香草その甲"
    checked = check_quoted(text, [quote], [HERBS, HERBS], formula)
    assert ([problem.kind for problem in checked.problems] == []) is is_right


def test_items_of_many_passages_are_counted_at_once() -> None:
    formula = f"{''.join(f'[{n}]' for n in range(1, 61))} の項目数 = 420"
    assert right_counts(formula, [HERBS] * 60) == {420}


@pytest.mark.parametrize(
    ("text", "quotes", "of"),
    [
        ("川あそび教室の定員は20人です。", ["定員:20人"], CAMP),
        ("費用は８００円です。", ["費用：８００円"], CAMP),
        ("2025年8月3日に開かれます。", ["日時:8月3日 10〜12時"], CAMP),
        ("青葉市の募集で、費用は800円です[1]。", ["定員:20人\n費用:800円"], CAMP),
        ("川あそび教室は定員20人、費用は800円です。", ["定員:20人"], CAMP),
        ("貸出数の実績は1,730冊です。", ["| 貸出数 | 1,500冊 | 1,730冊 |"], ROW),
    ],
)
def test_sentence_supported_by_its_quotes_passes(text: str, quotes: list[str], of: SourceText) -> None:
    assert kinds(text, *quotes, of=of) == set()


def test_altered_quote_does_not_block_a_right_sentence() -> None:
    checked = check_quoted("定員は20人です。", ["定員は20人とする"], [CAMP])
    assert checked.problems == ()
    assert checked.support.words == ("定員:20人", "定員:15人")
    assert not checked.support.is_quoted
    assert kinds("定員は25人です。", "定員:25人") == {"figure"}


def test_quote_of_another_passage_moves_the_citation() -> None:
    checked = check_quoted("堤防の工事費は5,230万円です。", ["堤防の工事費は5,230万円です"], [CAMP, COST])
    assert checked.problems == ()
    assert checked.support.cited == (2,)


BOTH_COSTS = ("堤防の工事費は5,230万円です", "水門の工事費は1,180万円です")


@pytest.mark.parametrize(
    ("text", "formula", "right"),
    [
        ("合わせて6,410万円です。", "5,230万円 + 1,180万円 = 6,410万円", True),
        ("合わせて6,410万円です。", "5230 + 1180 = 6410", True),
        ("合わせて6,410万円です。", "堤防と水門", True),
        ("差は4,050万円です。", "5,230 - 1,180", True),
        ("堤防が81.6%を占めます。", "5,230 ÷ (5,230 + 1,180) × 100 = 81.6%", True),
        ("堤防が約8割を占めます。", "5,230 ÷ (5,230 + 1,180) ≒ 80%", True),
        ("合わせて6,500万円です。", "5,230万円 + 1,180万円 = 6,500万円", False),
        ("合わせて6,500万円です。", "5,230万円 + 1,180万円", False),
        ("合わせて6,410円です。", "5,230 + 1,180 = 6,410", False),
        ("合わせて6,480万円です。", "5,300万円 + 1,180万円 = 6,480万円", False),
        ("合わせて6,500万円です。", "堤防と水門", False),
        ("1を0で割ると6,500万円です。", "5,230 ÷ 0", False),
    ],
)
def test_result_of_a_formula_is_checked(text: str, formula: str, *, right: bool) -> None:
    assert (kinds(text, *BOTH_COSTS, of=COST, formula=formula) == set()) is right


def test_operands_may_come_from_earlier_quotes() -> None:
    first = check_quoted(
        "堤防は5,230万円、水門は1,180万円です。",
        ["堤防の工事費は5,230万円です。水門の工事費は1,180万円です。"],
        [COST],
    )
    then = check_quoted(
        "差は4,050万円です。",
        ["水門の工事費"],
        [COST],
        "5,230 - 1,180 = 4,050",
        reply=[first.statement],
    )
    assert first.problems == ()
    assert then.problems == ()


NOTICE = SourceText(
    "■川の講座\n10月14日 14時〜15時15分\n対象:65歳以上\n見学:2回目10時45分〜(各回20分)\n"
    "費用:1回660円、月に2回まで\n申込み:9月15日〜10月10日",
    ("講座",), "広報あおば 2025年9月号", (), "青葉市", "2025-09-01",
)  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "quotes"),
    [
        ("締め切りは当日の4日前です。", "締め切りは当日の6日前です。", ["10月14日", "9月15日〜10月10日"]),
        ("月に1,320円まで払います。", "月に1,980円まで払います。", ["1回660円", "2回まで"]),
        ("64歳以下の人は出られません。", "63歳以下の人は出られません。", ["65歳以上"]),
    ],
)
def test_arithmetic_over_quoted_figures_passes(right: str, wrong: str, quotes: list[str]) -> None:
    assert not kinds(right, *quotes, of=NOTICE)
    assert "figure" in kinds(wrong, *quotes, of=NOTICE)


def test_arithmetic_needs_quoted_operands() -> None:
    said = "申し込みは当日の29日前に始まります。"
    assert not kinds(said, "10月14日", "9月15日〜10月10日", of=NOTICE)
    assert kinds(said, "1回660円", of=NOTICE) == {"figure"}


def test_statement_without_quotes_is_rejected() -> None:
    assert kinds("費用は書かれていません。") == set()
    assert kinds("費用は800円です。") == {"citation"}
    checked = check_quoted("費用は900円です。", ["費用:900円"], [CAMP], cited=4)
    assert {problem.kind for problem in checked.problems} == {"citation"}


PLAN = SourceText(
    "渡船の運航期間は、令和8年5月1日から令和10年3月31日までの2か年です。\n定員: 1,250人\n電話: 0120-456-789",
    ("2 渡船",), "港の計画", (), "青葉市", "2026-02",
)  # fmt: skip
QUOTE = "運航期間は、令和8年5月1日から令和10年3月31日までの2か年"


def wrong(text: str, *, question: str = "", formula: str = "") -> list[tuple[str, str]]:
    checked = check_quoted(text, (QUOTE,), [PLAN], formula, question=question, language="en")
    return [(problem.kind, problem.words) for problem in checked.problems]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("The ferry runs for 2 years, from May 1, 2026 to March 31, 2028.", []),
        ("Phà chạy từ ngày 1 tháng 5 năm 2026, sức chứa 1.250 người.", []),
        ("A lotação é de 1.250 pessoas; telefone 0120-456-789.", []),
        ("정원은 1,250명입니다.", []),
        ("The ferry runs until March 30, 2028.", [("figure", "30")]),
        ("It holds 1,350 people.", [("figure", "1,350")]),
        ("Please call 0120-456-780.", [("figure", "0120-456-780")]),
    ],
)
def test_numbers_match_in_any_notation(text: str, problems: list[tuple[str, str]]) -> None:
    assert wrong(text) == problems


def test_numbers_of_the_question_may_be_repeated() -> None:
    assert wrong("No, not 500 people but 1,250.", question="Does it hold 500 people?") == []


@pytest.mark.parametrize(
    ("formula", "right"), [("1,250人 × 2 = 2,500人", True), ("1,300人 + 1,200人 = 2,500人", False)]
)
def test_a_result_of_a_formula_is_supported(formula: str, right: bool) -> None:  # noqa: FBT001
    assert (wrong("Two ferries hold 2,500 people.", formula=formula) == []) is right


TODAY = date(2026, 11, 26)
WASTE = "陶器は、毎月第2・第4火曜日に集めます。"
REGISTER = "住み始めた日から10日以内に届け出ます。"
BIRTH = "届け出は、生まれた日を含めて10日以内です。"
HOLIDAY = "申し込みは使う日の10日前までです。期限の日が休みに当たるときは、その次の開庁日とします。"
MARKET = "朝市は4月5日から、隔週の日曜日に開きます。"
GRANT = "費用の4分の3を補助します。上限は30万円とし、1,000円未満の端数は切り捨てます。"
POOL = "午後8時に閉まります。券の販売は35分前までです。"
# Question, words of the source, statement, formula.
RIGHT = [
    ("12月の陶器の日は?", WASTE, "12月8日と22日です。", ""),
    ("陶器は次いつですか?", WASTE, "12月8日(火)です。", "12月の第2火曜日 = 12月8日"),
    ("11月20日に引っ越しました。", REGISTER, "11月30日までです。", "11月20日 + 10日 = 11月30日"),
    ("きのう引っ越しました。", REGISTER, "12月5日までです。", ""),
    ("11月20日に生まれました。", BIRTH, "11月29日までです。", ""),
    ("12月2日に使うには?", "申し込みは3営業日前までです。", "11月27日までです。", ""),
    ("1月13日に使うには?", HOLIDAY, "1月4日までです。", ""),
    ("次の朝市は?", MARKET, "11月29日です。", ""),
    ("何時まで券を買えますか?", POOL, "午後7時25分までです。", "20時 − 35分 = 19時25分"),
    ("24万円かかりました。", GRANT, "18万円です。", "24万円 × 3 ÷ 4 = 18万円"),
    ("(26万円−2万円)では?", GRANT, "18万円です。", "(26万円 − 2万円) × 3/4 = 18万円"),
    ("24万5,900円でした。", GRANT, "18万4,000円です。", "245,900円 × 3 ÷ 4 = 184,425円"),
    ("築40年の家です。", "昭和60年以降に建てた家が対象です。", "1986年に建てた家なので対象です。", ""),
    ("今日は何日ですか?", WASTE, "今日は2026年11月26日(木)です。", ""),
]
WRONG = [
    ("12月の陶器の日は?", WASTE, "12月9日です。", ""),
    ("12月の陶器の日は?", WASTE, "1月12日です。", ""),
    ("11月20日に引っ越しました。", REGISTER, "12月1日までです。", "11月20日 + 11日 = 12月1日"),
    ("11月20日に生まれました。", BIRTH, "11月30日までです。", "11月20日 + 10日 = 11月30日"),
    ("1月13日に使うには?", HOLIDAY, "1月3日までです。", ""),
    ("次の朝市は?", MARKET, "12月6日です。", ""),
    ("何時まで券を買えますか?", POOL, "午後7時35分までです。", ""),
    ("48万円かかりました。", GRANT, "36万円です。", "48万円 × 3 ÷ 4 = 36万円"),
    ("24万5,900円でした。", GRANT, "18万4,425円です。", "245,900円 × 3 ÷ 4 = 184,425円"),
    ("24万円かかりました。", GRANT, "16万円です。", "24万円 × 2 ÷ 3 = 16万円"),
    ("届け出は?", "99999999999営業日以内、99999年以内です。", "12月4日までです。", "2月31日 + 99999999999日 = 12月4日"),
    ("いくらですか?", GRANT, "5円です。", "(" * 3000 + "1円" + " + 1円" * 3000 + " = 5円"),
    ("いくらですか?", GRANT, "5円です。", "5円 ÷ 0 = 5円"),
    ("2月に使えますか?", "申し込みは使う日の10日前までです。", "2月30日までです。", "2月20日 + 10日 = 2月30日"),
]


def is_accepted(question: str, words: str, statement: str, formula: str) -> bool:
    source = SourceText(words, title="暮らしの案内", published="2026-04-01")
    said = CitedStatement(statement, (1,), quotes=(words,), formula=formula)
    (checked,) = check_statements([said], [source], question, today=TODAY)
    return not checked.problems


@pytest.mark.parametrize(("question", "words", "statement", "formula"), RIGHT)
def test_what_follows_from_a_rule_is_accepted(question: str, words: str, statement: str, formula: str) -> None:
    assert is_accepted(question, words, statement, formula)


@pytest.mark.parametrize(("question", "words", "statement", "formula"), WRONG)
def test_what_does_not_follow_is_rejected(question: str, words: str, statement: str, formula: str) -> None:
    assert not is_accepted(question, words, statement, formula)


def test_period_in_the_data_of_a_document_is_a_source() -> None:
    source = SourceText("植樹を進めます。", title="緑の計画", period=Period(date(2026, 4, 1), date(2031, 3, 31)))
    said = CitedStatement("計画は令和8年度から令和12年度までです。", (1,))
    (checked,) = check_statements([said], [source], "緑の計画はいつまで?", today=TODAY)
    assert not checked.problems
