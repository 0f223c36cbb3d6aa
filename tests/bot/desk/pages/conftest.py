"""The staff console of a signed-in person over a service with prepared answers."""

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.conftest import profile


@pytest.fixture(scope="module")
def seat(browser: Browser) -> BrowserContext:
    return profile(browser, viewport={"width": 1280, "height": 800})
