"""A browser for the workbench tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.conftest import as_new, profile


@pytest.fixture
def seat(browser: Browser) -> Iterator[BrowserContext]:
    with as_new(profile(browser, viewport={"width": 1280, "height": 900})) as context:
        yield context
