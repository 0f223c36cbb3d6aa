import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.answering.model_answers.generate import Generator
from bot.answering.model_answers.judge import Judge
from bot.answering.pipeline import OpenedIndex, open_pipeline
from bot.answering.privacy.personal import UnmaskedText, searchable
from bot.answering.state import Exchange, Question, QuestionTexts, RejectedSentence, Status, Turn
from bot.running.service.outgoing_answer import build_answer
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY, assert_citations_match
from tests.bot.draft_rendering import parts_of
from tests.bot.model_server import Behaviour, ModelServer, Request, answer_of, held_reply, sentence

pytest_plugins = ["tests.bot.city_index"]

Start = Callable[[Behaviour], ModelServer]
TARGET = "植樹の本数の目標値は何本ですか?"
REASON = "植樹の本数が減った理由は何ですか?"
ROW = "目標値: 5,000本"


class Asked:
    def __init__(self, turn: Turn, answer: Any, told: list[str]) -> None:
        self.draft = turn.draft
        self.hits = turn.hits
        self.text: str = answer.answer
        self.answer = answer
        self.told = told
        self.rejected = turn.rejected


@pytest.fixture
def ask_model(city_settings: Settings, city: OpenedIndex) -> Callable[..., Asked]:
    index, encoder = city.index, city.encoder

    def ask(
        model: ModelServer,
        text: str = TARGET,
        *,
        streamed: bool = False,
        history: tuple[Exchange, ...] = (),
        question: dict[str, Any] | None = None,
        context: int | None = None,
        **values: Any,
    ) -> Asked:
        told: list[str] = []
        settings = city_settings.model_copy(update={"llm": model.models(context=context), **values})
        generator = Generator(settings)
        try:
            pipeline = open_pipeline(index, encoder, contact="環境政策課の窓口", generator=generator).pipeline
            turn = Turn(Question(question=text, **(question or {})), TODAY, history, QuestionTexts(searchable(text)))
            turn, timings = pipeline.answer(turn, on_text=told.append if streamed else None)
        finally:
            generator.close()
        answer = build_answer(turn, index.publications, "a", "c", timings)
        assert_citations_match(answer, index)
        return Asked(turn, answer, told)

    return ask


def row(request: Request) -> int:
    return next(n for n, passage in enumerate(server.passages(request), 1) if "植樹の本数" in passage)


def first(*parts: dict[str, Any], status: str = "answered") -> Callable[[Request], dict[str, Any]]:
    def answer(request: Request) -> dict[str, Any]:
        n = row(request)
        placed = [{**part, "passages": [n] if part["passages"] == [0] else part["passages"]} for part in parts]
        return answer_of(sentence("植樹の本数の目標値は5,000本です。", n, quotes=(ROW,)), *placed, status=status)

    return answer


def tasks(model: ModelServer) -> list[str]:
    return [server.task(request) for request in model.requests]


def test_citations_show_the_quotes_of_the_model(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    got = ask_model(model_server(held_reply(first())))
    assert got.text == "植樹の本数の目標値は5,000本です[1]。"
    assert got.answer.status == Status.ANSWERED
    assert got.answer.generator == "試験用"
    assert got.answer.citations[0].quote == ROW


RESULT = sentence("植樹の本数の実績は5,200本です。", 0, quotes=("実績: 5,200本",))
UNKNOWN = sentence("植樹の本数の実績は7,777本です。", 0, quotes=(ROW,))
GOAL = sentence("この目標は達成できません。", 0, quotes=(ROW,))


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_all_sentences_are_judged_in_one_call(
    model_server: Start, ask_model: Callable[..., Asked], *, streamed: bool
) -> None:
    model = model_server(held_reply(first(RESULT, UNKNOWN)))
    ask_model(model, streamed=streamed)
    assert tasks(model) == ["answer", "judge"]
    request = model.requests[-1]
    assert server.judged(request) == ["植樹の本数の目標値は5,000本です。", RESULT["text"]]
    shown = "\n".join(server.passages(request))
    assert ROW in shown
    assert "公表" in request["messages"][-1]["content"]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_unsupported_sentence_is_dropped_alone(
    model_server: Start, ask_model: Callable[..., Asked], *, streamed: bool
) -> None:
    why = "達成できたかは書かれていません"
    model = model_server(held_reply(first(GOAL, RESULT), server.verdicts(達成できません=why)))
    got = ask_model(model, streamed=streamed)
    assert got.text == "植樹の本数の目標値は5,000本です[1]。植樹の本数の実績は5,200本です[1]。"
    assert "".join(got.told) == (got.text if streamed else "")
    assert got.rejected == (RejectedSentence(GOAL["text"], why),)
    assert got.answer.status == Status.PARTIAL
    assert got.answer.notices


def test_unconfirmed_sentence_is_shown_with_a_remark(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    why = "達成できたかは書かれていません"
    model = model_server(held_reply(first(GOAL), server.verdicts("not_confirmed", 達成できません=why)))
    got = ask_model(model)
    assert got.text == (
        "植樹の本数の目標値は5,000本です[1]。この目標は達成できません[1]（出典で確かめられていません）。"
    )
    assert [block.confirmed for block in got.answer.blocks] == [None, False]
    assert got.rejected == (RejectedSentence(GOAL["text"], why),)
    assert got.answer.status == Status.ANSWERED


def test_no_sentence_is_confirmed_by_an_untested_judge(
    model_server: Start, ask_model: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Judge, "__init__", Judge.__init__.__wrapped__)  # type: ignore[attr-defined]
    model = model_server(held_reply(first(GOAL)))
    got = ask_model(model)
    assert {block.confirmed for block in got.answer.blocks} == {False}
    assert got.text.count("（出典で確かめられていません）") == 2
    assert tasks(model) == ["answer"]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_reply_with_a_wrong_first_sentence_is_written_once_more(
    model_server: Start, ask_model: Callable[..., Asked], *, streamed: bool
) -> None:
    def answer(request: Request) -> dict[str, Any]:
        is_correction = "使えませんでした" in request["messages"][-1]["content"]
        return (first() if is_correction else lambda _: answer_of({**GOAL, "passages": [row(request)]}, RESULT))(
            request
        )

    model = model_server(held_reply(answer, server.verdicts(達成できません="書かれていません")))
    got = ask_model(model, streamed=streamed)
    assert got.text == "植樹の本数の目標値は5,000本です[1]。"
    assert got.told == ([got.text] if streamed else [])
    assert got.rejected == (RejectedSentence(GOAL["text"], "書かれていません"),)
    assert tasks(model).count("answer") == 2


def test_nothing_is_left_of_a_reply_that_is_wrong_twice(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    model = model_server(held_reply(first(RESULT), server.verdicts(植樹="違います")))
    got = ask_model(model)
    assert got.answer.generator == "extractive"
    assert tasks(model).count("answer") == 2


UNUSABLE = {
    "an error": server.refuses(500),
    "words": server.says("すべて正しいです。"),
    "too few verdicts": server.says('{"verdicts": [{"difference": "違う", "supported": false}]}'),
    "none": server.says('{"verdicts": []}'),
}


@pytest.mark.parametrize("behaviour", UNUSABLE.values(), ids=UNUSABLE)
def test_without_verdicts_the_literal_checks_decide(
    model_server: Start, ask_model: Callable[..., Asked], behaviour: Behaviour
) -> None:
    got = ask_model(model_server(server.for_task("judge", behaviour, held_reply(first(RESULT, UNKNOWN)))))
    assert got.text == "植樹の本数の目標値は5,000本です[1]。植樹の本数の実績は5,200本です[1]。"


def test_nothing_is_judged_where_the_settings_forbid_it(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    model = model_server(held_reply(first()))
    assert ask_model(model, llm_judge=False).text == "植樹の本数の目標値は5,000本です[1]。"
    assert tasks(model)[-1] == "answer"


REPLIES = {
    "unknown figure": (answer_of(sentence("植樹の本数の目標値は9,999本です。", 1, quotes=("9,999本",))), "9,999本"),
    "no sentence": (answer_of(), "答えの文がありません"),
    "another schema": ({"answer": "植樹の本数の目標値は5,000本です。"}, "JSON"),
}


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("kind", REPLIES)
def test_rejected_reply_is_recorded_where_the_excerpt_answers(
    model_server: Start, ask_model: Callable[..., Asked], kind: str, *, streamed: bool
) -> None:
    said, reason = REPLIES[kind]
    got = ask_model(model_server(held_reply(said)), streamed=streamed)
    assert got.answer.generator == "extractive"
    assert "5,000本" in got.text
    assert got.told == []
    (record,) = got.rejected
    assert record.text in json.dumps(said, ensure_ascii=False)
    assert reason in record.why


def test_same_question_gets_the_same_answer(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    wordings = iter(["5,000本です。", "目標値は5,000本です。", "植樹の本数の目標値は5,000本になります。"])

    def answer(request: Request) -> dict[str, Any]:
        words = "目標値は5,000本です。" if request.get("temperature") == 0 else next(wordings)
        return answer_of(sentence(words, row(request), quotes=(ROW,)))

    model = model_server(held_reply(answer))
    assert len({ask_model(model).text for _ in range(3)}) == 1


REPEATED = '{"status": "answered", "sentences": [' + json.dumps(sentence("植樹です。"), ensure_ascii=False) + ", " * 99
TRUNCATED: dict[str, Behaviour] = {
    "words repeated to the limit": server.says("植樹の本数の目標値は、" * 60, finish_reason="length"),
    "sentences repeated to the limit": server.says(REPEATED, finish_reason="length"),
    "no end of the stream": server.says("植樹の本数の目標値は、", finish_reason=None),
}


@pytest.mark.parametrize("behaviour", TRUNCATED.values(), ids=TRUNCATED)
def test_truncated_reply_is_recorded_as_received(
    model_server: Start, ask_model: Callable[..., Asked], behaviour: Behaviour
) -> None:
    model = model_server(server.for_task("answer", behaviour, held_reply(first())))
    got = ask_model(model, streamed=True)
    assert got.answer.generator == "extractive"
    assert got.told == []
    assert got.rejected[-1].text.startswith(("植樹の本数の目標値は", '{"status"'))
    assert "途中で切れています" in got.rejected[-1].why


def test_shown_sentences_of_a_truncated_reply_are_a_partial_answer(
    model_server: Start, ask_model: Callable[..., Asked]
) -> None:
    def cut(request: Request) -> str:
        whole = json.dumps(first(RESULT, GOAL)(request), ensure_ascii=False)
        return whole[: whole.index("できません")]

    model = model_server(server.for_task("answer", server.says(cut, finish_reason="length"), held_reply(first())))
    got = ask_model(model, streamed=True, llm_judge=False)
    assert got.answer.status is Status.PARTIAL
    assert got.text == "植樹の本数の目標値は5,000本です[1]。植樹の本数の実績は5,200本です[1]。"
    assert any("途中で止まった" in notice for notice in got.answer.notices)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_model_may_answer_not_found(model_server: Start, ask_model: Callable[..., Asked], *, streamed: bool) -> None:
    said = answer_of(sentence("理由は資料に記載がありません。"), status="not_found")
    got = ask_model(model_server(held_reply(said)), REASON, streamed=streamed)
    assert got.answer.status == Status.NO_ANSWER
    assert got.answer.generator == "試験用"
    assert got.told == []
    assert got.answer.nearest
    assert "環境政策課の窓口" in got.text


@pytest.fixture
def long_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.answering.model_answers.materials.MAX_TOKENS", 100)
    monkeypatch.setattr("bot.answering.model_answers.materials._MAX_RANKED", 2)


def prompts(model: ModelServer) -> list[str]:
    return [one["messages"][-1]["content"] for one in model.requests if server.task(one) == "answer"]


@pytest.mark.usefixtures("long_documents")
def test_model_that_finds_no_answer_may_search_once(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    def answer(request: Request) -> dict[str, Any]:
        if "探し直し" in request["messages"][-1]["content"]:
            return answer_of(status="search", choices=("植樹の本数 目標値", "植樹"))
        return first()(request)

    model = model_server(held_reply(answer))
    got = ask_model(model, "家庭ごみの量を教えて")
    assert got.text == "植樹の本数の目標値は5,000本です[1]。"
    before, after = (prompt[: prompt.index("<状況>")] for prompt in prompts(model))
    assert after.startswith(before[: before.rindex("</資料>")])
    assert "植樹の本数" not in before


@pytest.mark.usefixtures("long_documents")
def test_model_that_always_searches_is_ended_after_one_round(
    model_server: Start, ask_model: Callable[..., Asked]
) -> None:
    model = model_server(held_reply(answer_of(status="search", choices=("植樹", "ごみ", "公園"))))
    assert ask_model(model, REASON).answer.status is Status.NO_ANSWER
    assert len(prompts(model)) == 2


def test_name_that_no_document_has_is_a_note_and_named_where_nothing_answers(
    model_server: Start, ask_model: Callable[..., Asked]
) -> None:
    model = model_server(held_reply(answer_of(status="not_found")))
    got = ask_model(model, "岬町ヶ原の投票所は?")
    assert "」という名前は、資料のどこにも見つかりません。" in prompts(model)[0]
    assert got.answer.status is Status.NO_ANSWER
    assert "岬町" in got.text


def test_small_model_is_not_asked_where_the_documents_surely_answer(
    model_server: Start, ask_model: Callable[..., Asked]
) -> None:
    model = model_server(held_reply(answer_of(status="not_found")))
    got = ask_model(model, context=4096)
    assert got.answer.generator == "extractive"
    assert "5,000本" in got.text
    assert not model.requests


def test_unanswered_part_makes_a_partial_answer(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    got = ask_model(
        model_server(held_reply(first(sentence("達成の時期は、資料に記載がありません。"), status="partial")))
    )
    assert got.answer.status is Status.PARTIAL
    assert got.text == "植樹の本数の目標値は5,000本です[1]。達成の時期は、資料に記載がありません。"


def test_model_may_ask_for_clarification(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    said = answer_of(
        sentence("どちらの指標のことですか。"),
        status="clarify",
        choices=("植樹の本数の目標値は?", "芝生化した公園の数の目標値は?"),
    )
    got = ask_model(model_server(held_reply(said)))
    assert got.answer.status == Status.CLARIFY
    assert got.answer.suggestions == tuple(said["choices"])
    assert got.text == "どちらの指標のことですか。"


def test_clarification_with_unknown_figure_is_rejected(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    said = answer_of(
        sentence("どちらのことですか。"), status="clarify", choices=("7,777本の目標のことですか?", "実績のことですか?")
    )
    assert ask_model(model_server(held_reply(said))).answer.status is not Status.CLARIFY


def test_prompt_contains_document_metadata(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    model = model_server(held_reply(first()))
    before = Exchange(UnmaskedText("植樹とは何ですか?"), "植樹", parts_of("木を植えることです[1]。"), Status.ANSWERED)
    ask_model(model, history=(before,))
    told = next(r for r in model.requests if server.task(r) == "answer")["messages"][-1]["content"]
    for part in ("2026年6月1日", "星見市", "公表", "現行", "見出し:", "利用者: 植樹とは何ですか?", "読む人: 市民"):
        assert part in told


def test_prompt_has_the_day_in_the_question(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    model = model_server(held_reply(first()))
    ask_model(model, f"2026年5月31日の時点で、{TARGET}")
    told = next(r for r in model.requests if server.task(r) == "answer")["messages"][-1]["content"]
    assert "日付: 2026年5月31日(令和8年、日曜日)" in told
    assert "2026年6月の暦: 月 1・8・15・22・29、" in told


def test_compact_prompt_has_few_short_passages(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    def said(request: Request) -> str:
        written = {"text": "植樹の本数の目標値は5,000本です。", "passages": [row(request)]}
        return json.dumps({"status": "answered", "sentences": [written]}, ensure_ascii=False)

    model = model_server(server.by_task(answer_compact=said, judge=server.verdicts()))
    assert ask_model(model, REASON, context=4096).text == "植樹の本数の目標値は5,000本です[1]。"
    (given,) = (server.passages(request) for request in model.requests if server.task(request) == "answer-compact")
    assert 0 < len(given) <= 4
    assert max(map(len, given)) <= 330


def test_prompt_names_language_and_audience(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    model = model_server(held_reply(answer_of(status="not_found")))
    ask_model(model, "What is the target of tree planting?", question={"audience": "staff"})
    told = next(r for r in model.requests if server.task(r) == "answer")["messages"][-1]["content"]
    assert "答えの言語: 英語" in told
    assert "職員" in told


def test_english_question_gets_an_english_answer(model_server: Start, ask_model: Callable[..., Asked]) -> None:
    def answer(request: Request) -> dict[str, Any]:
        return answer_of(sentence("The target is 5,000 trees.", row(request), quotes=(ROW,)))

    def followup(_: Request) -> str:
        return "植樹の本数の目標値は何本ですか?"

    said = lambda request: json.dumps(answer(request), ensure_ascii=False)  # noqa: E731
    model = model_server(server.by_task(answer=said, followup=followup, judge=server.verdicts()))
    got = ask_model(model, "What is the target number of trees planted?")
    assert got.text == "The target is 5,000 trees[1]."
    assert got.answer.citations[0].quote == ROW


COLLOQUIAL = "出張で来てくれる先生はいる?"


@pytest.mark.parametrize("proposes", [False, True], ids=["off", "on"])
def test_proposed_queries_are_searched_with_the_question(
    model_server: Start, ask_model: Callable[..., Asked], *, proposes: bool
) -> None:
    queries = json.dumps({"question": COLLOQUIAL, "queries": ["出前講座の参加者数"]}, ensure_ascii=False)
    got = ask_model(model_server(server.by_task(followup=queries)), COLLOQUIAL, llm_queries=proposes)
    assert ("出前講座" in got.hits[1].passage.text) == proposes
    assert got.answer.question_understood == COLLOQUIAL


@pytest.mark.parametrize("is_inside", [True, False], ids=["inside", "outside"])
def test_a_birth_date_is_read_inside_the_organisation_and_never_answered(
    model_server: Start, ask_model: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch, *, is_inside: bool
) -> None:
    monkeypatch.setattr(LanguageModel, "is_inside", is_inside)
    asks = answer_of(sentence("1990年5月1日生まれの方ですか。"), status="clarify", choices=("植樹は?", "公園は?"))
    model = model_server(held_reply(asks))
    got = ask_model(model, "私は1990年5月1日生まれです。植樹に参加できますか?")
    assert any("1990年5月" in prompt for prompt in prompts(model)) == is_inside
    assert "1990年5月" not in got.text
