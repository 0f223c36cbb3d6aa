import httpx2
import pytest
from playwright.sync_api import Page, expect

from bot.channels.pages.citizen.citizen_page import CITIZEN
from tests.bot.channels.pages.citizen.visiting import ask, box, ready, send, speak, visit
from tests.bot.server_thread import Prepared, served

pytestmark = pytest.mark.browser


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
