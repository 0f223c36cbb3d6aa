from datetime import date

import pytest

from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.event_dates import find_past_day, past_day
from bot.answering.state import Source
from ingest.documents import Document, Passage
from ingest.publications import Publications

NOTICE = Document("notice", "広報", "notice.md", kind="notice", published="2026-05-01")
PAGE = Document("page", "道具の貸出", "page.md")


@pytest.mark.parametrize(
    ("quote", "day", "is_past"),
    [
        ("受付は6月10日まで", date(2026, 7, 1), True),
        ("受付は6月10日まで", date(2026, 6, 11), True),
        ("受付は6月10日まで", date(2026, 6, 10), False),
        ("5月11日(月)・12日(火)、20日(水)", date(2026, 5, 20), False),
        ("5月11日(月)・12日(火)、20日(水)", date(2026, 5, 21), True),
        ("5月7日〜28日", date(2026, 5, 20), False),
        ("5月11日(月)に始まり、25日(月)にも", date(2026, 5, 20), False),
        ("3月31日までに申し込む", date(2026, 6, 20), False),
        ("3月に工事を終えました。5月11日に開きます", date(2026, 5, 20), True),
        ("4月1日現在の人口", date(2026, 7, 1), False),
        ("5月11日(月)〜電話で", date(2026, 7, 1), False),
        ("5月11日(月)から定員に達するまで受け付け", date(2026, 7, 1), False),
        ("5月11日(月)から1日500円になります", date(2026, 7, 1), False),
        ("6月1日〜翌年5月31日", date(2026, 7, 1), False),
        ("6月1日から5月31日まで", date(2026, 7, 1), False),
        ("12月29日〜3日", date(2027, 1, 2), False),
        ("12月29日〜3日", date(2027, 1, 4), True),
        ("6月28日(日)〜翌月3日(金)", date(2026, 7, 2), False),
        ("4月30日までに寄せられた意見", date(2026, 6, 1), True),
        ("来年5月1日に開きます", date(2026, 7, 1), False),
        ("毎年5月11日に開きます", date(2026, 7, 1), False),
        ("5月15日金曜日・22日金曜日", date(2026, 5, 20), False),
        ("5月13日(水)、10日前までに", date(2026, 5, 14), True),
        ("令和8年度の検診。5月20日まで", date(2026, 6, 1), True),
        ("令和8年7月3日(金)10時〜、10日(金)", date(2026, 7, 5), False),
        ("4月1日時点で市内に住む人", date(2026, 7, 1), False),
        ("1月15日に開きます", date(2026, 7, 1), False),
        ("1月15日に開きます", date(2027, 2, 1), True),
        ("6月1日(月)から料金が変わります", date(2026, 9, 1), False),
        ("6月1日(月)から6月30日(火)まで", date(2026, 9, 1), True),
        ("6月1日に始まり、令和9年3月31日に終わります", date(2026, 9, 1), False),
        ("申込書は6月1日(月)から配布。6月8日〜14日に応募", date(2026, 9, 1), True),
        ("令和9年3月31日まで受け付けます", date(2027, 4, 1), True),
        ("令和9年3月31日まで受け付けます", date(2027, 3, 1), False),
        ("昭和56年5月31日以前に建てた住宅", date(2027, 4, 1), False),
        ("令和8年度の予算", date(2027, 4, 1), False),
        ("毎月第3月曜", date(2026, 9, 1), False),
        ("12日(火)、26日(火)10時から", date(2026, 9, 1), True),
        ("12日(火)、26日(火)10時から", date(2026, 6, 20), False),
        ("収集は28日まで", date(2026, 9, 1), True),
        ("15日・23日に相談を受けます", date(2026, 9, 1), True),
        ("申し込みは14日以内に", date(2026, 9, 1), False),
    ],
)
def test_a_notice_whose_days_have_passed_has_a_past_day(quote: str, day: date, is_past: bool) -> None:  # noqa: FBT001 -- read here alone
    assert bool(past_day(NOTICE, [quote], day)) == is_past


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("申込みは10月1日から10月20日までです。", "10月20日"),
        ("申込みは10月1日から12月20日までです。", ""),
        ("申請期限　令和8年9月30日（消印有効）", "令和8年9月30日"),
        ("申請期間　令和8年4月1日から", ""),
        ("毎年10月20日までに届け出てください。", ""),
        ("9月29日から10月3日まで休みます。", ""),
        ("18歳の誕生日の後の最初の3月31日までの子ども", ""),
        ("前期は9月30日まで、後期は1月31日までです。", ""),
        ("令和2年3月31日までに建てた家", ""),
        ("10月20日に開きました。", ""),
    ],
)
def test_of_an_undated_page_only_deadlines_pass(text: str, written: str) -> None:
    past = past_day(PAGE, [text], date(2026, 11, 26))
    assert (past.written if past else "") == written


LEAD, FEE, HOW, OTHER = (
    Passage(f"page#{n}", "page", "text", path, text, (n,))
    for n, (path, text) in enumerate(
        [
            (("のこぎり", "申込期間"), "10月1日から10月20日までです。"),
            (("のこぎり", "費用"), "1日100円です。"),
            (("のこぎり", "申込方法"), "窓口に来てください。"),
            (("かんな", "研ぎ方"), "石で研ぎます。"),
        ]
    )
)


@pytest.mark.parametrize(
    ("passage", "day", "past"),
    [
        (FEE, date(2026, 11, 26), "10月20日"),
        (LEAD, date(2026, 11, 26), "10月20日"),
        (HOW, date(2026, 10, 20), ""),
        (OTHER, date(2026, 11, 26), ""),
    ],
)
def test_a_passed_deadline_of_a_section_is_that_of_its_neighbours(passage: Passage, day: date, past: str) -> None:
    catalogue = DocumentCatalogue(Publications([PAGE]), lambda _doc_id: (LEAD, FEE, HOW, OTHER))
    assert find_past_day(catalogue, Source(passage, passage.text), day) == past
