from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from bot.answering.relevance.notices import RecurringNotices
from bot.answering.rendering.date_format import format_document_date
from bot.answering.state import Answer, Excerpt, Question
from bot.running.service.service import Service, open_service
from ingest.documents import ParsedDocument
from tests.bot.answering.retrieval.passages import built, document

ENTRY = """
[[document]]
id = "{id}"
title = "広報しおみ 2026年{month}月号"
file = "{id}.md"
kind = "notice"
issuer = "汐見町"
published = "2026-0{month}-01"
"""
PAPER = """# 広報しおみ 2026年{month}月号

## {month}月の献血

400ミリリットル献血にご協力ください。
・日時：{month}月{day}日9時半〜11時
・場所：{place}

## 健康講座

・内容：{subject}
・日時：{month}月20日14時〜15時
・場所：公民館

## 巡回する図書館の車

{stop}
"""
PAPERS = {
    "april": (4, 13, "町役場", "眠りの講話", "岬の広場には毎週水曜日に来ます。"),
    "may": (5, 18, "町役場", "歯みがきの講話", "岬の広場には毎週木曜日に来ます。"),
    "june": (6, 15, "海の家", "骨の講話", "車の点検のため、しばらく休みます。"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    texts = {
        name: PAPER.format(month=month, day=day, place=place, subject=subject, stop=stop)
        for name, (month, day, place, subject, stop) in PAPERS.items()
    }
    manifest = "".join(ENTRY.format(id=name, month=month) for name, (month, *_) in PAPERS.items())
    with open_service(built(tmp_path_factory.mktemp("papers"), texts, manifest)) as opened:
        yield opened


@pytest.fixture(scope="module")
def service_without_manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    texts = {
        name: f"# 汐見町のお知らせ\n\n{day}\n\n## 古紙の回収\n\n古紙は{place}で回収します。\n"
        for name, day, place in (("first", "令和7年10月3日", "公民館の裏"), ("second", "令和8年4月6日", "港の広場"))
    }
    with open_service(built(tmp_path_factory.mktemp("unlisted"), texts)) as opened:
        yield opened


def ask(service: Service, question: str, day: date = date(2026, 6, 2)) -> Answer:
    return service.ask(Question(question=question, as_of=day))


def cited(answer: Answer) -> list[str]:
    return [citation.doc_id for citation in answer.citations]


@pytest.mark.parametrize(
    ("day", "fact", "paper_id"), [(date(2026, 6, 2), "6月15日", "june"), (date(2026, 5, 5), "5月18日", "may")]
)
def test_only_the_latest_notice_of_the_day_is_shown(service: Service, day: date, fact: str, paper_id: str) -> None:
    answer = ask(service, "献血はいつですか", day)
    assert fact in answer.answer
    assert cited(answer) == [paper_id]


@pytest.mark.parametrize(
    ("question", "paper"),
    [
        ("4月の献血はいつですか", "april"),
        ("先月の献血はいつでしたか", "may"),
        ("広報しおみ 2026年4月号の献血はいつですか", "april"),
        ("眠りの講話はいつですか", "april"),
        ("岬の広場に図書館の車が来るのは何曜日ですか", "may"),
    ],
)
def test_a_requested_earlier_notice_is_shown(service: Service, question: str, paper: str) -> None:
    assert paper in cited(ask(service, question))


def test_past_dates_are_noticed(service: Service) -> None:
    past = ask(service, "献血はいつですか", date(2026, 8, 1))
    (notice,) = past.notices
    assert notice.startswith("「広報しおみ 2026年6月号」にある6月15日は、もう過ぎています。")
    beside = [part.notice for part in past.content.parts if isinstance(part, Excerpt) and part.notice]
    assert beside == [*past.content.notices]
    before = ask(service, "献血はいつですか")
    assert (past.status, before.notices) == (before.status, ())


@pytest.mark.parametrize(
    ("question", "doc_id"),
    [("古紙はどこで回収しますか", "second"), ("令和8年1月の時点で、古紙はどこで回収していましたか", "first")],
)
def test_dates_in_the_text_order_notices_without_manifest(
    service_without_manifest: Service, question: str, doc_id: str
) -> None:
    assert cited(ask(service_without_manifest, question)) == [doc_id]
    document = next(state.document for state in service_without_manifest.documents() if state.document.id == "second")
    assert format_document_date(document) == "2026年4月6日（本文にある日付）"


TOLD = "献血の受付は町役場です。"
AT_LAST = "献血の受付は海の家です。車は浜の駐車場へ。"


def paper(year: int, text: str, heading: str = "■6月の献血", **changes: str) -> ParsedDocument:
    reading = document(f"paper-{year}", (heading, text))
    about = {"kind": "notice", "issuer": "汐見町", "published": f"{year}-06-01", **changes}
    return replace(reading, document=replace(reading.document, **about))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("later", "again"),
    [
        (paper(2025, AT_LAST, "●7月の献血(2)"), ["paper-2025#0"]),
        (paper(2025, AT_LAST, "令和7年度の献血"), ["paper-2025#0"]),
        (paper(2025, AT_LAST, "献血の結果"), []),
        (paper(2025, AT_LAST, "65歳からの献血"), []),
        (paper(2025, AT_LAST, issuer="青葉市"), []),
        (paper(2025, AT_LAST, kind="meeting"), []),
        (paper(2025, AT_LAST, published="2024-06-01"), []),
        (paper(2025, AT_LAST, published=""), []),
    ],
)
def test_a_notice_comes_back_under_its_heading_in_a_later_paper(later: ParsedDocument, again: list[str]) -> None:
    readings = {one.document.id: one for one in (paper(2024, TOLD), later)}
    notices = RecurringNotices([one.document for one in readings.values()], lambda doc_id: readings[doc_id].passages)
    assert [id_ for _, id_ in notices.find_later(readings["paper-2024"].passages[0])] == again
