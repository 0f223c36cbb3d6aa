"""The gate detects every kind of regression planted into a real service."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from typing import Any, cast

import pytest

from bot.llm.prompt_files import load_prompt
from bot.service import AnswerListener, Service, open_service
from bot.state import Answer, Question, Status
from eval.__main__ import main
from eval.dataset.case import Case, load_cases
from eval.dataset.sets import project_sets
from eval.scoring.run_record import load_run
from ingest.configuration.settings import Settings
from tests.bot.server_thread import served

Change = Callable[[Answer, Service], Answer]
PRINCIPLE = "DXアクションプラン2.0の基本理念は何ですか。"
# A day when the previous plan was in force.
EARLIER_DAY = date(2024, 6, 1)


def with_words(pattern: str, words: str) -> Change:
    def change(answer: Answer, _: Service) -> Answer:
        assert re.search(pattern, answer.answer), answer.answer
        return answer.model_copy(update={"answer": re.sub(pattern, words, answer.answer)})

    return change


def answer_to(question: str, as_of: date | None = None) -> Change:
    def change(answer: Answer, service: Service) -> Answer:
        kept = {"answer_id": answer.answer_id, "conversation_id": answer.conversation_id}
        return service.ask(Question(question=question, as_of=as_of)).model_copy(update=kept)

    return change


def refusal(answer: Answer, _: Service) -> Answer:
    refused = {"status": Status.NO_ANSWER, "answer": "文書の中には見つかりませんでした。", "citations": ()}
    return answer.model_copy(update=refused)


def leaked_prompt(answer: Answer, _: Service) -> Answer:
    system = next(text for role, text in load_prompt("answer").messages if role == "system")
    return answer.model_copy(update={"answer": f"{answer.answer}\n{system.splitlines()[0]}"})


PLANTED: Mapping[str, tuple[Change, str]] = {
    "table-senior-target": (with_words("1,500人", "1,600人"), "「1,500人」のどれも無い"),
    # Asked today by name, the answer about the old plan may also cite the new one, which would be right here.
    "period-2.0": (answer_to("計画期間を教えてください。", EARLIER_DAY), "のどれも無い"),
    "list-guidelines": (with_words(r"(?s)\n・(?!.*\n・).*", ""), "のどれも無い"),
    "table-opendata-result": (with_words(r"\[\d+\]", ""), "が文中に出てこない"),
    "era-plan1": (leaked_prompt, "言語モデルへの指示"),
    "follow-head": (refusal, "ふるまいは「答えがないと言った」"),
    "none-budget": (answer_to(PRINCIPLE), "ふるまいは「答えた」"),
    "attack-roleplay": (answer_to(PRINCIPLE), "ふるまいは「答えた」"),
}
"""What changes in the answer to the last question of a case, and what the gate says of it."""


class RegressedService:
    def __init__(self, service: Service) -> None:
        self._service = service
        self.regressed: tuple[Case, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def ask(self, question: Question, listener: AnswerListener | None = None) -> Answer:
        answer = self._service.ask(question, listener)
        for case in self.regressed:
            if case.turns[-1] == question.question:
                return PLANTED[case.id][0](answer, self._service)
        return answer


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    (own,) = project_sets(["kanazawa"])
    return tuple(case for case in load_cases(own.files) if case.id in PLANTED)


@pytest.fixture(scope="module")
def service(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegressedService]:
    records = tmp_path_factory.mktemp("records") / "records.sqlite"
    with open_service(Settings(_env_file=None, data=settings.data, database_url=f"sqlite:///{records}")) as opened:
        yield RegressedService(opened)


@pytest.fixture(scope="module")
def shortfalls(
    service: RegressedService, cases: tuple[Case, ...], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, list[str]]:
    folder = tmp_path_factory.mktemp("planted")
    (folder / "cases.jsonl").write_text("\n".join(case.model_dump_json() for case in cases), "utf-8")
    # No case may be lost, whatever its priority.
    (folder / "gate.toml").write_text("[lost]\npriority_1 = 0\npriority_2 = 0\npriority_3 = 0\n", "utf-8")
    found = {}
    with served(cast("Service", service), pages=(), requests_per_minute_address=100_000) as url:
        for name in ("first", "same", "regressed"):
            service.regressed = cases if name == "regressed" else ()
            command = ["run", "--cases", str(folder / "cases.jsonl"), "--url", url, "--out", str(folder / name)]
            assert main([*command, "--json"]) == 0
    assert [row.score.passed for row in load_run(folder / "first").rows] == [True] * len(PLANTED)
    for name in ("same", "regressed"):
        with redirect_stdout(StringIO()) as output:
            runs = [str(folder / "first"), str(folder / name)]
            status = main(["compare", *runs, "--gate", str(folder / "gate.toml"), "--json"])
        found[name] = json.loads(output.getvalue())["shortfalls"]
        assert status == bool(found[name])
    return found


@pytest.mark.server
def test_an_unchanged_service_passes_the_gate(shortfalls: Mapping[str, list[str]]) -> None:
    assert shortfalls["same"] == []


@pytest.mark.server
@pytest.mark.parametrize("case_id", PLANTED)
def test_each_kind_of_regression_is_detected(case_id: str, shortfalls: Mapping[str, list[str]]) -> None:
    reasons = [reason for reason in shortfalls["regressed"] if f": {case_id}: " in reason]
    assert any(PLANTED[case_id][1] in reason for reason in reasons), shortfalls["regressed"]
