"""Sources on the citizen's page: numbered chips that open the passage."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.ui.citizen.page import CITIZEN
from tests.bot.served import Prepared, served
from tests.bot.stand_in import CITATION
from tests.bot.ui.citizen.visiting import PHONE, ask, visit

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(browser: Browser, service: Prepared) -> Iterator[Page]:
    """Yield the page on a phone, where a source is closed until it is opened."""
    context = browser.new_context(locale="ja-JP", viewport=PHONE)
    with served(service, pages=[CITIZEN]) as url:
        yield visit(context.new_page(), url)
    context.close()


def test_a_chip_opens_the_passage_with_the_quoted_words_marked(phone: Page) -> None:
    """The whole passage is shown, the words of the answer stand out, and its place, date and validity are told."""
    ask(phone, "期間は")
    chip, source = phone.locator(".chip"), phone.locator(".source")
    expect(source).to_be_hidden()
    expect(chip).to_have_attribute("aria-expanded", "false")
    chip.click()
    expect(source).to_be_visible()
    expect(chip).to_have_attribute("aria-expanded", "true")
    expect(source.locator(".passage")).to_have_text("期間は令和8年度からです。")
    expect(source.locator(".passage mark")).to_have_text("期間は令和8年度から")
    facts = source.locator(".facts").inner_text()
    assert re.search(r"計画2\.0.*1\.3\. 期間.*4ページ.*2026年1月.*現行", facts, re.DOTALL)
    chip.click()
    expect(source).to_be_hidden()


def test_a_replaced_document_says_what_came_after_it(page: Page, server: str) -> None:
    """Its period and its successor stand among the facts of the source."""
    visit(page, server)
    ask(page, "DX会議資料のプランの期間はいつからいつまでですか")
    assert re.search(
        r"2023年2月.*2023年4月1日から2026年3月31日.*旧.*金沢市DXアクションプラン2\.0",
        page.locator(".source:visible .facts").inner_text(),
        re.DOTALL,
    )


def test_words_that_are_their_whole_passage_are_not_marked(phone: Page, service: Prepared) -> None:
    """There is nothing in it to tell them apart from."""
    service.changes = {"citations": (CITATION.model_copy(update={"quote": "期間は令和8年度からです。"}),)}
    ask(phone, "期間は")
    phone.locator(".chip").click()
    expect(phone.locator(".passage")).to_have_text("期間は令和8年度からです。")
    expect(phone.locator(".passage mark")).to_have_count(0)


def test_a_mark_in_the_answer_opens_its_source(phone: Page) -> None:
    """The mark leads the keyboard, too, to the passage it names, and Escape leads back."""
    ask(phone, "期間は")
    mark = phone.get_by_role("link", name="根拠1を開く").first
    mark.press("Enter")
    expect(phone.locator(".source")).to_be_focused()
    expect(phone.locator(".passage mark")).to_have_text("期間は令和8年度から")
    phone.keyboard.press("Escape")
    expect(phone.locator(".source")).to_be_hidden()
    expect(mark).to_be_focused()


def test_a_source_can_be_closed_again(phone: Page) -> None:
    """The button in it closes it, and the focus goes back to the chip."""
    ask(phone, "期間は")
    phone.locator(".chip").click()
    phone.get_by_role("button", name="閉じる").click()
    expect(phone.locator(".source")).to_be_hidden()
    expect(phone.locator(".chip")).to_be_focused()


def test_an_opened_source_stays_open(phone: Page) -> None:
    """The next answer does not close what the reader has opened."""
    ask(phone, "期間は")
    phone.locator(".chip").click()
    ask(phone, "体制は")
    expect(phone.locator(".source").first).to_be_visible()
    expect(phone.locator(".chip").first).to_have_attribute("aria-expanded", "true")
    expect(phone.locator(".source").last).to_be_hidden()


def test_where_there_is_room_the_source_stands_beside_the_answer(opened: Page) -> None:
    """On a desktop the first source is open at the answer's right; pressing its chip keeps it, Escape closes it."""
    ask(opened, "期間は")
    source, answer = opened.locator(".source").bounding_box(), opened.locator(".answer").bounding_box()
    assert source is not None
    assert answer is not None
    assert source["x"] >= answer["x"] + answer["width"]
    assert source["y"] <= answer["y"]
    opened.locator(".chip").click()
    expect(opened.locator(".source")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.locator(".source")).to_be_hidden()


def test_a_passage_that_has_left_the_index_is_quoted_still(phone: Page, service: Prepared) -> None:
    """Where the document was replaced since, the words of the answer are shown."""
    service.changes = {"citations": (CITATION.model_copy(update={"passage_id": "gone#1"}),)}
    ask(phone, "期間は")
    phone.locator(".chip").click()
    expect(phone.locator(".passage")).to_have_text("期間は令和8年度から")


def test_the_words_of_a_document_are_not_read_as_markdown(phone: Page, service: Prepared) -> None:
    """What they carry goes to the page through Gradio's Markdown: blank lines, indents and signs stay what they are."""
    words = "一行目\n\n    *四つ下げた* 行 $$x$$\n- 箇条\n# 見出し `c` [a](b)"
    service.changes = {"citations": (CITATION.model_copy(update={"passage_id": "gone#1", "quote": words}),)}
    ask(phone, "期間は")
    phone.locator(".chip").click()
    assert phone.locator(".passage").text_content() == words
