import re
import shutil
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.answering.state import Question, Status
from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.readers.faq_file import (
    ANSWER,
    FIRST,
    LAST,
    OFFICE,
    QUESTION,
    TELEPHONE,
    UPDATED,
    WORDINGS,
    FaqRow,
    write_faq,
)
from tests.bot.answer_assertions import DOCUMENTS, TODAY
from tests.bot.desk.curation.desks import COUNTER, UNKNOWN

PARAPHRASES = tomllib.loads((Path(__file__).parent / "paraphrases.toml").read_text("utf-8"))["question"]


def service_with(tmp: Path, documents: Path | None, rows: list[dict[str, str]]) -> Iterator[Service]:
    corpus = tmp / "corpus"
    if documents:
        shutil.copytree(documents, corpus)
    else:
        corpus.mkdir()
        (corpus / "machi.md").write_text("# 灯野町の計画\n\n## 期間\n\n計画の期間は4年間です。\n", "utf-8")
    (corpus / "faq-kurashi.csv").write_bytes(write_faq(FaqRow(0, row) for row in rows))
    settings = Settings(_env_file=None, data=tmp / "data", corpus=corpus, llm_queries=False)
    build(settings, [corpus])
    with open_service(settings, lambda: TODAY) as service:
        yield service


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    rows = [{QUESTION: one["asked"], ANSWER: "くらし係が窓口で案内しています。"} for one in PARAPHRASES]
    yield from service_with(tmp_path_factory.mktemp("faq"), None, rows)


@pytest.fixture(scope="module")
def city_with_answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    row = {QUESTION: UNKNOWN, ANSWER: f"{COUNTER}\n平日に電話してください。", WORDINGS: "環境講座の電話は何番?"}
    row |= {
        FIRST: "2025/4/1",
        LAST: "令和11年3月31日",
        UPDATED: "2026-05-01",
        OFFICE: "環境政策課",
        TELEPHONE: "000-0000",
    }
    yield from service_with(tmp_path_factory.mktemp("city"), DOCUMENTS, [row])


def is_by_staff(service: Service, question: str, as_of: date | None = None) -> bool:
    return service.ask(Question(question=question, as_of=as_of)).generator == "curated"


def test_only_the_same_question_is_answered_and_a_near_one_is_offered(town: Service) -> None:
    not_first: list[str] = []
    for row in PARAPHRASES:
        assert [text for text in row.get("answered", ()) if not is_by_staff(town, text)] == []
        answers = {text: town.ask(Question(question=text)) for text in (*row.get("same", ()), *row["other"])}
        assert [text for text, answer in answers.items() if answer.citations] == []
        assert [text for text in row.get("same", ()) if row["asked"] not in answers[text].suggestions] == []
        not_first += [text for text in row.get("same", ()) if answers[text].suggestions[0] != row["asked"]]
    assert len(not_first) <= 1


def test_what_is_offered_is_answered_when_it_is_chosen(town: Service) -> None:
    asked = PARAPHRASES[-1]["asked"]
    offer = town.ask(Question(question="空いた畑を借りたい人の登録先はどこですか"))
    assert offer.status is Status.CLARIFY
    assert asked in offer.answer
    chosen = town.ask(Question(question=offer.suggestions[0], conversation_id=offer.conversation_id))
    assert chosen.generator == "curated"


def test_the_answer_is_staffs_with_its_day_and_office(city_with_answers: Service) -> None:
    answer = city_with_answers.ask(Question(question=UNKNOWN))
    assert answer.answer == f"{COUNTER}\n平日に電話してください[1]。"
    assert answer.notices == ("職員が確かめた回答です（2026年5月1日）。お問い合わせは 環境政策課 000-0000 へどうぞ。",)
    assert answer.citations[0].section == UNKNOWN


@pytest.mark.parametrize(
    ("question", "served"),
    [
        ("環境の講座に申し込む課の電話番号は?", True),
        ("環境の講座に申し込む課の電話番号を知りたい", True),
        ("環境講座の電話は何番ですか", True),
        ("2030年度に環境の講座に申し込む課の電話番号を教えてください", False),
        ("前のプランで環境の講座に申し込む課の電話番号を教えてください", False),
        ("星見市環境プラン3.0で環境の講座に申し込む課の電話番号を教えてください", False),
        ("環境の講座に2件申し込む課の電話番号を教えてください", False),
        ("環境の講座に申し込まない課の電話番号を教えてください", False),
        ("環境の講座に申し込む課は何階ですか?", False),
        ("芝生広場の補助を申し込む課の電話番号を教えてください", False),
    ],
)
def test_only_paraphrases_are_answered(city_with_answers: Service, question: str, *, served: bool) -> None:
    assert is_by_staff(city_with_answers, question) is served


@pytest.mark.parametrize(
    ("as_of", "served"), [("2025-03-31", False), ("2025-04-01", True), ("2029-03-31", True), ("2029-04-01", False)]
)
def test_an_answer_is_in_force_within_its_days(city_with_answers: Service, as_of: str, *, served: bool) -> None:
    assert is_by_staff(city_with_answers, UNKNOWN, date.fromisoformat(as_of)) is served


def test_citizens_see_the_questions_of_a_file_under_its_title(city_with_answers: Service) -> None:
    client = TestClient(create_app(city_with_answers, Settings(_env_file=None, data=Path("unused"))))
    page = client.get("/documents").text
    assert page.count(UNKNOWN) == 1
    assert "faq-kurashi" in page
    (link,) = re.findall(rf'href="([^"]+)">{UNKNOWN}', page)
    assert COUNTER in client.get(link).text
