import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.answering.state import Status
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from ingest.configuration.settings import Settings
from tests.accessibility import violations
from tests.bot.desk.pages.console import console, look_up, seated
from tests.bot.prepared_answers import EXCERPT_SHOWN, NEAREST_SHOWN
from tests.bot.server_thread import Passed, Prepared

pytestmark = pytest.mark.browser
BLOCKS = {"街灯は": EXCERPT_SHOWN, "街灯の色は": NEAREST_SHOWN}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def shared_server(data: Path) -> Iterator[tuple[str, Passed]]:
    behind = Passed()
    with console(behind, Settings(_env_file=None, data=data, requests_per_minute_address=100_000)) as url:
        yield url, behind


@pytest.fixture
def service() -> Iterator[Prepared]:
    service = Prepared()
    yield service
    service.go.set()


@pytest.fixture
def url(shared_server: tuple[str, Passed], service: Prepared) -> str:
    url, behind = shared_server
    behind.to = service
    return url


@pytest.fixture
def desk(seat: BrowserContext, url: str, data: Path) -> Iterator[Page]:
    with seated(seat, url, data) as page:
        yield page


def clipboard(page: Page) -> str:
    copied: str = page.evaluate("navigator.clipboard.readText()")
    return copied


def test_two_keys_ask_a_question_and_copy_the_answer_also_over_plain_http(desk: Page) -> None:
    desk.evaluate("""() => {
        window.heard = [];
        const region = document.querySelector('#spoken');
        new MutationObserver(() => region.textContent && window.heard.push(region.textContent)).observe(
            region, {childList: true, characterData: true, subtree: true});
    }""")
    desk.keyboard.type("期間は")
    desk.keyboard.press("Enter")
    expect(desk.locator("#asked")).to_be_focused()
    desk.keyboard.press("c")
    expect(desk.locator("#message")).to_have_text("回答を根拠ごとコピーしました。")
    assert ["期間は令和8(2026)年度からです" in heard for heard in desk.evaluate("window.heard")] == [True]
    assert desk.locator("[aria-live] .said, [role=status] .said").count() == 0
    copied = clipboard(desk)
    for part in ("質問：期間は", "期間は令和8(2026)年度からです[1]。", "[1] 計画2.0 1.3. 期間"):
        assert part in copied
    assert "「期間は令和8年度から」" in copied
    assert re.search(r"（\d{4}年\d+月\d+日の時点でお答えしています）$", copied)
    desk.evaluate("document.querySelector('.panes').style.minHeight = '300vh'; window.scrollTo(0, 600)")
    desk.evaluate("navigator.clipboard.writeText('')")
    desk.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    desk.locator("#asked").focus()
    desk.keyboard.press("c")
    expect(desk.locator("#message")).to_be_in_viewport(ratio=1)
    expect(desk.locator("#asked")).to_be_focused()
    desk.evaluate("delete navigator.clipboard")
    assert "質問：" in clipboard(desk)


def test_single_keys_move_between_passages_and_are_inactive_while_typing(desk: Page, service: Prepared) -> None:
    desk.locator("#question").fill("  ")
    desk.keyboard.press("Enter")
    expect(desk.locator("#question:invalid")).to_be_focused()
    look_up(desk, "期間は")
    summary = desk.locator(".source > summary")
    for key in ("j", "k", "ArrowDown", "ArrowUp"):
        desk.locator("#asked").focus()
        desk.keyboard.press(key)
        expect(summary).to_be_focused()
    for is_open in (False, True):
        desk.keyboard.press("Enter")
        expect(desk.locator(".passage")).to_be_visible(visible=is_open)
    desk.locator("#asked").focus()
    expect(desk.locator("#question")).to_have_value("")
    desk.evaluate("""() => document.getElementById('asked').dispatchEvent(
        new KeyboardEvent('keydown', {key: 'n', isComposing: true, bubbles: true}))""")
    desk.keyboard.press("Control+c")
    expect(desk.locator("#message")).to_be_empty()
    desk.keyboard.press("/")
    expect(desk.locator("#question")).to_be_focused()
    desk.locator("#question").fill("")
    desk.keyboard.press("/")
    expect(desk.locator("#question")).to_have_value("")
    desk.keyboard.press("Control+a")
    desk.keyboard.type("cnvhjkwd?/")
    expect(desk.locator("#question")).to_have_value("cnvhjkwd?/")
    desk.locator("#asked").focus()
    desk.keyboard.press("w")
    desk.locator("textarea").fill("")
    desk.locator("textarea").type("nnvd")
    expect(desk.locator("textarea")).to_have_value("nnvd")
    expect(desk.locator("#asked")).to_have_text("質問：期間は")
    assert len(service.asked) == 1


def test_a_call_reopens_its_answers_and_a_new_one_starts_a_new_conversation(desk: Page, service: Prepared) -> None:
    desk.get_by_label("いつの時点で").fill("2025-04-01")
    look_up(desk, "期間は")
    look_up(desk, "体制は")
    assert service.asked[1].conversation_id is not None
    desk.keyboard.press("h")
    desk.keyboard.press("Shift+Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator("#asked")).to_have_text("質問：期間は")
    assert len(service.asked) == 2
    desk.locator("#asked").focus()
    desk.keyboard.press("n")
    expect(desk.locator("#question")).to_be_focused()
    expect(desk.locator("#question")).to_have_value("")
    expect(desk.get_by_label("いつの時点で")).to_have_value("")
    expect(desk.locator("#earlier")).to_have_count(0)
    look_up(desk, "期間は")
    assert service.asked[-1].conversation_id is None


def test_a_wrong_answer_is_reported_with_reason_and_name(desk: Page, service: Prepared) -> None:
    look_up(desk, "期間は")
    desk.set_viewport_size({"width": 1280, "height": 640})
    desk.keyboard.press("w")
    expect(desk.get_by_role("button", name="見直しに回す")).to_be_in_viewport()
    expect(desk.get_by_label("答えがまちがっている")).to_be_focused()
    expect(desk.get_by_label("答えがまちがっている")).to_have_css("outline-style", "solid")
    desk.get_by_label("旧い計画で答えている").check()
    desk.get_by_label("正しい答えや気づいたこと").fill("2.0です")
    desk.get_by_role("button", name="見直しに回す").press("Enter")
    expect(desk.locator("#reported")).to_be_focused()
    assert [vote[1:] for vote in service.votes] == [("down", ["旧い計画で答えている"], "2.0です（報告：安奈）")]
    assert service.voted_by_staff == [True]


def test_an_error_reveals_no_internals_and_removes_the_earlier_answer(desk: Page, service: Prepared) -> None:
    look_up(desk, "体制は")
    service.error = RuntimeError("/secret/path")
    desk.locator("#question").fill("期間は")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
    expect(desk.locator("#question")).to_have_value("期間は")
    assert "secret" not in desk.content()
    expect(desk.locator("#asked")).to_have_text("質問：期間は")
    expect(desk.locator(".outcome")).to_have_text("答えを作れませんでした。もう一度お試しください。")
    expect(desk.locator(".said, [data-copy]")).to_have_count(0)
    service.error = None
    service.changes = {"suggestions": ("計画2.0の期間",)}
    desk.get_by_role("button", name="もう一度調べる").click()
    expect(desk.locator(".said")).to_be_visible()
    expect(desk.get_by_role("alert").filter(has_text="もう一度")).to_have_count(0)
    desk.get_by_role("button", name="計画2.0の期間").click()
    expect(desk.locator("#asked")).to_have_text("質問：計画2.0の期間")
    assert service.asked[-1].conversation_id is not None
    desk.route("**/staff/ask", lambda route: route.abort())
    desk.locator("#question").fill("体制は")
    desk.keyboard.press("Enter")
    expect(desk.locator("#problem")).to_contain_text("答えを作れませんでした。もう一度お試しください。")
    expect(desk.locator(".said")).to_be_hidden()
    expect(desk.locator("#question")).to_have_value("体制は")


def test_an_expired_session_is_reported(desk: Page, data: Path) -> None:
    session = next(one["value"] for one in desk.context.cookies() if one["name"] == NAME)
    SignIn(Settings(_env_file=None, data=data)).sessions.end(session)
    desk.locator("#question").fill("期間は")
    desk.keyboard.press("Enter")
    expect(desk.locator("#problem")).to_contain_text("サインインの期限が切れました")
    expect(desk.locator("#question")).to_have_value("期間は")


def test_axe_reports_no_violation(seat: BrowserContext, url: str, service: Prepared, data: Path) -> None:
    with seated(seat, url, data, scheme="dark") as page:

        def unanswered() -> None:
            service.changes = {"status": Status.NO_ANSWER, "citations": (), "suggestions": ("体制は",)}
            look_up(page, "休館日は")

        def shows(name: str, shown: dict[str, Any]) -> Callable[[], None]:
            def reach() -> None:
                service.changes = shown
                look_up(page, name)

            return reach

        def failed() -> None:
            service.error = RuntimeError()
            page.locator("#question").fill("期間は")
            page.keyboard.press("Enter")
            expect(page.get_by_role("alert").filter(has_text="もう一度お試しください")).to_be_visible()
            service.error = None

        states: list[tuple[str, Callable[[], object]]] = [
            ("start", lambda: None),
            ("answered", lambda: look_up(page, "期間は")),
            ("reporting", lambda: page.locator("#report summary").click()),
            *[(name, shows(name, shown)) for name, shown in BLOCKS.items()],
            ("unanswered", unanswered),
            ("failed", failed),
            ("help", lambda: page.get_by_role("button", name=re.compile("キー操作")).click()),
        ]
        for state, reach in states:
            reach()
            assert violations(page) == [], state
