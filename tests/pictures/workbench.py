"""The pictures of the workbench."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.bot.pages.citizen.visiting import PHONE
from tests.pictures.office import AFTER, BEFORE
from tests.pictures.picture import DESKTOP, Picture

CASE = "fact-why-2.0"
COMPARED = f"compare?one={BEFORE}&two={AFTER}"


def shown(*pressed: str) -> Callable[[Page], None]:
    """Return what waits for a view, and presses keys in it."""

    def reach(page: Page) -> None:
        expect(page.locator("#content h1")).to_be_visible()
        expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
        for key in pressed:
            page.keyboard.press(key)

    return reach


def queue_opened(page: Page) -> None:
    """Wait for the queue."""
    expect(page.get_by_role("heading", name="改善")).to_be_visible()


def group_opened(page: Page) -> None:
    """Open the first group of questions."""
    queue_opened(page)
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="届いた質問")).to_be_visible()


def at(view: str) -> str:
    """Return the address of a view."""
    return f"/workbench/#{view}"


PICTURES = (
    Picture("workbench.webp", DESKTOP, shown(), at=at(f"blind?one={BEFORE}&two={AFTER}"), by="tester"),
    Picture("workbench-runs.webp", DESKTOP, shown(), at=at("runs"), by="tester"),
    Picture("workbench-answer.webp", DESKTOP, shown(), at=at(f"case?run={AFTER}&set=cases&id={CASE}"), by="tester"),
    Picture(
        "workbench-compare.webp", DESKTOP, shown(), dark=True, at=at(f"compare?one={BEFORE}&two={AFTER}"), by="tester"
    ),
    Picture("workbench-loop.webp", DESKTOP, queue_opened, at="/staff/queue", by="tester"),
    Picture("workbench-loop-answer.webp", DESKTOP, group_opened, at="/staff/queue", by="tester"),
    Picture("workbench-scoring-phone.webp", PHONE, shown("5"), at=at(f"scoring?run={AFTER}"), by="tester"),
)
