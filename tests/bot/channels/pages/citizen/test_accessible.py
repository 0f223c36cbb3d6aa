from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot.answering.state import Status
from tests.accessibility import violations
from tests.bot.channels.pages.citizen.visiting import PHONE, ask, box, send, speak, visit
from tests.bot.prepared_answers import EXCERPT_SHOWN, NEAREST_SHOWN
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser
DESKTOP = ViewportSize(width=1280, height=800)
State = tuple[str, Callable[[], None]]
LOOKS = (
    ("light", DESKTOP, "日本語"),
    ("dark", PHONE, "English"),
)
BLOCKS = {"excerpt": EXCERPT_SHOWN, "nearest": NEAREST_SHOWN}
PASSING = {"start", "source open", "feedback open", "went wrong", "too long", "offline"}


def answering(page: Page, service: Prepared, status: Status, *suggestions: str) -> Callable[[], None]:
    def reach() -> None:
        service.changes = {
            "status": status,
            "answer": "お答えできません。",
            "citations": (),
            "suggestions": suggestions,
        }
        ask(page, f"{status}の質問")
        service.changes = {}

    return reach


def shows(page: Page, service: Prepared, name: str, shown: dict[str, Any]) -> Callable[[], None]:
    def reach() -> None:
        service.changes = shown
        ask(page, f"{name}の質問")
        service.changes = {}

    return reach


def test_the_first_stop_of_the_keyboard_leads_to_the_question(opened: Page) -> None:
    opened.keyboard.press("Tab")
    expect(opened.get_by_role("link", name="質問の入力欄へ")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(box(opened)).to_be_focused()


def test_no_live_region_says_the_key_of_a_text(opened: Page) -> None:
    opened.evaluate("""() => { window.told = []; new MutationObserver(() => window.told.push(
        ...[...document.querySelectorAll('[aria-live]')].map((one) => one.textContent))
    ).observe(document.body, {childList: true, subtree: true, characterData: true}); }""")
    ask(opened, "期間は")
    opened.wait_for_timeout(1000)
    assert [text for text in opened.evaluate("window.told") if "common." in text] == []


def has_landmarks(page: Page) -> None:
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("しるべ")
    expect(page.locator("#log").get_by_role("heading", level=2)).to_contain_text("期間は")
    expect(page.get_by_role("search").get_by_role("textbox")).to_be_visible()
    expect(page.get_by_role("article", name="期間は")).to_be_visible()
    expect(page.get_by_role("dialog", name="1.3. 期間")).to_have_count(1 if page.viewport_size == DESKTOP else 0)


def went_wrong(page: Page, service: Prepared) -> None:
    service.error = RuntimeError()
    send(page, "期間は")
    expect(page.locator("#problem .problem")).to_be_visible()
    service.error = None


def on_its_way(page: Page, service: Prepared) -> None:
    service.go.clear()
    send(page, "期間は")
    expect(page.locator(".stage")).to_be_visible()


def offline(page: Page) -> None:
    page.context.set_offline(offline=True)
    expect(page.locator("#unreached")).not_to_be_empty()


def too_long(page: Page) -> None:
    box(page).fill("あ" * 1200)
    box(page).press("Enter")
    expect(page.locator("#box textarea:invalid")).to_be_focused()


def states(page: Page, service: Prepared) -> list[State]:
    return [
        ("start", lambda: None),
        ("answer", lambda: ask(page, "期間は")),
        ("landmarks", lambda: has_landmarks(page)),
        ("source open", page.locator(".mark").first.click),
        ("source closed", lambda: page.keyboard.press("Escape")),
        ("feedback open", lambda: page.locator("#down").click()),
        ("voted", lambda: page.locator("#send-rating").click()),
        *[
            (status, answering(page, service, status, "計画1の期間"))
            for status in Status
            if status not in (Status.ANSWERED, Status.PARTIAL)
        ],
        *[(name, shows(page, service, name, shown)) for name, shown in BLOCKS.items()],
        ("went wrong", lambda: went_wrong(page, service)),
        ("too long", lambda: too_long(page)),
        ("on its way", lambda: on_its_way(page, service)),
        ("offline", lambda: offline(page)),
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_axe_reports_no_violation_in_any_state(
    page: Page, service: Prepared, url: str, look: tuple[Any, ViewportSize, str]
) -> None:
    scheme, viewport, speech = look
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(viewport)
    visit(page, url)
    if speech != "日本語":
        speak(page, speech)
    found = {}
    for name, reach in states(page, service):
        reach()
        # What was there before has been looked at; all of it is once more at the end. In other looks than the first,
        # what stays is looked at only then.
        if look == LOOKS[0] or name in PASSING:
            found[name] = violations(
                page,
                None if name == "offline" else {"exclude": [[".user-row:has(~ .user-row), .bot-row:has(~ .bot-row)"]]},
            )
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_keyboard_reaches_every_control_with_a_visible_focus(phone: Page) -> None:
    ask(phone, "期間は")
    phone.locator(".chip").click()
    phone.keyboard.press("Escape")
    phone.set_viewport_size({"width": PHONE["width"], "height": 540})
    phone.evaluate("scrollTo(0, 20)")
    box(phone).press_sequentially("体制は")  # which does not move the answer
    assert phone.evaluate("[scrollY, document.body.scrollHeight > innerHeight + 100]") == [20, True]
    box(phone).fill("")
    phone.set_viewport_size(PHONE)
    phone.evaluate("scrollTo(0, 0); document.body.tabIndex = -1; document.body.focus()")
    stops = []
    for _ in range(40):
        phone.keyboard.press("Tab")
        stop = phone.evaluate("""() => {
            const one = document.activeElement, placed = one.getBoundingClientRect();
            const dock = document.getElementById('dock');
            const free = dock.contains(one) || placed.bottom <= dock.getBoundingClientRect().top + 1;
            const ring = getComputedStyle(one);
            const seen = `${ring.outlineStyle}${ring.boxShadow}` !== 'nonenone';
            const label = one.closest('#tools label')?.innerText.trim();
            return [label || one.innerText || one.id || one.tagName, free, seen];
        }""")
        stops.append(stop)
        if stop[0] == "送る":
            break
    names = [stop[0] for stop in stops]
    assert [
        name
        for name in ("この会話を終える", "日本語", "ふりがな", "標準", "1", "回答をコピー", "役に立った", "送る")
        if name not in names
    ] == []
    assert [stop for stop in stops if not (stop[1] and stop[2])] == []


def test_the_box_covers_nothing_of_a_short_answer_on_a_phone(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": PHONE["width"], "height": 740}, has_touch=True, is_mobile=True)
    page = visit(context.new_page(), server)
    ask(page, "高齢者向けの電子申請講座は何人が参加しましたか")
    # It comes into view in the step after it lands.
    page.wait_for_function("""() => document.querySelector('.chips').getBoundingClientRect().bottom
        <= document.getElementById('dock').getBoundingClientRect().top""")
    assert page.evaluate("document.querySelector('.asked').getBoundingClientRect().top") >= 0
    expect(page.locator("#rating")).to_be_visible()  # it comes after the answer
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    ends = page.evaluate("""() => [document.getElementById('note').getBoundingClientRect().bottom,
        document.getElementById('dock').getBoundingClientRect().top]""")
    assert ends[0] <= ends[1] + 1
    context.close()


def test_the_page_needs_no_horizontal_scrolling_on_a_phone_and_enlarged_fourfold(page: Page, server: str) -> None:
    page.set_viewport_size(PHONE)
    visit(page, server)
    ask(page, "金沢市デジタル戦略のKPIの達成状況")
    page.locator(".chip").first.click()
    for width, height in ((390, 844), (320, 256)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        stays = page.evaluate("getComputedStyle(document.getElementById('dock')).position") == "sticky"
        assert stays == (height > 480)
