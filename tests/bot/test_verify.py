"""Verification, case by case: what the passages support, and what they do not."""

import pytest

from bot.answer import Status
from bot.check.given import Given
from bot.check.verify import check
from bot.turn import Draft, Source
from ingest.documents import Cell, Document, Passage

ROW = Passage(
    id="d#0001",
    doc_id="d",
    kind="row",
    path=("KPI達成状況(市民サービスの向上)",),
    text="KPI(成果指標): AIチャットボット活用件数(2021年度比較)\n目標値: 10,000件増\n"
    "達成状況: 2,300件増 ※5分野589項目追加",
    lines=(1,),
    cells=(
        Cell("KPI(成果指標)", "AIチャットボット活用件数(2021年度比較)"),
        Cell("目標値", "10,000件増"),
        Cell("達成状況", "2,300件増 ※5分野589項目追加"),
    ),
)
PROSE = Passage(
    id="d#0002",
    doc_id="d",
    kind="text",
    path=("1.3. プランの期間",),
    text="「未来共創計画」(計画期間:10年間)にあわせ、令和8(2026)年度～令和11(2029)年度の4か年とします。"
    "令和5(2023)年12月議決。年間100件以上の手続きが対象です。コピー用紙は50%減(600万枚減)、講座には1,655人が参加しました。",
    lines=(2,),
)
LIST = Passage(
    id="d#0003",
    doc_id="d",
    kind="list",
    path=("2.2. 行動指針",),
    text="次の行動指針に基づき取り組みます。\n・市民目線\n・スピード感\n・成果検証",
    lines=(3, 4, 5),
    items=("市民目線", "スピード感", "成果検証"),
)
UNITS_ABOVE = Passage(
    id="d#0004",
    doc_id="d",
    kind="row",
    path=("実績(単位:人)",),
    text="区分: 来館者\n令和6年度: 12,345",
    lines=(6,),
    cells=(Cell("区分", "来館者"), Cell("令和6年度", "12,345")),
)
PASSAGES = {"row": ROW, "prose": PROSE, "list": LIST, "units": UNITS_ABOVE}
GIVEN = Given((Document("d", "金沢市DXアクションプラン2.0", "d.md"),))


def problems(text: str, *names: str) -> list[str]:
    sources = tuple(Source(PASSAGES[name], PASSAGES[name].text.splitlines()[0]) for name in names)
    return check(Draft(text, sources), GIVEN)


SUPPORTED = [
    ("row", "AIチャットボット活用件数の目標値は10,000件増で、達成状況は2,300件増でした[1]。"),
    ("row", "AIチャットボット活用件数の目標値は１０，０００件の増加です[1]。"),
    ("row", "AIチャットボット活用件数は1万件増の目標に対し、2300件増えました[1]。"),
    ("row", "目標は10,000件増、実績は2,300件増で、7,700件届きませんでした(10,000件 − 2,300件 = 7,700件)[1]。"),
    ("row", "目標と実績はそれぞれ10,000件増、2,300件増です[1]。"),
    ("row", "目標と比べると、2,300件増にとどまりました[1]。"),
    ("row", "達成率は2,300件 ÷ 10,000件 = 23%です[1]。"),
    ("row", "2021年度(令和3年度)と比べて2,300件増えました[1]。"),
    ("row", "589項目を追加しました[1]。"),
    ("prose", "計画期間は令和8(2026)年度から令和11(2029)年度までの4か年です[1]。"),
    ("prose", "計画期間は2026年度〜2029年度の4年間です[1]。"),
    ("prose", "計画期間は８年度から１１年度までの四か年です[1]。"),
    ("prose", "金沢市DXアクションプラン2.0の計画期間は4か年です[1]。"),
    ("prose", "2023年に議決されました[1]。"),
    ("prose", "令和5年12月に議決されました[1]。"),
    ("prose", "12月に議決されました[1]。"),
    ("prose", "「未来共創計画」の計画期間は10年間です[1]。"),
    ("prose", "年間100件以上の手続きが対象です[1]。"),
    ("prose", "講座には1,655名が参加しました[1]。"),
    ("prose", "コピー用紙は5割、６００万枚削減しました[1]。"),
    ("prose", "コピー用紙を50パーセント減らしました[1]。"),
    ("list", "行動指針は次の3つです[1]。\n- 市民目線\n- スピード感\n- 成果検証"),
    ("list", "行動指針は、市民目線、スピード感、成果検証の3つです[1]。"),
    ("list", "行動指針は次の2件です。\n1. 市民目線[1]\n2. 成果検証[1]"),
    ("units", "令和6年度の来館者は12,345人でした[1]。"),
    ("row", "はい。AIチャットボット活用件数は2,300件増えました[1]。"),
    ("row", "2,300件増えました[1]。2030年度の予算については、資料に記載がありません。"),
]


@pytest.mark.parametrize(("passage", "text"), SUPPORTED)
def test_what_the_passage_says_is_supported(passage: str, text: str) -> None:
    """The same fact in the passage's or in another notation passes."""
    assert problems(text, passage) == []


INVENTED = [
    ("row", "AIチャットボット活用件数は3,300件増でした[1]。", "3,300件"),
    ("row", "AIチャットボット活用件数は2,300人増でした[1]。", "2,300人"),
    ("row", "AIチャットボット活用件数は2,300件減でした[1]。", "増減"),
    ("row", "AIチャットボットは2,300件使われました[1]。", "増減"),
    ("row", "AIチャットボット活用件数の目標値は2,300件増でした[1]。", "目標の値"),
    ("row", "AIチャットボット活用件数の実績は10,000件増でした[1]。", "実績の値"),
    ("row", "AIチャットボット活用件数は2,300件増を目標に掲げました[1]。", "目標の値"),
    ("row", "7,700件届きませんでした[1]。", "7,700件"),
    ("row", "7,600件届きませんでした(10,000件 − 2,300件 = 7,600件)[1]。", "計算"),
    ("row", "達成率は2,300件 ÷ 10,000件 = 32%です[1]。", "計算"),
    ("row", "達成率は3,300件 ÷ 10,000件 = 33%です[1]。", "3,300件"),
    ("row", "2022年度と比べて2,300件増えました[1]。", "2022年度"),
    ("row", "2021年と比べて2,300件増えました[1]。", "2021年"),
    ("row", "大阪市のチャットボット活用件数は2,300件増えました[1]。", "大阪市"),
    ("row", "ChatGPTの活用件数は2,300件増えました[1]。", "ChatGPT"),
    ("row", "「デジタル推進課」の活用件数は2,300件増えました[1]。", "デジタル推進課"),
    ("row", "AIチャットボットの活用件数は https://ai.example.com/ にあります[1]。", "https://ai.example.com/"),
    ("row", "AIチャットボットの活用件数は info@example.jp まで[1]。", "info@example.jp"),
    ("row", "市役所に現金を振り込んでください[1]。", "言葉"),
    ("prose", "計画期間は令和8(2026)年度から令和12(2030)年度までです[1]。", "令和12(2030)年度"),
    ("prose", "計画期間は令和8(2025)年度からです[1]。", "和暦と西暦"),
    ("prose", "計画期間は令和8(4711)年度からです[1]。", "和暦と西暦"),
    ("prose", "計画期間は令和11年度から令和8年度までです[1]。", "前後"),
    ("prose", "計画期間は令和8年度から令和5年12月までです[1]。", "前後"),
    ("prose", "計画期間は2023年12月から2029年度までです[1]。", "期間"),
    ("prose", "計画期間は9年度からです[1]。", "9年度"),
    ("prose", "計画期間は5年間です[1]。", "5年間"),
    ("prose", "令和5年11月に議決されました[1]。", "令和5年11月"),
    ("prose", "令和5年12月3日に議決されました[1]。", "令和5年12月3日"),
    ("prose", "3月に議決されました[1]。", "3月"),
    ("prose", "年間100件以下の手続きが対象です[1]。", "範囲"),
    ("prose", "年間100件の手続きが対象です[1]。", "範囲"),
    ("prose", "講座には1,655人以上が参加しました[1]。", "範囲"),
    ("prose", "金沢市DXアクションプラン3.0の計画期間は4か年です[1]。", "3.0"),
    ("list", "行動指針は次の4つです[1]。\n- 市民目線\n- スピード感\n- 成果検証", "4つ"),
    ("units", "令和6年度の来館者は12,345件でした[1]。", "12,345件"),
]


@pytest.mark.parametrize(("passage", "text", "reason"), INVENTED)
def test_what_the_passage_does_not_say_is_caught(passage: str, text: str, reason: str) -> None:
    """An invented or altered figure, unit, date, span, name, role or address is named in the reason."""
    found = problems(text, passage)
    assert any(reason in problem for problem in found), found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2,300件増えました。", "出典がありません"),
        ("2,300件増えました[2]。", "[2]"),
        ("2,300件増えました［１］。", "出典 1"),
        ("金沢市の取り組みです。2,300件増えました[1]。", "金沢市"),
    ],
)
def test_a_broken_citation_is_caught(text: str, reason: str) -> None:
    """A fact without a mark, a mark without a source, and a source without a mark are named."""
    assert any(reason in problem for problem in problems(text, "row"))


def test_a_fact_stands_in_the_passage_that_it_cites() -> None:
    """A figure that only another source of the answer states is caught."""
    text = "AIチャットボット活用件数は1,655人[1]、講座の参加者は2,300件増[2]です。"
    assert len(problems(text, "row", "prose")) >= 2


def test_each_part_of_a_sentence_rests_on_its_own_mark() -> None:
    """Two facts of one sentence may come from two passages."""
    assert problems("活用件数は2,300件増[1]、講座の参加者は1,655人[2]です。", "row", "prose") == []


def test_two_marks_side_by_side_support_together() -> None:
    """A statement with two marks may take each of its facts from either passage."""
    assert problems("活用件数は2,300件増、講座の参加者は1,655人です[1][2]。", "row", "prose") == []


@pytest.mark.parametrize("quote", ["", "  ", "目標値： 10,000件増", "9,999件増"])
def test_a_quote_is_the_passages_letter_for_letter(quote: str) -> None:
    """An empty or altered quote is caught, also when only the width of a character differs."""
    found = check(Draft("2,300件増えました[1]。", (Source(ROW, quote),)), GIVEN)
    assert any("引用" in problem for problem in found)


def test_a_target_in_running_text_is_not_given_as_the_result() -> None:
    """Where prose itself says which figure is the target, the answer may not call it the result."""
    prose = Passage("d#9", "d", "text", (), "参加者の目標は1,500人で、実績は1,655人でした。", (1,))
    draft = Draft("参加者の実績は1,500人です[1]。", (Source(prose, prose.text),))
    assert any("実績の値" in problem for problem in check(draft))


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.ANSWERED, Status.PARTIAL}))
def test_an_answer_without_facts_carries_no_citation(status: Status) -> None:
    """Every status other than answered and partial is right without sources, and wrong with one."""
    assert check(Draft("資料からは見つかりませんでした。", (), status)) == []
    assert check(Draft("資料からは見つかりませんでした[1]。", (Source(ROW, ROW.text),), status))


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.PARTIAL])
def test_an_answer_with_facts_carries_one(status: Status) -> None:
    """An answered or partial draft without any source is wrong, whatever it says."""
    assert check(Draft("はい。", (), status))


def test_an_empty_draft_is_wrong() -> None:
    """An answer without text and sources is no answer."""
    assert check(Draft(""))


def test_a_line_told_letter_for_letter_is_told_of_its_own() -> None:
    """委員20人中15人です closes the line of a record as a sentence, whatever another line shares with it."""
    text = "委員20人中15人\n・議長 荒井 進(町長)、沢木委員(出席者の代表)、ほか13人\n・欠席者 5人"
    record = Passage("d#0005", "d", "list", ("3 出席者",), text, (7, 8, 9), items=tuple(text.split("\n・")[1:]))
    draft = Draft("出席者は、委員20人中15人です[1]。", (Source(record, "委員20人中15人"),))
    assert check(draft, GIVEN) == []
