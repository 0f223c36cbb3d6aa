"""Tests of language, easy Japanese, furigana and text size of the chat."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.rendering.answer_text import content_of_rendering
from bot.state import Status, paragraph, service_message
from tests.accessibility import violations
from tests.bot.draft_rendering import message_text, messages
from tests.bot.pages.citizen.visiting import PHONE, ask, box, ready, speak, toggle_furigana, visit
from tests.bot.prepared_answers import EXCERPT_SHOWN
from tests.bot.server_thread import Prepared

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
]


@pytest.mark.parametrize("reader", READERS)
def test_the_page_uses_the_browser_language(
    browser: Browser, service: Prepared, url: str, reader: tuple[str, str, str, re.Pattern[str]]
) -> None:
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
                notices=(paragraph(service_message("masked")),),
            )
        }
        ask(page, "期間は")
        assert service.asked[-1].language == tag.split("-", maxsplit=1)[0]
        expect(page.locator(".excerpt figcaption")).to_have_attribute("lang", tag)
        expect(page.locator(".excerpt blockquote mark")).to_have_count(1)
        assert foreign.findall(page.evaluate(UNMARKED)) == []


def test_a_chosen_language_overrides_the_browser_language(browser: Browser, service: Prepared, url: str) -> None:
    with browser.new_context(locale="fi-FI") as context:
        page = visit(context.new_page(), url)
        assert page.evaluate("document.documentElement.lang") == "ja"  # the service speaks no Finnish
        service.changes = messages("nothing", status=Status.NO_ANSWER, citations=())
        ask(page, "Where is the pool?")
        speak(page, "Tiếng Việt")
        expect(page.locator(".answer")).to_have_text(message_text("nothing", "vi"))
        expect(page.locator(".asked .words")).to_have_text("Where is the pool?")
        other = visit(context.new_page(), url)
        assert other.evaluate("document.documentElement.lang") == "vi"
        expect(other.get_by_role("radio", name="日本語", exact=True)).not_to_be_checked()


def test_furigana_can_be_turned_on_and_are_kept(opened: Page, service: Prepared) -> None:
    service.changes = EXCERPT_SHOWN
    ask(opened, "街灯は")
    expect(opened.locator("ruby")).to_have_count(0)
    toggle_furigana(opened)
    expect(opened.locator(".excerpt ruby", has_text="費用").locator("rt")).to_have_text("ひよう")
    expect(opened.locator("rt:not([aria-hidden=true])")).to_have_count(0)
    expect(opened.locator(".asked .words")).to_have_text("街灯は")
    ask(opened, "費用は")
    expect(opened.locator(".turn").last.locator("rt").first).to_be_visible()
    # No row of a flexible or grid layout has its words torn apart.
    torn = opened.evaluate("""() => [...document.querySelectorAll('main *')]
        .filter((one) => /flex|grid/.test(getComputedStyle(one).display) && one.querySelector(':scope > ruby'))
        .map((one) => one.outerHTML)""")
    assert torn == []
    assert violations(opened) == []
    toggle_furigana(opened)
    expect(opened.locator("ruby")).to_have_count(0)


def test_text_size_and_easy_japanese_can_be_chosen_and_are_kept(opened: Page, service: Prepared) -> None:
    heights = [height_of(opened)]
    for size in ("大", "特大"):
        speak(opened, size)
        heights.append(height_of(opened))
    assert heights == sorted(set(heights))
    speak(opened, "やさしい日本語")
    opened.reload(wait_until="domcontentloaded")
    ready(opened)
    expect(opened.get_by_role("radio", name="特大", exact=True)).to_be_checked()
    assert height_of(opened) == heights[-1]
    ask(opened, "体制は")
    assert [question.style for question in service.asked] == ["easy"]
    opened.set_viewport_size(PHONE)
    assert (box(opened).bounding_box() or {"width": 0})["width"] > PHONE["width"] / 2


def height_of(page: Page) -> float:
    """Return how high the box for the question is."""
    placed = box(page).bounding_box()
    assert placed is not None
    return placed["height"]
