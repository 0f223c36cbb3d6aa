from datetime import date

import pytest

from bot.answering.verification.source_text import SourceText
from bot.answering.verification.statement_check import check_statements
from bot.answering.verification.statements import CitedStatement
from ingest.documents import Period

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
