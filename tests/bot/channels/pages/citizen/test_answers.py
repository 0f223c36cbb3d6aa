import re

import pytest
from playwright.sync_api import Page, expect

from bot.answering.state import Answer, Citation, Status
from tests.accessibility import violations
from tests.bot.channels.pages.citizen.visiting import ask, ready, send, wait_for_answers
from tests.bot.draft_rendering import with_content
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


def test_a_generated_answer_is_streamed_sentence_by_sentence(opened: Page, service: Prepared) -> None:
    service.told = "期間は令和8(2026)年度からです[1]。"
    service.changes = {"generator": "model-1"}
    service.go_on.clear()
    send(opened, "期間は")
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
    send(opened, "期間は")
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


def test_everything_is_answered_by_this_server_without_eval_and_inline_scripts(page: Page, server: str) -> None:
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    response = page.goto(server, wait_until="domcontentloaded")
    assert response is not None
    scripts = re.search("script-src ([^;]*)", response.headers["content-security-policy"])
    assert scripts is not None
    assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", scripts[1])
    ready(page)
    page.locator(".example").first.click()
    wait_for_answers(page, 1)
    expect(page.locator(".chip")).not_to_have_count(0)
    for question in page.locator(".option").all_inner_texts():
        ask(page, question)
        expect(page.locator(".turn").last.locator(".chip")).not_to_have_count(0)
    assert len(requests) > 1
    assert [url for url in requests if not url.startswith((server, "data:"))] == []
    assert errors == []


def test_markup_and_markdown_are_shown_as_they_are_written(opened: Page, service: Prepared) -> None:
    opened.evaluate(HEARD)
    words = f"一行目\n\n    *四つ下げた* 行 $$x$$\n- 箇条\n# 見出し `c` [a](b) {HOSTILE}"
    citation = Citation(
        n=1, passage_id="p", doc_id="plan-2", title=HOSTILE, section=HOSTILE, quote=words, url="javascript:alert(1)"
    )
    told = {"answer": f"{HOSTILE}[1]", "citations": (citation,), "notices": (HOSTILE,), "suggestions": (HOSTILE,)}
    service.changes = told
    ask(opened, HOSTILE)
    assert opened.locator(".passage").text_content() == words
    expect(opened.locator(".asked")).to_contain_text(HOSTILE)
    expect(opened).to_have_title("しるべ")
    assert opened.locator("#log :is(script, img, a[href^=javascript]), #spoken :is(script, img)").count() == 0
    assert len(opened.evaluate("window.heard")) == 1
    assert opened.locator("[aria-live] .answer, [role=log] .answer, [role=status] .answer").count() == 0
