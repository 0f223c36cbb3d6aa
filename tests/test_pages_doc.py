import re

from tests.conftest import ROOT
from tests.pictures import PICTURES
from tests.tools.screenshots import IMAGES

SHOWN = re.compile(r"!\[[^\]]+\]\((?:docs/)?images/([^)]+)\)")
# A clone of the repository takes them all along.
MOST_BYTES = 2_200_000


def shown_pictures(page: str) -> list[str]:
    return SHOWN.findall((ROOT / page).read_text("utf-8"))


def test_the_page_of_the_pages_shows_each_picture_once() -> None:
    taken = sorted(picture.file for picture in PICTURES)
    kept = sorted(file.name for file in IMAGES.iterdir())
    assert sorted(shown_pictures("docs/pages.ja.md")) == taken == kept


def test_the_readmes_show_existing_pictures() -> None:
    there = {file.name for file in IMAGES.iterdir()}
    for page in ("README.md", "README.ja.md"):
        assert {"chat.webp", "staff.webp", "workbench.webp"} <= set(shown_pictures(page)) <= there


def test_the_pictures_stay_small() -> None:
    assert sum(file.stat().st_size for file in IMAGES.iterdir()) < MOST_BYTES
