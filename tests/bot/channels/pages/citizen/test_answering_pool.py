from threading import Event

from bot.answering.state import Answer, Question, Status
from bot.channels.pages.citizen.answering_pool import AnsweringPool, AnswerProgress
from bot.running.service.service import AnswerListener
from tests.bot.fixed_service import StandIn

FOUND = Answer(answer_id="", conversation_id="c", status=Status.ANSWERED, answer="期間は4年です。")


def answer(listener: AnswerListener) -> Answer:
    service = StandIn()
    service.told, service.provisional = "期間は令和8(2026)年度からです[1]。", FOUND
    return service.ask(Question(question="期間は"), listener)


def test_a_quick_answer_shows_no_stage() -> None:
    assert list(AnsweringPool().answer(answer, str)) == []


def test_a_slow_answer_reports_stages_and_sentences() -> None:
    go = Event()

    def slow(listener: AnswerListener) -> Answer:
        go.wait()
        return answer(listener)

    steps = AnsweringPool().answer(slow, lambda progress: progress)
    shown = [next(steps)]
    go.set()
    assert [*shown, *steps] == [
        AnswerProgress(),
        AnswerProgress("探しています"),
        AnswerProgress("確かめています"),
        AnswerProgress("確かめています", provisional=FOUND),
        AnswerProgress("確かめています", "期間は令和8(2026)年度からです[1]。", FOUND),
    ]
