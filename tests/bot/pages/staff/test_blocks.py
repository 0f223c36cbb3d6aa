"""Tests of the blocks of an answer on the staff console."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ingest.configuration.settings import Settings
from tests.accessibility import violations
from tests.bot.pages.staff.console import console, look_up, seated
from tests.bot.prepared_answers import EXCERPT_SHOWN, NEAREST_SHOWN, REMARK, TABLE_SHOWN
from tests.bot.server_thread import Prepared

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service() -> Prepared:
    """Return what each test changes before it asks."""
    return Prepared()


@pytest.fixture(scope="module")
def console_address(service: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    data = tmp_path_factory.mktemp("blocks")
    with console(service, Settings(_env_file=None, data=data)) as url:
        yield url, data


@pytest.fixture
def desk(seat: BrowserContext, console_address: tuple[str, Path]) -> Iterator[Page]:
    with seated(seat, *console_address) as page:
        yield page


def copied(page: Page) -> str:
    page.keyboard.press("c")
    expect(page.locator("#message")).to_have_text("回答を根拠ごとコピーしました。")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_an_excerpt_opens_its_passage_and_is_mailed_once(desk: Page, service: Prepared) -> None:
    service.changes = EXCERPT_SHOWN
    look_up(desk, "街灯は")
    expect(desk.locator(".excerpt mark")).to_have_text("港の通りは再来年度")
    assert REMARK not in desk.inner_text(".pane.answer")
    desk.locator(".excerpt a.mark").click()
    expect(desk.locator("summary#source-1")).to_be_focused()
    assert violations(desk) == []
    assert copied(desk).count("費用は町が持ちます。") == 1


def test_a_table_shows_the_source_of_each_row(desk: Page, service: Prepared) -> None:
    service.changes = TABLE_SHOWN
    look_up(desk, "船の乗客は")
    table = desk.get_by_role("table", name="3.4. 渡し船")
    assert table.locator("tbody a.mark").all_inner_texts() == ["1", "2"]
    assert violations(desk) == []
    assert copied(desk).count("渡し船") == 1


def test_related_passages_come_first_among_the_passages(desk: Page, service: Prepared) -> None:
    service.changes = NEAREST_SHOWN
    look_up(desk, "街灯の色は")
    near = desk.locator(".pane.answer .nearest")
    assert near.locator("a").all_inner_texts() == ["3.2. 街灯", "3.4. 渡し船"]
    near.locator("a").last.click()
    expect(desk.locator(".source[open] .section")).to_have_text("3.4. 渡し船")
    assert violations(desk) == []
    assert "【近いことが書かれている箇所】\n・計画2.0「3.2. 街灯」" in copied(desk)
