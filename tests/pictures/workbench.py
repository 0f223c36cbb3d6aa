"""The pictures of the workbench."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.bot.pages.citizen.visiting import PHONE
from tests.pictures.office import AFTER, BEFORE
from tests.pictures.picture import DESKTOP, Picture

CASE = "fact-why-2.0"
BLIND = f"run={BEFORE}&other={AFTER}"
BOTH = f"run={BEFORE}&run={AFTER}"


def opened(appears: str) -> Callable[[Page], None]:
    """Return what waits until an element appears."""

    def reach(page: Page) -> None:
        expect(page.locator(appears).first).to_be_visible()
        expect(page.get_by_role("button", name="サインアウト")).to_be_visible()

    return reach


def case_opened(page: Page) -> None:
    """Scroll to the case."""
    opened("#case .said")(page)
    page.locator("#case").evaluate("(element) => element.scrollIntoView()")


def score(page: Page) -> None:
    """Give the first mark and scroll to the marks."""
    opened(".marks")(page)
    page.keyboard.press("5")
    expect(page.locator(".marks :checked")).to_have_count(1)
    page.locator(".marks").first.evaluate("(element) => element.scrollIntoView({ block: 'center' })")


def changes_opened(page: Page) -> None:
    """Scroll to the cases whose result has changed."""
    opened("#changes [role=gridcell]")(page)
    page.locator("#changes").evaluate("(element) => element.scrollIntoView({ block: 'end' })")


def queue_opened(page: Page) -> None:
    """Wait for the queue."""
    expect(page.get_by_role("heading", name="改善")).to_be_visible()


def group_opened(page: Page) -> None:
    """Open the first group of questions."""
    queue_opened(page)
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="届いた質問")).to_be_visible()


def at(tab: str, fields: str = "") -> str:
    """Return the address of a tab."""
    return f"/workbench/?tab={tab}&{fields}"


PICTURES = (
    Picture("workbench.webp", DESKTOP, opened("#side-b .said"), at=at("scoring", BLIND), by="tester"),
    Picture("workbench-runs.webp", DESKTOP, opened("#saved-runs [role=gridcell]"), at=at("runs"), by="tester"),
    Picture("workbench-answer.webp", DESKTOP, case_opened, at=at("cases", f"run={AFTER}&case={CASE}"), by="tester"),
    Picture(
        "workbench-compare.webp",
        DESKTOP,
        changes_opened,
        dark=True,
        at=at("comparison", BOTH),
        by="tester",
    ),
    Picture("workbench-loop.webp", DESKTOP, queue_opened, at="/staff/queue", by="tester"),
    Picture("workbench-loop-answer.webp", DESKTOP, group_opened, at="/staff/queue", by="tester"),
    Picture("workbench-scoring-phone.webp", PHONE, score, at=at("scoring", f"run={AFTER}"), by="tester"),
)
