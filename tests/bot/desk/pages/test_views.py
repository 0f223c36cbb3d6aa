from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.answering.state import Status
from ingest.configuration.settings import Settings
from tests.accessibility import violations
from tests.bot.desk.pages.console import console, look_up, seated
from tests.bot.server_thread import Prepared


@pytest.fixture(scope="module")
def service() -> Prepared:
    return Prepared()


@pytest.fixture(scope="module")
def console_address(service: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    data = tmp_path_factory.mktemp("views")
    with console(service, Settings(_env_file=None, data=data)) as url:
        yield url, data


@pytest.fixture
def desk(seat: BrowserContext, console_address: tuple[str, Path]) -> Iterator[Page]:
    with seated(seat, *console_address) as page:
        yield page


@pytest.mark.browser
def test_a_department_is_added_tested_and_named_if_nothing_answers(desk: Page, service: Prepared) -> None:
    desk.get_by_role("link", name="課と窓口").click()
    desk.get_by_label("名前").fill("生活課")
    desk.get_by_label("電話").fill("076-000-0000")
    desk.get_by_label("担当すること").fill("犬\nごみの収集")
    desk.get_by_role("button", name="保存する").click()
    expect(desk.locator("#message")).to_contain_text("「生活課」を保存しました")
    expect(desk.get_by_role("row", name="生活課")).to_contain_text("犬、ごみの収集")
    expect(desk.get_by_label("名前")).to_have_value("")
    (kept,) = service.departments.listed
    assert kept.name == "生活課"
    assert kept.subjects == ("犬", "ごみの収集")
    assert kept.by == "安奈"
    desk.get_by_label("質問で試す").fill("犬を飼うときの届出は?")
    desk.get_by_role("button", name="だれの担当か").click()
    expect(desk.locator(".view .notice")).to_contain_text("生活課")
    assert violations(desk) == []
    service.changes = {"status": Status.NO_ANSWER, "citations": (), "question_understood": "犬の届出は?"}
    desk.get_by_role("link", name="調べる").click()
    look_up(desk, "犬の届出は?")
    expect(desk.locator(".pane.answer .notice.good")).to_contain_text("担当は生活課です。076-000-0000")
    service.changes = {}
