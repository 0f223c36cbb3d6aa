"""The pictures of the sign-in page and of the console."""

from playwright.sync_api import Page, expect

from tests.bot.pages.citizen.visiting import PHONE
from tests.bot.pages.staff.console import look_up
from tests.conftest import ROOT
from tests.pictures.picture import DESKTOP, Picture

ASKED = "DXアクションプランの期間は?"
NEW_DOCUMENT = ROOT / "tests" / "bot" / "documents" / "kankyo-plan-3.0.md"


def looked_up(page: Page) -> None:
    """Look a question up."""
    expect(page.locator("#question")).to_be_focused()
    look_up(page, ASKED)


def compared(page: Page) -> None:
    """Ask it of the old and of the new plan."""
    looked_up(page)
    page.keyboard.press("v")
    expect(page.locator(".comparing")).to_be_visible()


def reporting(page: Page) -> None:
    """Open the form that reports a wrong answer."""
    looked_up(page)
    page.keyboard.press("w")
    page.get_by_label("旧い計画で答えている").check()


def previewed(page: Page) -> None:
    """Hand a document in, and look at what was read of it."""
    expect(page.locator("#question")).to_be_focused()
    page.get_by_role("link", name="文書").click()
    page.set_input_files("#file", NEW_DOCUMENT)
    expect(page.locator("#publish")).to_be_visible()
    page.get_by_label("対象の期間の初日").fill("2026-04-01")


def asked_for_a_name(page: Page) -> None:
    """Wait for the form."""
    expect(page.get_by_label("名前")).to_be_visible()


PICTURES = (
    Picture("signin-phone.webp", PHONE, asked_for_a_name, at="/signin"),
    Picture("staff.webp", DESKTOP, looked_up, at="/staff/", by="editor"),
    Picture("staff-phone.webp", PHONE, looked_up, at="/staff/", by="editor"),
    Picture("staff-dark.webp", DESKTOP, reporting, dark=True, at="/staff/", by="tester"),
    Picture("staff-comparison.webp", DESKTOP, compared, at="/staff/", by="editor"),
    Picture("staff-document.webp", DESKTOP, previewed, at="/staff/", by="editor"),
    Picture("staff-document-phone.webp", PHONE, previewed, at="/staff/", by="editor"),
)
