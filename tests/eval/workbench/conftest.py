"""The browser of somebody at the workbench."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.conftest import as_new, profile


@pytest.fixture(scope="module")
def _desk(browser: Browser) -> Iterator[BrowserContext]:
    with profile(browser, viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture
def seat(_desk: BrowserContext) -> Iterator[BrowserContext]:
    """Yield the profile of somebody at a desk, on which nothing has been looked at."""
    with as_new(_desk) as context:
        yield context
