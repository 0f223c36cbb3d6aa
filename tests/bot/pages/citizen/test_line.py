"""What a conversation costs on the line, and how the page behaves on a slow one."""

import re
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.bot.pages.citizen.visiting import answered, ask, box, ready, until, visit
from tests.bot.served import Prepared
from tests.bot.stand_in import TEXT
from tests.conftest import PATIENCE_MS

pytestmark = pytest.mark.browser
FIRST_LOAD_BYTES, TURN_BYTES = 450_000, 60_000
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
# Whether the first line of the last answer is on the screen, above the box.
IN_VIEW = """() => { const line = [...document.querySelectorAll('.turn .answer')].at(-1).getBoundingClientRect().top;
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
        if "/heartbeat/" not in told["request"]["url"]:  # which lasts as long as the page
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


def test_a_visit_and_its_twelfth_question_are_light(page: Page, service: Prepared, url: str) -> None:
    """The first load takes at most 450 kB over the wire; the chat is sent whole with each turn, in at most 60 kB."""
    service.changes = {"answer": TEXT * 20}
    line = Line(page)
    visit(page, url)
    line.wait(page)
    assert line.bytes <= FIRST_LOAD_BYTES
    taken = [line.of(page, f"{number}番目の期間は") for number in range(12)]
    assert 0 < max(taken) <= TURN_BYTES


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


def test_that_a_question_is_on_its_way_is_seen_at_once(opened: Page, service: Prepared) -> None:
    """On a line of 400 kbit/s, before the server has it: until then it stays in the box."""
    ask(opened, "体制は")
    Line(opened).cdp.send("Network.emulateNetworkConditions", SLOW)
    service.go.clear()
    box(opened).fill("期間は")
    opened.keyboard.press("Enter")
    until(opened, "document.querySelector('#chat .dots')")
    assert opened.locator(".asked").count() == 1
    expect(opened.locator(".words").last).to_have_text("期間は")
    service.go.set()
    answered(opened, 2)
    expect(box(opened)).to_have_value("")


def test_a_question_sent_while_another_waits_follows_it(opened: Page, service: Prepared) -> None:
    """It stays in the box until then, and is asked within the conversation."""
    service.go.clear()
    with opened.expect_request("**/queue/join*"):  # Gradio reads the box a moment after Enter
        box(opened).fill("期間は")
        opened.keyboard.press("Enter")
    box(opened).fill("体制は")
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
    ready(page)
    ask(page, "DXアクションプラン2.0の期間は")
    assert heard == []
