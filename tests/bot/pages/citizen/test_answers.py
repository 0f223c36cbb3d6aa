"""Tests of questions and answers in the citizens' chat."""

import pytest
from playwright.sync_api import Page, expect

from bot.state import Answer, Citation, Status
from tests.accessibility import violations
from tests.bot.draft_rendering import with_content
from tests.bot.pages.citizen.visiting import ask, box, visit, wait_for_answers
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser
TAKE_OVER = "document.title='乗っ取り'"
FOUND = "今の計画では、期間は4年です。"
PROVISIONAL = with_content(Answer(answer_id="", conversation_id="c", status=Status.ANSWERED, answer=FOUND))
# Keeps what is written to the live region.
HEARD = """() => {
    window.heard = [];
    const region = document.querySelector('#spoken [role=status]');
    new MutationObserver(() => region.textContent && window.heard.push(region.textContent)).observe(
        region, {childList: true, characterData: true, subtree: true});
}"""
HOSTILE = f'<script>{TAKE_OVER}</script><img src=x onerror="{TAKE_OVER}">${{{TAKE_OVER}}}'


def test_the_start_page_explains_the_scope_of_the_service(page: Page, server: str) -> None:
    visit(page, server)
    shown = page.inner_text("body")
    assert "聞けないこと" in shown
    assert "人に聞く" in shown
    assert "回答は機械が作ります。正しいのは文書です。" in shown
    assert page.locator(".scope li").filter(has_text="金沢市DXアクションプラン2.0").locator(".current").count() == 1
    assert page.locator(".scope li").filter(has_text="令和4年度 第4回 金沢市DX会議 資料").locator(".old").count() == 1


def test_each_example_question_is_answered_with_a_source(page: Page, server: str) -> None:
    examples = visit(page, server).locator(".example").all_inner_texts()
    assert examples
    for example in examples:
        page.evaluate("sessionStorage.clear()")
        visit(page, server).get_by_role("button", name=example).click()
        expect(page.locator(".asked")).to_contain_text(example)
        expect(page.locator(".chip")).not_to_have_count(0)


def test_suggestions_are_answered_without_a_request_to_other_hosts(page: Page, server: str) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    visit(page, server)
    ask(page, "DXアクションプラン2.0の期間は")
    further = page.locator(".option")
    expect(further).not_to_have_count(0)
    for question in further.all_inner_texts():
        assert "期間" not in question
        turns = page.locator(".turn").count()
        box(page).fill(question)
        page.keyboard.press("Enter")
        wait_for_answers(page, turns + 1)
        expect(page.locator(".turn").last.locator(".chip")).not_to_have_count(0)
    assert len(requests) > 1
    assert [url for url in requests if not url.startswith((server, "data:"))] == []


def test_a_suggestion_continues_the_conversation(opened: Page, service: Prepared) -> None:
    service.changes = {"suggestions": ("推進体制は",)}
    ask(opened, "期間は")
    box(opened).fill("書きかけ")
    opened.get_by_role("button", name="推進体制は").click()
    wait_for_answers(opened, 2)
    first, second = service.asked
    assert first.conversation_id is None
    assert second.question == "推進体制は"
    assert second.conversation_id is not None
    expect(box(opened)).to_have_value("書きかけ")


def test_a_rewritten_question_is_shown_and_copied_with_its_answer(opened: Page, service: Prepared) -> None:
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(opened, "期間は")
    service.changes = {"question_understood": "計画2.0の期間は"}
    ask(opened, "その期間は")
    expect(opened.locator(".read-as")).to_have_text("次のお尋ねとして調べました：計画2.0の期間は")
    opened.get_by_role("button", name="回答をコピー").last.click()
    expect(opened.get_by_role("button", name="コピーしました")).to_be_visible()
    copied = opened.evaluate("navigator.clipboard.readText()")
    source = "[1] 計画2.0 1.3. 期間 4ページ （現行）\n「期間は令和8年度から」"
    asked = "質問：その期間は"
    read_as = "次のお尋ねとして調べました：計画2.0の期間は"
    for part in (asked, read_as, "令和8(2026)年度からです[1]", source, "機械の回答です"):
        assert part in copied


def test_personal_data_is_masked_in_the_conversation(opened: Page, service: Prepared) -> None:
    ask(opened, "私の番号は123456789018です。期間は")
    expect(opened.locator(".words")).to_have_text("私の番号は〔マイナンバー〕です。期間は")
    assert len(service.asked) == 1


def test_a_generated_answer_is_streamed_sentence_by_sentence(opened: Page, service: Prepared) -> None:
    service.told = "期間は令和8(2026)年度からです[1]。"
    service.changes = {"generator": "model-1"}
    service.go_on.clear()
    box(opened).fill("期間は")
    opened.keyboard.press("Enter")
    first = opened.locator(".answer p").first
    expect(first).to_contain_text("期間は令和8(2026)年度からです")
    expect(opened.locator(".turn[data-answer]")).to_have_count(0)
    before = first.bounding_box()
    assert before is not None
    service.go_on.set()
    wait_for_answers(opened, 1)
    assert (first.bounding_box() or before | {"y": 0})["y"] == before["y"]


def test_a_provisional_answer_is_shown_until_the_answer_arrives(opened: Page, service: Prepared) -> None:
    opened.evaluate(HEARD)
    service.provisional = PROVISIONAL
    service.go_on.clear()
    box(opened).fill("期間は")
    opened.keyboard.press("Enter")
    provisional = opened.get_by_role("region", name="見つかった箇所（まとめています…）")
    expect(provisional).to_contain_text(FOUND)
    expect(opened.locator("#spoken")).to_contain_text("見つかった箇所を先に示しています")
    assert violations(opened) == []
    expect(opened.locator("#rating")).to_be_hidden()
    service.go_on.set()
    wait_for_answers(opened, 1)
    expect(provisional).to_have_count(0)
    expect(opened.locator("#spoken")).to_contain_text("期間は令和8(2026)年度からです")
    heard = opened.evaluate("window.heard")
    assert [FOUND in said for said in heard] == [False, False]


def test_a_streamed_sentence_replaces_what_was_found(opened: Page, service: Prepared) -> None:
    service.provisional = PROVISIONAL
    service.told = "期間は令和8(2026)年度からです[1]。"
    service.go_on.clear()
    box(opened).fill("期間は")
    opened.keyboard.press("Enter")
    expect(opened.locator(".told .answer")).to_contain_text("期間は令和8(2026)年度からです")
    expect(opened.locator(".provisional")).to_have_count(0)
    service.go_on.set()
    wait_for_answers(opened, 1)


def test_a_screen_reader_announces_the_finished_answer_once(opened: Page) -> None:
    opened.evaluate(HEARD)
    ask(opened, "期間は")
    expect(opened.locator("#spoken")).to_contain_text("期間は令和8(2026)年度からです")
    expect(opened.locator(".option, .actions")).not_to_have_count(0)
    assert len(opened.evaluate("window.heard")) == 1
    assert opened.locator("[aria-live] .answer, [role=log] .answer, [role=status] .answer").count() == 0


def test_markup_of_documents_and_users_is_escaped(opened: Page, service: Prepared) -> None:
    citation = Citation(
        n=1, passage_id="p", doc_id="plan-2", title=HOSTILE, section=HOSTILE, quote=HOSTILE, url="javascript:alert(1)"
    )
    service.changes = {
        "answer": f"{HOSTILE}[1]",
        "citations": (citation,),
        "notices": (HOSTILE,),
        "suggestions": (HOSTILE,),
    }
    ask(opened, HOSTILE)
    expect(opened.locator(".passage")).to_have_text(HOSTILE)
    expect(opened.locator(".asked")).to_contain_text(HOSTILE)
    expect(opened).to_have_title("しるべ")
    assert opened.locator("#log :is(script, img, a[href^=javascript]), #spoken :is(script, img)").count() == 0


def test_an_answer_from_a_superseded_plan_says_so(page: Page, server: str) -> None:
    visit(page, server)
    ask(page, "DX会議資料のプランの期間はいつからいつまでですか")
    answer = page.locator(".turn")
    expect(answer.locator("figcaption, caption").first).to_contain_text("以前の文書")
    expect(answer.locator(".badge").first).to_have_text("旧")
    expect(answer.locator(".notice:has(+ .answer)")).to_contain_text("金沢市DXアクションプラン2.0")
    expect(page.locator("#spoken")).to_contain_text("に引き継がれた以前の文書です")


def test_the_town_of_the_conversation_can_be_removed(opened: Page, service: Prepared) -> None:
    service.changes = {"town": "汐見町"}
    ask(opened, "期間は")
    chip = opened.get_by_role("button", name="汐見町について")
    expect(chip).to_be_visible()
    opened.reload(wait_until="domcontentloaded")
    chip.focus()
    opened.keyboard.press("Enter")
    expect(chip).to_be_hidden()
    service.changes = {"town": ""}
    ask(opened, "体制は")
    assert [one.town for one in service.asked] == [None, ""]
    expect(chip).to_be_hidden()
