import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from bot.answering.languages import LANGUAGES, Language
from bot.answering.state import Answer, AnswerContent, Question, Status, paragraph, service_message
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.pages.citizen.answering_pool import AnswerProgress
from bot.channels.pages.citizen.citizen_renderer import CitizenRenderer, PendingQuestion
from bot.channels.pages.citizen.conversation import Conversation, DisplayedAnswer, current_welcome
from bot.channels.pages.citizen.event_handler import CitizenEventHandler, PageChange
from bot.running.http.limits import RateLimits
from bot.running.office.office import read_office
from bot.running.storage.record_store import RecordedTurn
from ingest.configuration.settings import Settings
from tests.bot.draft_rendering import message_text, messages
from tests.bot.fixed_service import CITATION
from tests.bot.html_page import HtmlPage
from tests.bot.prepared_answers import EXCERPT_SHOWN, LEAD, LINES, NEAREST_SHOWN, SEVERAL_SHOWN
from tests.bot.server_thread import Prepared

CONTACT = "デジタル政策課 076-220-2111"
OLD = CITATION.model_copy(update={"doc_id": "plan-1", "in_force": False, "superseded_by": "plan-2"})


@pytest.fixture
def service() -> Prepared:
    return Prepared()


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None, requests_per_minute_address=2, contact=CONTACT)


@pytest.fixture
def sent(settings: Settings) -> gr.Request:
    scope = {"type": "http", "client": ("203.0.113.5", 1), "headers": [], "limits": RateLimits(settings)}
    return gr.Request(Request(scope))


@pytest.fixture
def render(settings: Settings) -> CitizenRenderer:
    return CitizenRenderer(read_office(settings))


@pytest.fixture
def desk(service: Prepared, settings: Settings, render: CitizenRenderer) -> CitizenEventHandler:
    return CitizenEventHandler(service, read_office(settings), render)


class Shown(HtmlPage):
    def __init__(self, change: PageChange) -> None:
        super().__init__(change.chat[-1]["content"])
        self.change = change
        self.offered = [option["label"] for option in change.chat[-1].get("options", ())]

    @property
    def copied(self) -> str:
        return self.values("[data-copy]", "data-copy")[0]


Ask = Callable[..., Shown]


@pytest.fixture
def ask(desk: CitizenEventHandler, service: Prepared) -> Ask:
    def asking(changes: dict[str, Any], question: str = "期間は", language: Language = "ja", **begun: Any) -> Shown:
        service.changes = changes
        conversation = Conversation(preferences=DisplayPreferences(language), **begun)
        event = gr.EventData(SimpleNamespace(elem_id="box"), None)  # type: ignore[arg-type]
        *_, change, _ = desk.ask(question, conversation, event, gr.Request())
        return Shown(change)

    return asking


def conversation_of(turn: RecordedTurn) -> Conversation:
    return Conversation(turn.answer.conversation_id, (DisplayedAnswer(turn.question, turn.answer),))


def answer_of(service: Prepared) -> RecordedTurn:
    return RecordedTurn("期間は?", service.ask(Question(question="期間は?")))


def test_an_excerpt_is_a_quotation_with_one_source_under_its_outcome(ask: Ask) -> None:
    shown = ask(EXCERPT_SHOWN)
    assert shown.texts("figcaption") == [f"{LEAD} 2026年1月公表 現行"]
    assert shown.texts("blockquote > p")[:2] == ["街灯は次のように替えます。", "費用は町が持ちます。"]
    assert shown.texts(".excerpt blockquote li") == ["岬の通りは来年度", "港の通りは再来年度"]
    assert shown.texts(".excerpt mark") == ["港の通りは再来年度"]
    assert shown.texts(".outcome") == ["関係のある箇所です"]
    assert shown.count(".chip") == shown.count(".excerpt .chip") == 1
    spoken = shown.change.spoken
    assert spoken.count("関係のある箇所です") == 1
    assert LEAD in spoken
    assert "[1]" not in spoken
    copied = shown.copied
    assert copied.count("費用は町が持ちます。") == 1
    assert "[1] 計画2.0 3.2. 街灯 （現行）" in copied


def test_related_passages_differ_from_sources(ask: Ask) -> None:
    shown = ask(NEAREST_SHOWN)
    assert shown.texts(".nearest h3") == ["近いことが書かれている箇所"]
    assert "街灯は次のように替えます。" in shown.texts(".nearest li")[0]
    assert shown.count(".number") == 0
    assert "近いことが書かれている箇所: 3.4. 渡し船" in shown.texts("dialog h3")
    several = ask(SEVERAL_SHOWN)
    assert [several.texts(".answer")[0].count(line) for line in LINES] == [1, 1]
    assert several.texts(".nearest h3") == ["ほかに近い箇所"]
    assert several.count(".nearest blockquote") == 0


def test_an_ambiguous_question_offers_choices(ask: Ask, desk: CitizenEventHandler) -> None:
    choices = ("計画1の期間", "計画2.0の期間")
    shown = ask({"status": Status.CLARIFY, "answer": "どちらの計画ですか。", "citations": (), "suggestions": choices})
    assert shown.texts(".outcome, .further") == ["もう少し教えてください", "あてはまるものを選んでください"]
    assert shown.offered == list(choices)
    assert desk.show_rating(shown.change.conversation).rating["visible"] is False


def test_an_unanswered_question_shows_next_steps(ask: Ask) -> None:
    refusal = (paragraph(service_message("nothing"), service_message("contact", contact=CONTACT)),)
    shown = ask(messages(status=Status.NO_ANSWER, citations=(), content=AnswerContent(refusal)))
    assert shown.texts(".outcome") == ["見つかりませんでした"]
    assert "名前を入れると、見つかりやすくなります" in shown.texts(".next-steps")[0]
    assert shown.values(".contact a", "href") == ["tel:0762202111"]
    assert shown.texts("article")[0].count("076-220-2111") == 1
    assert shown.count(".chip") == 0
    assert shown.offered
    absent = (paragraph(service_message("absent_name", names="緑町児童館")),)
    shown = ask(messages(status=Status.NO_ANSWER, citations=(), content=AnswerContent(absent)))
    assert shown.count(".next-steps")
    assert shown.count(".next-steps .reword") == 0


def test_a_request_out_of_scope_shows_the_contact_and_no_rating(ask: Ask, desk: CitizenEventHandler) -> None:
    shown = ask(messages("not_done", status=Status.OUT_OF_SCOPE, citations=()))
    assert shown.texts(".outcome") == ["こちらではお受けできません"]
    assert "076-220-2111" in shown.texts(".contact")[0]
    assert shown.offered
    assert desk.show_rating(shown.change.conversation).rating["visible"] is False


def test_a_rewritten_question_is_shown_and_copied_with_its_answer(ask: Ask) -> None:
    assert ask({}).count(".read-as") == 0
    shown = ask({"question_understood": "計画2.0の期間は"}, "その期間は")
    read_as = "次のお尋ねとして調べました：計画2.0の期間は"
    assert shown.texts(".read-as") == [read_as]
    copied = shown.copied
    source = "[1] 計画2.0 1.3. 期間 4ページ （現行）\n「期間は令和8年度から」"
    for part in ("質問：その期間は", read_as, "令和8(2026)年度からです[1]", source, "機械の回答です"):
        assert part in copied


def test_personal_data_is_masked_in_the_conversation(ask: Ask, service: Prepared) -> None:
    shown = ask({}, "私の番号は123456789018です。期間は")
    assert "私の番号は〔マイナンバー〕です。期間は" in shown.change.chat[0]["content"]
    assert len(service.asked) == 1


def test_an_answer_from_a_superseded_document_says_so(ask: Ask) -> None:
    shown = ask({**EXCERPT_SHOWN, "citations": (OLD.model_copy(update={"section": "3.2. 街灯"}),)})
    assert shown.texts(".excerpt .badge") == ["旧"]
    assert "計画2.0" in shown.texts("dialog .facts")[0]
    compared = messages("more", notices=("compared",), citations=(OLD,))
    assert ask(compared, language="en").values(".notice a", "href") == ["./documents/plan-1/compare/plan-2"]


def test_messages_and_suggestions_are_in_the_readers_language(ask: Ask) -> None:
    refusal = messages("nothing", "nearest", notices=("masked",), status=Status.NO_ANSWER, citations=())
    shown = ask({**refusal, "suggestions": ("計画2.0の期間は?",)}, "Where is the pool?", "en")
    assert shown.texts(".answer") == ["Sorry, I could not find this in the documents. These passages come near."]
    assert "has not been kept" in shown.texts(".notice")[0]
    assert shown.offered == ["Tell me about “計画2.0の期間”"]
    asked = ask({}, "計画2.0の期間は?", "en", answers=shown.change.conversation.answers)
    assert "Tell me about “計画2.0の期間”" in asked.change.chat[-2]["content"]
    vietnamese = ask(messages("nothing", status=Status.NO_ANSWER, citations=()), language="vi")
    assert vietnamese.texts(".answer") == [message_text("nothing", "vi")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_what_documents_say_is_japanese_for_a_foreign_reader(
    ask: Ask, desk: CitizenEventHandler, service: Prepared, language: Language
) -> None:
    preferences = DisplayPreferences(language)
    if preferences.is_japanese:
        return
    texts = desk.texts(preferences, current_welcome(service))
    shown = ask(EXCERPT_SHOWN, language=language)
    foreign = "[ぁ-んァ-ヶ]" if language == "zh" else "[ぁ-んァ-ヶ一-龠]"
    around = (texts["note"]["value"], texts["chat"]["placeholder"])
    for html in (shown.change.chat[-1]["content"], shown.change.spoken, *around):
        assert re.findall(foreign, HtmlPage(html).text_without("[lang=ja], [data-as-written]")) == []
    assert shown.values("figcaption", "lang") == [preferences.words["tag"]]


def test_a_provisional_answer_is_shown_until_a_sentence_is_written(ask: Ask, render: CitizenRenderer) -> None:
    found = ask(EXCERPT_SHOWN).change.conversation.answers[0].answer

    def waiting(text: str, provisional: Answer | None) -> HtmlPage:
        progress = AnswerProgress("model", text, provisional)
        return HtmlPage(render.messages(Conversation(), PendingQuestion("街灯は", progress))[-1]["content"])

    assert waiting("", found).count(".provisional .excerpt") == 1
    assert waiting("", None).count(".provisional") == 0
    written = waiting("期間は4年です[1]。", found)
    assert written.count(".provisional") == 0
    assert written.texts(".told .answer") == ["期間は4年です1。"]


def test_the_town_of_the_conversation_can_be_removed(ask: Ask, desk: CitizenEventHandler, service: Prepared) -> None:
    shown = ask({"town": "汐見町"})
    assert "汐見町について" in shown.change.town["value"]
    assert shown.change.town["visible"] is True
    removed = desk.remove_town(shown.change.conversation)
    assert removed.town["visible"] == "hidden"
    after = ask({"town": ""}, answers=shown.change.conversation.answers, is_town_removed=True)
    assert [question.town for question in service.asked] == [None, ""]
    assert after.change.town["visible"] == "hidden"


def test_only_the_last_answer_of_the_conversation_can_be_rated(
    desk: CitizenEventHandler, sent: gr.Request, service: Prepared
) -> None:
    mine, _ = answer_of(service), answer_of(service)
    assert "見つかりません" in desk.rate_up(Conversation(), sent).problem
    assert service.votes == []
    desk.rate_up(conversation_of(mine), sent)
    assert [one[0] for one in service.votes] == [mine.answer.answer_id]


def test_votes_count_towards_the_rate_limit(desk: CitizenEventHandler, sent: gr.Request, service: Prepared) -> None:
    mine = conversation_of(answer_of(service))
    problems = [desk.rate_up(mine, sent).problem for _ in range(3)]
    assert "待って" in problems[-1]
    assert len(service.votes) == 2


@pytest.mark.parametrize("conversation_id", ["", "[]", "../x", "[" * 100_000])
def test_an_unknown_conversation_starts_a_new_one(
    desk: CitizenEventHandler, sent: gr.Request, conversation_id: str
) -> None:
    changes = list(desk.resume(conversation_id, Conversation(), sent))
    assert changes[0].conversation == Conversation()
    assert "data-resumed" in changes[-1].note


def test_a_conversation_that_cannot_be_shown_is_reported(
    desk: CitizenEventHandler, sent: gr.Request, service: Prepared
) -> None:
    turn = answer_of(service)
    (told,) = service.told_in.values()
    told[-1] = replace(told[-1], answer=told[-1].answer.model_copy(update={"content": None}))
    changes = list(desk.resume(turn.answer.conversation_id, Conversation(), sent))
    assert "もう一度お試しください" in changes[0].problem
