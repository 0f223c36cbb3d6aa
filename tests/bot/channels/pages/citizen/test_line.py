from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.bot.channels.pages.citizen.visiting import ask, box, send, until, visit, wait_for_answers
from tests.bot.fixed_service import TEXT
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser
# nginx compresses the events to a sixth (tests/stack/test_proxy.py).
FIRST_LOAD_BYTES, TURN_BYTES = 450_000, 360_000
# On a busy machine a turn has pauses of some seconds.
_QUIET_S = 8
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s


class Line:
    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.bytes = 0
        self.cdp.send("Network.enable")
        self._last = monotonic()
        self._under_way: set[str] = set()
        self.cdp.on("Network.requestWillBeSent", self._sent)
        self.cdp.on("Network.dataReceived", self._received)
        for end in ("Network.loadingFinished", "Network.loadingFailed"):  # whoever of the two hangs up first
            self.cdp.on(end, lambda told: self._under_way.discard(told["requestId"]))

    def _sent(self, told: dict[str, Any]) -> None:
        if "/heartbeat/" not in told["request"]["url"]:  # which lasts as long as the page
            self._under_way.add(told["requestId"])
        self.bytes += len(told["request"].get("postData", ""))
        self._last = monotonic()

    def _received(self, told: dict[str, Any]) -> None:
        self.bytes += told["encodedDataLength"]
        self._last = monotonic()

    def sent_by(self, page: Page, question: str) -> int:
        before = self.bytes
        ask(page, question)
        self.wait(page)
        return self.bytes - before

    def wait(self, page: Page) -> None:
        while self._under_way and monotonic() < self._last + _QUIET_S:
            page.wait_for_timeout(20)


def test_a_visit_and_its_twelfth_question_transfer_few_bytes(page: Page, service: Prepared, url: str) -> None:
    service.changes = {"answer": TEXT * 20}
    line = Line(page)
    visit(page, url)
    line.wait(page)
    assert line.bytes <= FIRST_LOAD_BYTES
    taken = [line.sent_by(page, f"{number}番目の期間は") for number in range(12)]
    assert 0 < max(taken) <= TURN_BYTES


def test_a_streamed_answer_sends_only_its_additions(opened: Page, service: Prepared) -> None:
    line = Line(opened)
    quick = line.sent_by(opened, "期間は")
    service.told = "".join(f"第{number}の施策は{number * 7}件です。" for number in range(60))
    service.go_on.clear()
    before = line.bytes
    send(opened, "体制は")
    expect(opened.locator(".answer").last).to_contain_text("第59の施策")
    service.go_on.set()
    wait_for_answers(opened, 2)
    line.wait(opened)
    # Sent whole with each of its sixty sentences, it would be thirty times its length.
    assert line.bytes - before < quick + 12 * len(service.told.encode())


def test_a_sent_question_is_acknowledged_immediately(opened: Page, service: Prepared) -> None:
    ask(opened, "体制は")
    Line(opened).cdp.send("Network.emulateNetworkConditions", SLOW)
    service.go.clear()
    send(opened, "期間は")
    until(opened, "document.querySelector('#chat .dots')")
    assert opened.locator(".asked").count() == 1
    expect(opened.locator(".words").last).to_have_text("期間は")
    service.go.set()
    wait_for_answers(opened, 2)
    expect(box(opened)).to_have_value("")
