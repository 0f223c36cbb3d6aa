"""What a conversation costs on the line, and how the page behaves on a slow one."""

import re
from statistics import median
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.bot.pages.citizen.visiting import answered, ask, box, until, visit
from tests.bot.served import Prepared
from tests.bot.stand_in import TEXT
from tests.conftest import PATIENCE_MS

pytestmark = pytest.mark.browser
MOST_BYTES = 60_000
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
# From the key to the question in the log.
CLOCK = """() => { let pressed = 0; window.echoed = 0;
addEventListener('keydown', (event) => { if (event.key === 'Enter') pressed = performance.now(); }, true);
new MutationObserver(() => {
    window.echoed ||= document.querySelector('#talk [aria-busy]') && performance.now() - pressed;
}).observe(document.getElementById('talk'), {childList: true}); }"""
# Whether the first line of the last answer is on the screen, above the box.
IN_VIEW = """() => { const line = document.querySelector('.turn:last-child .answer').getBoundingClientRect().top;
const end = Math.min(innerHeight, document.getElementById('dock').getBoundingClientRect().top);
return line >= 0 && line + 24 <= end; }"""


class Line:
    """The bytes that go over a page's line, both ways."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.bytes = 0
        self.cdp.send("Network.enable")
        self._under_way: set[str] = set()
        self.cdp.on("Network.requestWillBeSent", self._sent)
        self.cdp.on("Network.dataReceived", self._received)
        for end in ("Network.loadingFinished", "Network.loadingFailed"):  # whoever of the two hangs up first
            self.cdp.on(end, lambda told: self._under_way.discard(told["requestId"]))

    def _sent(self, told: dict[str, Any]) -> None:
        self._under_way.add(told["requestId"])
        self.bytes += len(told["request"].get("postData", ""))

    def _received(self, told: dict[str, Any]) -> None:
        self.bytes += told["encodedDataLength"]

    def of(self, page: Page, question: str) -> int:
        """Return what a question and its answer take."""
        before = self.bytes
        ask(page, question)
        self.wait(page)
        return self.bytes - before

    def wait(self, page: Page) -> None:
        """Wait until nothing is under way."""
        end = monotonic() + PATIENCE_MS / 1000
        while self._under_way:
            assert monotonic() < end, self._under_way
            page.wait_for_timeout(20)


def test_only_the_new_turn_goes_over_the_line(opened: Page, service: Prepared) -> None:
    """The last six questions of twelve take as many bytes as the first six, and few.

    By their medians: what ends a stream is counted a little early or late, with the turn before or behind.
    """
    service.changes = {"answer": TEXT * 20}
    line = Line(opened)
    taken = [line.of(opened, f"{number}番目の期間は") for number in range(12)]
    assert median(taken[6:]) < 1.2 * median(taken[:6])
    assert 0 < max(taken) < MOST_BYTES


def test_a_growing_answer_costs_its_growth(opened: Page, service: Prepared) -> None:
    """What a language model has written so far is not paid for again with each sentence."""
    line = Line(opened)
    quick = line.of(opened, "期間は")
    service.told = "".join(f"第{number}の施策は{number * 7}件です。" for number in range(60))
    service.go_on.clear()
    before = line.bytes
    box(opened).fill("体制は")
    opened.keyboard.press("Enter")
    expect(opened.locator(".answer").last).to_contain_text("第59の施策")
    service.go_on.set()
    answered(opened, 2)
    line.wait(opened)
    assert line.bytes - before < quick + len(service.told.encode())


def test_a_question_stands_in_the_page_at_once(opened: Page, service: Prepared) -> None:
    """On a line of 400 kbit/s, before the server knows of it; the box is free for the next one."""
    Line(opened).cdp.send("Network.emulateNetworkConditions", SLOW)
    service.go.clear()
    opened.evaluate(CLOCK)
    box(opened).fill("期間は")
    opened.keyboard.press("Enter")
    until(opened, "window.echoed")
    assert opened.evaluate("window.echoed") < 100
    assert service.asked == []
    expect(box(opened)).to_have_value("")
    expect(opened.locator(".words")).to_have_text("期間は")
    service.go.set()
    answered(opened, 1)


@pytest.fixture
def unbuilt(page: Page, url: str) -> tuple[Page, list[Route]]:
    """Return the page before Gradio has come, and what holds that back."""
    held: list[Route] = []
    page.route(re.compile("/assets/index-.*[.]js"), lambda route: held.append(route))  # noqa: PLW0108 -- Playwright marks what it calls
    page.goto(url, wait_until="commit")
    return page, held


def test_what_is_sent_before_the_page_is_ready_is_answered(
    unbuilt: tuple[Page, list[Route]], service: Prepared
) -> None:
    """The question is shown, the next can be written, and both are there when Gradio is."""
    page, held = unbuilt
    expect(page.locator("#page:not([data-begun])").get_by_role("textbox", name="質問")).to_be_visible()
    box(page).fill("期間は")
    box(page).press("Enter")
    expect(page.locator("#talk .words")).to_have_text("期間は")
    box(page).fill("体制は")
    for route in held:
        route.continue_()
    answered(page, 1)
    expect(box(page)).to_have_value("体制は")
    assert [question.question for question in service.asked] == ["期間は"]


def test_a_question_sent_while_another_waits_follows_it(opened: Page, service: Prepared) -> None:
    """It stays in the box until then, and is asked within the conversation."""
    service.go.clear()
    for question in ("期間は", "体制は"):
        box(opened).fill(question)
        opened.keyboard.press("Enter")
    expect(box(opened)).to_have_value("体制は")
    service.go.set()
    answered(opened, 2)
    assert [question.question for question in service.asked] == ["期間は", "体制は"]
    assert service.asked[1].conversation_id is not None
    expect(box(opened)).to_have_value("")


@pytest.mark.parametrize(("width", "height"), [(360, 640), (768, 1024), (1280, 800)])
def test_an_answer_lands_in_view(page: Page, service: Prepared, width: int, height: int, url: str) -> None:
    """Its first line is on the screen, long and short ones, behind long and short questions."""
    page.set_viewport_size({"width": width, "height": height})
    visit(page, url)
    for turn in range(8):
        service.changes = {"answer": TEXT * (1 if turn % 2 else 25)}
        ask(page, "期間はいつからいつまでですか。" * (60 if turn % 4 == 3 else 1))
        page.wait_for_timeout(50)
        assert page.evaluate(IN_VIEW), turn


def test_nothing_is_compiled_in_the_page(page: Page, server: str) -> None:
    """A whole visit under a policy that lets neither others' inline scripts nor `eval` run, and no complaint of it."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    response = page.goto(server, wait_until="domcontentloaded")
    assert response is not None
    scripts = re.search("script-src ([^;]*)", response.headers["content-security-policy"])
    assert scripts is not None
    assert re.fullmatch(r"'self' 'nonce-[\w-]{20,}'", scripts[1])
    ask(page, "DXアクションプラン2.0の期間は")
    assert heard == []
