import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page, ViewportSize, expect

from bot.answering.state import Status
from bot.channels.pages.citizen.citizen_page import CITIZEN
from tests.accessibility import violations
from tests.bot.channels.pages.citizen.visiting import (
    PHONE,
    ask,
    box,
    drawn,
    ready,
    send,
    speak,
    toggle_furigana,
    until,
    visit,
    wait_for_answers,
)
from tests.bot.draft_rendering import message_text, messages
from tests.bot.html_page import HtmlPage
from tests.bot.prepared_answers import EXCERPT_SHOWN
from tests.bot.server_thread import Prepared, served
from tests.conftest import page_of, profile

pytestmark = pytest.mark.browser
# The sum of the shifts that no reader caused (Cumulative Layout Shift).
WATCH_SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().filter((one) => !one.hadRecentInput).forEach(
    (one) => window.shifted += one.value)).observe({type: 'layout-shift', buffered: true});"""


def test_the_layout_does_not_shift_while_loading(page: Page, url: str) -> None:
    page.set_viewport_size(PHONE)
    page.add_init_script(WATCH_SHIFTS)
    visit(page, url)
    page.wait_for_load_state("load")
    drawn(page)
    assert page.evaluate("window.shifted") < 0.01


def test_an_answer_is_printed_with_its_sources_and_without_controls(browser: Browser, url: str) -> None:
    context = browser.new_context(locale="ja-JP", viewport=PHONE)
    page = visit(context.new_page(), url)
    ask(page, "期間は")
    expect(page.locator(".source")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".source")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(box(page)).to_be_hidden()
    context.close()


def test_a_page_without_javascript_explains_what_it_needs(url: str) -> None:
    page = HtmlPage(httpx2.get(url, trust_env=False).text)
    (told,) = page.texts("noscript")
    assert "JavaScript" in told
    assert "076-220-2111" in told


LONG = "駅から町役場までの行き方と、そこで手続きに要る物と、開いている時間を、順に教えてください。" * 12
HALF_SCREEN = ViewportSize(width=390, height=420)


@pytest.fixture(scope="module")
def touching(browser: Browser) -> BrowserContext:
    return profile(browser, viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce")


@pytest.fixture
def touched(touching: BrowserContext, url: str) -> Iterator[Page]:
    with page_of(touching) as page:
        yield visit(page, url)


def test_the_keyboard_closes_and_the_first_line_of_the_answer_is_visible(touched: Page) -> None:
    for size, question in ((PHONE, "期間は"), (HALF_SCREEN, "体制は"), (HALF_SCREEN, LONG), (PHONE, LONG)):
        touched.set_viewport_size(size)
        box(touched).tap()
        ask(touched, question)
        expect(box(touched)).not_to_be_focused()
        line = touched.locator(".turn").last.locator(".answer > :first-child").first.bounding_box()
        dock = touched.locator("#dock").bounding_box()
        assert line
        assert dock
        assert 0 <= line["y"] < min(dock["y"], size["height"]) - 20
    assert violations(touched) == []


def reload(page: Page) -> None:
    page.reload(wait_until="domcontentloaded")
    ready(page)


def test_a_reload_restores_the_conversation(opened: Page, service: Prepared) -> None:
    ask(opened, "期間は")
    opened.get_by_role("button", name="役に立った", exact=True).click()
    expect(opened.locator(".thanks")).to_be_visible()
    service.changes = {"status": Status.NO_ANSWER, "answer": "ありません。", "citations": ()}
    ask(opened, "休館日は")
    service.changes = {}
    box(opened).fill("書きかけの質問")
    reload(opened)
    wait_for_answers(opened, 2)
    expect(box(opened)).to_have_value("書きかけの質問")
    assert opened.locator(".words").all_inner_texts() == ["期間は", "休館日は"]
    expect(opened.locator(".passage mark")).to_have_text("期間は令和8年度から")
    ask(opened, "体制は")
    assert service.asked[-1].conversation_id == service.asked[1].conversation_id is not None
    other = visit(opened.context.new_page(), opened.url)
    expect(other.locator(".welcome")).to_be_visible()


def test_an_ended_conversation_stays_ended_after_a_reload(opened: Page, service: Prepared) -> None:
    ask(opened, "期間は")
    opened.get_by_role("button", name="この会話を終える").click()
    expect(opened.locator(".welcome")).to_be_visible()
    expect(opened.locator(".turn")).to_have_count(0)
    expect(box(opened)).to_be_focused()
    expect(opened.locator("#spoken")).to_have_text("会話を終え、この端末から消しました。")
    assert opened.evaluate("Object.values(sessionStorage).join('')") == ""
    reload(opened)
    expect(opened.locator(".welcome")).to_be_visible()
    ask(opened, "体制は")
    assert [question.conversation_id for question in service.asked] == [None, None]


def test_a_chip_and_a_citation_open_the_section_with_the_quote_highlighted(phone: Page) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(phone, "期間は")
    chip, source = phone.locator(".chip"), phone.locator(".source")
    expect(source).to_be_hidden()
    chip.click()
    expect(source).to_be_visible()
    around = source.get_by_role("group", name="前後の文")
    expect(around.locator(".meant")).to_have_text("期間は令和8年度からです。")
    expect(around.locator("mark")).to_have_text("期間は令和8年度から")
    facts = source.locator(".facts").inner_text()
    expect(source.get_by_role("heading")).to_have_text(re.compile(r"1\.3\. 期間$"))
    assert re.search(r"計画2\.0.*4ページ.*2026年1月.*現行", facts, re.DOTALL)
    assert source.evaluate("(one) => one.matches(':modal') && one.getBoundingClientRect().bottom") == PHONE["height"]
    source.get_by_role("button", name="この箇所のアドレスをコピー").click()
    expect(source.get_by_role("button", name="コピーしました")).to_be_visible()
    address = phone.evaluate("navigator.clipboard.readText()")
    assert address.endswith("/documents/plan-2#passage-3")
    with phone.context.expect_page() as opened:
        source.get_by_role("link", name=re.compile("文書の全体を読む")).click()
    expect(opened.value.locator(":target")).to_have_text("期間は令和8年度からです。")
    assert opened.value.url == address
    opened.value.close()
    phone.get_by_role("button", name="閉じる").click()
    expect(source).to_be_hidden()
    expect(chip).to_be_focused()
    phone.context.set_offline(offline=True)
    phone.get_by_role("link", name="根拠1を開く").first.press("Enter")
    expect(source).to_be_focused()
    expect(phone.locator(".passage")).to_have_text("期間は令和8年度からです。")
    phone.keyboard.press("Escape")
    expect(source).to_be_hidden()
    expect(phone.get_by_role("link", name="根拠1を開く").first).to_be_focused()


ABOVE_THE_BOX = """() => document.querySelector('#reasons').getBoundingClientRect().bottom
    <= document.getElementById('dock').getBoundingClientRect().top"""


def test_a_vote_reaches_the_service(opened: Page, service: Prepared) -> None:
    ask(opened, "期間は")
    opened.get_by_role("button", name="役に立った", exact=True).click()
    expect(opened.locator(".thanks")).to_be_focused()
    expect(opened.get_by_text("ご協力ありがとうございます。")).to_be_visible()
    assert [vote[1:] for vote in service.votes] == [("up", [], "")]


def test_a_negative_vote_can_have_reasons(opened: Page, service: Prepared) -> None:
    speak(opened, "English")
    opened.set_viewport_size(PHONE)
    ask(opened, "期間は")
    opened.locator("#down").click()
    expect(opened.locator("#send-rating")).to_be_in_viewport()
    until(opened, ABOVE_THE_BOX)
    reason = opened.get_by_label("Out of date")
    reason.check()
    expect(reason).to_have_css("appearance", "auto")
    opened.locator("#comment textarea").fill("去年の話です")
    opened.locator("#send-rating").click()
    expect(opened.locator(".thanks")).to_contain_text("デジタル政策課 076-220-2111")
    assert [vote[1:] for vote in service.votes] == [("down", ["情報が古い"], "去年の話です")]


def compose(cdp: CDPSession, text: str) -> None:
    cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def press_enter_of_the_input_method(cdp: CDPSession) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        cdp.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229},
        )


def test_enter_during_conversion_does_not_send(opened: Page, service: Prepared) -> None:
    box(opened).focus()
    cdp = opened.context.new_cdp_session(opened)
    for text in ("きk", "きかん", "期間"):
        compose(cdp, text)
    press_enter_of_the_input_method(cdp)
    assert service.asked == []
    cdp.send("Input.insertText", {"text": "期間"})
    compose(cdp, "は")
    press_enter_of_the_input_method(cdp)
    cdp.send("Input.insertText", {"text": "は"})
    expect(box(opened)).to_have_value("期間は")
    expect(opened.locator(".welcome")).to_be_visible()
    drawn(opened)
    opened.keyboard.press("Enter")
    wait_for_answers(opened, 1)
    assert [question.question for question in service.asked] == ["期間は"]


def test_too_long_and_empty_questions_are_not_sent(opened: Page, service: Prepared) -> None:
    pasted = "計画の期間は何年ですか。" * 100
    box(opened).focus()
    opened.keyboard.insert_text(pasted)
    opened.keyboard.press("Enter")
    assert "あと200文字減らすと送れます" in box(opened).evaluate("(one) => one.validationMessage")
    opened.get_by_role("button", name="送る", exact=True).click()
    expect(box(opened)).to_have_value(pasted)
    expect(box(opened)).to_be_focused()
    assert service.asked == []
    box(opened).fill("  ")
    opened.keyboard.press("Enter")
    assert box(opened).evaluate("(one) => one.validationMessage") == "知りたいことを書いてから送ってください。"
    assert service.asked == []
    ask(opened, pasted[:996])


def test_a_chosen_language_overrides_the_browser_language(browser: Browser, service: Prepared, url: str) -> None:
    with browser.new_context(locale="fi-FI") as context:
        page = visit(context.new_page(), url)
        assert page.evaluate("document.documentElement.lang") == "ja"  # the service speaks no Finnish
        service.changes = messages("nothing", status=Status.NO_ANSWER, citations=())
        ask(page, "Where is the pool?")
        speak(page, "Tiếng Việt")
        expect(page.locator(".answer")).to_have_text(message_text("nothing", "vi"))
        expect(page.locator(".asked .words")).to_have_text("Where is the pool?")
        other = visit(context.new_page(), url)
        assert other.evaluate("document.documentElement.lang") == "vi"
        expect(other.get_by_role("radio", name="日本語", exact=True)).not_to_be_checked()


def test_furigana_can_be_turned_on_and_are_kept(opened: Page, service: Prepared) -> None:
    service.changes = EXCERPT_SHOWN
    ask(opened, "街灯は")
    expect(opened.locator("ruby")).to_have_count(0)
    toggle_furigana(opened)
    expect(opened.locator(".excerpt ruby", has_text="費用").locator("rt")).to_have_text("ひよう")
    expect(opened.locator("rt:not([aria-hidden=true])")).to_have_count(0)
    expect(opened.locator(".asked .words")).to_have_text("街灯は")
    ask(opened, "費用は")
    expect(opened.locator(".turn").last.locator("rt").first).to_be_visible()
    # No row of a flexible or grid layout has its words torn apart.
    torn = opened.evaluate("""() => [...document.querySelectorAll('main *')]
        .filter((one) => /flex|grid/.test(getComputedStyle(one).display) && one.querySelector(':scope > ruby'))
        .map((one) => one.outerHTML)""")
    assert torn == []
    assert violations(opened) == []
    toggle_furigana(opened)
    expect(opened.locator("ruby")).to_have_count(0)


IDLE_S, WARNING_S = 30, 20
# The clock of the page goes on while a test looks at it.
MARGIN_S = 8
STORED = "[...Object.values(sessionStorage), ...Object.values(localStorage), document.cookie].join('')"


@pytest.fixture
def kiosk(page: Page, url: str) -> Page:
    page.clock.install()
    return visit(page, f"{url}/#kiosk={IDLE_S}")


def wait(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


def warning(page: Page) -> Locator:
    return page.get_by_role("alertdialog", name="まだお使いですか")


def test_without_input_the_conversation_ends_after_a_warning(kiosk: Page, service: Prepared) -> None:
    ask(kiosk, "期間は")
    speak(kiosk, "English")
    box(kiosk).fill("My next")
    wait(kiosk, IDLE_S - MARGIN_S)
    expect(kiosk.locator("#idle")).to_have_count(0)
    wait(kiosk, MARGIN_S)
    told = kiosk.get_by_role("alertdialog", name="Are you still there?")
    expect(told).to_contain_text(re.compile(r"In (20|1\d) seconds"))
    wait(kiosk, WARNING_S - 2 * MARGIN_S)
    expect(told).to_be_visible()
    with kiosk.expect_navigation(wait_until="domcontentloaded"):
        wait(kiosk, 2 * MARGIN_S)
    ready(kiosk)
    expect(kiosk.get_by_role("heading", name="何をお調べですか")).to_be_visible()
    expect(box(kiosk)).to_have_value("")
    assert kiosk.evaluate(STORED) == ""
    ask(kiosk, "体制は")
    assert service.asked[-1].conversation_id is None


def test_only_a_kiosk_ends_a_conversation_automatically(page: Page, url: str) -> None:
    page.clock.install()
    visit(page, url)
    ask(page, "期間は")
    wait(page, 300)
    expect(page.locator("#idle")).to_have_count(0)
    expect(page.locator(".turn[data-answer]")).to_have_count(1)


def test_an_error_reveals_no_internals(opened: Page, service: Prepared) -> None:
    service.error = RuntimeError("/secret/path")
    send(opened, "期間は")
    expect(opened.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    expect(box(opened)).to_have_value("期間は")
    assert "secret" not in opened.content()
    service.error, service.changes = None, {"content": None}  # an answer that cannot be rendered
    service.go.clear()
    box(opened).press("Enter")
    expect(opened.locator("#problem .problem")).to_have_count(0)
    service.go.set()
    expect(opened.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    expect(box(opened)).to_have_value("期間は")
    service.changes = {}
    ask(opened, "期間は")
    expect(opened.get_by_role("alert").filter(has_text="もう一度")).to_have_count(0)


def test_a_question_that_is_sent_while_the_stream_of_messages_closes_is_answered(opened: Page) -> None:
    ask(opened, "期間は")
    closing = 'data: {"msg": "close_stream"}\n\n'
    opened.route("**/queue/data*", lambda route: route.fulfill(content_type="text/event-stream", body=closing), times=1)
    ask(opened, "体制は")


def test_a_page_of_a_server_that_was_started_again_loads_itself_and_keeps_conversation_and_question(
    opened: Page,
) -> None:
    ask(opened, "期間は")
    opened.route("**/queue/join*", lambda route: route.fulfill(status=404, json={"detail": "見つかりません"}), times=1)
    opened.route("**/app_id", lambda route: route.fulfill(json={"app_id": 1}), times=1)
    with opened.expect_navigation():
        send(opened, "体制は")
    ready(opened)
    expect(opened.get_by_role("alert").filter(has_text="途中で途切れました。つながりました。")).to_be_visible()
    expect(opened.locator(".turn")).to_have_count(1)
    expect(box(opened)).to_have_value("体制は")


def test_page_and_api_share_the_rate_limit_and_the_end_of_the_wait_is_announced(page: Page, service: Prepared) -> None:
    with served(service, pages=[CITIZEN], requests_per_minute_address=1) as url:
        speak(visit(page, url), "English")
        page.clock.install()
        box(page).fill("体制は")
        assert httpx2.post(f"{url}/api/chat", json={"question": "期間は"}, trust_env=False).status_code == 200
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="Please wait about")).to_be_visible()
        expect(box(page)).to_have_value("体制は")
        speak(page, "日本語")
        page.keyboard.press("Enter")
        box(page).press("Enter")
        expect(page.get_by_role("alert").filter(has_text="秒ほど待ってから")).to_be_visible()
        page.clock.fast_forward("01:01")
        expect(page.get_by_role("alert").filter(has_text="もう一度送れます。")).to_be_visible()
    assert len(service.asked) == 1


def test_a_lost_connection_is_reported_and_the_question_kept(opened: Page) -> None:
    opened.context.set_offline(offline=True)
    expect(opened.get_by_role("alert").filter(has_text="通信が切れています")).to_be_visible()
    box(opened).fill("期間は")
    with opened.expect_event("requestfailed"):  # before the network is back
        box(opened).press("Enter")
    expect(opened.get_by_role("alert").filter(has_text="通信が切れています")).to_be_visible()
    expect(box(opened)).to_have_value("期間は")
    opened.context.set_offline(offline=False)
    expect(opened.get_by_role("alert").filter(has_text="つながりました")).to_be_visible()
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    expect(box(opened)).to_have_value("期間は")
