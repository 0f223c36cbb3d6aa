"""A language model that leads: its reply as an object, each sentence held by the words it quotes, mended once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.generation.generate import Generator
from bot.pipeline import Pipeline
from bot.rendering.citations import build_answer
from bot.state import Exchange, Question, Status, Turn
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.asking import TODAY, keeps_the_rules
from tests.bot.model_server import Behaviour, ModelServer, Request, answer_of, held, sentence
from tests.bot.rendered import parts_of

pytest_plugins = ["tests.bot.city"]

Start = Callable[[Behaviour], ModelServer]
TARGET = "植樹の本数の目標値は何本ですか?"
ROW = "目標値: 5,000本"


class Asked:
    """What came of a question: the turn, the answer, and what was told on the way."""

    def __init__(self, turn: Turn, answer: Any, told: list[str]) -> None:
        self.draft = turn.draft
        self.text: str = answer.answer
        self.answer = answer
        self.told = told
        assert turn.draft is not None
        self.rejected = turn.draft.rejected


@pytest.fixture
def asked(city_settings: Settings, city_pipeline: Pipeline) -> Callable[..., Asked]:
    """Return a way to ask with a model; every answer keeps the rules."""
    index, encoder = city_pipeline.index, city_pipeline.encoder

    def ask(
        model: ModelServer,
        text: str = TARGET,
        *,
        streamed: bool = False,
        history: tuple[Exchange, ...] = (),
        question: dict[str, Any] | None = None,
        structure: str = "auto",
        **values: Any,
    ) -> Asked:
        told: list[str] = []
        settings = city_settings.model_copy(update={"llm": model.models(structure=structure), **values})
        generator = Generator(settings)
        try:
            pipeline = Pipeline(index, encoder, contact="環境政策課の窓口", generator=generator)
            turn = Turn(Question(question=text, **(question or {})), TODAY, history)
            turn, timings = pipeline.answer(turn, on_text=told.append if streamed else None)
        finally:
            generator.close()
        answer = build_answer(turn, index.documents, "a", "c", timings)
        keeps_the_rules(answer, index)
        return Asked(turn, answer, told)

    return ask


def row(request: Request) -> int:
    """Return the number of the row that tells the trees planted."""
    return next(n for n, passage in enumerate(server.passages(request), 1) if "植樹の本数" in passage)


def first(*parts: dict[str, Any], status: str = "answered") -> Callable[[Request], dict[str, Any]]:
    """Return what answers with the row's target, quoted, and with `parts` behind."""

    def answer(request: Request) -> dict[str, Any]:
        n = row(request)
        placed = [{**part, "passages": [n] if part["passages"] == [0] else part["passages"]} for part in parts]
        return answer_of(sentence("植樹の本数の目標値は5,000本です。", n, quotes=(ROW,)), *placed, status=status)

    return answer


def tasks(model: ModelServer) -> list[str]:
    return [server.task(request) for request in model.requests]


def test_an_answer_as_an_object_is_told_with_its_quotes(model_server: Start, asked: Callable[..., Asked]) -> None:
    """The words that the model quotes are those that the citation shows."""
    got = asked(model_server(held(first())))
    assert got.text == "植樹の本数の目標値は5,000本です[1]。"
    assert (got.answer.status, got.answer.generator) == (Status.ANSWERED, "試験用")
    assert got.answer.citations[0].quote == ROW


def test_the_sense_of_each_sentence_is_asked_for_once(model_server: Start, asked: Callable[..., Asked]) -> None:
    """Of a server that keeps to a form, with the cited passage and nothing else."""
    model = model_server(held(first()))
    asked(model)
    assert tasks(model) == ["capability", "answer", "sense"]
    assert len(server.passages(model.requests[-1])) == 1


@pytest.mark.parametrize("values", [{"llm_sense": "off"}, {"structure": "marks"}])
def test_the_sense_is_not_asked_for_where_that_is_no_use(
    model_server: Start, asked: Callable[..., Asked], values: dict[str, Any]
) -> None:
    """Where it is switched off, and of a server that cannot be held to a form."""
    model = model_server(server.by_task(answer_marks="目標は5,000本です[1]。", answer=json.dumps(answer_of())))
    asked(model, **values)
    assert "sense" not in tasks(model)


def test_a_sentence_of_another_sense_is_mended(model_server: Start, asked: Callable[..., Asked]) -> None:
    """What the model finds wrong with the sense of a sentence is told to it once, and what it puts right stands."""

    def verdict(request: Request) -> str:
        wrong = "達成できません" in request["messages"][-1]["content"]
        return json.dumps({"supported": not wrong, "why": "達成できたかは書かれていません" if wrong else ""})

    second = sentence("この目標は達成できません。", 0, quotes=(ROW,))
    revised = "1: 植樹の本数の実績は5,200本です[1]。"
    model = model_server(held(first(second), sense=verdict, revision=lambda r: revised.replace("[1]", f"[{row(r)}]")))
    got = asked(model)
    assert got.text == "植樹の本数の目標値は5,000本です[1]。植樹の本数の実績は5,200本です[1]。"
    assert [(one.text.split("[")[0], one.mended.split("[")[0]) for one in got.rejected] == [
        ("この目標は達成できません", "植樹の本数の実績は5,200本です")
    ]
    assert "達成できたかは書かれていません" in got.rejected[0].why


def test_what_is_wrong_is_told_to_the_model_once(model_server: Start, asked: Callable[..., Asked]) -> None:
    """With the sentence and the reason; a sentence that is not put right is dropped, and the others stay."""
    second = sentence("植樹の本数の実績は7,777本です。", 0, quotes=(ROW,))
    model = model_server(held(first(second), revision="1: 植樹の本数の実績は8,888本です[1]。"))
    got = asked(model)
    assert tasks(model).count("revision") == 1
    told = next(request for request in model.requests if server.task(request) == "revision")["messages"][-1]["content"]
    assert "7,777本" in told.split("<直す文>")[1]
    assert got.text == "植樹の本数の目標値は5,000本です[1]。"
    assert got.answer.status is Status.PARTIAL
    assert got.answer.notices
    assert [one.mended for one in got.rejected] == [""]


def test_nothing_that_holds_gives_way_to_the_documents_words(model_server: Start, asked: Callable[..., Asked]) -> None:
    """Only where no sentence is left the excerpt answers."""
    wrong = answer_of(sentence("植樹の本数の目標値は9,999本です。", 1, quotes=("9,999本",)))
    got = asked(model_server(held(wrong, revision="1: なし")))
    assert got.answer.generator == "extractive"
    assert "5,000本" in got.text


def test_words_that_no_passage_has_carry_nothing(model_server: Start, asked: Callable[..., Asked]) -> None:
    """A quote has to stand in the passage letter for letter."""
    wrong = answer_of(sentence("植樹の本数の目標値は5,000本です。", 1, quotes=("植樹は五千本を目ざす",)))
    model = model_server(held(wrong, revision="1: なし"))
    assert asked(model).answer.generator == "extractive"
    assert "revision" in tasks(model)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_not_in_the_documents_is_an_answer(model_server: Start, asked: Callable[..., Asked], *, streamed: bool) -> None:
    """In the service's own words, with what lies near and whom to ask; nothing is told before."""
    said = answer_of(sentence("理由は資料に記載がありません。"), status="not_found")
    got = asked(model_server(held(said)), streamed=streamed)
    assert (got.answer.status, got.answer.generator, got.told) == (Status.NO_ANSWER, "試験用", [])
    assert got.answer.nearest
    assert "環境政策課の窓口" in got.text


def test_what_is_not_told_may_be_said_beside_what_is(model_server: Start, asked: Callable[..., Asked]) -> None:
    """A part that the documents do not tell makes the answer a partial one."""
    got = asked(model_server(held(first(sentence("達成の時期は、資料に記載がありません。"), status="partial"))))
    assert got.answer.status is Status.PARTIAL
    assert got.text == "植樹の本数の目標値は5,000本です[1]。達成の時期は、資料に記載がありません。"


@pytest.mark.parametrize("said", ["手続きは要りません。", "手数料は必要ありません。", "予約がないため、入れます。"])
def test_a_sentence_without_a_source_does_not_stand(
    model_server: Start, asked: Callable[..., Asked], said: str
) -> None:
    """Whatever it says; only that the documents do not tell needs none."""
    got = asked(model_server(held(first(sentence(said)), revision="1: なし")))
    assert got.text == "植樹の本数の目標値は5,000本です[1]。"


def test_it_may_ask_back(model_server: Start, asked: Callable[..., Asked]) -> None:
    """With a question and choices, that bring in nothing."""
    said = answer_of(
        sentence("どちらの指標のことですか。"),
        status="clarify",
        choices=("植樹の本数の目標値は?", "芝生化した公園の数の目標値は?"),
    )
    got = asked(model_server(held(said)))
    assert (got.answer.status, got.answer.suggestions) == (Status.CLARIFY, tuple(said["choices"]))
    assert got.text == "どちらの指標のことですか。"


def test_asking_back_brings_in_nothing(model_server: Start, asked: Callable[..., Asked]) -> None:
    """A choice with a figure that no passage has is not offered."""
    said = answer_of(
        sentence("どちらのことですか。"), status="clarify", choices=("7,777本の目標のことですか?", "実績のことですか?")
    )
    assert asked(model_server(held(said))).answer.status is not Status.CLARIFY


def test_a_list_is_told_item_for_item(model_server: Start, asked: Callable[..., Asked]) -> None:
    """Items stand in lines of their own, and what is wrong of them is left out."""

    def answer(request: Request) -> dict[str, Any]:
        n = row(request)
        return answer_of(
            sentence("植樹の本数は次のとおりです。", n),
            sentence("・目標値 5,000本", n, quotes=(ROW,)),
            sentence("・実績 5,200本", n, quotes=("実績: 5,200本",)),
            sentence("・前年 1,111本", n, quotes=(ROW,)),
        )

    got = asked(model_server(held(answer, revision="1: なし")))
    assert got.text == "植樹の本数は次のとおりです[1]。\n・目標値 5,000本[1]\n・実績 5,200本[1]"


def test_sentences_are_told_as_they_come(model_server: Start, asked: Callable[..., Asked]) -> None:
    """From the beginning up to the first that waits to be mended; joined, what is told is the answer."""
    wrong = sentence("植樹の本数の実績は7,777本です。", 0, quotes=(ROW,))
    last = sentence("植樹の本数の実績は5,200本です。", 0, quotes=("実績: 5,200本",))
    got = asked(model_server(held(first(wrong, last), revision="1: なし")), streamed=True)
    assert got.told == ["植樹の本数の目標値は5,000本です[1]。", "植樹の本数の実績は5,200本です[1]。"]
    assert got.text == "".join(got.told)


def test_the_model_is_told_what_a_clerk_knows(model_server: Start, asked: Callable[..., Asked]) -> None:
    """The day, the documents with issuer, publication, period and validity, headings, and the talk so far."""
    model = model_server(held(first()))
    before = Exchange("植樹とは何ですか?", "植樹", parts_of("木を植えることです[1]。"), Status.ANSWERED)
    asked(model, history=(before,))
    told = next(r for r in model.requests if server.task(r) == "answer")["messages"][-1]["content"]
    for part in ("2026年6月1日", "星見市", "公表", "現行", "見出し:", "利用者: 植樹とは何ですか?", "読む人: 市民"):
        assert part in told


def test_it_is_asked_in_the_readers_language_and_style(model_server: Start, asked: Callable[..., Asked]) -> None:
    """A question in English is answered in it, and staff are told to the model as such."""
    model = model_server(held(answer_of(status="not_found")))
    asked(model, "What is the target of tree planting?", question={"audience": "staff"})
    told = next(r for r in model.requests if server.task(r) == "answer")["messages"][-1]["content"]
    assert "答えの言語: 英語" in told
    assert "職員" in told


@pytest.mark.parametrize(
    "said",
    [
        "申し訳ありませんが、そのご質問にはお答えできません。",
        "I cannot help with that.",
        "ご質問ありがとうございます！",
    ],
)
def test_a_refusal_in_the_models_words_is_no_answer(
    model_server: Start, asked: Callable[..., Asked], said: str
) -> None:
    """The documents tell it, so they answer."""
    got = asked(model_server(server.by_task(capability='{"answer": "東京"}', answer=said)))
    assert (got.answer.generator, "5,000本" in got.text) == ("extractive", True)


def test_a_question_in_japanese_is_answered_in_japanese(model_server: Start, asked: Callable[..., Asked]) -> None:
    """A sentence in another language is sent back, and stands once it is said in the asker's."""

    def answer(request: Request) -> dict[str, Any]:
        return answer_of(sentence("The target is 5,000 trees.", row(request), quotes=(ROW,)))

    model = model_server(held(answer, revision=lambda request: f"1: 植樹の目標値は5,000本です[{row(request)}]。"))
    assert asked(model).text == "植樹の目標値は5,000本です[1]。"


def test_a_question_in_english_is_answered_in_english(model_server: Start, asked: Callable[..., Asked]) -> None:
    """By the words of the document, which the citation shows."""

    def answer(request: Request) -> dict[str, Any]:
        return answer_of(sentence("The target is 5,000 trees.", row(request), quotes=(ROW,)))

    def followup(_: Request) -> str:
        return "植樹の本数の目標値は何本ですか?"

    said = lambda request: json.dumps(answer(request), ensure_ascii=False)  # noqa: E731
    model = model_server(server.by_task(capability='{"answer": "東京"}', answer=said, followup=followup))
    got = asked(model, "What is the target number of trees planted?")
    assert (got.text, got.answer.citations[0].quote) == ("The target is 5,000 trees[1].", ROW)


def test_words_where_an_object_was_asked_for_are_read(model_server: Start, asked: Callable[..., Asked]) -> None:
    """A server that keeps to a form for a short question may forget it for a long one."""
    model = model_server(
        server.by_task(capability='{"answer": "東京"}', answer=lambda r: f"植樹の目標値は5,000本です[{row(r)}]。")
    )
    assert asked(model).text == "植樹の目標値は5,000本です[1]。"


BROKEN = [
    '{"status": "answered", "sentences": [{"text": "植樹',
    '{"status": 3, "sentences": 7}',
    '{"sentences": [{}]}',
    "{}",
]


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_object_gives_way_to_the_documents_words(
    model_server: Start, asked: Callable[..., Asked], said: str
) -> None:
    """Cut off, of another shape, or empty."""
    got = asked(model_server(server.by_task(capability='{"answer": "東京"}', answer=said)))
    assert (got.answer.generator, "5,000本" in got.text) == ("extractive", True)
