"""In which words the page speaks, and how large."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.state import Status, message, paragraph
from bot.storage.answer_content import content_of_rendering
from tests.bot.pages.citizen.visiting import PHONE, answered, ask, box, ready, speak, toggle_furigana, visit
from tests.bot.rendered import message_text, messages
from tests.bot.served import Prepared
from tests.bot.shown import EXCERPT_SHOWN

pytestmark = pytest.mark.browser
# What stands in a page outside of what is marked as Japanese: texts, and names that are heard or shown when pointing.
UNMARKED = """() => [document.title.replace(document.querySelector('h1[lang=ja]').textContent, ''),
    ...[...document.querySelectorAll('body *')].filter(
    (one) => !one.closest('[lang=ja], [data-as-written], script, style, noscript, #resumed, #pressed, #language, '
        + '.example, .option'))
    .flatMap((one) => [
        ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent),
        ...['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name) ?? '')])].join('\\n')"""
KANA, JAPANESE = re.compile("[ぁ-んァ-ヶ]"), re.compile("[ぁ-んァ-ヶ一-龠]")
# A locale, its page's language, what stands over the questions to begin with, and letters that are not its own.
READERS = [
    ("en-GB", "en", "For example, you can ask", JAPANESE),
    ("zh-CN", "zh-Hans", "例如，可以这样问", KANA),
    ("vi-VN", "vi", "Ví dụ, bạn có thể hỏi", JAPANESE),
    ("pt-BR", "pt-BR", "Por exemplo, você pode perguntar", JAPANESE),
]


def test_easy_japanese_asks_the_shown_question_again(page: Page, server: str) -> None:
    """やさしい日本語 puts the answer in easy words in its place, with its source; 日本語 takes it back."""
    visit(page, server)
    ask(page, "DXアクションプラン2.0の期間は")
    speak(page, "やさしい日本語")
    expect(page.locator(".notice")).to_contain_text("つづく")
    answered(page, 1)
    expect(page.locator(".asked .words")).to_have_text("DXアクションプラン2.0の期間は")
    expect(page.locator(".passage")).to_contain_text("(2029)")
    speak(page, "日本語")
    expect(page.locator(".notice")).to_have_count(0)
    answered(page, 1)


def test_a_question_in_easy_japanese_is_answered_so(opened: Page, service: Prepared) -> None:
    """What is asked while the page speaks easy Japanese asks for easy words, also after a reload; nothing twice."""
    speak(opened, "やさしい日本語")
    ask(opened, "期間は")
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    ask(opened, "体制は")
    assert [question.style for question in service.asked] == ["easy", "easy"]


@pytest.mark.parametrize("reader", READERS)
def test_the_page_speaks_the_browser_s_language(
    browser: Browser, service: Prepared, url: str, reader: tuple[str, str, str, re.Pattern[str]]
) -> None:
    """From its first paint, whole: what is Japanese in it is the documents' and marked so, the answer's lead is not."""
    locale, tag, heading, foreign = reader
    with browser.new_context(locale=locale) as context:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        expect(page.locator("main h3").first).to_have_text(heading)
        ready(page)
        assert page.evaluate("document.documentElement.lang") == tag
        assert foreign.findall(page.evaluate(UNMARKED)) == []
        service.changes = EXCERPT_SHOWN | {
            "content": replace(
                content_of_rendering(EXCERPT_SHOWN["answer"], EXCERPT_SHOWN["blocks"]),
                notices=(paragraph(message("masked")),),
            )
        }
        ask(page, "期間は")
        assert service.asked[-1].language == tag.split("-", maxsplit=1)[0]
        expect(page.locator(".excerpt figcaption")).to_have_attribute("lang", tag)
        expect(page.locator(".excerpt blockquote mark")).to_have_count(1)
        assert foreign.findall(page.evaluate(UNMARKED)) == []


def test_a_choice_of_language_is_kept_and_goes_before_the_browser_s(
    browser: Browser, service: Prepared, url: str
) -> None:
    """What was said is said in the chosen language, the reader's own words stay, and so it is at the next visit."""
    with browser.new_context(locale="en-GB") as context:
        page = visit(context.new_page(), url)
        service.changes = messages("nothing", status=Status.NO_ANSWER, citations=())
        ask(page, "Where is the pool?")
        speak(page, "Tiếng Việt")
        expect(page.locator(".answer")).to_have_text(message_text("nothing", "vi"))
        expect(page.locator(".asked .words")).to_have_text("Where is the pool?")
        other = visit(context.new_page(), url)
        assert other.evaluate("document.documentElement.lang") == "vi"
        expect(other.get_by_role("radio", name="日本語", exact=True)).not_to_be_checked()


def test_a_reader_of_a_language_that_is_not_there_reads_japanese(browser: Browser, url: str) -> None:
    """The documents' language is the one in which all is said."""
    with browser.new_context(locale="fi-FI") as context:
        assert visit(context.new_page(), url).evaluate("document.documentElement.lang") == "ja"


def test_furigana_stand_over_kanji_and_are_kept(opened: Page, service: Prepared) -> None:
    """Off at first; turned on, the answer and the page bear them, a screen reader hears each word once."""
    service.changes = EXCERPT_SHOWN
    ask(opened, "街灯は")
    expect(opened.locator("ruby")).to_have_count(0)
    toggle_furigana(opened)
    expect(opened.locator(".excerpt ruby", has_text="費用").locator("rt")).to_have_text("ひよう")
    expect(opened.locator("rt:not([aria-hidden=true])")).to_have_count(0)
    expect(opened.locator(".asked .words")).to_have_text("街灯は")
    ask(opened, "費用は")
    expect(opened.locator(".turn").last.locator("rt").first).to_be_visible()
    toggle_furigana(opened)
    expect(opened.locator("ruby")).to_have_count(0)


def test_who_asks_in_english_on_the_japanese_page_is_told_in_english(page: Page, server: str) -> None:
    """What the documents do not tell is said in the question's language, and marked so for who listens."""
    visit(page, server)
    ask(page, "Where can I borrow a telescope?")
    expect(page.locator(".answer")).to_have_attribute("lang", "en")
    expect(page.locator(".answer")).to_contain_text("Sorry, I could not find this in the documents. These")


def test_what_the_system_says_itself_is_english_too(opened: Page, service: Prepared) -> None:
    """A refusal, its notice and what can be asked are English; what is pressed stands so in the conversation."""
    refusal = messages("nothing", "nearest", notices=("masked",), status=Status.NO_ANSWER, citations=())
    service.changes = {**refusal, "suggestions": ("計画2.0の期間は?",)}
    speak(opened, "English")
    ask(opened, "Where is the pool?")
    expect(opened.locator(".answer")).to_have_text(
        "Sorry, I could not find this in the documents. These passages come near."
    )
    expect(opened.locator(".notice")).to_contain_text("has not been kept")
    opened.get_by_role("button", name="What is “計画2.0の期間”?").click()
    answered(opened, 2)
    assert service.asked[-1].question == "計画2.0の期間は?"
    expect(opened.locator(".words").last).to_have_text("What is “計画2.0の期間”?")


def test_the_text_can_be_made_larger_and_stays_so(opened: Page) -> None:
    """Three steps; what was chosen is there at the next visit, and leaves room to write on a phone."""
    heights = [height_of(opened)]
    for size in ("大", "特大"):
        speak(opened, size)
        heights.append(height_of(opened))
    assert heights == sorted(set(heights))
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    expect(opened.get_by_role("radio", name="特大", exact=True)).to_be_checked()
    assert height_of(opened) == heights[-1]
    opened.set_viewport_size(PHONE)
    assert (box(opened).bounding_box() or {"width": 0})["width"] > PHONE["width"] / 2


def height_of(page: Page) -> float:
    """Return how high the box for the question is."""
    placed = box(page).bounding_box()
    assert placed is not None
    return placed["height"]
