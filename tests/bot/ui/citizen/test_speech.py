"""In which words the page speaks, and how large."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.answer import Status
from bot.answerers.leads import say
from bot.guard.personal import MASKED
from tests.bot.served import Prepared
from tests.bot.ui.citizen.visiting import PHONE, answered, ask, box, ready, speak, visit

pytestmark = pytest.mark.browser
# Everything that a reader sees, hears or is shown when pointing, without the button that leads to English.
SHOWN = """() => [document.title, ...[...document.querySelectorAll('body, body *')].filter(
    (one) => !one.matches('[lang=en], script, style, noscript')).flatMap((one) => [
        ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent),
        ...['aria-label', 'title', 'alt', 'placeholder'].map((name) => one.getAttribute(name) ?? '')])].join('\\n')"""


def test_easy_japanese_asks_the_shown_question_again(page: Page, server: str) -> None:
    """やさしい日本語 puts the answer in easy words in its place, with its source; 日本語 takes it back."""
    visit(page, server)
    ask(page, "DXアクションプラン2.0の期間は")
    speak(page, "やさしい日本語")
    expect(page.locator(".answer")).to_contain_text("計画のつづく時間")
    answered(page, 1)
    expect(page.locator(".asked .words")).to_have_text("DXアクションプラン2.0の期間は")
    expect(page.locator(".passage")).to_contain_text("令和11(2029)年度")
    speak(page, "日本語")
    expect(page.locator(".answer")).not_to_contain_text("計画のつづく時間")
    answered(page, 1)


def test_a_question_in_easy_japanese_is_answered_so(opened: Page, service: Prepared) -> None:
    """What is asked while the page speaks easy Japanese asks for easy words, also after a reload."""
    speak(opened, "やさしい日本語")
    ask(opened, "期間は")
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    ask(opened, "体制は")
    assert [question.style for question in service.asked] == ["easy", "easy"]


def test_the_page_can_speak_english(opened: Page) -> None:
    """Its own texts are English, and it says that answers are quoted in Japanese, which is marked as such."""
    speak(opened, "English")
    expect(opened.get_by_text("nothing is translated")).to_be_visible()
    assert opened.evaluate("document.documentElement.lang") == "en"
    ask(opened, "What is the period of plan 2.0?")
    expect(opened.locator(".answer")).to_have_attribute("lang", "ja")
    expect(opened.get_by_role("button", name="Copy answer")).to_be_visible()
    expect(opened.get_by_label("Your question")).to_be_visible()
    expect(opened.locator(".turn").get_by_text("In force").first).to_be_visible()


def test_who_asks_in_english_on_the_japanese_page_is_told_in_english(page: Page, server: str) -> None:
    """What the documents do not tell is said in the question's language, and marked so for who listens."""
    visit(page, server)
    ask(page, "Where can I borrow a telescope?")
    expect(page.locator(".answer")).to_have_attribute("lang", "en")
    expect(page.locator(".answer")).to_contain_text("Sorry, I could not find this in the documents. These")


@pytest.mark.parametrize("question", ["期間は", ""])
def test_no_japanese_is_left_unmarked_in_english(opened: Page, service: Prepared, question: str) -> None:
    """What is Japanese in the English page, documents and questions, is marked as Japanese."""
    speak(opened, "English")
    if question:
        ask(opened, question)
        assert service.asked
    unmarked = opened.evaluate("""() => [...document.querySelectorAll('main *')].filter((one) =>
        !one.closest('[lang=ja], .words, textarea, #note') && [...one.childNodes].some(
            (node) => node.nodeType === 3 && /[ぁ-ヶ一-龠]/.test(node.textContent))).map((one) => one.outerHTML)""")
    assert unmarked == []


def test_what_the_system_says_itself_is_english_too(opened: Page, service: Prepared) -> None:
    """A refusal, its notice and what can be asked are English; what is pressed stands so in the conversation."""
    refused = {"status": Status.NO_ANSWER, "citations": (), "notices": (MASKED,)}
    said = say("nothing") + say("nearest")
    service.changes = {**refused, "answer": said, "suggestions": ("計画2.0の期間は?",)}
    speak(opened, "English")
    ask(opened, "Where is the pool?")
    expect(opened.locator(".answer")).to_have_text(
        "Sorry, that could not be found in the documents. These passages come near."
    )
    expect(opened.locator(".notice")).to_contain_text("has not been kept")
    opened.get_by_role("button", name="What is “計画2.0の期間”?").click()
    answered(opened, 2)
    assert service.asked[-1].question == "計画2.0の期間は?"
    expect(opened.locator(".words").last).to_have_text("What is “計画2.0の期間”?")


def test_a_reader_with_an_english_browser_sees_no_english(browser: Browser, url: str) -> None:
    """The page speaks Japanese whatever the browser speaks, also when the server is gone."""
    context = browser.new_context(locale="en-US")
    page = visit(context.new_page(), url)
    ask(page, "期間は")
    page.get_by_role("button", name="送る", exact=True).click()
    expect(page.locator("#too-long")).to_have_text("知りたいことを書いてから送ってください。")
    shown = page.evaluate(SHOWN)
    context.set_offline(offline=True)
    page.get_by_role("button", name="送る", exact=True).click()
    expect(page.locator("#unreached")).not_to_be_empty()
    shown += page.inner_text("#dock")
    assert page.evaluate("document.documentElement.lang") == "ja"
    context.close()
    assert re.findall("[A-Za-z]{2,}", shown) == []


def test_the_text_can_be_made_larger_and_stays_so(opened: Page) -> None:
    """Three steps; what was chosen is there at the next visit, and leaves room to write on a phone."""
    heights = []
    for size in ("標準", "大", "特大"):
        opened.get_by_role("button", name=size, exact=True).click()
        heights.append(height_of(opened))
    assert heights == sorted(set(heights))
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    expect(opened.get_by_role("button", name="特大", exact=True)).to_have_attribute("aria-pressed", "true")
    assert height_of(opened) == heights[-1]
    opened.set_viewport_size(PHONE)
    assert (box(opened).bounding_box() or {"width": 0})["width"] > PHONE["width"] / 2


def height_of(page: Page) -> float:
    """Return how high the box for the question is."""
    placed = box(page).bounding_box()
    assert placed is not None
    return placed["height"]
