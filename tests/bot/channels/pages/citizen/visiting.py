"""Actions on the citizens' chat that several tests use."""

import re
from time import monotonic

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.conftest import PATIENCE_MS

# Whether the page has what was chosen from the server.
SPEAKS_AS_CHOSEN = """(() => {
    const { speech } = JSON.parse(document.querySelector('#settings').dataset.settings);
    const chosen = (name) => document.querySelector(`#${name} input:checked`)?.value;
    const size = [...document.querySelectorAll('#size input')].findIndex((one) => one.checked) + 1;
    return speech.lang === chosen('language') && speech.size === `${size}`
        && (speech.furigana === '1') === document.querySelector('#furigana input').checked;
})()"""
# What tells, where an answer does not come, whether the question was sent.
STATE = """[document.querySelector('#box textarea').value, JSON.stringify({...sessionStorage}),
    document.activeElement.outerHTML.slice(0, 80), document.querySelector('#dock').innerText,
    document.querySelector('#chat').innerText]"""
PHONE = ViewportSize(width=390, height=844)


def visit(page: Page, url: str) -> Page:
    """Open the page and wait until it can be used."""
    page.goto(url, wait_until="domcontentloaded")
    ready(page)
    return page


def ready(page: Page) -> None:
    """Wait until the page shows what can be asked, or the conversation so far, in the reader's language."""
    expect(page.locator("body[data-begun]")).to_have_count(1)
    expect(page.locator("#log :is(.welcome, .turn):visible")).not_to_have_count(0)


def until(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page, whose policy forbids `wait_for_function`."""
    end = monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert monotonic() < end, expression
        page.wait_for_timeout(20)


def drawn(page: Page) -> None:
    """Wait until the page has drawn what it now has, and has handled the events that follow from it."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done))))")


def box(page: Page) -> Locator:
    """Return the text box of the question."""
    return page.locator("#box textarea")


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter and wait for its answer."""
    turns = page.locator(".turn[data-answer]").count()
    send(page, question)
    wait_for_answers(page, turns + 1)


def send(page: Page, question: str) -> None:
    """Type a question and press Enter."""
    box(page).fill(question)
    drawn(page)  # nobody presses Enter before the words are to be seen
    box(page).press("Enter")  # the page may be written anew in another language meanwhile, and lose the focus


def wait_for_answers(page: Page, turns: int) -> None:
    """Wait until this number of questions is answered and none is pending."""
    try:
        expect(page.locator(".turn[data-answer]")).to_have_count(turns)
    except AssertionError as error:
        error.add_note(f"box, kept, focus, problems, chat: {page.evaluate(STATE)}")
        raise
    expect(page.locator(".stage")).to_have_count(0)


def speak(page: Page, choice: str) -> None:
    """Choose a language or a text size by its name."""
    page.locator("#tools label").filter(has_text=re.compile(f"^\\s*{re.escape(choice)}\\s*$")).click()
    expect(page.get_by_role("radio", name=choice, exact=True)).to_be_checked()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the chosen language is applied and nothing is pending."""
    until(page, SPEAKS_AS_CHOSEN)
    expect(page.locator("#chat [aria-busy]")).to_have_count(0)


def toggle_furigana(page: Page) -> None:
    """Switch furigana on or off."""
    page.locator("#furigana label").click()
    settle(page)
