import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.answering.state import Answer
from bot.desk.curation.faq_desk import FaqDesk
from bot.errors import ChangedMeanwhileError, DeskError
from bot.running.service.service import Service
from eval.dataset.case import Case
from eval.dataset.matching import contains_words
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.readers.faq_file import ANSWER, LAST, OFFICE, QUESTION, SUPERSEDES, WORDINGS, FaqRow
from tests.bot.desk.curation.desks import COUNTER, UNKNOWN, proposal, publish

pytest_plugins = ["tests.bot.city_index"]
Ask = Callable[..., Answer]
OTHER = {QUESTION: "市民農園を借りるにはどうすればよいですか", ANSWER: "農政課の窓口で申し込んでください。"}


def by_staff(answer: Answer) -> bool:
    return answer.generator == "curated"


def test_a_published_answer_is_served_kept_as_a_case_and_audited(
    service: Service, ask_question: Ask, own_settings: Settings
) -> None:
    assert not by_staff(ask_question(UNKNOWN))
    doc_id = publish(service)
    answer = ask_question(UNKNOWN)
    assert by_staff(answer)
    case = Case.model_validate(json.loads((own_settings.data / "cases" / "staff-answers.jsonl").read_text("utf-8")))
    assert case.turns == (UNKNOWN,)
    assert case.cite == (f"{doc_id}#{UNKNOWN}",)
    assert {group[0] for group in case.must} == {"2階", "環境政策課"}
    assert all(contains_words(answer.answer, words) for group in case.must for words in group)
    assert [(event.action, event.by) for event in read_events(own_settings)][-2:] == [
        ("add", "窓口 花子"),
        ("curate", "窓口 花子"),
    ]


def test_a_row_is_changed_and_removed_and_its_file_is_replaced(service: Service, ask_question: Ask) -> None:
    publish(service, {}, OTHER)
    (file,) = FaqDesk(service).files()
    first, second = FaqDesk(service).rows(file.id)
    changed = {**first.cells, ANSWER: "窓口は3階です。"}
    publish(service, changed, file=file.id, based_on=first)
    assert "3階" in ask_question(UNKNOWN).answer
    with pytest.raises(ChangedMeanwhileError):
        publish(service, changed, file=file.id, based_on=first)
    FaqDesk(service).remove(file.id, second.key, "花子")
    service.follow()
    assert not by_staff(ask_question(OTHER[QUESTION]))
    assert [row.cell(ANSWER) for row in FaqDesk(service).rows(file.id)] == ["窓口は3階です。"]


def test_of_two_editors_of_a_row_one_is_refused(service: Service) -> None:
    publish(service)
    (file,) = FaqDesk(service).files()
    (row,) = FaqDesk(service).rows(file.id)

    def change(answer: str) -> str:
        try:
            return publish(service, {**row.cells, ANSWER: answer}, file=file.id, based_on=row)
        except ChangedMeanwhileError:
            return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(bool, pool.map(change, ["2階です。", "3階です。"]))) == [False, True]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({ANSWER: " "}, "「回答」が空です"),
        ({QUESTION: ""}, "「質問」が空です"),
        ({ANSWER: "窓口です。" * 1_001}, "「回答」が5,005文字あります"),
        ({LAST: "来年"}, "日付ではありません"),
        ({WORDINGS: "090-1234-5678 の講座は?"}, "個人の情報"),
        ({ANSWER: "担当の携帯 090-1234-5678 へ電話してください。"}, "個人の情報"),
        ({ANSWER: "窓口で暗証番号を教えてください。"}, "暗証番号"),
        ({SUPERSEDES: "nai-bunsho"}, "「nai-bunsho」という文書はありません"),
        ({OFFICE: ""}, "「課」を書いてください"),
    ],
)
def test_a_row_that_cannot_be_published_is_refused_with_the_reason(
    city_service: Service, row: dict[str, str], told: str
) -> None:
    problems = FaqDesk(city_service).check(proposal(row)).problems
    assert any(told in problem for problem in problems), problems
    with pytest.raises(DeskError, match="公開できません"):
        FaqDesk(city_service).publish(proposal(row), "花子", confirmed=True)


def test_all_problems_of_a_file_are_told_with_their_rows(city_service: Service) -> None:
    check = FaqDesk(city_service).check(proposal({}, {ANSWER: ""}, OTHER, OTHER))
    assert [problem.partition(":")[0] for problem in check.problems] == ["3行目", "3行目", "5行目"]
    assert "もうあります（2行目）" in check.problems[1]


def test_an_answer_that_contradicts_a_document_needs_a_confirmation(city_service: Service) -> None:
    question = "太陽光パネルの補助はいくらですか"
    proposed = proposal({QUESTION: question, ANSWER: "太陽光パネルの補助は12万円です。"})
    ((_, found),) = FaqDesk(city_service).check(proposed).contradictions
    assert (found.stated, found.document.id) == ("12万円", "kankyo-plan-2.0")
    assert "8万円" in found.found
    with pytest.raises(DeskError, match="確かめるところがあります"):
        FaqDesk(city_service).publish(proposed, "花子", confirmed=False)
    agreeing = proposal({QUESTION: question, ANSWER: "太陽光パネルの補助は8万円です。"})
    assert FaqDesk(city_service).check(agreeing).contradictions == []


def test_the_preview_says_how_questions_are_found(city_service: Service) -> None:
    tried = ("環境の講座に申し込む課の電話番号は?", "植樹の本数の目標は?")
    check = FaqDesk(city_service).check(proposal(tried=tried))
    assert [one.match for one in check.tried][:2] == ["この回答で答えます"] * 2
    assert check.tried[2].match != "この回答で答えます"
    assert "星見市環境会議" in check.tried[2].today
    assert check.shown


@pytest.mark.parametrize(
    ("told", "is_doubted"), [("担当は山田太郎さんです。", True), ("マイナポータルも使えます。", False)]
)
def test_a_person_named_in_an_answer_is_doubted(city_service: Service, told: str, is_doubted: bool) -> None:  # noqa: FBT001 - a row
    check = FaqDesk(city_service).check(proposal({ANSWER: COUNTER + told}))
    assert any("人の名前" in doubt for doubt in check.doubts) is is_doubted


def test_the_state_of_a_row_is_told_and_a_wording_that_another_row_answers_is_refused(service: Service) -> None:
    publish(service, {}, {QUESTION: "犬の散歩の決まりは?", LAST: "2026-01-01"})
    (file,) = FaqDesk(service).files()
    assert [one.state for one in FaqDesk(service).states(file.id)] == ["served", "ended"]
    row = {**OTHER, WORDINGS: UNKNOWN}
    check = FaqDesk(service).check(proposal(row, file=file.id))
    assert any("その行を直してください" in problem for problem in check.problems)
    same = FaqDesk(service).check(proposal(file=file.id))
    assert any("もうあります" in problem for problem in same.problems)
    assert FaqRow(0, row).key != FaqRow(0, {QUESTION: UNKNOWN}).key


def test_a_row_of_an_office_that_has_a_file_is_added_to_it(service: Service, ask_question: Ask) -> None:
    publish(service)
    publish(service, OTHER)
    (file,) = FaqDesk(service).files()
    assert [row.cell(QUESTION) for row in FaqDesk(service).rows(file.id)] == [UNKNOWN, OTHER[QUESTION]]
    assert by_staff(ask_question(UNKNOWN))
