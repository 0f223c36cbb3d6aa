"""The pictures of the documentation, of the real pages over `corpus/`: `python -m tests.tools.screenshots [NAME…]`."""

import base64
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect, sync_playwright

from tests.bot.desk.pages.console import cookie
from tests.conftest import CHROMIUM_FLAGS, ROOT
from tests.pictures import PICTURES, Picture, office
from tests.programs import CHROMIUM

IMAGES = ROOT / "docs" / "images"
# Small enough for a repository, and letters stay sharp.
WEBP_QUALITY = 80
# A busy machine takes pictures too.
PATIENCE_MS = 60_000


def main(names: list[str]) -> None:
    """Write every picture, or those whose names begin so."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    wanted = [picture for picture in PICTURES if picture.file.startswith(tuple(names or ("",)))]
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder) / "data"
        with office(data) as url:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
            for picture in wanted:
                take(browser, url, data, picture)
            browser.close()


def take(browser: Browser, url: str, data: Path, picture: Picture) -> None:
    """Open the page anew, do what leads to the picture, and take it."""
    context = browser.new_context(
        locale="ja-JP",
        viewport=picture.screen,
        device_scale_factor=2,
        reduced_motion="reduce",
        color_scheme="dark" if picture.dark else "light",
    )
    if picture.by:
        secret = cookie(data, picture.by).items()
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in secret])
    page = context.new_page()
    page.goto(url + picture.at, wait_until="domcontentloaded")
    picture.reach(page)
    page.mouse.move(0, 0)
    shot = context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": WEBP_QUALITY})
    (IMAGES / picture.file).write_bytes(base64.b64decode(shot["data"]))
    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
