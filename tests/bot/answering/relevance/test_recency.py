from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.event_dates import find_past_day, past_day
from bot.answering.relevance.notices import RecurringNotices
from bot.answering.rendering.date_format import format_document_date
from bot.answering.state import Answer, Excerpt, Question, Source, Status
from bot.running.service.service import Service, open_service
from ingest.documents import Document, ParsedDocument, Passage
from ingest.publications import Publications
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


ASKED = date(2026, 11, 20)
LATER_ENTRY = """
[[document]]
id = "{id}"
title = "{title}"
file = "{id}.md"
kind = "{kind}"
issuer = "汐見町"
published = "{published}"
"""
# Kind, title, publication and text of each document.
DOCUMENTS = {
    "notice-1": ("notice", "町のお知らせ", "2025-02-01", "## 布団\n\n布団は、切って燃やすごみに出してください。"),
    "notice-2": ("notice", "町のお知らせ", "2026-07-01", "## 布団\n\n布団は、清掃工場に持ち込んでください。"),
    "faq-1": ("faq", "よくある質問", "2024-04-01", "## 温泉券\n\n温泉券は75歳の人からもらえます。"),
    "faq-2": ("faq", "よくある質問", "2026-05-01", "## 温泉券\n\n温泉券は70歳の人からもらえます。"),
    "rule-1": ("other", "体育館の使用要領", "2023-10-01", "## 使用料\n\n体育館の使用料は、1時間600円とする。"),
    "rule-2": ("other", "体育館の使用要領", "2026-04-01", "## 使用料\n\n体育館の使用料は、1時間900円とする。"),
    "count-1": ("other", "統計しおみ", "2024-05-10", "## 人口\n\n町の人口は、令和6年3月31日現在で8,412人です。"),
    "count-2": ("other", "統計しおみ", "2025-05-09", "## 人口\n\n町の人口は、令和7年3月31日現在で8,305人です。"),
}  # fmt: skip


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    texts = {name: f"# {title}\n\n{text}\n" for name, (_, title, _, text) in DOCUMENTS.items()}
    manifest = "".join(
        LATER_ENTRY.format(id=name, title=title, kind=kind, published=day)
        for name, (kind, title, day, _) in DOCUMENTS.items()
    )
    with open_service(built(tmp_path_factory.mktemp("versions"), texts, manifest)) as opened:
        yield opened


def ask_later(versions: Service, question: str, day: date | None = ASKED, language: str | None = None) -> Answer:
    return versions.ask(Question.model_validate({"question": question, "as_of": day, "language": language}))


@pytest.mark.parametrize(
    ("question", "fact", "later_fact"),
    [
        ("令和7年9月の時点で、布団はどう出しますか", "切って", "清掃工場"),
        ("布団は、去年の9月の時点ではどう出すことになっていましたか", "切って", "清掃工場"),
        ("2025年3月末の時点で、温泉券は何歳からもらえましたか", "75歳", "70歳"),
        ("令和8年3月31日現在で、体育館の使用料はいくらでしたか", "600円", "900円"),
        ("令和6年3月31日現在の町の人口は何人ですか", "8,412人", "8,305人"),
    ],
)
def test_what_was_published_after_the_day_does_not_answer(
    versions: Service, question: str, fact: str, later_fact: str
) -> None:
    answer = ask_later(versions, question)
    assert fact in answer.answer
    assert later_fact not in answer.answer


def test_a_later_document_answers_for_a_day_that_it_names(versions: Service) -> None:
    answer = ask_later(versions, "令和7年3月末の時点で、町の人口は何人でしたか")
    assert answer.citations[0].doc_id == "count-2"
    assert answer.as_of == date(2025, 3, 31)


@pytest.mark.parametrize(
    ("question", "asked_on", "answered_for"),
    [
        ("令和7年9月1日の時点で、布団はどう出しますか", ASKED, date(2025, 9, 1)),
        ("令和8年9月1日の時点で、布団はどう出しますか", date(2026, 3, 1), date(2026, 3, 1)),
        ("布団はどう出しますか", date(2026, 3, 1), date(2026, 3, 1)),
    ],
)
def test_the_answer_has_the_day_for_which_it_holds(
    versions: Service, question: str, asked_on: date, answered_for: date
) -> None:
    answer = ask_later(versions, question, asked_on)
    assert answer.as_of == answered_for
    assert "清掃工場" not in answer.answer


def test_the_answer_names_the_as_of_date_of_the_question(versions: Service) -> None:
    question = "令和7年9月1日の時点で、布団はどう出しますか"
    assert ask_later(versions, question).notices == ("2025年9月1日の時点についてのご質問としてお答えしています。",)
    assert ask_later(versions, question, language="en").notices == ("This answers as of 1 September 2025.",)
    assert ask_later(versions, "布団はどう出しますか").notices == ()


def test_a_day_before_all_documents_has_no_answer(versions: Service) -> None:
    answer = ask_later(versions, "平成25年4月1日の時点で、体育館の使用料はいくらでしたか")
    assert answer.status is Status.NO_ANSWER
    assert answer.notices == ("2013年4月1日の時点についてのご質問としてお答えしています。",)


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
