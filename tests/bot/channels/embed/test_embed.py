from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from bot.channels.pages.citizen.citizen_page import CITIZEN
from tests.accessibility import violations
from tests.bot.channels.embed.site import Site
from tests.bot.server_thread import Prepared, served

pytestmark = pytest.mark.browser
SITE_POLICY = "default-src 'none'; script-src {chat}; frame-src {chat}; require-trusted-types-for 'script'"
PHONE = {"width": 390, "height": 844}


class Embedding:
    def __init__(self, within: ExitStack, *, allowed: bool = True, **settings: Any) -> None:
        self.site = within.enter_context(Site().opened())
        origins = self.site.origin if allowed else "https://www.city.example.jp"
        self.chat = within.enter_context(served(Prepared(), pages=[CITIZEN], embed_origins=origins, **settings))
        self.site.embedded = f'<script src="{self.chat}/embed.js" async></script>'
        self.policy = self.site.headers = {"Content_Security_Policy": SITE_POLICY.format(chat=self.chat)}


@pytest.fixture(scope="module")
def listed() -> Iterator[Embedding]:
    with ExitStack() as within:
        yield Embedding(within, requests_per_minute_address=100_000)


@pytest.fixture
def embedding(listed: Embedding) -> Embedding:
    listed.site.headers = listed.policy
    listed.site.embedded = f'<script src="{listed.chat}/embed.js" async></script>'
    return listed


def launcher(page: Page) -> Any:
    return page.get_by_role("button", name="しるべに質問する")


def frame_of(page: Page) -> FrameLocator:
    return page.frame_locator("shirube-chat iframe")


def opened(page: Page, embedding: Embedding) -> FrameLocator:
    page.goto(embedding.site.origin)
    launcher(page).click()
    return ready(frame_of(page))


def ready(frame: FrameLocator) -> FrameLocator:
    expect(frame.locator("body[data-begun]")).to_have_count(1)
    expect(frame.locator("#log :is(.welcome, .turn):visible")).not_to_have_count(0)
    return frame


def box(frame: FrameLocator) -> Locator:
    return frame.locator("#box textarea")


def ask(frame: FrameLocator, question: str) -> None:
    box(frame).fill(question)
    box(frame).press("Enter")
    expect(frame.locator(".answer")).to_contain_text("期間は令和8(2026)年度からです")


def test_a_question_is_asked_and_answered_in_the_frame(page: Page, embedding: Embedding) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    frame = opened(page, embedding)
    assert [text for text in heard if "Content Security Policy" in text and embedding.site.origin in text] == []
    ask(frame, "期間は")
    expect(frame.locator(".source")).not_to_have_count(0)
    assert page.context.cookies() == []


def test_the_chat_loads_after_the_button_is_pressed(page: Page, embedding: Embedding) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(embedding.site.origin)
    expect(launcher(page)).to_be_visible()
    assert [url for url in requests if url.startswith(embedding.chat)] == [f"{embedding.chat}/embed.js"]


def test_a_site_that_is_not_listed_gets_no_launcher(page: Page) -> None:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    with ExitStack() as within:
        embedding = Embedding(within, allowed=False)
        page.goto(embedding.site.origin, wait_until="networkidle")
        assert page.locator("shirube-chat").count() == 0
        assert any("SHIRUBE_EMBED_ORIGINS" in text and embedding.site.origin in text for text in heard)


def test_the_keyboard_opens_and_closes_it(page: Page, embedding: Embedding) -> None:
    page.goto(embedding.site.origin)
    expect(launcher(page)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="しるべ")
    frame = ready(frame_of(page))
    ask(frame, "期間は")
    box(frame).press("Escape")
    expect(dialog).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    # Until the browser has taken the focus back from the removed frame, keys are lost.
    page.wait_for_function("document.hasFocus()")
    page.keyboard.press("Enter")
    ready(frame)
    dialog.get_by_role("button", name="終えて閉じる").press("Enter")
    expect(launcher(page)).to_be_focused()


def asked_with(page: Page, embedding: Embedding, attribute: str) -> FrameLocator:
    embedding.site.embedded = f'<script src="{embedding.chat}/embed.js" {attribute} async></script>'
    frame = opened(page, embedding)
    ask(frame, "期間は")
    return frame


@pytest.mark.parametrize("attribute", ["", "data-kiosk=90 data-keep"])
def test_closing_ends_the_conversation(page: Page, embedding: Embedding, attribute: str) -> None:
    frame = asked_with(page, embedding, attribute)
    box(frame).fill("書きかけの質問")
    page.get_by_role("button", name="終えて閉じる").click()
    expect(page.locator("shirube-chat iframe")).to_have_count(0)
    launcher(page).click()
    ready(frame)
    expect(frame.locator(".welcome")).to_be_visible()
    expect(box(frame)).to_have_value("")
    assert page.evaluate("Object.values(sessionStorage).join('')") == ""
    # Chromium with a window denies a frame of another site any storage.
    assert frame.locator("body").evaluate("try { Object.values(sessionStorage).join('') } catch { '' }") == ""
    ask(frame, "期間は")
    page.reload()
    launcher(page).click()
    expect(ready(frame).locator(".welcome")).to_be_visible()


def test_a_site_can_ask_to_keep_the_conversation(page: Page, embedding: Embedding) -> None:
    frame = asked_with(page, embedding, "data-keep")
    page.get_by_role("button", name="閉じる", exact=True).click()
    launcher(page).click()
    expect(frame.locator(".answer")).to_be_visible()
    for address in (page.url, embedding.site.origin):
        page.goto(address)
        launcher(page).click()
        expect(frame.locator(".answer")).to_be_visible()
    assert frame.locator("body").evaluate("try { Object.values(sessionStorage).join('') } catch { '' }") == ""
    frame.locator("body").evaluate("location.reload()")
    expect(frame.locator(".answer")).to_be_visible()


def post(page: Page, message: str) -> None:
    heard = "new Promise((done) => addEventListener('message', () => done(), {once: true}))"
    page.evaluate(f"() => {{ const heard = {heard}; window.postMessage({message}, '*'); return heard; }}")


def test_only_the_chat_writes_into_what_the_site_keeps(page: Page, embedding: Embedding) -> None:
    asked_with(page, embedding, "data-keep")
    before = page.evaluate("JSON.stringify({...sessionStorage})")
    assert "conversation" in before
    post(page, "{shirube: 'keep', values: {conversation: 'forged'}}")
    assert page.evaluate("JSON.stringify({...sessionStorage})") == before


def test_an_idle_kiosk_ends_the_conversation_in_its_frame(page: Page, embedding: Embedding) -> None:
    page.clock.install()
    frame = asked_with(page, embedding, "data-kiosk=30")
    for _ in range(2):
        page.clock.run_for(31_000)
        expect(frame.get_by_role("alertdialog")).to_be_visible()
        page.get_by_role("heading", name="市のページ").click()
        expect(frame.get_by_role("alertdialog")).to_have_count(0)
    page.clock.run_for(51_000)
    expect(ready(frame).locator(".welcome")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_escape_that_ends_a_conversion_does_not_close_it(page: Page, embedding: Embedding) -> None:
    frame = opened(page, embedding)
    box(frame).dispatch_event("keydown", {"key": "Escape", "isComposing": True, "bubbles": True})
    ask(frame, "期間は")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_messages_from_other_origins_are_ignored(page: Page, embedding: Embedding) -> None:
    opened(page, embedding)
    post(page, "'shirube:close'")
    page.evaluate("""() => dispatchEvent(
        new MessageEvent('message', {data: 'shirube:close', origin: 'https://attacker.example'})
    )""")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_on_a_phone_the_chat_fills_the_screen(browser: Browser, embedding: Embedding) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    opened(page, embedding)
    assert page.get_by_role("dialog").bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert page.locator("shirube-chat dialog").evaluate("(dialog) => dialog.matches(':modal')")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.get_by_role("button", name="終えて閉じる").click()
    expect(page.get_by_role("link", name="次のページ")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_reports_no_violation_on_the_site(browser: Browser, embedding: Embedding, scheme: Any) -> None:
    embedding.site.headers = {}  # axe is a script from elsewhere
    # Half way through its rise the panel is half transparent, which axe takes for the colours it has.
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(embedding.site.origin)
    expect(launcher(page)).to_be_visible()
    for state in ("closed", "open"):
        if state == "open":
            launcher(page).click()
        assert violations(page, iframes=False) == [], state
    context.close()


def test_the_readers_wish_for_little_motion_is_kept(browser: Browser, embedding: Embedding) -> None:
    for wish, moves in (("no-preference", True), ("reduce", False)):
        context = browser.new_context(reduced_motion="reduce" if wish == "reduce" else "no-preference")
        page = context.new_page()
        page.goto(embedding.site.origin)
        launcher(page).click()
        animation = page.locator("shirube-chat dialog").evaluate("(dialog) => getComputedStyle(dialog).animationName")
        assert (animation != "none") is moves
        context.close()


def test_the_site_sets_label_and_colour(page: Page) -> None:
    with ExitStack() as within:
        embedding = Embedding(within, accent_color="#0b6e4f", service_name="まち相談")
        embedding.site.embedded = embedding.site.embedded.replace("async", 'async data-label="ごみの分け方を聞く"')
        page.goto(embedding.site.origin)
        button = page.get_by_role("button", name="ごみの分け方を聞く")
        assert button.evaluate("(button) => getComputedStyle(button).backgroundColor") == "rgb(11, 110, 79)"
        button.click()
        expect(page.get_by_role("dialog", name="まち相談")).to_be_visible()


def test_an_unreachable_chat_shows_a_link(page: Page, embedding: Embedding) -> None:
    page.goto(embedding.site.origin)
    expect(launcher(page)).to_be_visible()
    page.route(f"{embedding.chat}/**", lambda route: route.abort())
    launcher(page).click()
    told = page.get_by_role("status").filter(has_text="開かないときは、上の「別の画面で開く」をお試しください")
    expect(told).to_be_visible()
    expect(page.get_by_role("link", name="別の画面で開く")).to_have_attribute("href", f"{embedding.chat}/")
