"""The pictures of the documentation, taken from the real page over `corpus/`: `python -m tests.screenshots`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from bot.service import open_service
from ingest.build import build
from ingest.settings import Settings
from tests.bot.served import served
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS, ROOT

IMAGES = ROOT / "docs" / "images"


class Picture(NamedTuple):
    """A screen, in CSS pixels, and the question that is asked on it."""

    name: str
    width: int
    height: int
    question: str


PICTURES = (
    Picture("chat", 1280, 1000, "前のプランと今のプランの期間の違いは?"),
    Picture("chat-phone", 390, 844, "高齢者向けの電子申請講座は何人が参加しましたか"),
)


def main() -> None:
    """Write every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with page_over_corpus() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        for picture in PICTURES:
            take(browser, url, picture)


@contextmanager
def page_over_corpus() -> Iterator[str]:
    """Yield the address of the page over an index of `corpus/`."""
    with TemporaryDirectory() as data:
        settings = Settings(_env_file=None, data=Path(data), corpus=ROOT / "corpus")
        build(settings, [settings.corpus])
        with open_service(settings) as service, served(service, data=data) as url:
            yield url


def take(browser: Browser, url: str, picture: Picture) -> None:
    """Ask the question, unfold the first source and take the picture."""
    viewport = ViewportSize(width=picture.width, height=picture.height)
    context = browser.new_context(locale="ja-JP", viewport=viewport, device_scale_factor=2, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url, wait_until="domcontentloaded")
    expect(page.locator(".welcome")).to_be_visible()
    page.get_by_label("質問", exact=True).fill(picture.question)
    page.keyboard.press("Enter")
    page.locator(".source summary").first.click()
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=IMAGES / f"{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main()
