"""How the tests use the citizen's page."""

from time import monotonic

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.conftest import PATIENCE_MS

PHONE = ViewportSize(width=390, height=844)


def visit(page: Page, url: str) -> Page:
    """Open the page and wait until it can be used."""
    page.goto(url, wait_until="domcontentloaded")
    ready(page)
    return page


def ready(page: Page) -> None:
    """Wait until Gradio is there and the page shows what can be asked, or the conversation so far."""
    expect(page.locator("#page[data-begun]")).to_have_count(1)
    expect(page.locator("#log :is(.welcome, .turn):visible")).not_to_have_count(0)


def until(page: Page, expression: str) -> None:
    """Wait until an expression holds in the page, whose policy lets nothing be compiled there."""
    end = monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert monotonic() < end, expression
        page.wait_for_timeout(20)


def box(page: Page) -> Locator:
    """Return the box for the question, whatever the page calls it."""
    return page.locator("#box")


def ask(page: Page, question: str) -> None:
    """Type a question, press Enter and wait for its answer."""
    turns = page.locator(".turn").count()
    box(page).fill(question)
    page.keyboard.press("Enter")
    answered(page, turns + 1)


def answered(page: Page, turns: int) -> None:
    """Wait until so many questions are answered, and none is on its way."""
    expect(page.locator(".turn[data-answer]")).to_have_count(turns)
    expect(page.locator(".stage")).to_have_count(0)


def speak(page: Page, language: str) -> None:
    """Choose how the page speaks; it comes from the server once more, with the conversation."""
    page.get_by_role("button", name=language, exact=True).click()
    expect(page.get_by_role("button", name=language, exact=True)).to_have_attribute("aria-pressed", "true")
    ready(page)
