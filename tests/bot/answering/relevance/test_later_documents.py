from collections.abc import Iterator
from datetime import date

import pytest

from bot.answering.state import Answer, Question, Status
from bot.running.service.service import Service, open_service
from tests.bot.answering.retrieval.passages import built

ASKED = date(2026, 11, 20)
ENTRY = """
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
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    texts = {name: f"# {title}\n\n{text}\n" for name, (_, title, _, text) in DOCUMENTS.items()}
    manifest = "".join(
        ENTRY.format(id=name, title=title, kind=kind, published=day)
        for name, (kind, title, day, _) in DOCUMENTS.items()
    )
    with open_service(built(tmp_path_factory.mktemp("versions"), texts, manifest)) as opened:
        yield opened


def ask(service: Service, question: str, day: date | None = ASKED, language: str | None = None) -> Answer:
    return service.ask(Question.model_validate({"question": question, "as_of": day, "language": language}))


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
    service: Service, question: str, fact: str, later_fact: str
) -> None:
    answer = ask(service, question)
    assert fact in answer.answer
    assert later_fact not in answer.answer


def test_a_later_document_answers_for_a_day_that_it_names(service: Service) -> None:
    answer = ask(service, "令和7年3月末の時点で、町の人口は何人でしたか")
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
    service: Service, question: str, asked_on: date, answered_for: date
) -> None:
    answer = ask(service, question, asked_on)
    assert answer.as_of == answered_for
    assert "清掃工場" not in answer.answer


def test_the_answer_names_the_as_of_date_of_the_question(service: Service) -> None:
    question = "令和7年9月1日の時点で、布団はどう出しますか"
    assert ask(service, question).notices == ("2025年9月1日の時点についてのご質問としてお答えしています。",)
    assert ask(service, question, language="en").notices == ("This answers as of 1 September 2025.",)
    assert ask(service, "布団はどう出しますか").notices == ()


def test_a_day_before_all_documents_has_no_answer(service: Service) -> None:
    answer = ask(service, "平成25年4月1日の時点で、体育館の使用料はいくらでしたか")
    assert answer.status is Status.NO_ANSWER
    assert answer.notices == ("2013年4月1日の時点についてのご質問としてお答えしています。",)
